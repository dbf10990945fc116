import { solve } from './linear.js'

/** Symmetric, ones on the diagonal; row by row. */
export interface Correlations {
  readonly size: number
  readonly r: Float64Array
}

/**
 * Pearson's r of every two columns, over the rows in which both are numbers. 0 where fewer than `least` rows have both, or one is constant.
 * @param columns equal lengths; NaN where there is no value
 */
export function correlations(columns: readonly Float64Array[], least: number): Correlations {
  const size = columns.length
  const r = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    r[i * size + i] = 1
    for (let j = 0; j < i; j++) r[i * size + j] = r[j * size + i] = pearson(columns[i], columns[j], least)
  }
  return { size, r }
}

function pearson(x: Float64Array, y: Float64Array, least: number): number {
  let n = 0
  let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const product = x[i] * y[i]
    if (Number.isNaN(product)) continue
    n++
    sx += x[i]
    sy += y[i]
    sxx += x[i] * x[i]
    syy += y[i] * y[i]
    sxy += product
  }
  const [vx, vy] = [sxx - (sx * sx) / n, syy - (sy * sy) / n]
  if (n < least || !(vx > 1e-9 * sxx) || !(vy > 1e-9 * syy)) return 0
  return Math.max(-1, Math.min(1, (sxy - (sx * sy) / n) / Math.sqrt(vx * vy)))
}

/** Added to the diagonal: columns that determine each other exactly have a solution too. */
const RIDGE = 1e-6

/**
 * Least squares of one standardised column on others, from their correlations.
 * @returns the coefficients in the order of `on`, and the share of the variance that is left, in [0, 1]
 */
export function regression(
  { size, r }: Correlations,
  of: number,
  on: readonly number[],
): { readonly coefficients: number[]; readonly left: number } {
  const rows = on.map((i, at) => [...on.map((j, k) => r[i * size + j] + (at === k ? RIDGE : 0)), r[i * size + of]])
  const coefficients = solve(rows)
  const explained = on.reduce((sum, i, at) => sum + coefficients[at] * r[i * size + of], 0)
  return { coefficients, left: Math.max(0, Math.min(1, 1 - explained)) }
}
