/** Half an observation more in every cell: an empty one stays finite, and the estimate nearly unbiased. */
const HALF = 0.5

/** Shares of counts, half an observation added to each cell. */
export function smoothedShares(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, HALF * counts.length)
  return counts.map(count => (count + HALF) / total)
}

/**
 * Each cell's summand of the population stability index, (q − p)·ln(q/p), over cells frozen with the baseline. None is negative.
 */
export function psiContributions(baseline: Float64Array, window: Float64Array): Float64Array {
  const p = smoothedShares(baseline)
  const q = smoothedShares(window)
  return p.map((share, c) => (q[c] - share) * Math.log(q[c] / share))
}

/**
 * Population stability index, Σ(q − p)·ln(q/p) = KL(q‖p) + KL(p‖q). Range [0, ∞). Every cell counts half an observation more, so an empty
 * one stays finite. Without drift it is c·χ²(B − 1) in good approximation, c = 1/n + 1/m: score from n ≥ max(200, 10·B) on.
 */
export function psi(baseline: Float64Array, window: Float64Array): number {
  return psiContributions(baseline, window).reduce((sum, term) => sum + term, 0)
}
