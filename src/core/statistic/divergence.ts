import { HALF, smoothedTotal, total } from './psi.js'

/** Kullback–Leibler divergence KL(q‖p) = Σ q·ln(q/p) of window q from baseline p, nats, half a count added to each cell. [0, ∞). */
export function kullbackLeibler(window: Float64Array, baseline: Float64Array): number {
  const n = smoothedTotal(window)
  const m = smoothedTotal(baseline)
  let sum = 0
  for (let c = 0; c < window.length; c++) {
    const q = (window[c] + HALF) / n
    sum += q * Math.log(q / ((baseline[c] + HALF) / m))
  }
  return sum
}

/** Jensen–Shannon divergence in bits: ½KL(p‖μ) + ½KL(q‖μ), μ = (p + q)/2, empty cells as they are (0·ln 0 = 0). [0, 1]; ≈ PSI/(8 ln 2). */
export function jensenShannon(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline)
  const n = total(window)
  let ofBaseline = 0
  let ofWindow = 0
  for (let c = 0; c < baseline.length; c++) {
    const p = baseline[c] / m
    const q = window[c] / n
    const middle = (p + q) / 2
    if (p > 0) ofBaseline += p * Math.log(p / middle)
    if (q > 0) ofWindow += q * Math.log(q / middle)
  }
  return Math.min(1, Math.max(0, (ofBaseline + ofWindow) / 2 / Math.LN2))
}

/** Its square root, a metric (Endres & Schindelin 2003). [0, 1]. */
export function jensenShannonDistance(baseline: Float64Array, window: Float64Array): number {
  return Math.sqrt(jensenShannon(baseline, window))
}

/** Hellinger distance √(1 − Σ√(pq)), [0, 1]; its square is PSI/8 for small drift. Empty cells as they are. */
export function hellinger(baseline: Float64Array, window: Float64Array): number {
  const m = total(baseline)
  const n = total(window)
  let sum = 0
  // ½Σ(√p − √q)² is the same, and exactly 0 for equal shares.
  for (let c = 0; c < baseline.length; c++) {
    const difference = Math.sqrt(baseline[c] / m) - Math.sqrt(window[c] / n)
    sum += difference * difference
  }
  return Math.sqrt(Math.min(1, sum / 2))
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
  const sum = total(counts)
  return counts.map(count => count / sum)
}
