import type { Grid } from '../baseline/grid.js'
import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import type { NumericState } from '../sketch/state.js'

/** Value below which a share p of the values lies, linear between knots. NaN of nothing. */
export function quantileOf(state: NumericState, grid: Grid | null, p: number): number {
  return quantileAt(ecdf(state, grid), p)
}

export function quantileAt({ x, before, after }: Ecdf, p: number): number {
  if (x.length === 0) return Number.NaN
  for (let i = 0; i < x.length; i++) {
    if (p > after[i]) continue
    if (i === 0 || p >= before[i]) return x[i]
    const rise = before[i] - after[i - 1]
    return rise <= 0 ? x[i] : x[i - 1] + ((x[i] - x[i - 1]) * (p - after[i - 1])) / rise
  }
  return x[x.length - 1]
}
