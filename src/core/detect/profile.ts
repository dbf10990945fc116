import type { FeatureBaseline, NumericContract } from '../baseline/baseline.js'
import { distinctOf } from '../sketch/distinct-values.js'
import { projectCells } from '../sketch/project.js'
import type { NumericState, SketchState } from '../sketch/state.js'
import type { Side } from './compare.js'
import { COUNTERS, usable } from './counters.js'
import { repeatCounts } from './repeats.js'
import { type Shape, shapeOf } from './shape.js'

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

/** Labels of a categorical feature with a cell of their own. */
export const NAMED_LABELS = 50
const MOST_TOPS = 8

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
