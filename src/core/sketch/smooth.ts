import type { Grid } from '../baseline/grid.js'
import { indexOf } from './search.js'
import type { NumericState } from './state.js'

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

/**
 * Ranks among the values that are not atoms, by the digest; at the grid's edges by the exact counts of the bins, and in between drawn
 * along, so that the digest's error cannot reach beyond a bin.
 */
export function smoothRanks(state: NumericState, grid: Grid | null): Ranks {
  const free = digestRanks(state, grid)
  if (grid === null || free.x.length === 0) return free
  return anchored(free, grid, state.cells.subarray(grid.atoms.length))
}

/** The least value, each centroid's middle, the greatest value. Centroids of one value or of equal ones are steps. */
function digestRanks({ digest, min, max }: NumericState, grid: Grid | null): Ranks {
  const values = digest?.values ?? new Float64Array(0)
  const weights = digest?.weights ?? new Float64Array(0)
  const n = values.length
  const knots = new Writer(n + 2)
  // Where an atom is the extreme, the extreme of the rest is not known; the first centroid is near it.
  const isAtom = (x: number): boolean => grid !== null && indexOf(grid.atoms, x) >= 0
  if (n > 0 && min < values[0] && !isAtom(min)) knots.put(min, 0, 0)
  let before = 0
  for (let i = 0; i < n; ) {
    let weight = weights[i]
    let end = i + 1
    for (; end < n && values[end] === values[i]; end++) weight += weights[end]
    if (weight === 1 || end > i + 1) knots.put(values[i], before, before + weight)
    else
      knots.put(
        values[i],
        knots.size === 0 ? 0 : before + weight / 2,
        end === n && max <= values[i] ? before + weight : before + weight / 2,
      )
    before += weight
    i = end
  }
  if (n > 0 && knots.right[knots.size - 1] < before) {
    const last = values[n - 1]
    if (max > last && !isAtom(max)) knots.put(max, before, before)
    else knots.put(last, 0, before)
  }
  return knots.done()
}

/** Draws the ranks along between edges, whose ranks are the sums of the bins below. */
function anchored(free: Ranks, { edges }: Grid, bins: Float64Array): Ranks {
  const knots = new Writer(free.x.length + edges.length)
  const total = free.right[free.x.length - 1]
  const sum = bins.reduce((all, count) => all + count, 0)
  if (sum !== total) return free // cells that are estimates themselves
  let k = 0
  let from = 0
  let exactFrom = 0
  for (let e = 0; e <= edges.length; e++) {
    const end = e === edges.length ? Number.POSITIVE_INFINITY : edges[e]
    const exactTo = exactFrom + bins[e]
    const first = k
    while (k < free.x.length && free.x[k] < end) k++
    const to = e === edges.length ? total : rankBefore(free, k, end)
    const scale = to > from ? bins[e] / (to - from) : 0
    for (let i = first; i < k; i++) {
      const left = exactFrom + (free.left[i] - from) * scale
      const right = exactFrom + (free.right[i] - from) * scale
      knots.put(free.x[i], clamp(left, exactFrom, exactTo), clamp(right, exactFrom, exactTo))
    }
    if (e < edges.length) knots.put(end, exactTo, exactTo)
    from = to
    exactFrom = exactTo
  }
  return knots.done()
}

const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x)

/** Rank just below x; `k` is the first knot at or above x. */
function rankBefore({ x, left, right }: Ranks, k: number, at: number): number {
  if (k === x.length) return right[k - 1]
  if (x[k] === at) return left[k]
  return k === 0 ? 0 : right[k - 1] + (left[k] - right[k - 1]) * fraction(x[k - 1], x[k], at)
}

/** Where x lies from a to b, a < b, without overflow. */
export function fraction(a: number, b: number, x: number): number {
  const width = b - a
  return width < Number.POSITIVE_INFINITY ? (x - a) / width : (x / 2 - a / 2) / (b / 2 - a / 2)
}
