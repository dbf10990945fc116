import type { NumericState } from './state.js'

/** What of a state `Moments` counts. */
type Counted = Pick<
  NumericState,
  'count' | 'integers' | 'zeros' | 'negatives' | 'outside' | 'mean' | 'm2' | 'min' | 'max'
>

/** What else a state keeps of its values. */
export type Values = Pick<NumericState, 'exact' | 'digest' | 'distinct' | 'heavy'>

/**
 * Count, mean and squared deviations, extremes, and the counters that take a look at each value. Batches join by the pairwise update of
 * Chan, Golub & LeVeque 1979. Where a sum would overflow, the result stays finite: the mean within the extremes, m2 at the largest double.
 */
export class Moments {
  count = 0
  integers = 0
  zeros = 0
  negatives = 0
  /** Counted by who knows the range. */
  outside = 0
  mean = 0
  m2 = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY

  /**
   * Adds values[0, n), ascending, n > 0.
   * @returns how many of them equal the one before
   */
  addSorted(values: Float64Array, n: number): number {
    // Deviations are taken from the median, at most one standard deviation off the mean: one sweep, and nothing cancels.
    const median = values[n >> 1]
    let sum = 0
    let squares = 0
    let integers = 0
    let ties = 0
    let zeros = 0
    let negatives = 0
    let previous = Number.NaN
    for (let i = 0; i < n; i++) {
      const x = values[i]
      const d = x - median
      sum += d
      squares += d * d
      if (Math.floor(x) === x) integers++
      if (x === previous) ties++
      if (x <= 0) {
        if (x === 0) zeros++
        else negatives++
      }
      previous = x
    }
    this.integers += integers
    this.zeros += zeros
    this.negatives += negatives
    this.#join(n, median + sum / n, squares - (sum * sum) / n, values[0], values[n - 1])
    return ties
  }

  /** Adds values[0, n), ascending, with their counts. */
  addWeighted(values: Float64Array, counts: Float64Array, n: number): void {
    if (n === 0) return
    const middle = values[n >> 1]
    let count = 0
    let sum = 0
    for (let i = 0; i < n; i++) {
      const x = values[i]
      count += counts[i]
      sum += (x - middle) * counts[i]
      if (Math.floor(x) === x) this.integers += counts[i]
      if (x === 0) this.zeros += counts[i]
      else if (x < 0) this.negatives += counts[i]
    }
    const mean = middle + sum / count
    let m2 = 0
    for (let i = 0; i < n; i++) m2 += (values[i] - mean) ** 2 * counts[i]
    this.#join(count, mean, m2, values[0], values[n - 1])
  }

  add(other: Counted): void {
    if (other.count === 0) return
    this.integers += other.integers
    this.zeros += other.zeros
    this.negatives += other.negatives
    this.outside += other.outside
    this.#join(other.count, other.mean, other.m2, other.min, other.max)
  }

  /** A state with these moments. Written out: spreading objects into one another takes longer than a short column's counting. */
  state(cells: Float64Array, { exact, digest, distinct, heavy }: Values): NumericState {
    const { count, integers, zeros, negatives, outside, mean, m2, min, max } = this
    return { count, integers, zeros, negatives, outside, mean, m2, min, max, cells, exact, digest, distinct, heavy }
  }

  #join(count: number, mean: number, m2: number, min: number, max: number): void {
    const own = mean >= min ? (mean <= max ? mean : max) : min // also where the sum overflowed to ±∞ or NaN
    const total = this.count + count
    const delta = own - this.mean
    const joined = this.mean + delta * (count / total)
    const between = this.count === 0 ? 0 : delta * delta * this.count * (count / total)
    const squares = this.m2 + m2 + between
    if (min < this.min) this.min = min
    if (max > this.max) this.max = max
    this.mean = joined >= this.min ? (joined <= this.max ? joined : this.max) : this.min
    this.m2 = squares >= 0 && squares <= Number.MAX_VALUE ? squares : squares < 0 ? 0 : Number.MAX_VALUE
    this.count = total
  }
}
