import { BinTable } from '../performance/bin-table.js'
import { keyOfNumber, numberBetween } from '../performance/score-key.js'

/** Numbers by their sums and by bins of next to equal width in their logarithm: adds up, and gives quantiles. */
export interface Spread {
  readonly n: number
  readonly sum: number
  readonly squares: number
  /** How often neighbours became one: bin = key >> shift (`BinTable`). */
  readonly shift: number
  /** Ascending; `counts` has an entry a bin. */
  readonly bins: Int32Array
  readonly counts: Float64Array
}

/** Counts numbers, and takes them back. The order makes no difference but for the rounding of the sums. */
export class SpreadCounts {
  readonly #table = new BinTable(1)
  #n = 0
  #sum = 0
  #squares = 0

  count(x: number, sign: 1 | -1): void {
    this.#n += sign
    this.#sum += sign * x
    this.#squares += sign * x * x
    const at = this.#table.at(keyOfNumber(x))
    this.#table.sums[at] += sign
  }

  add(state: Spread): void {
    this.#n += state.n
    this.#sum += state.sum
    this.#squares += state.squares
    this.#table.addBins(state, [state.counts])
  }

  state(): Spread {
    const { shift, bins, columns } = this.#table.state()
    return { n: this.#n, sum: this.#sum, squares: this.#squares, shift, bins, counts: columns[0] }
  }
}

/** Mean, and the variance of that mean; NaN without numbers. */
export function meanOf({ n, sum, squares }: Pick<Spread, 'n' | 'sum' | 'squares'>): {
  readonly mean: number
  readonly variance: number
} {
  const mean = sum / n
  return { mean, variance: Math.max(0, squares / n - mean * mean) / n }
}

/** The number that a share p of them does not exceed, to the width of its bin; NaN without numbers. */
export function quantileOf({ shift, bins, counts, n }: Spread, p: number): number {
  let below = 0
  for (let b = 0; b < bins.length; b++) {
    below += counts[b]
    if (counts[b] <= 0 || below < p * n) continue
    const low = bins[b] << shift
    // Zeros are exact: equal scores differ by nothing.
    return low === 0 && shift === 0 ? 0 : numberBetween(low, low + 2 ** shift - 1)
  }
  return Number.NaN
}
