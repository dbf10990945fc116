import type { Grid } from '../baseline/grid.js'
import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import { lowerBound } from '../sketch/search.js'
import { fraction } from '../sketch/smooth.js'
import type { NumericState } from '../sketch/state.js'

/** Value that a share p of the values does not exceed, linear between knots of a digest. NaN of nothing. */
export function quantileOf(state: NumericState, grid: Grid | null, p: number): number {
  return quantileAt(ecdf(state, grid), p)
}

/** Values at several probabilities. */
export function quantilesAt(curve: Ecdf, levels: readonly number[]): number[] {
  return levels.map(p => quantileAt(curve, p))
}

export function quantileAt({ x, before, after }: Ecdf, p: number): number {
  if (x.length === 0) return Number.NaN
  const i = lowerBound(after, 0, x.length, p)
  if (i === x.length) return x[x.length - 1]
  if (i === 0 || p >= before[i]) return x[i]
  const share = fraction(after[i - 1], before[i], p)
  return x[i - 1] * (1 - share) + x[i] * share
}
