import { CLEAR, type Observation } from './lifecycle.js'

/** A difference that an operator wants. It stands until the check has been calm for `CLEAR` windows. */
export interface ExpectedChange {
  /** Series and check, as alerts are keyed. */
  readonly key: string
  readonly alertId: string
  readonly by: string
  readonly note: string | null
  /** How far the alert's worst window went: value / threshold. */
  readonly ratio: number
  /** Its windows, which belong to the reference: from the start of the opening one to the end of the last before the answer. */
  readonly from: number
  readonly to: number
  readonly calm: number
}

/** A breach so much farther than what is expected is something new, and at least one threshold farther. */
const BEYOND = 1.25

/** What a wanted difference makes of a window: a breach that goes no farther is no breach. */
export function againstExpected(
  change: ExpectedChange,
  seen: Observation,
): { readonly change: ExpectedChange | null; readonly seen: Observation } {
  if (seen.outcome === 'insufficient-data') return { change, seen }
  if (seen.outcome === 'ok') {
    const calm = change.calm + 1
    return { change: calm < CLEAR ? { ...change, calm } : null, seen }
  }
  const isNew = seen.ratio > Math.max(BEYOND * change.ratio, change.ratio + 1)
  return { change: { ...change, calm: 0 }, seen: isNew ? seen : { ...seen, outcome: 'ok' } }
}
