import type { NumericContract } from '../../baseline/baseline.js'
import { ecdf } from '../../sketch/ecdf.js'
import { indexOf, upperBound } from '../../sketch/search.js'
import type { NumericState } from '../../sketch/state.js'
import { quantilesOf } from '../../statistic/quantiles.js'
import { LEVELS } from '../shape.js'
import type { Curve } from './curve.js'
import type { Reference } from './reference.js'
import type { Seen } from './seen.js'

/** A distribution as weighted values; the weights add up to 1. */
export interface Points {
  readonly values: Float64Array
  readonly weights: Float64Array
}

const POINTS = 800
const levels = Float64Array.from({ length: POINTS }, (_, i) => (i + 0.5) / POINTS)
/** A cell that training did not have is filled with so many values, from edge to edge. */
const FILL = 5

/**
 * The reference as points: the values of training, which has them one by one or as quantiles, weighted anew so that every atom and bin has
 * the reference's share. Without a training sketch the mean quantiles of the reference's windows.
 */
export function pointsOf({ contract }: Seen, { cells, count, curve }: Reference): Points {
  const trained = contract.segments.get('')?.sketch.numeric
  if (trained == null || trained.count === 0 || count === 0) return interpolated(curve!)
  const numeric = contract.numeric!
  const { values, weights } = trainedPoints(trained, numeric)
  const held = new Float64Array(cells.length)
  const places = values.map(value => cellOf(numeric, value))
  for (const [i, cell] of places.entries()) held[cell] += weights[i]
  const kept = {
    values: [...values],
    weights: [...weights].map((w, i) => (w / held[places[i]]) * (cells[places[i]] / count)),
  }
  for (const [cell, rows] of cells.entries()) {
    if (rows === 0 || held[cell] > 0) continue
    for (const value of filling(numeric, cell)) {
      kept.values.push(value)
      kept.weights.push(rows / count / FILL)
    }
  }
  return { values: Float64Array.from(kept.values), weights: Float64Array.from(kept.weights) }
}

function trainedPoints(state: NumericState, { grid }: NumericContract): Points {
  if (state.exact !== null) return state.exact
  return { values: quantilesOf(ecdf(state, grid), levels), weights: new Float64Array(POINTS).fill(1) }
}

/** Cell of `Profile.cells` that a value counts in. */
function cellOf({ grid: { atoms }, quantileEdges }: NumericContract, value: number): number {
  const atom = indexOf(atoms, value)
  return atom >= 0 ? atom : atoms.length + upperBound(quantileEdges, 0, quantileEdges.length, value)
}

function filling({ grid: { atoms }, quantileEdges, fences, sigma }: NumericContract, cell: number): number[] {
  if (cell < atoms.length) return new Array<number>(FILL).fill(atoms[cell])
  const bin = cell - atoms.length
  const low = quantileEdges[bin - 1] ?? Math.min(fences.q01, quantileEdges[0] ?? fences.q01) - sigma
  const high = quantileEdges[bin] ?? Math.max(fences.q99, quantileEdges[bin - 1] ?? fences.q99) + sigma
  return Array.from({ length: FILL }, (_, i) => low + ((i + 0.5) / FILL) * (high - low))
}

/** Equally likely values between the quantiles, the tails drawn out straight, never through 0. */
function interpolated({ quantiles }: Curve): Points {
  const last = LEVELS.length - 1
  const values = levels.map(p => {
    let l = 1
    while (l < last && LEVELS[l] < p) l++
    const slope = (quantiles[l] - quantiles[l - 1]) / (LEVELS[l] - LEVELS[l - 1])
    const value = quantiles[l - 1] + slope * (p - LEVELS[l - 1])
    if (p < LEVELS[0]) return quantiles[0] >= 0 ? Math.max(0, value) : value
    return p > LEVELS[last] && quantiles[last] <= 0 ? Math.min(0, value) : value
  })
  return { values, weights: new Float64Array(POINTS).fill(1 / POINTS) }
}

export function mapped({ values, weights }: Points, to: (value: number) => number): Points {
  return { values: values.map(to), weights }
}

/** Two distributions in one, `share` of it the second. */
export function mixed(first: Points, second: Points, share: number): Points {
  const values = Float64Array.of(...first.values, ...second.values)
  const weights = Float64Array.of(...first.weights.map(w => w * (1 - share)), ...second.weights.map(w => w * share))
  return { values, weights }
}

export const spikeAt = (value: number): Points => ({ values: Float64Array.of(value), weights: Float64Array.of(1) })

/** Share of the points that satisfy. */
export function shareOf({ values, weights }: Points, satisfies: (value: number) => boolean): number {
  let sum = 0
  for (const [i, value] of values.entries()) if (satisfies(value)) sum += weights[i]
  return sum
}

/** Distribution function of points: sorted values, and the share up to and with each. */
export interface Steps {
  readonly values: Float64Array
  readonly upTo: Float64Array
}

export function stepsOf({ values, weights }: Points): Steps {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b])
  let sum = 0
  const upTo = Float64Array.from(order, i => (sum += weights[i]))
  return { values: Float64Array.from(order, i => values[i]), upTo }
}

/** Share of values at or below t. */
export function shareUpTo({ values, upTo }: Steps, t: number): number {
  const at = upperBound(values, 0, values.length, t)
  return at === 0 ? 0 : upTo[at - 1]
}
