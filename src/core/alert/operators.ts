import { SEVERITIES, type Severity } from '../monitor.js'
import { type Answer, concerns, endOf, mute, mutedBy, type Subject, unmute } from './answer.js'
import type { Ended, LastSeen } from './ended.js'
import { againstExpected, type ExpectedChange } from './expected.js'
import type { AlertState, Observation, Step } from './lifecycle.js'
import { type Operator, type OperatorPart, operatorOf, type Telling, tell, UNANSWERED } from './telling.js'

/** Ids of the newest answers. A repeat comes of an append that was tried again, so it is never far behind. */
const MOST_ANSWERED = 1000

/** What is told of a window, and by whose leave. */
export interface Told {
  readonly status: NonNullable<Telling['told']>['status']
  readonly reason: string
  readonly sequence: number
  readonly operator: Operator
}

interface AnsweredAlert {
  readonly part: OperatorPart
  readonly last: LastSeen
}

/** What is kept of operators' answers between windows. */
export interface OperatorState {
  readonly answered: readonly string[]
  readonly mutes: readonly Answer[]
  readonly expected: readonly ExpectedChange[]
  /** Firing alerts, and those that ended while late events may still take them back. */
  readonly alerts: readonly AnsweredAlert[]
}

/**
 * What operators have said of the alerts of one model, beside the state machine: it says what happens, this says what of it is told.
 *
 *     window ─▶ expect (a wanted difference is no breach) ─▶ state machine ─▶ tell (mutes, acknowledgements) ─▶ event
 *     answer ─▶ take ─▶ alerts that it ends ─▶ event
 */
export class Operators {
  readonly #answered = new Set<string>()
  #mutes: readonly Answer[] = []
  /** By series and check. */
  readonly #expected = new Map<string, ExpectedChange>()
  /** By id. */
  readonly #alerts = new Map<string, AnsweredAlert>()

