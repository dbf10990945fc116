import type { Weighted } from './state.js'
import { zeros } from './zeros.js'

/** δ of the paper: k1 spans δ/2 units. */
export const COMPRESSION = 200
const CELLS = COMPRESSION / 2
/** Density falls by this factor in a cell, against the cells around it: values there lie in a valley between modes. */
const VALLEY = 2
/** Such a cell is cut into so many parts of equal width. */
const PARTS = 5
const MOST = CELLS + 25

/**
 * Quantiles at which k1(q) = δ/2π · asin(2q − 1) crosses a unit: a table, so that merging calls neither sine nor arcsine. The last one is
 * beyond 1: whatever rounding leaves over belongs to the last cell.
 */
const EDGES = Float64Array.from({ length: CELLS }, (_, j) =>
  j === CELLS - 1 ? Number.POSITIVE_INFINITY : (1 + Math.sin(Math.PI * ((j + 1) / CELLS - 0.5))) / 2,
)

// The cells of the digest being written: their weight and sum, and what lies in them.
const cellWeights = new Float64Array(CELLS)
const cellSums = new Float64Array(CELLS)
const cellMeans = new Float64Array(CELLS)
/** Ends of each cell's values and centroids; the starts are the ends of the cell before. */
const valueEnds = new Int32Array(CELLS)
const centroidEnds = new Int32Array(CELLS)
let cells = 0

const outMeans = new Float64Array(MOST)
const outWeights = new Float64Array(MOST)

/**
 * Merging t-digest (Dunning & Ertl, "Computing extremely accurate quantiles using t-digests") with fixed cells of k1: whatever has its
 * middle rank in one unit of k1 becomes one centroid, or up to five in a valley between modes, where one mean would stand for nothing. About
 * 100 centroids, at most 125; deterministic for a given order of merges. Takes finite values only.
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
    cells = 0
    for (let cell = 0; cell < CELLS; cell++) {
      const limit = EDGES[cell] * total
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
      if (weight > 0) putCell(sum, weight, i, c)
    }
    this.#write(total, values, null)
  }

  /** Adds values[0, n), ascending, with their weights. */
  mergeWeighted(values: Float64Array, counts: Float64Array, n: number): void {
    if (n === 0) return
    const { means, weights, size } = this
    let total = this.total
    for (let i = 0; i < n; i++) total += counts[i]
    let i = 0
    let c = 0
    let before = 0
    cells = 0
    for (let cell = 0; cell < CELLS; cell++) {
      const limit = EDGES[cell] * total
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
      if (weight > 0) putCell(sum, weight, i, c)
    }
    this.#write(total, values, counts)
  }

  /** Forgets everything. */
  clear(): void {
    this.size = 0
    this.total = 0
  }

  /** Takes centroids over as they are. */
  load({ values, weights }: Weighted): void {
    this.means.set(values)
    this.weights.set(weights)
    this.size = values.length
    this.total = weights.reduce((sum, weight) => sum + weight, 0)
  }

  state(): Weighted {
    const { means, weights, size } = this
    const memory = zeros(2 * size)
    for (let i = 0; i < size; i++) {
      memory[i] = means[i]
      memory[size + i] = weights[i]
    }
    return { values: memory.subarray(0, size), weights: memory.subarray(size) }
  }

  /** Replaces the centroids by those of the cells. */
  #write(total: number, values: Float64Array, counts: Float64Array | null): void {
    const { means, weights } = this
    let out = 0
    for (let cell = 0; cell < cells; cell++) {
      const i = cell === 0 ? 0 : valueEnds[cell - 1]
      const c = cell === 0 ? 0 : centroidEnds[cell - 1]
      const first = least(means, c, centroidEnds[cell], values, i, valueEnds[cell])
      const last = greatest(means, c, centroidEnds[cell], values, i, valueEnds[cell])
      const mean = cellSums[cell] / cellWeights[cell]
      // Rounding and overflow must not carry a mean past its own values: the order of means and equal values stay right.
      cellMeans[cell] = mean >= first ? (mean <= last ? mean : last) : first
    }
    for (let cell = 0; cell < cells; cell++) {
      if (isValley(cell) && out <= MOST - cells + cell - PARTS) out = this.#cut(cell, out, values, counts)
      else {
        outMeans[out] = cellMeans[cell]
        outWeights[out++] = cellWeights[cell]
      }
    }
    for (let o = 0; o < out; o++) {
      means[o] = outMeans[o]
      weights[o] = outWeights[o]
    }
    this.size = out
    this.total = total
  }

  /** Cuts a cell into parts of equal width between the means around it. */
  #cut(cell: number, out: number, values: Float64Array, counts: Float64Array | null): number {
    const { means, weights } = this
    const low = cellMeans[cell - 1]
    const width = (cellMeans[cell + 1] - low) / PARTS
    let i = valueEnds[cell - 1]
    let c = centroidEnds[cell - 1]
    for (let part = 1; part <= PARTS; part++) {
      const end = part === PARTS ? Number.POSITIVE_INFINITY : low + part * width
      let weight = 0
      let sum = 0
      let last = 0
      for (;;) {
        const known = c < centroidEnds[cell] && (i === valueEnds[cell] || means[c] <= values[i])
        if (!known && i === valueEnds[cell]) break
        const x = known ? means[c] : values[i]
        if (x >= end) break
        const w = known ? weights[c++] : counts === null ? 1 : counts[i]
        if (!known) i++
        sum += x * w
        weight += w
        last = x
      }
      if (weight === 0) continue
      const mean = sum / weight
      outMeans[out] = mean <= last && mean >= cellMeans[cell - 1] ? mean : last
      outWeights[out++] = weight
    }
    return out
  }
}

function putCell(sum: number, weight: number, valueEnd: number, centroidEnd: number): void {
  cellSums[cells] = sum
  cellWeights[cells] = weight
  valueEnds[cells] = valueEnd
  centroidEnds[cells++] = centroidEnd
}

/** Whether the means next to a cell lie far apart, against the spacing on both sides. */
function isValley(cell: number): boolean {
  if (cell < 2 || cell > cells - 3) return false
  const below = cellMeans[cell - 1] - cellMeans[cell - 2]
  const above = cellMeans[cell + 2] - cellMeans[cell + 1]
  const across = cellMeans[cell + 1] - cellMeans[cell - 1]
  return across > 2 * VALLEY * (below > above ? below : above) && across < Number.POSITIVE_INFINITY
}

function least(means: Float64Array, c: number, cEnd: number, values: Float64Array, i: number, iEnd: number): number {
  if (c === cEnd) return values[i]
  return i === iEnd || means[c] < values[i] ? means[c] : values[i]
}

function greatest(means: Float64Array, c: number, cEnd: number, values: Float64Array, i: number, iEnd: number): number {
  if (c === cEnd) return values[iEnd - 1]
  return i === iEnd || means[cEnd - 1] > values[iEnd - 1] ? means[cEnd - 1] : values[iEnd - 1]
}
