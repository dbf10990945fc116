import type { Ecdf } from '../sketch/ecdf.js'
import { align } from './aligned.js'

/**
 * First Wasserstein distance ∫|F − G|dx, in the feature's unit, [0, ∞): the exact sum over the pieces between knots, where F − G is linear; a
 * piece in which it changes sign is two triangles. Divide by the baseline's robust σ to compare features. NaN where a side is empty.
 */
export function wasserstein(f: Ecdf, g: Ecdf): number {
  if (f.x.length === 0 || g.x.length === 0) return Number.NaN
  const { size, x, fBefore, fAfter, gBefore, gAfter } = align(f, g)
  let sum = 0
  for (let i = 1; i < size; i++) {
    const height = meanHeight(fAfter[i - 1] - gAfter[i - 1], fBefore[i] - gBefore[i])
    // Halves, so that a piece wider than the largest double does not overflow before it is weighed.
    if (height > 0) sum += 2 * height * (x[i] / 2 - x[i - 1] / 2)
  }
  return sum
}

/** ∫|linear from u to v| over a unit interval. */
function meanHeight(u: number, v: number): number {
  const height = Math.abs(u) + Math.abs(v)
  if (height === 0) return 0
  return u * v >= 0 ? height / 2 : (u * u + v * v) / (2 * height)
}
