import type { NumericContract } from '../../baseline/baseline.js'
import { cdfAt, ecdf } from '../../sketch/ecdf.js'
import { lowerBound } from '../../sketch/search.js'
import type { NumericState } from '../../sketch/state.js'
import { quantilesOf } from '../../statistic/quantiles.js'
import { LEVELS } from '../shape.js'
import type { Curve } from './curve.js'
import { type Points, shareUpTo, stepsOf } from './points.js'

/** One level, or label, counts at most this much: at an edge between two clumps a quantile jumps far for nothing. */
export const MOST = 10

/**
 * Mean distance of quantiles from what a hypothesis expects, in standard errors, each at most 10: about .8 where the hypothesis holds,
 * whatever the distribution.
 */
export function misfit(expected: Float64Array, found: Float64Array, noise: Float64Array): number {
  let sum = 0
  for (let l = 0; l < expected.length; l++) sum += Math.min(MOST, Math.abs(found[l] - expected[l]) / noise[l])
  return sum / expected.length
}

/**
 * The same of shares instead of quantiles, |G(t) − F(t)| over √(F(1−F)/n), at the quantiles t of both: values that come often do not
 * disturb it. Inflated as the reference's windows scatter.
 */
export function misfitOf(points: Points, state: NumericState, { grid }: NumericContract, { inflation }: Curve): number {
  const expected = stepsOf(points)
  const found = ecdf(state, grid)
  const places = new Set(quantilesOf(found, LEVELS))
  for (const level of LEVELS) {
    const at = lowerBound(expected.upTo, 0, expected.upTo.length, level)
    places.add(expected.values[Math.min(expected.values.length - 1, at)])
  }
  let sum = 0
  for (const t of places) {
    const F = Math.min(1, shareUpTo(expected, t))
    const error = inflation * Math.sqrt(Math.max(F * (1 - F), 1 / state.count) / state.count)
    sum += Math.min(MOST, Math.abs(cdfAt(found, t) - F) / error)
  }
  return sum / places.size
}
