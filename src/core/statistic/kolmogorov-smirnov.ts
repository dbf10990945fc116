import type { Ecdf } from '../sketch/ecdf.js'
import { apart } from './apart.js'

/**
 * Kolmogorov–Smirnov distance sup|F − G|, [0, 1]: the largest difference over the union of both curves' knots, from the left and from the
 * right, so that steps at atoms are seen on both sides. NaN where a side is empty.
 */
export function kolmogorovSmirnov(f: Ecdf, g: Ecdf): number {
  return f.x.length === 0 || g.x.length === 0 ? Number.NaN : apart(f, g).largest
}

/**
 * Probability of a distance of at least d between samples of n and m from one continuous distribution: Kolmogorov's series at Stephens' λ =
 * d·(√nₑ + 0.12 + 0.11/√nₑ), nₑ = nm/(n + m) (Stephens 1970; Numerical Recipes §14.3). Conservative where values tie.
 */
export function kolmogorovSmirnovP(d: number, n: number, m: number): number {
  const root = Math.sqrt(1 / (1 / n + 1 / m))
  const lambda = d * (root + 0.12 + 0.11 / root)
  if (lambda < 0.2) return 1
  if (lambda < 1.18) {
    // The same function by its theta transform, which converges where the alternating series does not.
    const y = Math.exp(-(Math.PI ** 2) / (8 * lambda * lambda))
    return 1 - (Math.sqrt(2 * Math.PI) / lambda) * (y + y ** 9 + y ** 25 + y ** 49)
  }
  const x = Math.exp(-2 * lambda * lambda)
  return 2 * (x - x ** 4 + x ** 9)
}
