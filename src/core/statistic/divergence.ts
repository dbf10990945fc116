import { smoothedShares } from './psi.js'

/** Kullback–Leibler divergence KL(q‖p) = Σ q·ln(q/p) of window q from baseline p, nats, half a count added to each cell. [0, ∞). */
export function kullbackLeibler(window: Float64Array, baseline: Float64Array): number {
  return divergence(smoothedShares(window), smoothedShares(baseline))
}

/** Jensen–Shannon distance: √ of ½KL(p‖μ) + ½KL(q‖μ) in bits, μ = (p + q)/2. A metric (Endres & Schindelin 2003), [0, 1]. */
export function jensenShannonDistance(baseline: Float64Array, window: Float64Array): number {
  const p = smoothedShares(baseline)
  const q = smoothedShares(window)
  const middle = p.map((share, c) => (share + q[c]) / 2)
  return Math.sqrt(Math.max(0, (divergence(p, middle) + divergence(q, middle)) / 2 / Math.LN2))
}

/** Hellinger distance √(1 − Σ√(pq)), [0, 1]; its square is PSI/8 for small drift. */
export function hellinger(baseline: Float64Array, window: Float64Array): number {
  const p = smoothedShares(baseline)
  const q = smoothedShares(window)
  const affinity = p.reduce((sum, share, c) => sum + Math.sqrt(share * q[c]), 0)
  return Math.sqrt(Math.max(0, 1 - affinity))
}

function divergence(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, share, c) => sum + share * Math.log(share / b[c]), 0)
}
