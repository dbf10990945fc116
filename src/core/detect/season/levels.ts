import type { FeatureBaseline } from '../../baseline/baseline.js'
import { indexOf } from '../../sketch/search.js'
import { zeros } from '../../sketch/zeros.js'
import { COUNTERS } from '../counters.js'
import { DISTINCT, MEAN, type Places, SPREAD, SPREAD_VARIANCE } from '../places.js'
import { Profile } from '../profile.js'
import { LEVELS } from '../shape.js'

/**
 * A window's distribution as one vector of numbers that can be added up and averaged: shares, logarithms, quantiles in σ. At most 90 of them.
 *
 *     weight │ rows with a usable value │ share by counter │ share by cell │ ln distinct │ mean, ln spread, quantiles (numeric)
 *     weight │ ln rows                    (of the rows themselves)
 */
const WEIGHT = 0
const COUNT = 1
const ROWS = 1
const COUNTER = 2
const CELL = COUNTER + COUNTERS.length
const SMALLEST_SPREAD = 0.001
/** Farther away than any quantile that matters, and small enough for single precision. */
const FARTHEST = 1e6
/** A residual grows at most so many times when it is carried to a slot that is more variable. */
const MOST_GROWTH = 3

/** What a series with seasons is of: a feature, or (null) the rows themselves, of which there is nothing but their number. */
export type SeasonOf = FeatureBaseline | null

export function widthOf(contract: SeasonOf, { cells }: Profile): number {
  if (contract === null) return ROWS + 1
  return CELL + cells.length + 1 + (contract.numeric === null ? 0 : 2 + LEVELS.length)
}

const OF_ROWS = COUNTERS.map(({ of }) => of === 'rows')

/** The vector of one window, of weight 1. */
export function levelsOf(contract: SeasonOf, profile: Profile): Float64Array {
  return contract === null ? Float64Array.of(1, Math.log(profile.rows + 0.5)) : featureLevels(contract, profile)
}

/** Traffic is no steadier than this, however many rows there are: as a part of them. */
const STEADIEST = 0.05

/**
 * Rows as they would have been in another slot: beside the other's mean, off by as many times as off their own. What is the chance of few rows
 * in the one (1/n of the variance of ln n) is less in the other.
 */
export function carriedRows(rows: number, own: Float64Array, other: Float64Array): number {
  const variance = (levels: Float64Array): number => Math.exp(-levels[ROWS]) + STEADIEST ** 2
  const steadier = Math.min(1, Math.sqrt(variance(other) / variance(own)))
  return Math.max(0, Math.exp(other[ROWS] + steadier * (Math.log(rows + 0.5) - own[ROWS])) - 0.5)
}

/** ln rows less what was foretold. */
export function excessOfRows({ rows }: Profile, foretold: Float64Array): number {
  return Math.log(rows + 0.5) - foretold[ROWS]
}

function featureLevels(
  contract: FeatureBaseline,
  { numbers, at, places, rows, count, distinct }: Profile,
): Float64Array {
  const counters = at + places.counters
  const cells = at + places.cells
  const B = places.topValues - places.cells
  const rest = CELL + B
  const { numeric } = contract
  const levels = zeros(rest + 1 + (numeric === null ? 0 : 2 + LEVELS.length))
  levels[WEIGHT] = 1
  levels[COUNT] = count
  const known = Math.min(OF_ROWS.length, places.cells - places.counters)
  for (let c = 0; c < known; c++) levels[COUNTER + c] = numbers[counters + c] / Math.max(1, OF_ROWS[c] ? rows : count)
  for (let c = 0; c < B; c++) levels[CELL + c] = numbers[cells + c] / Math.max(1, count)
  levels[rest] = Math.log(Math.max(1, distinct))
  if (numeric === null || !places.hasShape) return levels
  levels[rest + 1] = numbers[at + places.shape + MEAN]
  levels[rest + 2] = Math.log(numbers[at + places.shape + SPREAD] + SMALLEST_SPREAD)
  const { q50 } = numeric.fences
  for (let l = 0; l < LEVELS.length; l++) {
    const z = (numbers[at + places.quantiles + l] - q50) / numeric.sigma
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
  const { places, rows, count } = profile
  const { counters, cells, topValues } = places
  const numbers = profile.slice()
  const known = Math.min(OF_ROWS.length, cells - counters)
  for (let c = 0; c < known; c++) {
    const n = OF_ROWS[c] ? rows : count
    if (n > 0)
      numbers[counters + c] = n * movedShare(numbers[counters + c] / n, n, own[COUNTER + c], other[COUNTER + c])
  }
  if (count === 0) return profile.alike(numbers)
  let sum = 0
  for (let c = cells; c < topValues; c++) {
    const at = CELL + c - cells
    numbers[c] = movedShare(numbers[c] / count, count, own[at], other[at])
    sum += numbers[c]
  }
  for (let c = cells; c < topValues; c++) numbers[c] *= count / sum
  const rest = CELL + topValues - cells
  numbers[DISTINCT] *= Math.exp(other[rest] - own[rest])
  if (contract.numeric !== null) moveTops(contract.numeric.grid.atoms, numbers, places)
  if (contract.numeric !== null && places.hasShape) moveShape(contract.numeric.sigma, numbers, places, own, other, rest)
  return profile.alike(numbers)
}

function movedShare(share: number, n: number, own: number, other: number): number {
  if (own === other) return share
  const from = Math.max(0, own * (1 - own)) + 0.5 / n
  const to = Math.max(0, other * (1 - other)) + 0.5 / n
  const there = other + (share - own) * Math.min(MOST_GROWTH, Math.sqrt(to / from))
  return there < 0 ? 0 : there > 1 ? 1 : there
}

/** Values with a cell of their own come as often as the cell says; of the others nothing is known by slot. There stay as many of them. */
function moveTops(atoms: Float64Array, numbers: Float64Array, { cells, topValues, topCounts, shape }: Places): void {
  if (atoms.length === 0) return
  const found: { value: number; count: number }[] = []
  for (let t = topValues; t < topCounts; t++)
    if (indexOf(atoms, numbers[t]) < 0) found.push({ value: numbers[t], count: numbers[t - topValues + topCounts] })
  for (let a = 0; a < atoms.length; a++) found.push({ value: atoms[a], count: numbers[cells + a] })
  found.sort((a, b) => b.count - a.count || a.value - b.value)
  for (let t = 0; t < shape - topCounts; t++) {
    numbers[topValues + t] = found[t].value
    numbers[topCounts + t] = found[t].count
  }
}

function moveShape(
  sigma: number,
  numbers: Float64Array,
  { shape, quantiles, quantilesEnd }: Places,
  own: Float64Array,
  other: Float64Array,
  rest: number,
): void {
  const wider = Math.exp(other[rest + 2] - own[rest + 2])
  numbers[shape + MEAN] += other[rest + 1] - own[rest + 1]
  numbers[shape + SPREAD] = Math.max(0, (numbers[shape + SPREAD] + SMALLEST_SPREAD) * wider - SMALLEST_SPREAD)
  numbers[shape + SPREAD_VARIANCE] *= wider * wider
  let largest = Number.NEGATIVE_INFINITY
  for (let l = quantiles; l < quantilesEnd; l++) {
    const at = rest + 3 + l - quantiles
    // Quantiles of slots that were averaged apart stay in order.
    largest = Math.max(largest, numbers[l] + sigma * (other[at] - own[at]))
    numbers[l] = largest
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
