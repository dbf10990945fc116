import type { History } from '../detect/history.js'
import type { Judgement } from '../detect/judgement.js'
import type { Answer } from './answer.js'
import type { Ended } from './ended.js'
import { type AlertState, cleared, type Observation, type Opening, type Step, step } from './lifecycle.js'
import { type OperatorState, Operators } from './operators.js'
import { overOf, takenOver } from './standing.js'

interface Keyed {
  /** Of the series. */
  readonly key: string
  readonly state: AlertState
}

export interface SeriesAlertsState {
  readonly alerts: readonly Keyed[]
  /** Those that ended while late events may still take them back. */
  readonly resolved: readonly Keyed[]
  readonly operators: OperatorState
}

/** The alerts of all series of one monitor version: those that are open, and those that have just ended. */
export class SeriesAlerts {
  readonly operators = new Operators()
  readonly #open = new Map<string, AlertState>()
  #resolved: readonly Keyed[] = []

  get(key: string): AlertState | null {
    return this.#open.get(key) ?? null
  }

  get firing(): Keyed[] {
    return [...this.#open].flatMap(([key, state]) => (state.status === 'firing' ? [{ key, state }] : []))
  }

  /** Why the alert of a series ends in a window, whatever that looks like; one against training may go on against its history. */
  over(key: string, history: History, seen: Pick<Judgement, 'scores' | 'limits'>): string | null {
    const state = this.get(key)
    if (state !== null) this.#open.set(key, takenOver(state, history, seen))
    return overOf(this.get(key), history, seen)
  }

  /** A window of a series: first verdicts only. */
  step(
    key: string,
    seen: Observation,
    open: () => Opening,
    idOf: (opening: Opening, openedAt: number) => string,
  ): Step {
    const next = step(this.get(key), this.operators.expect(key, seen), open, idOf)
    if (next.state === null || next.transition === 'resolved') this.#open.delete(key)
    else this.#open.set(key, next.state)
    if (next.state !== null && next.transition === 'resolved')
      this.#resolved = [...this.#resolved, { key, state: next.state }]
    return next
  }

  /** Follows an operator's answer. @returns what it ends */
  take(answer: Answer): Ended[] {
    const ended = this.operators.take(answer, this.#open)
    for (const { key } of ended) this.#open.delete(key)
    return ended
  }

  /** Ends an alert that no window will end; null where nobody is to hear of it. */
  end({ key, state }: Keyed, reason: string): Ended | null {
    this.#open.delete(key)
    return this.operators.end(key, state, reason)
  }

  /** Of series whose keys begin so: those not told of go. */
  forget(prefix: string): void {
    for (const key of this.#open.keys()) if (key.startsWith(prefix)) this.#open.delete(key)
  }

  /** Late events have cleared a window. @returns the alert that has nothing left to stand on, and is no more; null: none */
  clear(key: string, window: Observation['window']): AlertState | null {
    const state = this.get(key)
    const left = state && cleared(state, window)
    if (state !== null && left !== null) {
      this.#open.set(key, left)
      if (left !== state) return null
    } else if (state !== null) {
      this.#open.delete(key)
      return state.status === 'firing' ? state : null
    }
    const over = this.#resolved.find(one => one.key === key && one.state.breaching.includes(window.end))
    if (over === undefined) return null
    const rest = cleared(over.state, window)
    this.#resolved = this.#resolved.flatMap(one => (one !== over ? [one] : rest === null ? [] : [{ key, state: rest }]))
    return rest === null ? over.state : null
  }

  /** First verdicts up to this window end have been taken. @param revisedMs windows that ended longer before are final */
  passed(windowEnd: number, revisedMs: number): void {
    this.operators.passed(windowEnd)
    const isFinal = ({ state }: Keyed): boolean => (state.breaching.at(-1) ?? 0) + revisedMs < windowEnd
    for (const { state } of this.#resolved.filter(isFinal)) this.operators.forget(state.alertId)
    this.#resolved = this.#resolved.filter(one => !isFinal(one))
  }

  state(): SeriesAlertsState {
    const alerts = [...this.#open].map(([key, state]) => ({ key, state }))
    return { alerts, resolved: this.#resolved, operators: this.operators.state() }
  }

  restore({ alerts, resolved, operators }: SeriesAlertsState): void {
    for (const { key, state } of alerts) this.#open.set(key, state)
    this.#resolved = resolved
    this.operators.restore(operators)
  }
}
