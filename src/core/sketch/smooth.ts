import type { Grid } from '../baseline/grid.js'
import { indexOf } from './search.js'
import type { NumericState, Weighted } from './state.js'

/** Ranks as knots: `left` just below x, `right` at x; linear in between. */
export interface Ranks {
  readonly x: Float64Array
  readonly left: Float64Array
  readonly right: Float64Array
}

/** Knots being written: at most one for each centroid and edge, and two ends. */
class Writer implements Ranks {
  x: Float64Array
  left: Float64Array
  right: Float64Array
  size = 0

  constructor(room: number) {
    this.x = new Float64Array(room)
    this.left = new Float64Array(room)
    this.right = new Float64Array(room)
  }

  put(x: number, left: number, right: number): void {
    const last = this.size - 1
    if (last >= 0 && this.x[last] === x) {
      this.right[last] = right
      return
    }
    this.x[this.size] = x
    this.left[this.size] = left
    this.right[this.size++] = right
  }

  done(): Ranks {
    const { x, left, right, size } = this
    return { x: x.subarray(0, size), left: left.subarray(0, size), right: right.subarray(0, size) }
  }
}

/** Ranks among the values that are not atoms, by the digest; at the grid's edges by the exact counts of the bins. */
export function smoothRanks(state: NumericState, grid: Grid | null): Ranks {
  const free = digestRanks(state, grid)
  if (grid === null || free.x.length === 0) return free
  return anchored(free, grid, state.cells.subarray(grid.atoms.length))
}

/**
 * Each centroid's middle; centroids of one value or of equal ones are steps. Where two means lie far apart against those around them there
 * is a gap.
 */
function digestRanks(state: NumericState, grid: Grid | null): Ranks {
  const { values, weights } = withEnds(state, grid)
  const n = values.length
  const knots = new Writer(3 * n)
  let before = 0
  for (let i = 0; i < n; ) {
    let weight = weights[i]
    let end = i + 1
    for (; end < n && values[end] === values[i]; end++) weight += weights[end]
    const step = weight === 1 || end > i + 1
    const middle = before + weight / 2
    knots.put(values[i], step || i === 0 ? before : middle, step || end === n ? before + weight : middle)
    before += weight
    if (end > 1 && end < n - 1 && !step) bridge(knots, values, weights, end, before)
    i = end
  }
  return knots.done()
}

/** The digest, its least and greatest value taken out of the centroids at its ends, so that these have a rank of their own. */
function withEnds({ digest, min, max }: NumericState, grid: Grid | null): Weighted {
  const values = digest?.values ?? new Float64Array(0)
  const weights = digest?.weights ?? new Float64Array(0)
  const n = values.length
  // Where an atom is the extreme, the extreme of the rest is not known; the first centroid is near it.
  const isAtom = (x: number): boolean => grid !== null && indexOf(grid.atoms, x) >= 0
  const low = n > 1 && min < values[0] && weights[0] > 1 && !isAtom(min)
  const high = n > 1 && max > values[n - 1] && weights[n - 1] > 1 && !isAtom(max)
  if (!low && !high) return { values, weights }
  const from = low ? 1 : 0
  const outValues = new Float64Array(n + from + (high ? 1 : 0))
  const outWeights = new Float64Array(outValues.length)
  outValues.set(values, from)
  outWeights.set(weights, from)
  if (low) takeOut(outValues, outWeights, 1, 0, min, values[1])
  if (high) takeOut(outValues, outWeights, from + n - 1, from + n, max, values[n - 2])
  return { values: outValues, weights: outWeights }
}

/** Takes one value out of centroid `from`, as centroid `to`; the mean of the others stays on the side of the next centroid. */
function takeOut(values: Float64Array, weights: Float64Array, from: number, to: number, x: number, next: number): void {
  const left = weights[from] - 1
  const mean = values[from] + (values[from] - x) / left
  values[from] = x < next ? (mean < next ? mean : values[from]) : mean > next ? mean : values[from]
  weights[from] = left
  values[to] = x
  weights[to] = 1
}

/** A space between means this much wider than those on both sides is a gap. */
const GAP = 3

/** Where a gap is below centroid `i`, two knots at the rank between: each side runs on as densely as it came. */
function bridge(knots: Writer, values: Float64Array, weights: Float64Array, i: number, rank: number): void {
  const below = values[i - 1] - values[i - 2]
  const above = values[i + 1] - values[i]
  if (!(values[i] - values[i - 1] > GAP * Math.max(below, above))) return
  knots.put(values[i - 1] + (below * weights[i - 1]) / (weights[i - 2] + weights[i - 1]), rank, rank)
  knots.put(values[i] - (above * weights[i]) / (weights[i] + weights[i + 1]), rank, rank)
}

/** Puts in the edges, whose ranks are the sums of the bins below; knots between two edges keep to their ranks. */
function anchored(free: Ranks, { edges }: Grid, bins: Float64Array): Ranks {
  const total = free.right[free.x.length - 1]
  if (bins.reduce((sum, count) => sum + count, 0) !== total) return free // bins that are estimates themselves
  const knots = new Writer(free.x.length + edges.length)
  let k = 0
  let low = 0
  for (let b = 0; b < bins.length; b++) {
    const high = low + bins[b]
    const end = b < edges.length ? edges[b] : Number.POSITIVE_INFINITY
    for (; k < free.x.length && free.x[k] < end; k++)
      knots.put(free.x[k], clamp(free.left[k], low, high), clamp(free.right[k], low, high))
    if (b < edges.length) knots.put(end, high, high)
    low = high
  }
  return knots.done()
}

const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x)

/** Where x lies from a to b, a < b, without overflow. */
export function fraction(a: number, b: number, x: number): number {
  const width = b - a
  return width < Number.POSITIVE_INFINITY ? (x - a) / width : (x / 2 - a / 2) / (b / 2 - a / 2)
}
