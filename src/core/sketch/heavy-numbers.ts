import { LONGEST_COLUMN } from './sort.js'
import type { HeavyNumbers } from './state.js'

const CAPACITY = 64
const MOST_CANDIDATES = LONGEST_COLUMN + CAPACITY

const runValues = new Float64Array(LONGEST_COLUMN)
const runCounts = new Float64Array(LONGEST_COLUMN)
const noErrors = new Float64Array(LONGEST_COLUMN)
const outValues = new Float64Array(MOST_CANDIDATES)
const outCounts = new Float64Array(MOST_CANDIDATES)
const outErrors = new Float64Array(MOST_CANDIDATES)
const NONE = new Float64Array(0)
/** How many candidates are so far above the floor; the last entry holds all that are further. */
const MOST_EXCESS = LONGEST_COLUMN
const byExcess = new Int32Array(MOST_EXCESS + 1)

/**
 * Space-Saving over numbers (Metwally et al. 2005) in its mergeable form (Agarwal et al. 2012, "Mergeable summaries"): instead of value by
 * value, a sorted column's runs are merged at once, and all but the 64 highest counts give way. A count overstates by at most its error,
 * an unlisted value has at most `floor`, and floor ≤ total/65. Values that come once cost nothing as long as they are many.
 */
export class FrequentNumbers {
  #values = NONE
  #counts = NONE
  #errors = NONE
  #size = 0
  #floor = 0

  /**
   * Adds values[0, n), ascending.
   * @param ties how many of them equal the one before
   */
  addSorted(values: Float64Array, n: number, ties: number): void {
    if (n === 0) return
    if (ties === 0 && this.#size === 0 && n > CAPACITY) {
      this.#floor++ // more candidates of one row than there are places: all give way
      return
    }
    let runs = 0
    for (let i = 0; i < n; ) {
      const x = values[i]
      const from = i
      do i++
      while (i < n && values[i] === x)
      runValues[runs] = x
      runCounts[runs++] = i - from
    }
    this.#merge(runValues, runCounts, noErrors, runs, 0)
  }

  /** Adds values[0, n), ascending, n ≤ 1024, with exact counts. */
  addWeighted(values: Float64Array, counts: Float64Array, n: number): void {
    this.#merge(values, counts, noErrors, n, 0)
  }

  add({ values, counts, errors, floor }: HeavyNumbers): void {
    this.#merge(values, counts, errors, values.length, floor)
  }

  /** Ascending by value. */
  state(): HeavyNumbers {
    const n = this.#size
    if (n === 0) return { values: NONE, counts: NONE, errors: NONE, floor: this.#floor }
    return {
      values: this.#values.slice(0, n),
      counts: this.#counts.slice(0, n),
      errors: this.#errors.slice(0, n),
      floor: this.#floor,
    }
  }

  #merge(values: Float64Array, counts: Float64Array, errors: Float64Array, n: number, floor: number): void {
    const own = this.#floor
    const size = this.#size
    let out = 0
    for (let i = 0, h = 0; i < n || h < size; out++) {
      const known = h < size && (i === n || this.#values[h] <= values[i])
      const fresh = i < n && (!known || this.#values[h] === values[i])
      outValues[out] = known ? this.#values[h] : values[i]
      // A side that does not list the value may have seen it as often as its floor.
      outCounts[out] = (known ? this.#counts[h] : own) + (fresh ? counts[i] : floor)
      outErrors[out] = (known ? this.#errors[h] : own) + (fresh ? errors[i] : floor)
      if (known) h++
      if (fresh) i++
    }
    this.#floor = own + floor
    this.#prune(out)
  }

  /** Keeps what is above the floor, which rises to the 65th highest count. */
  #prune(candidates: number): void {
    if (candidates > CAPACITY) this.#floor = nthHighest(candidates, this.#floor)
    let kept = 0
    for (let i = 0; i < candidates; i++) if (outCounts[i] > this.#floor) kept++
    if (kept > this.#values.length) {
      this.#values = new Float64Array(CAPACITY)
      this.#counts = new Float64Array(CAPACITY)
      this.#errors = new Float64Array(CAPACITY)
    }
    this.#size = 0
    for (let i = 0; i < candidates; i++) {
      if (outCounts[i] <= this.#floor) continue
      this.#values[this.#size] = outValues[i]
      this.#counts[this.#size] = outCounts[i]
      this.#errors[this.#size++] = outErrors[i]
    }
  }
}

/** The 65th highest of outCounts[0, n), all above `floor`; n > 64. */
function nthHighest(n: number, floor: number): number {
  byExcess.fill(0)
  for (let i = 0; i < n; i++) byExcess[Math.min(MOST_EXCESS, outCounts[i] - floor)]++
  let above = 0
  for (let excess = MOST_EXCESS; excess > 0; excess--) {
    above += byExcess[excess]
    if (above <= CAPACITY) continue
    return excess < MOST_EXCESS ? floor + excess : outCounts.slice(0, n).sort()[n - 1 - CAPACITY]
  }
  return floor
}
