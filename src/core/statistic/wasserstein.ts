import type { Ecdf } from '../sketch/ecdf.js'
import { apart } from './apart.js'

/**
 * First Wasserstein distance ∫|F − G|dx, in the feature's unit, [0, ∞): the exact sum over the pieces between knots, where F − G is linear; a
 * piece in which it changes sign is two triangles. Divide by the baseline's robust σ to compare features. NaN where a side is empty.
 */
export function wasserstein(f: Ecdf, g: Ecdf): number {
  return f.x.length === 0 || g.x.length === 0 ? Number.NaN : apart(f, g).area
}

/** ∫√(Φ(1 − Φ))dx of the standard normal distribution. */
const NORMAL = 1.6147
/** 99 % quantile of the mean's distance, in standard errors, over that of W1 of normal values. */
const OF_MEAN = 2.576 / 2.7

/**
 * By how much W1/σ scatters more than of normal values, at least 1; a σ of the middle of the distribution knows nothing of far values. √n·E W1 →
 * √(2/π)·∫√(F(1 − F))dx (del Barrio, Giné, Matrán 1999). Where a few values make nearly all of it, W1 is the distance of the means, whose quantiles
 * are farther out. Pieces between knots: Simpson for the root, exact for the moments.
 */
export function wassersteinScatter({ x, before, after }: Ecdf, sigma: number): number {
  const root = (p: number): number => Math.sqrt(Math.max(0, p * (1 - p)))
  const centre = x.length === 0 ? 0 : x[x.length >> 1]
  let area = 0
  let sum = 0
  let squares = 0
  for (let i = 0; i < x.length; i++) {
    const y = x[i] - centre
    const step = after[i] - before[i]
    sum += step * y
    squares += step * y * y
    if (i === 0) continue
    const [from, to] = [after[i - 1], before[i]]
    const last = x[i - 1] - centre
    area += ((root(from) + 4 * root((from + to) / 2) + root(to)) / 6) * (y - last)
    sum += ((to - from) * (last + y)) / 2
    squares += ((to - from) * (last * last + last * y + y * y)) / 3
  }
  const deviation = Math.sqrt(Math.max(0, squares - sum * sum))
  const scatter = Math.max(area / NORMAL, OF_MEAN * deviation) / sigma
  return scatter > 1 && Number.isFinite(scatter) ? scatter : 1
}
