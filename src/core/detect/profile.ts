import type { FeatureBaseline, NumericContract } from '../baseline/baseline.js'
import { distinctOf } from '../sketch/distinct-values.js'
import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import { projectCells } from '../sketch/project.js'
import type { NumericState, SketchState } from '../sketch/state.js'
import { quantilesOf } from '../statistic/quantiles.js'
import type { Side } from './compare.js'
import { COUNTERS, usable } from './counters.js'
import { repeatCounts } from './repeats.js'

/** What a profile is made of. Arrays are aligned by the contract, so that the profiles of one series can be added and compared. */
export interface ProfileFields {
  /** All rows of the segment. */
  readonly rows: number
  /** Rows with a usable value. */
  readonly count: number
  /** By `COUNTERS`, 0 where the counter is not of this kind; then those of `repeatCounts`. */
  readonly counters: Float64Array
  /** Counts that add up to `count`. Numeric: atoms, then quantile bins. Else: the frequent labels, `other`, `unseen`. */
  readonly cells: Float64Array
  /** Distinct values, exact or estimated. */
  readonly distinct: number
  /** The most frequent values of a numeric feature, at most 8, and how often they came; atoms included. */
  readonly tops: Tops
  readonly shape: Shape | null
}

export interface Tops {
  readonly values: Float64Array
  readonly counts: Float64Array
}

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

/**
 * What is kept of one series in one window: counts, moments and quantiles, at most about a kilobyte, never values. The same of the training
 * baseline. All numbers lie in one array, as thousands of series keep 60 of these: an array of its own for each field takes twice as much
 * memory for the arrays as for what is in them.
 */
export class Profile implements ProfileFields {
  private constructor(
    readonly numbers: Float64Array,
    /** Where what lies in `numbers`; shared by profiles of the same sizes. */
    readonly places: Places,
  ) {}

  static of({ rows, count, counters, cells, distinct, tops, shape }: ProfileFields): Profile {
    // Of a feature without zeros and negative values they are the same.
    const sameSizes = shape !== null && isSame(shape.quantiles, shape.magnitudes)
    const places = placesOf(
      counters.length,
      cells.length,
      tops.values.length,
      shape?.quantiles.length ?? null,
      shape === null || sameSizes ? null : shape.magnitudes.length,
    )
    const numbers = new Float64Array(places.size)
    numbers[ROWS] = rows
    numbers[COUNT] = count
    numbers[DISTINCT] = distinct
    numbers.set(counters, places.counters)
    numbers.set(cells, places.cells)
    numbers.set(tops.values, places.topValues)
    numbers.set(tops.counts, places.topCounts)
    if (shape !== null) {
      numbers[places.shape + MEAN] = shape.mean
      numbers[places.shape + VARIANCE] = shape.variance
      numbers[places.shape + SPREAD] = shape.spread
      numbers[places.shape + SPREAD_VARIANCE] = shape.spreadVariance
      numbers.set(shape.quantiles, places.quantiles)
      numbers.set(shape.magnitudes, places.magnitudes)
    }
    return new Profile(numbers, places)
  }

  /** Other numbers in the same places. */
  alike(numbers: Float64Array): Profile {
    return new Profile(numbers, this.places)
  }

  get rows(): number {
    return this.numbers[ROWS]
  }

  get count(): number {
    return this.numbers[COUNT]
  }

  get distinct(): number {
    return this.numbers[DISTINCT]
  }

  /** 0 for a counter that there was not yet when the profile was made. */
  counter(c: number): number {
    const { counters, cells } = this.places
    return c < cells - counters ? this.numbers[counters + c] : 0
  }

  cell(c: number): number {
    return this.numbers[this.places.cells + c]
  }

  // Views, made anew each time: what reads many profiles takes `numbers` and `places`.
  get counters(): Float64Array {
    return this.numbers.subarray(this.places.counters, this.places.cells)
  }

