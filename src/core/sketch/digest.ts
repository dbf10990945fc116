import { lowerBound } from './search.js'
import type { Weighted } from './state.js'

/** δ of the paper: k1 spans δ/2 units. */
export const COMPRESSION = 200
const CELLS = COMPRESSION / 2
/** A cell of fewer values is not looked into. */
const FEWEST = 8
/** A cell whose middle holds a smaller share than this (evenly spread, it were a half) has a gap. */
const THIN = 1 / 8
const MOST = CELLS + CELLS / 4

/**
 * Quantiles at which k1(q) = δ/2π · asin(2q − 1) crosses a unit: a table, so that merging calls neither sine nor arcsine. The last one is
 * beyond 1: whatever rounding leaves over belongs to the last cell.
 */
const EDGES = Float64Array.from({ length: CELLS }, (_, j) =>
  j === CELLS - 1 ? Number.POSITIVE_INFINITY : (1 + Math.sin(Math.PI * ((j + 1) / CELLS - 0.5))) / 2,
)

// The digest being written.
const outMeans = new Float64Array(MOST)
const outWeights = new Float64Array(MOST)
let out = 0

/**
 * Merging t-digest (Dunning & Ertl, "Computing extremely accurate quantiles using t-digests") with fixed cells of k1: whatever has its
 * middle rank in one unit of k1 becomes one centroid, or two where a gap runs through it (between modes, a mean stands where no value is). At
 * most 125 centroids; deterministic for a given order of merges. Takes finite values only.
 */
export class Digest {
  readonly means = new Float64Array(MOST)
  readonly weights = new Float64Array(MOST)
  size = 0
  total = 0

  /** Adds values[0, n), ascending, one each. */
  mergeSorted(values: Float64Array, n: number): void {
    if (n === 0) return
    const { means, weights, size } = this
    const total = this.total + n
    let i = 0
    let c = 0
    let before = 0
    out = 0
    for (let cell = 0; cell < CELLS; cell++) {
      const limit = EDGES[cell] * total
      const i0 = i
      const c0 = c
      let weight = 0
      let sum = 0
      while (c < size || i < n) {
        if (i < n && (c === size || values[i] < means[c])) {
          const room = Math.ceil(limit - before - 0.5) // values whose middle rank is below the limit
          if (room <= 0) break
          const next = c < size ? means[c] : Number.POSITIVE_INFINITY
          const stop = room < n - i ? i + room : n
          const from = i
          do sum += values[i++]
          while (i < stop && values[i] < next)
          weight += i - from
          before += i - from
        } else {
          // Equal to a value: the centroid goes first.
          const w = weights[c]
          if (before + w / 2 >= limit) break
          sum += means[c++] * w
          weight += w
          before += w
        }
      }
      if (weight > 0) this.#put(sum, weight, values, null, i0, i, c0, c)
    }
    this.#keep(total)
  }

  /** Adds values[0, n), ascending, with their weights. */
  mergeWeighted(values: Float64Array, counts: Float64Array, n: number): void {
    const { means, weights, size } = this
    let total = this.total
    for (let i = 0; i < n; i++) total += counts[i]
    let i = 0
    let c = 0
    let before = 0
    out = 0
    for (let cell = 0; cell < CELLS; cell++) {
      const limit = EDGES[cell] * total
      const i0 = i
      const c0 = c
      let weight = 0
      let sum = 0
      while (c < size || i < n) {
        const known = i === n || (c < size && means[c] <= values[i])
        const w = known ? weights[c] : counts[i]
        if (before + w / 2 >= limit) break
        sum += (known ? means[c++] : values[i++]) * w
        weight += w
        before += w
      }
      if (weight > 0) this.#put(sum, weight, values, counts, i0, i, c0, c)
    }
    this.#keep(total)
  }

  state(): Weighted {
    return { values: this.means.slice(0, this.size), weights: this.weights.slice(0, this.size) }
  }

  /** A cell of values[i0, i1) and the centroids [c0, c1) becomes one centroid or two. */
  #put(
    sum: number,
    weight: number,
    values: Float64Array,
    counts: Float64Array | null,
    i0: number,
    i1: number,
    c0: number,
    c1: number,
  ): void {
    const { means } = this
    const first = c0 < c1 && (i0 === i1 || means[c0] < values[i0]) ? means[c0] : values[i0]
    const last = c0 < c1 && (i0 === i1 || means[c1 - 1] > values[i1 - 1]) ? means[c1 - 1] : values[i1 - 1]
    const quarter = last / 4 - first / 4
    if (weight < FEWEST || quarter === 0 || out >= MOST - CELLS) {
      put(sum, weight, first, last)
      return
    }
    let left = 0
    let leftSum = 0
    put(sum, weight, first, last)
  }

  #keep(total: number): void {
    const { means, weights } = this
    for (let i = 0; i < out; i++) {
      means[i] = outMeans[i]
      weights[i] = outWeights[i]
    }
    this.size = out
    this.total = total
  }
}

/** Rounding and overflow must not carry a mean past its own values: the order of means and equal values stay right. */
function put(sum: number, weight: number, first: number, last: number): void {
  const mean = sum / weight
  outMeans[out] = mean >= first ? (mean <= last ? mean : last) : first
  outWeights[out++] = weight
}
