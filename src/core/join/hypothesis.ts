import type { CauseCode } from '../detect/cause/codes.js'
import type { Lag } from './past.js'

/** A pair of values that differ beyond the tolerance. */
export interface Mismatch<V> {
  readonly a: V
  readonly b: V
  readonly lags: readonly Lag[]
}

/** One way in which the pipelines may differ: a row satisfies it or does not. */
export interface Hypothesis<V> {
  readonly code: CauseCode
  readonly explains: (row: Mismatch<V>) => boolean
  /** A is said of the first file, B of the second. */
  readonly sentence: string
  readonly numbers: Readonly<Record<string, number>>
}

/**
 * Looks for one kind of difference in rows that nothing explains yet.
 * @param same some of the values that both sides have alike: what is usual
 */
export type Proposer<V> = (rows: readonly Mismatch<V>[], same: readonly V[]) => readonly Hypothesis<V>[]

/** Rows that must show it: fewer are chance. */
export const FEWEST_ROWS = 5
/** Different values that a rule must hold for: one pair of values that comes up often satisfies many. */
export const FEWEST_VALUES = 4

/** Pairings of one row's A with another row's B that tell how often the hypothesis holds by chance. */
const SHIFTS = [1, 7, 31, 127, 509]

/** Whether it holds more often than among values put together at random. */
export function beyondChance<V>(rows: readonly Mismatch<V>[], explains: (row: Mismatch<V>) => boolean): boolean {
  const hits = rows.filter(explains).length
  let tried = 0
  let chance = 0
  for (const shift of SHIFTS.filter(shift => shift < rows.length)) {
    for (const [i, { a }] of rows.entries()) {
      const { b } = rows[(i + shift) % rows.length]
      if (b === rows[i].b) continue
      tried++
      if (explains({ a, b, lags: [] })) chance++
    }
  }
  const expected = tried === 0 ? 0 : (rows.length * chance) / tried
  return hits >= FEWEST_ROWS && hits > 2 * expected + 3 * Math.sqrt(expected)
}

/** What comes up most, ties by the order of coming; null of nothing. */
export function mostFrequent<T>(values: Iterable<T>): { readonly value: T; readonly count: number } | null {
  let best: { value: T; count: number } | null = null
  for (const [value, count] of tally(values)) if (best === null || count > best.count) best = { value, count }
  return best
}

export function tally<T>(values: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