  get cells(): Float64Array {
    return this.numbers.subarray(this.places.cells, this.places.topValues)
  }

  get tops(): Tops {
    const { topValues, topCounts, shape } = this.places
    return { values: this.numbers.subarray(topValues, topCounts), counts: this.numbers.subarray(topCounts, shape) }
  }

  get shape(): Shape | null {
    const { numbers, places } = this
    if (!places.hasShape) return null
    const { shape, quantiles, magnitudes, quantilesEnd, magnitudesEnd } = places
    return {
      mean: numbers[shape + MEAN],
      variance: numbers[shape + VARIANCE],
      spread: numbers[shape + SPREAD],
      spreadVariance: numbers[shape + SPREAD_VARIANCE],
      quantiles: numbers.subarray(quantiles, quantilesEnd),
      magnitudes: numbers.subarray(magnitudes, magnitudesEnd),
    }
  }
}

/** First index of each field in a profile's numbers, which have this order; `…End`: the index after the last. */
export interface Places {
  readonly counters: number
  readonly cells: number
  readonly topValues: number
  readonly topCounts: number
  readonly hasShape: boolean
  /** Of `MEAN`, `VARIANCE`, `SPREAD` and `SPREAD_VARIANCE`. */
  readonly shape: number
  readonly quantiles: number
  readonly quantilesEnd: number
  /** Where the quantiles are, if these are the same. */
  readonly magnitudes: number
  readonly magnitudesEnd: number
  /** Numbers in all. */
  readonly size: number
}

const ROWS = 0
const COUNT = 1
export const DISTINCT = 2
const BEFORE_COUNTERS = 3
/** From a profile's `places.shape` on. */
export const MEAN = 0
export const VARIANCE = 1
export const SPREAD = 2
export const SPREAD_VARIANCE = 3
const MOMENTS = 4

const allPlaces = new Map<string, Places>()

/**
 * @param quantiles how many; null without a shape
 * @param magnitudes how many; null where they are the quantiles
 */
function placesOf(
  counters: number,
  cells: number,
  tops: number,
  quantiles: number | null,
  magnitudes: number | null,
): Places {
  const key = `${counters} ${cells} ${tops} ${quantiles} ${magnitudes}`
  let places = allPlaces.get(key)
  if (places === undefined) {
    const cellsAt = BEFORE_COUNTERS + counters
    const topsAt = cellsAt + cells
    const shape = topsAt + 2 * tops
    const quantilesAt = quantiles === null ? shape : shape + MOMENTS
    const quantilesEnd = quantilesAt + (quantiles ?? 0)
    places = {
      ...{ counters: BEFORE_COUNTERS, cells: cellsAt, topValues: topsAt, topCounts: topsAt + tops, shape },
      ...{ hasShape: quantiles !== null, quantiles: quantilesAt, quantilesEnd },
      magnitudes: magnitudes === null ? quantilesAt : quantilesEnd,
      magnitudesEnd: quantilesEnd + (magnitudes ?? 0),
      size: quantilesEnd + (magnitudes ?? 0),
    }
    allPlaces.set(key, places)
  }
  return places
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a === b || (a.length === b.length && a.every((x, i) => Object.is(x, b[i])))
}

/** Levels of the quantiles that are kept: .01, .05, .1, … .95, .99. */
export const LEVELS = Float64Array.of(0.01, ...Array.from({ length: 19 }, (_, i) => (i + 1) / 20), 0.99)
export const MEDIAN = 10

/** Labels of a categorical feature with a cell of their own. */
export const NAMED_LABELS = 50
const MOST_TOPS = 8
const CLIP = 8

