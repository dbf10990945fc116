import type { Grid } from '../baseline/grid.js'
import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import { lowerBound } from '../sketch/search.js'
import { fraction } from '../sketch/smooth.js'
import type { NumericState } from '../sketch/state.js'
import { zeros } from '../sketch/zeros.js'

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

/** Quantiles at ascending levels, in one pass. NaN of nothing. */
export function quantilesOf({ x, before, after }: Ecdf, levels: Float64Array): Float64Array {
  const found = zeros(levels.length)
  let i = 0
  for (let l = 0; l < levels.length; l++) {
    const p = levels[l]
    while (i < x.length && after[i] < p) i++
    if (x.length === 0) found[l] = Number.NaN
    else if (i === x.length) found[l] = x[x.length - 1]
    else if (i === 0 || p >= before[i]) found[l] = x[i]
    else {
      const share = fraction(after[i - 1], before[i], p)
      found[l] = x[i - 1] * (1 - share) + x[i] * share
    }
  }
  return found
}
