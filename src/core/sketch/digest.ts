import type { Weighted } from './state.js'

/** δ of the paper: k1 spans δ/2 units. */
export const COMPRESSION = 200
const CELLS = COMPRESSION / 2

/** Quantiles at which k1(q) = δ/2π · asin(2q − 1) crosses a unit: a table, so that merging calls neither sine nor arcsine. */
const EDGES = Float64Array.from({ length: CELLS + 1 }, (_, j) =>
  j === CELLS ? 2 : (1 + Math.sin(Math.PI * (j / CELLS - 0.5))) / 2,
)

const outMeans = new Float64Array(CELLS + 1)
const outWeights = new Float64Array(CELLS + 1)

/**
 * Merging t-digest (Dunning & Ertl, "Computing extremely accurate quantiles using t-digests") with fixed cells of k1: whatever has its
 * middle rank in one unit of k1 becomes one centroid. At most 100 centroids; deterministic for a given order of merges. Rank error ≤ .2 %
 * anywhere, ≤ .05 % at p ≤ .1 and p ≥ .9 (n = 10⁴). Takes finite values only.
 */
export class Digest {
  readonly means = new Float64Array(CELLS)
  readonly weights = new Float64Array(CELLS)
  size = 0
  total = 0

  /** Adds values[0, n), ascending; `weights` of them, or one each. */
  merge(values: Float64Array, n: number, weights: Float64Array | null = null): void {
    if (n === 0) return
    let added = n
    if (weights !== null) {
      added = 0
      for (let i = 0; i < n; i++) added += weights[i]
    }
    const total = this.total + added
    const { means, weights: known, size } = this
    let cell = 0
    let limit = EDGES[1] * total
    let before = 0
    let weight = 0
    let sum = 0
    let out = 0
    let c = 0
    for (let i = 0; i < n || c < size; ) {
      // Equal values: the centroid first, so that one order of merges gives one result.
      const fromDigest = c < size && (i >= n || means[c] <= values[i])
      const x = fromDigest ? means[c] : values[i]
      const w = fromDigest ? known[c++] : weights === null ? 1 : weights[i]
      if (!fromDigest) i++
      if (before + w / 2 >= limit) {
        if (weight > 0) {
          outMeans[out] = sum / weight
          outWeights[out++] = weight
          sum = 0
          weight = 0
        }
        do limit = EDGES[++cell + 1] * total
        while (before + w / 2 >= limit)
      }
      sum += x * w
      weight += w
      before += w
    }
    if (weight > 0) {
      outMeans[out] = sum / weight
      outWeights[out++] = weight
    }
    this.means.set(outMeans.subarray(0, out))
    this.weights.set(outWeights.subarray(0, out))
    this.size = out
    this.total = total
  }

  add({ values, weights }: Weighted): void {
    this.merge(values, values.length, weights)
  }

  state(): Weighted {
    return { values: this.means.slice(0, this.size), weights: this.weights.slice(0, this.size) }
  }
}
