import type { CusumFacts } from '../alert/event.js'
import type { Score } from './score.js'

/** A one-sided sum of one statistic, above 0. */
export interface Sum {
  readonly statistic: string
  /** 1: of rises, −1: of falls. */
  readonly sign: number
  readonly sum: number
  /** Start of the first window in it: where a change most likely began. Epoch ms. */
  readonly since: number
}

/** The sums of a series that are above 0, the largest first. */
export interface Cusum {
  /** End of the newest window in it, epoch ms. */
  readonly to: number
  readonly sums: readonly Sum[]
}

/** What a sum loses a window: half of the shift that it is to see, one standard deviation. */
const ALLOWANCE = 0.5
/** What a single window adds at most: a sum is of many. */
const MOST_A_WINDOW = 4
/** Sums that are kept of a series. */
const MOST_SUMS = 8

/**
 * Cumulative sums of a series' scores, S ← max(0, S ± z − ½) for each statistic and direction (Page, "Continuous inspection schemes", 1954).
 * They see what is too slow for two windows running, and decide nothing: as an alert they found no slow drift that these do not, and rang
 * where rows depend on each other (STATISTICS §2.7). A statistic without a score begins anew.
 * @param window epoch ms; one that overlaps what is summed up already adds nothing, nor does one without scores
 */
export function summed(before: Cusum | null, scores: readonly Score[], window: Span): Cusum | null {
  const { start, end } = window
  if (scores.length === 0 || (before !== null && start < before.to)) return before
  const isSame = newest !== null && newest.before === before && newest.scores === scores
  if (isSame && newest!.start === start && newest!.sum.to === end) return newest!.sum
  const sum = sumUp(before, scores, window)
  newest = { before, scores, start, sum }
  return sum
}

/** What was summed up last: the verdict and the history of a window ask for the same. */
let newest: {
  readonly before: Cusum | null
  readonly scores: readonly Score[]
  readonly start: number
  readonly sum: Cusum
} | null = null

interface Span {
  readonly start: number
  readonly end: number
}

function sumUp(before: Cusum | null, scores: readonly Score[], { start, end }: Span): Cusum {
  const known = before?.sums ?? []
  const sums: Sum[] = []
  for (const { statistic, z } of scores) {
    if (known.length === 0 && z === 0) continue
    for (const sign of [1, -1]) {
      const last = known.find(one => one.statistic === statistic && one.sign === sign)
      const sum = (last?.sum ?? 0) + Math.min(MOST_A_WINDOW, sign * z) - ALLOWANCE
      if (sum > 0) sums.push({ statistic, sign, sum, since: last?.since ?? start })
    }
  }
  return { to: end, sums: sums.sort((a, b) => b.sum - a.sum).slice(0, MOST_SUMS) }
}

/** The largest sum, as a window's verdict tells it; null where none is above 0, or later windows are in it. */
export function largestSum(cusum: Cusum | null, { end }: { readonly end: number }): CusumFacts | null {
  const largest = cusum?.sums[0]
  if (largest === undefined || cusum!.to > end) return null
  const { statistic, sign, sum, since } = largest
  return { statistic, value: sign * sum, since, through: cusum!.to }
}
