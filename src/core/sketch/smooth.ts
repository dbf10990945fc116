import type { Grid } from '../baseline/grid.js'
import { indexOf } from './search.js'
import type { NumericState } from './state.js'

/** Ranks as knots [0, size): `left` just below x, `right` at x; linear in between. */
export interface Ranks {
  readonly x: Float64Array
  readonly left: Float64Array
  readonly right: Float64Array
  readonly size: number
}

/** Knots being written, in memory that is used again and again. */
class Knots implements Ranks {
  x = new Float64Array(0)
  left = new Float64Array(0)
  right = new Float64Array(0)
  size = 0

  /** Forgets all knots; makes room for so many. */
  begin(room: number): this {
    this.size = 0
    if (this.x.length >= room) return this
    this.x = new Float64Array(2 * room)
    this.left = new Float64Array(2 * room)
    this.right = new Float64Array(2 * room)
    return this
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
}

const ofDigest = new Knots()
const ofBoth = new Knots()

/**
 * Ranks among the values that are not atoms, by the digest; at the grid's edges by the exact counts of the bins. They lie in scratch memory,
 * until the next call.
 */
export function smoothRanks(state: NumericState, grid: Grid | null): Ranks {
  const free = digestRanks(state, grid)
  if (grid === null || free.size === 0) return free
  return anchored(free, grid, state.cells)
}

/**
 * Each centroid's middle; centroids of one value or of equal ones are steps. Where two means lie far apart against those around them there
 * is a gap.
 */
function digestRanks(state: NumericState, grid: Grid | null): Ranks {
  const n = takeEnds(state, grid)
  const knots = ofDigest.begin(3 * n)
  let before = 0
  for (let i = 0; i < n; ) {
    let weight = weights[i]
    let end = i + 1
    for (; end < n && values[end] === values[i]; end++) weight += weights[end]
    const step = weight === 1 || end > i + 1
    const middle = before + weight / 2
    knots.put(values[i], step || i === 0 ? before : middle, step || end === n ? before + weight : middle)
    before += weight
    if (end > 1 && end < n - 1 && !step) bridge(knots, end, before)
    i = end
  }
  return knots
}

/** The centroids being read. */
let values = new Float64Array(0)
let weights = new Float64Array(0)

/**
 * Reads the digest, its least and greatest value taken out of the centroids at its ends, so that these have a rank of their own.
 * @returns how many centroids there are now
 */
function takeEnds({ digest, min, max }: NumericState, grid: Grid | null): number {
  if (digest === null) return 0
  const n = digest.values.length
  if (values.length < n + 2) {
    values = new Float64Array(2 * n + 2)
    weights = new Float64Array(2 * n + 2)
  }
  // Where an atom is the extreme, the extreme of the rest is not known; the first centroid is near it.
  const isAtom = (x: number): boolean => grid !== null && indexOf(grid.atoms, x) >= 0
  const low = n > 1 && min < digest.values[0] && digest.weights[0] > 1 && !isAtom(min)
  const high = n > 1 && max > digest.values[n - 1] && digest.weights[n - 1] > 1 && !isAtom(max)
  const from = low ? 1 : 0
  values.set(digest.values, from)
  weights.set(digest.weights, from)
  if (low) takeOut(1, 0, min, values[2])
  if (high) takeOut(from + n - 1, from + n, max, digest.values[n - 2])
  return from + n + (high ? 1 : 0)
}

/** Takes one value out of centroid `from`, as centroid `to`; the mean of the others stays on the side of the next centroid. */
function takeOut(from: number, to: number, x: number, next: number): void {
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
function bridge(knots: Knots, i: number, rank: number): void {
  const below = values[i - 1] - values[i - 2]
  const above = values[i + 1] - values[i]
  if (!(values[i] - values[i - 1] > GAP * Math.max(below, above))) return
  knots.put(values[i - 1] + (below * weights[i - 1]) / (weights[i - 2] + weights[i - 1]), rank, rank)
  knots.put(values[i] - (above * weights[i]) / (weights[i] + weights[i + 1]), rank, rank)
}

/** Puts in the edges, whose ranks are the sums of the bins below; knots between two edges keep to their ranks. */
function anchored(free: Ranks, { atoms, edges }: Grid, cells: Float64Array): Ranks {
  let total = 0
  for (let c = atoms.length; c < cells.length; c++) total += cells[c]
  if (total !== free.right[free.size - 1]) return free // bins that are estimates themselves
  const knots = ofBoth.begin(free.size + edges.length)
  let k = 0
  let low = 0
  for (let b = 0; b <= edges.length; b++) {
    const high = low + cells[atoms.length + b]
    const end = b < edges.length ? edges[b] : Number.POSITIVE_INFINITY
    for (; k < free.size && free.x[k] < end; k++)
      knots.put(free.x[k], clamp(free.left[k], low, high), clamp(free.right[k], low, high))
    if (b < edges.length) knots.put(end, high, high)
    low = high
  }
  return knots
}

const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x)

/** Where x lies from a to b, a < b, without overflow. */
export function fraction(a: number, b: number, x: number): number {
  const width = b - a
  return width < Number.POSITIVE_INFINITY ? (x - a) / width : (x / 2 - a / 2) / (b / 2 - a / 2)
}
