import { LEVELS } from '../profile.js'
import { type Curve, countingNoise } from './reference.js'

/** A distribution as weighted values. */
export interface Points {
  readonly values: Float64Array
  readonly weights: Float64Array
}

const POINTS = 400
/** One level counts at most this much: at an edge between two clumps a quantile jumps far for nothing. */
const MOST = 10

/**
 * Mean distance of quantiles from what a hypothesis expects, in standard errors, each at most 10: about .8 where the hypothesis holds,
 * whatever the distribution.
 */
export function misfit(expected: Float64Array, found: Float64Array, noise: Float64Array): number {
  let sum = 0
  for (let l = 0; l < expected.length; l++) sum += Math.min(MOST, Math.abs(found[l] - expected[l]) / noise[l])
  return sum / expected.length
}

/** The same against a distribution that the reference was turned into: its noise is that of counting, inflated like the reference's. */
export function misfitOf(points: Points, found: Float64Array, n: number, { inflation }: Curve, least: number): number {
  const expected = quantilesOfPoints(points)
  const noise = countingNoise(expected, n, Number.POSITIVE_INFINITY).map(e => Math.max(least, inflation * e))
  return misfit(expected, found, noise)
}

/** 400 equally likely values of the reference, its tails drawn out straight, never through 0. */
export function pointsOf({ quantiles }: Curve): Points {
  const last = LEVELS.length - 1
  const values = Float64Array.from({ length: POINTS }, (_, i) => {
    const p = (i + 0.5) / POINTS
    let l = 1
    while (l < last && LEVELS[l] < p) l++
    const slope = (quantiles[l] - quantiles[l - 1]) / (LEVELS[l] - LEVELS[l - 1])
    const value = quantiles[l - 1] + slope * (p - LEVELS[l - 1])
    if (p < LEVELS[0]) return quantiles[0] >= 0 ? Math.max(0, value) : value
    return p > LEVELS[last] && quantiles[last] <= 0 ? Math.min(0, value) : value
  })
  return { values, weights: new Float64Array(POINTS).fill(1 / POINTS) }
}

/** Two distributions in one, `share` of it the second. */
export function mixed(first: Points, second: Points, share: number): Points {
  const values = new Float64Array(first.values.length + second.values.length)
  const weights = new Float64Array(values.length)
  values.set(first.values)
  values.set(second.values, first.values.length)
  weights.set(first.weights.map(w => w * (1 - share)))
  weights.set(
    second.weights.map(w => w * share),
    first.weights.length,
  )
  return { values, weights }
}

export const spikeAt = (value: number): Points => ({ values: Float64Array.of(value), weights: Float64Array.of(1) })

/** Quantiles at `LEVELS`: linear between the middles of light points, flat over heavy ones. */
export function quantilesOfPoints({ values, weights }: Points): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b])
  const ranks: number[] = []
  const knots: number[] = []
  let rank = 0
  for (const i of order) {
    const weight = weights[i]
    if (weight > 2 / POINTS) {
      ranks.push(rank, rank + weight)
      knots.push(values[i], values[i])
    } else {
      ranks.push(rank + weight / 2)
      knots.push(values[i])
    }
    rank += weight
  }
  let k = 0
  return LEVELS.map(level => {
    while (k < ranks.length && ranks[k] < level) k++
    if (k === 0) return knots[0]
    if (k === ranks.length) return knots[k - 1]
    const share = (level - ranks[k - 1]) / (ranks[k] - ranks[k - 1])
    return knots[k - 1] + share * (knots[k] - knots[k - 1])
  })
}

/** Value of a quantile function at p, linear between `LEVELS`, flat beyond them. */
export function quantileAtLevel(quantiles: Float64Array, p: number): number {
  const last = LEVELS.length - 1
  if (p <= LEVELS[0]) return quantiles[0]
  if (p >= LEVELS[last]) return quantiles[last]
  let l = 1
  while (LEVELS[l] < p) l++
  const share = (p - LEVELS[l - 1]) / (LEVELS[l] - LEVELS[l - 1])
  return quantiles[l - 1] + share * (quantiles[l] - quantiles[l - 1])
}

/** Share of the reference below t, from its quantiles; 0 and 1 beyond drawn-out tails. */
export function shareBelow({ values }: Points, t: number): number {
  let below = 0
  let at = 0
  for (const value of values) {
    if (value < t) below++
    else if (value === t) at++
  }
  return (below + at / 2) / values.length
}
