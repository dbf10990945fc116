import { zeros } from '../sketch/zeros.js'

/** Half an observation more in every cell: an empty one stays finite, and the estimate nearly unbiased. */
export const HALF = 0.5

/** Sum of counts, half an observation added to each cell. */
export function smoothedTotal(counts: Float64Array): number {
  let total = HALF * counts.length
  for (let c = 0; c < counts.length; c++) total += counts[c]
  return total
}

/**
 * Each cell's summand of the population stability index, (q − p)·ln(q/p), over cells frozen with the baseline. None is negative.
 */
export function psiContributions(baseline: Float64Array, window: Float64Array): Float64Array {
  const terms = zeros(baseline.length)
  const m = smoothedTotal(baseline)
  const n = smoothedTotal(window)
  for (let c = 0; c < terms.length; c++) {
    const p = (baseline[c] + HALF) / m
    const q = (window[c] + HALF) / n
    terms[c] = (q - p) * Math.log(q / p)
  }
  return terms
}

/**
 * Population stability index, Σ(q − p)·ln(q/p) = KL(q‖p) + KL(p‖q). Range [0, ∞). Every cell counts half an observation more, so an empty
 * one stays finite. Without drift it is c·χ²(B − 1) in good approximation, c = 1/n + 1/m: score from n ≥ max(200, 10·B) on.
 */
export function psi(baseline: Float64Array, window: Float64Array): number {
  return total(psiContributions(baseline, window))
}

/** Sum, from the first on. */
export function total(terms: Float64Array): number {
  let sum = 0
  for (let c = 0; c < terms.length; c++) sum += terms[c]
  return sum
}
