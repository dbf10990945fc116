import { chiSquareQuantile, noncentralChiSquareQuantile, studentUpperQuantile } from './distributions.js'

/** Probability with which a window without drift may exceed the noise floor. */
export const ALPHA = 0.001

/** By degrees of freedom, then by non-centrality. */
const quantiles: Map<number, number>[] = []
const MOST_KEPT = 1000

/** Quantiles cost microseconds and are asked for the same few (n, m, B) of all series of a window. */
function chiSquareLimit(nu: number, lambda: number): number {
  const known = (quantiles[nu] ??= new Map())
  let value = known.get(lambda)
  if (value === undefined) {
    if (known.size >= MOST_KEPT) known.clear()
    value = lambda === 0 ? chiSquareQuantile(1 - ALPHA, nu) : noncentralChiSquareQuantile(1 - ALPHA, nu, lambda)
    known.set(lambda, value)
  }
  return value
}

/** What PSI over B cells reaches without any drift: c·χ²₁₋α(B − 1), c = 1/n + 1/m. */
export function psiNoise(n: number, m: number, cells: number): number {
  return cells < 2 ? 0 : (1 / n + 1 / m) * chiSquareLimit(cells - 1, 0)
}

/**
 * What PSI reaches at a drift of δ: c·χ′²₁₋α(B − 1; λ = δ/c). Above it, "drift is at most δ" is refused at level α. The test that n alone
 * cannot make ring: for large n it goes to δ.
 */
export function psiThreshold(n: number, m: number, cells: number, delta: number): number {
  const c = 1 / n + 1 / m
  return cells < 2 ? 0 : c * chiSquareLimit(cells - 1, delta / c)
}

/**
 * What W1/σ reaches without drift: 2.7·√(1/n + 1/m), the 99 % quantile for normal data (by simulation).
 * @param scatter of the baseline (`wassersteinScatter`), by which far values make W1 larger than that
 */
export function wassersteinNoise(n: number, m: number, scatter = 1): number {
  return 2.7 * scatter * Math.sqrt(1 / n + 1 / m)
}

/** Four standard errors of a difference of shares x/n − X/m under one pooled share π: 4·√(π(1 − π)(1/n + 1/m)). */
export function shareNoise(share: number, n: number, baselineShare: number, m: number): number {
  const pooled = (share * n + baselineShare * m) / (n + m)
  return 4 * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
}

/**
 * How far a z against a series' own history may go: `once`, or `twice` in two windows running by the same statistic and sign. Student's t with
 * min(5, R − 1) degrees of freedom, because windows of dependent rows have heavy tails.
 * @param budget false incidents a window, over all features and statistics
 * @param windows R, clean reference windows, at least 2
 */
export function historyThresholds(
  budget: number,
  features: number,
  statistics: number,
  windows: number,
): { once: number; twice: number } {
  const q = budget / (features * statistics)
  const nu = Math.min(5, windows - 1)
  return { once: studentUpperQuantile(q / 2, nu), twice: studentUpperQuantile(Math.sqrt(q) / 2, nu) }
}
