import { type Ecdf, EcdfWalk } from '../sketch/ecdf.js'

/**
 * Kolmogorov–Smirnov distance sup|F − G|, [0, 1]: the largest difference over the union of both curves' knots, from the left and from the
 * right, so that steps at atoms are seen on both sides.
 */
export function kolmogorovSmirnov(f: Ecdf, g: Ecdf): number {
  const walkF = new EcdfWalk(f)
  const walkG = new EcdfWalk(g)
  let largest = 0
  for (const x of unionOfKnots(f, g)) {
    const a = walkF.at(x)
    const b = walkG.at(x)
    largest = Math.max(largest, Math.abs(a.before - b.before), Math.abs(a.after - b.after))
  }
  return largest
}

/** All knots of two curves, ascending, each once. */
export function unionOfKnots(f: Ecdf, g: Ecdf): Float64Array {
  return Float64Array.from(new Set([...f.x, ...g.x])).sort()
}
