import { total } from './psi.js'

/**
 * Two-sample χ² of the 2 × B table of counts, B − 1 degrees of freedom. Cells empty on both sides are left out; 0 where a side is empty.
 * Range [0, ∞).
 */
export function chiSquare(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline)
  const n = total(window)
  if (n === 0 || m === 0) return 0
  let sum = 0
  for (let c = 0; c < baseline.length; c++) {
    const both = baseline[c] + window[c]
    if (both === 0) continue
    const expected = (both * n) / (n + m)
    const other = both - expected
    sum += (window[c] - expected) ** 2 / expected + (baseline[c] - other) ** 2 / other
  }
  return sum
}
