import type { Ecdf } from '../sketch/ecdf.js'
import { apart } from './apart.js'

/**
 * First Wasserstein distance ∫|F − G|dx, in the feature's unit, [0, ∞): the exact sum over the pieces between knots, where F − G is linear; a
 * piece in which it changes sign is two triangles. Divide by the baseline's robust σ to compare features. NaN where a side is empty.
 */
export function wasserstein(f: Ecdf, g: Ecdf): number {
  return f.x.length === 0 || g.x.length === 0 ? Number.NaN : apart(f, g).area
}