export function profileOf(contract: FeatureBaseline, side: Side): Profile {
  const { numeric } = contract
  const state = side.sketch
  return Profile.of({
    rows: side.rows,
    count: usable(side, contract),
    counters: Float64Array.of(
      ...COUNTERS.map(counter => (counter.applies(contract) ? counter.count(side, contract) : 0)),
      ...repeatCounts(side),
    ),
    cells: numeric ? numericCells(numeric, state) : labelCells(contract, state),
    distinct: state === null ? 0 : distinctOf(state),
    tops: numeric ? topsOf(numeric, state?.numeric ?? null) : NO_TOPS,
    shape: numeric && state?.numeric?.count ? shapeOf(numeric, state.numeric) : null,
  })
}

const NO_TOPS: Tops = { values: new Float64Array(0), counts: new Float64Array(0) }

function numericCells({ grid, quantileEdges }: NumericContract, state: SketchState | null): Float64Array {
  if (!state?.numeric) return new Float64Array(grid.atoms.length + quantileEdges.length + 1)
  return projectCells(state.numeric.cells, grid, { edges: quantileEdges, atoms: grid.atoms })
}

function labelCells({ values }: FeatureBaseline, state: SketchState | null): Float64Array {
  const named = Math.min(NAMED_LABELS, values.length)
  const cells = new Float64Array(named + 2)
  const categorical = state?.categorical
  if (!categorical) return cells
  let known = 0
  for (const count of categorical.known.values()) known += count
  for (let l = 0; l < named; l++) {
    const count = categorical.known.get(values[l]) ?? 0
    cells[l] = count
    known -= count
  }
  cells[named] = known
  cells[named + 1] = categorical.unknown
  return cells
}

function topsOf({ grid }: NumericContract, state: NumericState | null): Tops {
  if (state === null) return NO_TOPS
  const found: [number, number][] = []
  if (state.exact !== null)
    for (const [i, value] of state.exact.values.entries()) found.push([value, state.exact.weights[i]])
  else {
    for (const [a, value] of grid.atoms.entries()) found.push([value, state.cells[a]])
    const heavy = state.heavy
    if (heavy !== null)
      for (const [i, value] of heavy.values.entries()) found.push([value, heavy.counts[i] - heavy.errors[i]])
  }
  const tops = found
    .filter(([, count]) => count > 1)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MOST_TOPS)
  return { values: Float64Array.from(tops, ([value]) => value), counts: Float64Array.from(tops, ([, count]) => count) }
}

function shapeOf(contract: NumericContract, state: NumericState): Shape {
  const curve = ecdf(state, contract.grid)
  const quantiles = quantilesOf(curve, LEVELS)
  const { sigma, fences } = contract
  const center = clippedMoments(curve, x => (x - fences.q50) / sigma)
  const median = quantiles[MEDIAN]
  const spread = clippedMoments(curve, x => Math.abs(x - median) / sigma)
  return {
    mean: center.mean,
    variance: center.variance,
    spread: spread.mean,
    spreadVariance: spread.variance,
    quantiles,
    magnitudes: state.negatives === 0 && state.zeros === 0 ? quantiles : magnitudesOf(curve),
  }
}

/** Mean and variance of g(x) clipped to ±8, over the steps and the pieces between knots (each at its ends and its middle, by Simpson). */
function clippedMoments({ x, before, after }: Ecdf, g: (x: number) => number): { mean: number; variance: number } {
  const clip = (value: number): number => Math.max(-CLIP, Math.min(CLIP, value))
  let sum = 0
  let squares = 0
  let last = 0
  for (let i = 0; i < x.length; i++) {
    const y = clip(g(x[i]))
    const step = after[i] - before[i]
    sum += step * y
    squares += step * y * y
    const piece = i > 0 ? before[i] - after[i - 1] : 0
    if (piece > 0) {
      const middle = clip(g(x[i - 1] / 2 + x[i] / 2))
      sum += (piece * (last + 4 * middle + y)) / 6
      squares += (piece * (last * last + 4 * middle * middle + y * y)) / 6
    }
    last = y
  }
  return { mean: sum, variance: Math.max(0, squares - sum * sum) }
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
