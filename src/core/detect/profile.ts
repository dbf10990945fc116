import type { FeatureBaseline, NumericContract } from '../baseline/baseline.js'
import { distinctOf } from '../sketch/distinct-values.js'
import { projectCells } from '../sketch/project.js'
import type { NumericState, SketchState } from '../sketch/state.js'
import { zeros } from '../sketch/zeros.js'
import type { Side } from './compare.js'
import { COUNTERS, usable } from './counters.js'
import { COUNT, DISTINCT, MEAN, type Places, placesOf, ROWS, SPREAD, SPREAD_VARIANCE, VARIANCE } from './places.js'
import { repeatCounts } from './repeats.js'
import { type Shape, shapeOf } from './shape.js'

/** What a profile is made of. Arrays are aligned by the contract, so that the profiles of one series can be added and compared. */
export interface ProfileFields {
  /** All rows of the segment. */
  readonly rows: number
  /** Rows with a usable value. */
  readonly count: number
  /** By `COUNTERS`, 0 where the counter is not of this kind; then those of `repeatCounts`. */
  readonly counters: ArrayLike<number>
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

/** Profiles of one series that lie side by side. */
const IN_BLOCK = 16

/**
 * What is kept of one series in one window: counts, moments and quantiles, at most about a kilobyte, never values. The same of the training
 * baseline. All numbers lie in one block of memory, beside those of the series' windows before, as thousands of series keep 60 of these and
 * read all of them in every window:
 *
 *     block   taken │ window 1 │ window 2 │ … │ window 16
 *                     at ─▶ rows, count, distinct, counters, cells, … by `places`
 */
export class Profile implements ProfileFields {
  private constructor(
    /** The block. Its first number says how many of it are taken; nothing else in it ever changes. */
    readonly numbers: Float64Array,
    /** Where in `numbers` it begins; 0 where it is alone in them. */
    readonly at: number,
    /** Where what lies from `at` on; shared by profiles of the same sizes. */
    readonly places: Places,
  ) {}

  /** @param after of the window before, beside which it is to lie; null: alone */
  static of(
    { rows, count, counters, cells, distinct, tops, shape }: ProfileFields,
    after: Profile | null = null,
  ): Profile {
    // Of a feature without zeros and negative values they are the same.
    const sameSizes = shape !== null && isSame(shape.quantiles, shape.magnitudes)
    const places = placesOf(
      counters.length,
      cells.length,
      tops.values.length,
      shape?.quantiles.length ?? null,
      shape === null || sameSizes ? null : shape.magnitudes.length,
      after?.places ?? null,
    )
    const profile = Profile.#beside(after, places)
    const { numbers, at } = profile
    numbers[at + ROWS] = rows
    numbers[at + COUNT] = count
    numbers[at + DISTINCT] = distinct
    numbers.set(counters, at + places.counters)
    numbers.set(cells, at + places.cells)
    numbers.set(tops.values, at + places.topValues)
    numbers.set(tops.counts, at + places.topCounts)
    if (shape !== null) {
      const shapeAt = at + places.shape
      numbers[shapeAt + MEAN] = shape.mean
      numbers[shapeAt + VARIANCE] = shape.variance
      numbers[shapeAt + SPREAD] = shape.spread
      numbers[shapeAt + SPREAD_VARIANCE] = shape.spreadVariance
      numbers.set(shape.quantiles, at + places.quantiles)
      numbers.set(shape.magnitudes, at + places.magnitudes)
    }
    return profile
  }

  /** Room for a profile. */
  static #beside(after: Profile | null, places: Places): Profile {
    const { size } = places
    if (after === null) return new Profile(new Float64Array(size), 0, places)
    const isFull = after.at === 0 || after.numbers[0] + size > after.numbers.length
    const block = isFull ? new Float64Array(1 + IN_BLOCK * size) : after.numbers
    const at = isFull ? 1 : block[0]
    block[0] = at + size
    return new Profile(block, at, places)
  }

