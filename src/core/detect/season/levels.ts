import type { FeatureBaseline } from '../../baseline/baseline.js'
import { indexOf } from '../../sketch/search.js'
import { COUNTERS } from '../counters.js'
import { LEVELS, MOST_TOPS, Profile, type Shape, type Tops } from '../profile.js'

/**
 * A window's distribution as one vector of numbers that can be added up and averaged: shares, logarithms, quantiles in σ. At most 90 of them.
 *
 *     weight │ rows with a usable value │ share by counter │ share by cell │ ln distinct │ mean, ln spread, quantiles (numeric)
 */
const WEIGHT = 0
const COUNT = 1
const COUNTER = 2
const CELL = COUNTER + COUNTERS.length
const SMALLEST_SPREAD = 0.001
/** Farther away than any quantile that matters, and small enough for single precision. */
const FARTHEST = 1e6
/** A residual grows at most so many times when it is carried to a slot that is more variable. */
const MOST_GROWTH = 3

export function widthOf(contract: FeatureBaseline, { cells }: Profile): number {
  return CELL + cells.length + 1 + (contract.numeric === null ? 0 : 2 + LEVELS.length)
}

/** The vector of one window, of weight 1. */
export function levelsOf(contract: FeatureBaseline, profile: Profile): Float64Array {
  const { rows, count, counters, cells, distinct, shape } = profile
  const levels = new Float64Array(widthOf(contract, profile))
  levels[WEIGHT] = 1
  levels[COUNT] = count
  for (const [c, { of }] of COUNTERS.entries())
    levels[COUNTER + c] = counters[c] / Math.max(1, of === 'rows' ? rows : count)
  for (let c = 0; c < cells.length; c++) levels[CELL + c] = cells[c] / Math.max(1, count)
  const rest = CELL + cells.length
  levels[rest] = Math.log(Math.max(1, distinct))
  const { numeric } = contract
  if (numeric === null || shape === null) return levels
  levels[rest + 1] = shape.mean
  levels[rest + 2] = Math.log(shape.spread + SMALLEST_SPREAD)
  for (let l = 0; l < LEVELS.length; l++) {
    const z = (shape.quantiles[l] - numeric.fences.q50) / numeric.sigma
    levels[rest + 3 + l] = Math.max(-FARTHEST, Math.min(FARTHEST, z))
  }
  return levels
}

/**
 * A window as it would have been in another slot: what it had beside its own slot's mean is put beside the other's. Shares keep their residual
 * in standard errors, so that what is noise in one slot is noise in the other.
 * @param own mean levels of the window's own slot, without the window itself
 * @param other mean levels of the other slot
 */
export function carried(contract: FeatureBaseline, profile: Profile, own: Float64Array, other: Float64Array): Profile {
  const { rows, count, counters, cells, distinct, shape } = profile
  const rest = CELL + cells.length
  const moved = (at: number): number => other[at] - own[at]
  const moveShare = (share: number, at: number, n: number): number => {
    const from = Math.max(0, own[at] * (1 - own[at])) + 0.5 / n
    const to = Math.max(0, other[at] * (1 - other[at])) + 0.5 / n
    const growth = from === to ? 1 : Math.min(MOST_GROWTH, Math.sqrt(to / from))
    return Math.max(0, Math.min(1, other[at] + (share - own[at]) * growth))
  }
  const there = counters.map((x, c) => {
    const n = COUNTERS[c].of === 'rows' ? rows : count
    return n === 0 ? x : n * moveShare(x / n, COUNTER + c, n)
  })
  const { tops } = profile
  if (count === 0) return Profile.of({ rows, count, counters: there, cells, distinct, tops, shape })
  let sum = 0
  const shares = cells.map((x, c) => {
    const share = moveShare(x / count, CELL + c, count)
    sum += share
    return share
  })
  for (let c = 0; c < shares.length; c++) shares[c] *= count / sum
  // Of a feature without zeros and negative values the magnitudes are the quantiles.
  const isPositive = profile.places.magnitudes === profile.places.quantiles
  return Profile.of({
    ...{ rows, count, counters: there },
    cells: sum > 0 ? shares : cells,
    tops: topsThere(contract, tops, sum > 0 ? shares : cells),
    distinct: distinct * Math.exp(moved(rest)),
    shape: shape && moveShape(contract, shape, isPositive, moved, rest + 1),
  })
}

/** Values with a cell of their own come as often as the cell says; of the others nothing is known by slot. */
function topsThere({ numeric }: FeatureBaseline, { values, counts }: Tops, cells: Float64Array): Tops {
  const atoms = numeric?.grid.atoms
  if (atoms === undefined || atoms.length === 0) return { values, counts }
  const found: (readonly [number, number])[] = []
  for (let t = 0; t < values.length; t++) if (indexOf(atoms, values[t]) < 0) found.push([values[t], counts[t]])
  for (let a = 0; a < atoms.length; a++) if (cells[a] > 1) found.push([atoms[a], cells[a]])
  const most = found.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MOST_TOPS)
  return { values: Float64Array.from(most, ([value]) => value), counts: Float64Array.from(most, ([, count]) => count) }
}

function moveShape(
  contract: FeatureBaseline,
  shape: Shape,
  isPositive: boolean,
  moved: (at: number) => number,
  at: number,
): Shape {
  const { sigma } = contract.numeric!
  const wider = Math.exp(moved(at + 1))
  const quantiles = shape.quantiles.map((q, l) => q + sigma * moved(at + 2 + l)).sort()
  return {
    mean: shape.mean + moved(at),
    variance: shape.variance,
    spread: Math.max(0, (shape.spread + SMALLEST_SPREAD) * wider - SMALLEST_SPREAD),
    spreadVariance: shape.spreadVariance * wider * wider,
    quantiles,
    magnitudes: isPositive ? quantiles : shape.magnitudes,
  }
}

/** The mean levels of a slot as one window of so many of its rows, to be compared with by its cells. */
export function asProfile(levels: Float64Array, like: Profile, windows: number): Profile {
  const { cells } = like
  const count = windows * levels[COUNT]
  return Profile.of({
    ...{ rows: count, count, counters: like.counters, distinct: like.distinct, tops: like.tops, shape: null },
    cells: levels.slice(CELL, CELL + cells.length).map(share => share * count),
  })
}

/** How badly levels were foretold, in standard errors: by cells, rows without the feature and nulls. Cells that were not foretold cost little more. */
export function misfit({ rows, count, counters, cells }: Profile, foretold: Float64Array): number {
  const loss = (share: number, at: number): number => (Math.sqrt(share) - Math.sqrt(Math.max(0, foretold[at]))) ** 2
  let sum = 0
  for (let c = 0; c < cells.length; c++) sum += 4 * count * loss(cells[c] / count, CELL + c)
  for (const [c, { check }] of COUNTERS.entries())
    if (check === 'missing' || check === 'null') sum += 4 * rows * loss(counters[c] / rows, COUNTER + c)
  return Math.sqrt(sum)
}
