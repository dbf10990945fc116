import { CLEAR, type Observation, type Step } from './lifecycle.js'

/** An alert that ends and comes again is told so many times. */
const TOLD = 2
/** Windows without it from which on it is no recurrence. */
const WITHIN = 24
/** What goes so much farther than what was told is told whenever it comes. */
const FARTHER = 1.5

const AGAIN = `again soon after its end: from now on told only where it goes farther, until ${WITHIN} windows have passed without it`

/** How often a series has fired of late, each time by the same check and for the same cause, soon after it had been calm. */
export interface Recurrence {
  /** Of the series. */
  readonly key: string
  readonly check: string
  /** Code of its cause. */
  readonly code: string
  /** The newest. */
  readonly alertId: string
  /** Whether that is told. */
  readonly isTold: boolean
  /** Alerts so far, that one included. */
  readonly times: number
  /** End of the newest window in which it was open. */
  readonly lastEnd: number
  /** Largest effect that was told, in units of the effect that matters. */
  readonly effect: number
}

/** What flapping makes of an alert's step. */
export interface Flap {
  /** Nobody is told of it. */
  readonly isHeld: boolean
  readonly reason: string
}

/**
 * Holds down alerts that flap: of a series that wanders along its limits, the second alert says that the same will not be told again until a day's
 * worth of windows has passed without it, or it goes farther.
 *
 *     window   1  2 … 6      9 … 13     20 … 24     30 …
 *     series   ▲──────▼      ▲────▼     ▲─────▼     ▲ twice as far
 *     told     firing        firing     –           firing
 *
 * What ended because it became the usual state, or by an operator, begins anew.
 */
export class Flapping {
  readonly #recurrences = new Map<string, Recurrence>()

  /** A window of a series whose alert is open or ends: first verdicts only. */
  follow(key: string, { state, transition, reason }: Step, window: Observation['window'], advanceMs: number): Flap {
    if (state?.status !== 'firing') return { isHeld: false, reason }
    const { alertId, effect, opening } = state
    const known = this.#recurrences.get(key)
    const own = known?.alertId === alertId ? known : null
    if (transition === 'resolved') {
      if (state.calm < CLEAR) this.#recurrences.delete(key)
      return { isHeld: own?.isTold === false, reason }
    }
    const same = known?.check === opening.check && known.code === opening.cause.code
    const recurs = same && window.end - known.lastEnd <= WITHIN * advanceMs
    const times = own !== null ? own.times : recurs ? known.times + 1 : 1
    const before = recurs ? known.effect : 0
    const isHeld = own?.isTold !== true && recurs && times > TOLD && effect <= FARTHER * before
    this.#recurrences.set(key, {
      ...{ key, check: opening.check, code: opening.cause.code, alertId, isTold: !isHeld, times },
      ...{ lastEnd: window.end, effect: isHeld ? before : Math.max(before, effect) },
    })
    const warns = transition === 'firing' && times === TOLD
    return { isHeld, reason: warns ? `${reason}; ${AGAIN}` : reason }
  }

  /** An operator has ended the alert of a series, late events have taken it back, or nobody was told of it. */
  forget(key: string): void {
    this.#recurrences.delete(key)
  }

  /** First verdicts up to this window end have been taken. */
  passed(windowEnd: number, advanceMs: number): void {
    for (const [key, { lastEnd }] of this.#recurrences)
      if (windowEnd - lastEnd > WITHIN * advanceMs) this.#recurrences.delete(key)
  }

  state(): Recurrence[] {
    return [...this.#recurrences.values()]
  }

  restore(recurrences: readonly Recurrence[]): void {
    for (const one of recurrences) this.#recurrences.set(one.key, one)
  }
}