  /** Other numbers in the same places, alone in `numbers`. */
  alike(numbers: Float64Array): Profile {
    return new Profile(numbers, 0, this.places)
  }

  /** A copy of its numbers, from `at` on. */
  slice(): Float64Array {
    return this.numbers.slice(this.at, this.at + this.places.size)
  }

  get rows(): number {
    return this.numbers[this.at + ROWS]
  }

  get count(): number {
    return this.numbers[this.at + COUNT]
  }

  get distinct(): number {
    return this.numbers[this.at + DISTINCT]
  }

  /** 0 for a counter that there was not yet when the profile was made. */
  counter(c: number): number {
    const { counters, cells } = this.places
    return c < cells - counters ? this.numbers[this.at + counters + c] : 0
  }

  cell(c: number): number {
    return this.numbers[this.at + this.places.cells + c]
  }

  // Views, made anew each time: what reads many profiles takes `numbers`, `at` and `places`.
  get counters(): Float64Array {
    return this.#view(this.places.counters, this.places.cells)
  }

  get cells(): Float64Array {
    return this.#view(this.places.cells, this.places.topValues)
  }

  get tops(): Tops {
    const { topValues, topCounts, shape } = this.places
    return { values: this.#view(topValues, topCounts), counts: this.#view(topCounts, shape) }
  }

  get shape(): Shape | null {
    const { numbers, at, places } = this
    if (!places.hasShape) return null
    const { shape, quantiles, magnitudes, quantilesEnd, magnitudesEnd } = places
    return {
      mean: numbers[at + shape + MEAN],
      variance: numbers[at + shape + VARIANCE],
      spread: numbers[at + shape + SPREAD],
      spreadVariance: numbers[at + shape + SPREAD_VARIANCE],
      quantiles: this.#view(quantiles, quantilesEnd),
      magnitudes: this.#view(magnitudes, magnitudesEnd),
    }
  }

  #view(from: number, to: number): Float64Array {
    return this.numbers.subarray(this.at + from, this.at + to)
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a === b || (a.length === b.length && a.every((x, i) => Object.is(x, b[i])))
}

/** Labels of a categorical feature with a cell of their own. */
export const NAMED_LABELS = 50
const MOST_TOPS = 8

/** @param after of the series' window before, beside which it is to lie */
export function profileOf(contract: FeatureBaseline, side: Side, after: Profile | null = null): Profile {
  const { numeric } = contract
  const state = side.sketch
  const fields = {
    rows: side.rows,
    count: usable(side, contract),
    counters: countersOf(contract, side),
    cells: numeric ? numericCells(numeric, state) : labelCells(contract, state),
    distinct: state === null ? 0 : distinctOf(state),
    tops: numeric ? topsOf(numeric, state?.numeric ?? null) : NO_TOPS,
    shape: numeric && state?.numeric?.count ? shapeOf(numeric, state.numeric) : null,
  }
  return Profile.of(fields, after)
}

function countersOf(contract: FeatureBaseline, side: Side): number[] {
  const counted: number[] = []
  for (const counter of COUNTERS) counted.push(counter.applies(contract) ? counter.count(side, contract) : 0)
  counted.push(...repeatCounts(side))
  return counted
}

const NO_TOPS: Tops = { values: new Float64Array(0), counts: new Float64Array(0) }

function numericCells({ grid, quantileEdges }: NumericContract, state: SketchState | null): Float64Array {
  if (!state?.numeric) return new Float64Array(grid.atoms.length + quantileEdges.length + 1)
  return projectCells(state.numeric.cells, grid, { edges: quantileEdges, atoms: grid.atoms })
}

function labelCells({ values }: FeatureBaseline, state: SketchState | null): Float64Array {
  const named = Math.min(NAMED_LABELS, values.length)
  const cells = zeros(named + 2)
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
  if (tops.length === 0) return NO_TOPS
  return { values: Float64Array.from(tops, ([value]) => value), counts: Float64Array.from(tops, ([, count]) => count) }
}