  /**
   * Follows an answer, once.
   * @param alerts all alerts by series and check
   * @returns those it ends; the caller forgets them, tells it, and gives the windows of the expected ones to the reference
   */
  take(answer: Answer, alerts: ReadonlyMap<string, AlertState>): Ended[] {
    if (this.#answered.has(answer.id)) return []
    this.#answered.add(answer.id)
    if (this.#answered.size > MOST_ANSWERED) this.#answered.delete(this.#answered.values().next().value!)
    this.learn([answer])
    if (answer.action === 'ack') this.#acknowledge(answer)
    if (answer.action !== 'expected' && answer.action !== 'resolve') return []
    return [...alerts].flatMap(([key, state]) => this.#end(answer, key, state) ?? [])
  }

  /** The mutes among these answers. Given before an evaluation began they hold in it too, and may be read once more. */
  learn(answers: readonly Answer[]): void {
    for (const answer of answers)
      if (answer.action === 'mute') this.#mutes = mute(this.#mutes, answer)
      else if (answer.action === 'unmute') this.#mutes = unmute(this.#mutes, answer)
  }

  /** What the state machine is to see of a window: a difference that is expected is none. */
  expect(key: string, seen: Observation): Observation {
    const change = this.#expected.get(key)
    if (change === undefined) return seen
    const next = againstExpected(change, seen)
    if (next.change === null) this.#expected.delete(key)
    else this.#expected.set(key, next.change)
    return next.seen
  }

  /** The wanted difference that stands for a series and check. */
  expected(key: string): ExpectedChange | null {
    return this.#expected.get(key) ?? null
  }

  /**
   * What is told of a window; null: nothing. To be asked for every window of a check that is not inactive.
   * @param isHeld another alert tells of it, for now
   */
  tell({ state, transition, reason: why, isNews = false }: Step, seen: LastSeen | null, isHeld = false): Told | null {
    if (state === null || seen === null || (transition === null && state.status !== 'firing')) return null
    const { alertId } = state
    const { part, last = null } = this.#alerts.get(alertId) ?? { part: UNANSWERED }
    const muted = mutedBy(this.#mutes, seen, seen.window.end)
    const step = transition === null ? null : { status: transition, reason: why, isNews }
    // What was held back and is calm since has nothing to tell, unless it breaches again.
    const isOver = state.calm > 0 && part.untold && !part.owed
    const next = tell(part, step, muted, seen.severity, isHeld || isOver)
    const ratio = Math.max(seen.ratio, last?.ratio ?? 0)
    this.#alerts.set(alertId, { part: next.part, last: { ...seen, ratio } })
    if (next.told === null) return null
    const { status, reason } = next.told
    return { status, reason, sequence: state.sequence - next.part.withheld, operator: operatorOf(next.part, muted) }
  }

  /** What is told of an alert that late events take back; null: nothing, it was muted. It is forgotten. */
  retract({ alertId, sequence }: AlertState, windowEnd: number, reason: string): Told | null {
    const known = this.#alerts.get(alertId)
    this.#alerts.delete(alertId)
    if (known === undefined || known.part.untold) return null
    const muted = mutedBy(this.#mutes, known.last, windowEnd)
    if (muted !== null) return null
    const { part } = known
    return { status: 'retracted', reason, sequence: sequence + 1 - part.withheld, operator: operatorOf(part, null) }
  }

  /** Ends an alert that no window will end; null where nobody was told of it. */
  end(key: string, state: AlertState, reason: string): Ended | null {
    const known = this.#alerts.get(state.alertId)
    this.#alerts.delete(state.alertId)
    if (known === undefined) return null
    const { part, last } = known
    const muted = mutedBy(this.#mutes, last, last.window.end)
    return {
      ...{ key, state, last, expected: false, reason, sequence: state.sequence + 1 - part.withheld },
      ...{ operator: operatorOf(part, muted), silent: part.untold || muted !== null },
    }
  }

  forget(alertId: string): void {
    this.#alerts.delete(alertId)
  }

  /** What an alert was in its newest window; null where nobody is told of it. */
  last(alertId: string): LastSeen | null {
    return this.#alerts.get(alertId)?.last ?? null
  }

  /** What has been said of an alert, for a window with this end. An acknowledgement of something milder is none. */
  of(subject: Subject & { readonly severity: Severity }, windowEnd: number): Operator {
    const { acked, ...part } = this.#alerts.get(subject.alertId)?.part ?? UNANSWERED
    const holds = acked !== null && SEVERITIES.indexOf(subject.severity) <= SEVERITIES.indexOf(acked.severity)
    return operatorOf({ ...part, acked: holds ? acked : null }, mutedBy(this.#mutes, subject, windowEnd))
  }

  /** First verdicts up to this window end have been taken: mutes that ended by then silence nothing more. */
  passed(windowEnd: number): void {
    if (this.#mutes.some(one => endOf(one) <= windowEnd))
      this.#mutes = this.#mutes.filter(one => endOf(one) > windowEnd)
  }

  state(): OperatorState {
    return {
      answered: [...this.#answered],
      mutes: this.#mutes,
      expected: [...this.#expected.values()],
      alerts: [...this.#alerts.values()],
    }
  }

  restore({ answered, mutes, expected, alerts }: OperatorState): void {
    for (const id of answered) this.#answered.add(id)
    this.#mutes = mutes
    for (const change of expected) this.#expected.set(change.key, change)
    for (const alert of alerts) this.#alerts.set(alert.last.alertId, alert)
  }

  #acknowledge(answer: Answer): void {
    for (const [alertId, { part, last }] of this.#alerts) {
      if (!concerns(answer, last)) continue
      const { by, note } = answer
      this.#alerts.set(alertId, { part: { ...part, acked: { by, note, severity: last.severity } }, last })
    }
  }

  #end(answer: Answer, key: string, state: AlertState): Ended | null {
    const known = this.#alerts.get(state.alertId)
    if (known === undefined || !concerns(answer, known.last)) return null
    const { part, last } = known
    const { by, note } = answer
    const expected = answer.action === 'expected'
    const { openedAt: from, alertId } = state
    this.#alerts.delete(alertId)
    if (expected)
      this.#expected.set(key, { key, alertId, by, note, ratio: last.ratio, from, to: last.window.end, calm: 0 })
    const word = expected ? `expected (by ${by})` : `resolved by ${by}`
    return {
      ...{ key, state, last, expected, sequence: state.sequence + 1 - part.withheld },
      reason: note === null ? word : `${word}: ${note}`,
      operator: { state: expected ? 'expected' : 'none', by, until: null, note },
      // An answer is told in a mute too: who has heard of the alert must not hold it for firing.
      silent: part.untold,
    }
  }
}
