import { smoothedShares } from './psi.js'

/** Kullback–Leibler divergence KL(q‖p) = Σ q·ln(q/p) of window q from baseline p, nats, half a count added to each cell. [0, ∞). */
export function kullbackLeibler(window: Float64Array, baseline: Float64Array): number {
  return divergence(smoothedShares(window), smoothedShares(baseline))
}

/** Jensen–Shannon divergence in bits: ½KL(p‖μ) + ½KL(q‖μ), μ = (p + q)/2, empty cells as they are (0·ln 0 = 0). [0, 1]; ≈ PSI/(8 ln 2). */
export function jensenShannon(baseline: Float64Array, window: Float64Array): number {
  const p = shares(baseline)
  const q = shares(window)
  const middle = p.map((share, c) => (share + q[c]) / 2)
  return Math.min(1, Math.max(0, (divergence(p, middle) + divergence(q, middle)) / 2 / Math.LN2))
}

/** Its square root, a metric (Endres & Schindelin 2003). [0, 1]. */
export function jensenShannonDistance(baseline: Float64Array, window: Float64Array): number {
  return Math.sqrt(jensenShannon(baseline, window))
}

/** Hellinger distance √(1 − Σ√(pq)), [0, 1]; its square is PSI/8 for small drift. Empty cells as they are. */
export function hellinger(baseline: Float64Array, window: Float64Array): number {
  const p = shares(baseline)
  const q = shares(window)
  // ½Σ(√p − √q)² is the same, and exactly 0 for equal shares.
  return Math.sqrt(Math.min(1, p.reduce((sum, share, c) => sum + (Math.sqrt(share) - Math.sqrt(q[c])) ** 2, 0) / 2))
}

/** Total variation distance ½Σ|q − p|, [0, 1]; by chance about √(c(B − 1)/2π) for B equal bins, c = 1/n + 1/m. */
export function totalVariation(baseline: Float64Array, window: Float64Array): number {
  const q = shares(window)
  return shares(baseline).reduce((sum, share, c) => sum + Math.abs(q[c] - share), 0) / 2
}

/** L∞: the largest difference of a share, [0, 1]. */
export function largestDifference(baseline: Float64Array, window: Float64Array): number {
  const q = shares(window)
  return shares(baseline).reduce((most, share, c) => Math.max(most, Math.abs(q[c] - share)), 0)
}

/** Shares of counts; NaN of nothing. */
function shares(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map(count => count / total)
}

function divergence(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, share, c) => (share > 0 ? sum + share * Math.log(share / b[c]) : sum), 0)
}
