import { type Interval, Z } from './intervals.js'

export interface Auc extends Interval {
  readonly value: number
  /** What ties could add at most: half the pairs that lie in one cell. */
  readonly error: number
  readonly variance: number
}

/**
 * Area under the ROC curve of ordered cells, (pairs in order + ½ of those in one cell)/(m·n), with the variance of DeLong, DeLong &
 * Clarke-Pearson 1988: each row's own share of pairs in order, its variance over the positives by m and over the negatives by n.
 * Range [0, 1]; NaN where there is no positive or no negative.
 * @param positive counts by cell, in ascending order of the score
 */
export function auc(positive: ArrayLike<number>, negative: ArrayLike<number>): Auc {
  const m = sum(positive)
  const n = sum(negative)
  let below = 0 // negatives in lower cells
  let above = m // positives in this cell and higher ones
  let [area, ties, ofPositives, ofNegatives] = [0, 0, 0, 0]
  for (let c = 0; c < positive.length; c++) {
    const [p, q] = [positive[c], negative[c]]
    const higher = above - p
    const v = (below + q / 2) / n
    const w = (higher + p / 2) / m
    area += p * v
    ties += p * q
    ofPositives += p * v * v
    ofNegatives += q * w * w
    below += q
    above = higher
  }
  const value = area / m
  const spread = (squares: number, count: number): number =>
    Math.max(0, squares / count - value * value) / Math.max(1, count - 1)
  const variance = spread(ofPositives, m) + spread(ofNegatives, n)
  const half = Z * Math.sqrt(variance)
  return {
    value,
    low: Math.max(0, value - half),
    high: Math.min(1, value + half),
    error: ties / (2 * m * n),
    variance,
  }
}

function sum(counts: ArrayLike<number>): number {
  let total = 0
  for (let c = 0; c < counts.length; c++) total += counts[c]
  return total
}
