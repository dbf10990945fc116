import type { Grid } from '../baseline/grid.js'
import { lowerBound } from './search.js'
import { fraction, type Ranks, smoothRanks } from './smooth.js'
import type { NumericState } from './state.js'
import { zeros } from './zeros.js'

/**
 * A distribution function as knots, ascending and distinct: at x[i] it is `before[i]` from the left and `after[i]` from the right, linear in
 * between, 0 before the first and 1 after the last. Values counted exactly are steps. Without values there are no knots.
 */
export interface Ecdf {
  readonly x: Float64Array
  readonly before: Float64Array
  readonly after: Float64Array
}

const NONE = new Float64Array(0)

const curves = new WeakMap<NumericState, { grid: Grid | null; curve: Ecdf }>()

/**
 * The distribution function of a state: made once for each state and grid, as several distances and quantiles ask for it.
 * @param grid that the state's cells count at: its atoms are not in the digest, its edges have exact ranks
 */
export function ecdf(state: NumericState, grid: Grid | null): Ecdf {
  const made = curves.get(state)
  if (made !== undefined && made.grid === grid) return made.curve
  const curve = state.exact !== null ? exactCurve(state.exact, state.count) : estimatedCurve(state, grid)
  curves.set(state, { grid, curve })
  return curve
}

function exactCurve({ values, weights }: NonNullable<NumericState['exact']>, count: number): Ecdf {
  const size = values.length
  const ranks = new Float64Array(2 * size)
  let rank = 0
  for (let i = 0; i < size; i++) {
    ranks[i] = rank / count
    rank += weights[i]
    ranks[size + i] = rank / count
  }
  return { x: values, before: ranks.subarray(0, size), after: ranks.subarray(size) }
}

/** The digest's ranks, and a step at each atom. */
function estimatedCurve(state: NumericState, grid: Grid | null): Ecdf {
  const smooth = smoothRanks(state, grid)
  const { x: knots, left, right, size } = smooth
  const atoms = grid === null ? NONE : grid.atoms
  const { cells, count } = state
  const room = size + atoms.length
  const memory = zeros(3 * room)
  const x = memory.subarray(0, room)
  const before = memory.subarray(room, 2 * room)
  const after = memory.subarray(2 * room)
  let n = 0
  let stepped = 0
  let s = 0
  for (let a = 0; a <= atoms.length; a++) {
    const last = a === atoms.length
    if (!last && !(cells[a] > 0)) continue
    const atom = last ? Number.POSITIVE_INFINITY : atoms[a]
    for (; s < size && knots[s] < atom; s++, n++) {
      x[n] = knots[s]
      before[n] = (stepped + left[s]) / count
      after[n] = (stepped + right[s]) / count
    }
    if (last) break
    const isKnot = s < size && knots[s] === atom
    const below = stepped + (isKnot ? left[s] : between(smooth, s, atom))
    const above = isKnot ? stepped + right[s++] : below
    x[n] = atom
    before[n] = below / count
    after[n++] = (above + cells[a]) / count
    stepped += cells[a]
  }
  return n === room
    ? { x, before, after }
    : { x: x.subarray(0, n), before: before.subarray(0, n), after: after.subarray(0, n) }
}

/** Rank at x, which lies before knot `s` and after the one before. */
function between({ x, left, right, size }: Ranks, s: number, at: number): number {
  if (s === 0) return 0
  if (s === size) return right[s - 1]
  return right[s - 1] + (left[s] - right[s - 1]) * fraction(x[s - 1], x[s], at)
}

/** F(x), or F(x−) where `limit` is 'left'. NaN of nothing. */
export function cdfAt({ x: knots, before, after }: Ecdf, x: number, limit: 'left' | 'right' = 'right'): number {
  if (knots.length === 0) return Number.NaN
  const i = lowerBound(knots, 0, knots.length, x)
  if (i === knots.length) return 1
  if (knots[i] === x) return limit === 'left' ? before[i] : after[i]
  if (i === 0) return 0
  return after[i - 1] + (before[i] - after[i - 1]) * fraction(knots[i - 1], knots[i], x)
}
