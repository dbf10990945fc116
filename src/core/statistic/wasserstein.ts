import { type Ecdf, EcdfWalk } from '../sketch/ecdf.js'
import { unionOfKnots } from './kolmogorov-smirnov.js'

/**
 * First Wasserstein distance ∫|F − G|dx, in the feature's unit, [0, ∞): the sum over the pieces between knots, where F − G is linear; a piece
 * in which it changes sign is two triangles.
 */
export function wasserstein(f: Ecdf, g: Ecdf): number {
  const walkF = new EcdfWalk(f)
  const walkG = new EcdfWalk(g)
  let sum = 0
  let previous = Number.NaN
  let left = 0
  for (const x of unionOfKnots(f, g)) {
    const a = walkF.at(x)
    const b = walkG.at(x)
    if (!Number.isNaN(previous)) sum += area(left, a.before - b.before) * (x - previous)
    left = a.after - b.after
    previous = x
  }
  return sum
}

/** ∫|linear from u to v| over a unit interval. */
function area(u: number, v: number): number {
  if (u * v >= 0) return Math.abs(u + v) / 2
  return (u * u + v * v) / (2 * (Math.abs(u) + Math.abs(v)))
}
