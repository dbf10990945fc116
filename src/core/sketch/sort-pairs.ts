import { offsetOf } from './sort.js'
import type { Weighted } from './state.js'

const low = new Int32Array(256)
const middle = new Int32Array(256)
const high = new Int32Array(256)
const MOST_MOVES = 8

/** Orders as the double does: negative numbers reversed, positive ones above them. */
const key = (word: number): number => word ^ ((word >> 31) | 0x80000000)

/** As many lists are merged two by two; of more, the digits tell the order in fewer passes. */
const FEW = 16
const ends = new Int32Array(FEW)

/** Room for ascending lists of values with weights as one, equal values in the order given. Used again and again. */
export class SortedPairs {
  values = new Float64Array(0)
  weights = new Float64Array(0)
  size = 0
  #otherValues = new Float64Array(0)
  #otherWeights = new Float64Array(0)

  /** Takes all pairs of the lists, in place of what it held. */
  fill(lists: readonly Weighted[]): void {
    let size = 0
    for (const { values } of lists) size += values.length
    this.#fit(size)
    let at = 0
    for (const [l, { values, weights }] of lists.entries()) {
      this.values.set(values, at)
      this.weights.set(weights, at)
      at += values.length
      if (l < FEW) ends[l] = at
    }
    if (lists.length < 2 || size === 0) return
    if (lists.length <= FEW) {
      this.#merge(lists.length)
      return
    }
    const offset = offsetOf(this.values, at)
    if (offset !== 0) for (let i = 0; i < at; i++) this.values[i] -= offset
    this.#radixSort()
    if (offset !== 0) for (let i = 0; i < at; i++) this.values[i] += offset
    if (!this.#insertionSort()) this.#slowSort()
  }

  /** Merges neighbouring lists, which end at `ends`, until there is one. */
  #merge(lists: number): void {
    for (let left = lists; left > 1; left = (left + 1) >> 1) {
      for (let l = 0, from = 0; l < left; l += 2) {
        const to = l + 1 < left ? ends[l + 1] : ends[l]
        this.#mergeTwo(from, ends[l], to)
        ends[l >> 1] = to
        from = to
      }
      this.#swap()
    }
  }

  /**
   * Merges [from, middle) and [middle, to) into the other arrays, from both ends at once and without a branch on the values, which would be
   * guessed wrong every other time. Of so many steps as the shorter list has entries neither end can run out of either list.
   */
  #mergeTwo(from: number, middle: number, to: number): void {
    const { values, weights } = this
    const otherValues = this.#otherValues
    const otherWeights = this.#otherWeights
    const steps = Math.min(middle - from, to - middle)
    let i = from
    let j = middle
    let p = middle - 1
    let q = to - 1
    let low = from
    let high = to - 1
    for (let step = 0; step < steps; step++) {
      const second = +(values[j] < values[i])
      const least = i + ((j - i) & -second)
      otherValues[low] = values[least]
      otherWeights[low++] = weights[least]
      j += second
      i += 1 - second
      const first = +(values[q] < values[p])
      const greatest = q + ((p - q) & -first)
      otherValues[high] = values[greatest]
      otherWeights[high--] = weights[greatest]
      p -= first
      q -= 1 - first
    }
    for (; low <= high; low++) {
      const next = j > q || (i <= p && values[i] <= values[j]) ? i++ : j++
      otherValues[low] = values[next]
      otherWeights[low] = weights[next]
    }
  }

  #swap(): void {
    const { values, weights } = this
    this.values = this.#otherValues
    this.weights = this.#otherWeights
    this.#otherValues = values
    this.#otherWeights = weights
  }

  #fit(size: number): void {
    this.size = size
    if (this.values.length >= size) return
    this.values = new Float64Array(2 * size)
    this.weights = new Float64Array(2 * size)
    this.#otherValues = new Float64Array(2 * size)
    this.#otherWeights = new Float64Array(2 * size)
  }

  #radixSort(): void {
    low.fill(0)
    middle.fill(0)
    high.fill(0)
    const words = new Int32Array(this.values.buffer)
    for (let i = 0; i < this.size; i++) {
      const k = key(words[2 * i + 1])
      low[(k >>> 8) & 255]++
      middle[(k >>> 16) & 255]++
      high[k >>> 24]++
    }
    this.#scatter(low, 8)
    this.#scatter(middle, 16)
    this.#scatter(high, 24)
  }

  /** One stable pass by a digit, into the other arrays, which become these. */
  #scatter(counts: Int32Array, shift: number): void {
    const { values, weights, size } = this
    const otherValues = this.#otherValues
    const otherWeights = this.#otherWeights
    for (let d = 0, start = 0; d < 256; d++) {
      const count = counts[d]
      if (count === size) return
      counts[d] = start
      start += count
    }
    const words = new Int32Array(values.buffer)
    for (let i = 0; i < size; i++) {
      const to = counts[(key(words[2 * i + 1]) >>> shift) & 255]++
      otherValues[to] = values[i]
      otherWeights[to] = weights[i]
    }
    this.#swap()
  }

  /** @returns false when it gave up */
  #insertionSort(): boolean {
    const { values, weights, size } = this
    let left = MOST_MOVES * size + 64
    for (let i = 1; i < size; i++) {
      const x = values[i]
      if (values[i - 1] <= x) continue
      const w = weights[i]
      let j = i - 1
      while (j >= 0 && values[j] > x) {
        values[j + 1] = values[j]
        weights[j + 1] = weights[j]
        j--
      }
      values[j + 1] = x
      weights[j + 1] = w
      left -= i - j
      if (left < 0) return false
    }
    return true
  }

  #slowSort(): void {
    const values = this.values.slice(0, this.size)
    const weights = this.weights.slice(0, this.size)
    const order = [...values.keys()].sort((a, b) => values[a] - values[b])
    for (const [at, i] of order.entries()) {
      this.values[at] = values[i]
      this.weights[at] = weights[i]
    }
  }
}
