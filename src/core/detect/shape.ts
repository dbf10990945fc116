import type { NumericContract } from '../baseline/baseline.js'
import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import type { NumericState } from '../sketch/state.js'
import { quantilesOf } from '../statistic/quantiles.js'

/** A numeric distribution by a few numbers, in the baseline's σ. Null where no value is usable. */
export interface Shape {
  /** Mean and variance of y = (x − baseline median)/σ, clipped to ±8. */
  readonly mean: number
  readonly variance: number
  /** Mean and variance of |x − own median|/σ, clipped to 8. */
  readonly spread: number
  readonly spreadVariance: number
  /** Quantiles of x at `LEVELS`. */
  readonly quantiles: Float64Array
  /** Quantiles of |x|, x ≠ 0, at `LEVELS`; empty where every x is 0. */
  readonly magnitudes: Float64Array
}

/** Levels of the quantiles that are kept: .01, .05, .1, … .95, .99. */
export const LEVELS = Float64Array.of(0.01, ...Array.from({ length: 19 }, (_, i) => (i + 1) / 20), 0.99)
/** Index of .5 in `LEVELS`. */
export const MEDIAN = 10

const CLIP = 8

export function shapeOf(contract: NumericContract, state: NumericState): Shape {
  const curve = ecdf(state, contract.grid)
  const quantiles = quantilesOf(curve, LEVELS)
  const { sigma, fences } = contract
  const center = clippedMoments(curve, fences.q50, sigma, false)
  const spread = clippedMoments(curve, quantiles[MEDIAN], sigma, true)
  return {
    mean: center.mean,
    variance: center.variance,
    spread: spread.mean,
    spreadVariance: spread.variance,
    quantiles,
    magnitudes: state.negatives === 0 && state.zeros === 0 ? quantiles : magnitudesOf(curve),
  }
}

/**
 * Mean and variance of (x − centre)/σ, or of its size, clipped to ±8, over the steps and the pieces between knots (each at its ends and its
 * middle, by Simpson).
 */
function clippedMoments(
  { x, before, after }: Ecdf,
  centre: number,
  sigma: number,
  ofSize: boolean,
): { mean: number; variance: number } {
  let sum = 0
  let squares = 0
  let last = 0
  for (let i = 0; i < x.length; i++) {
    const y = clipped(x[i] - centre, sigma, ofSize)
    const step = after[i] - before[i]
    sum += step * y
    squares += step * y * y
    const piece = i > 0 ? before[i] - after[i - 1] : 0
    if (piece > 0) {
      const middle = clipped(x[i - 1] / 2 + x[i] / 2 - centre, sigma, ofSize)
      sum += (piece * (last + 4 * middle + y)) / 6
      squares += (piece * (last * last + 4 * middle * middle + y * y)) / 6
    }
    last = y
  }
  return { mean: sum, variance: Math.max(0, squares - sum * sum) }
}

function clipped(distance: number, sigma: number, ofSize: boolean): number {
  return Math.max(-CLIP, Math.min(CLIP, (ofSize ? Math.abs(distance) : distance) / sigma))
}

const POINTS = 200
const points = Float64Array.from({ length: POINTS }, (_, i) => (i + 0.5) / POINTS)

/** Quantiles of |x| without the zeros, from 200 quantiles of x. */
function magnitudesOf(curve: Ecdf): Float64Array {
  const sizes = quantilesOf(curve, points)
    .map(Math.abs)
    .filter(size => size > 0)
    .sort()
  if (sizes.length === 0) return sizes
  return LEVELS.map(level => sizes[Math.min(sizes.length - 1, Math.floor(level * sizes.length))])
}
