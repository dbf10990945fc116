import type { FeatureBaseline, NumericContract } from '../baseline/baseline.js'
import { distinctOf } from '../sketch/distinct-values.js'
import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import { projectCells } from '../sketch/project.js'
import type { NumericState, SketchState } from '../sketch/state.js'
import { quantilesOf } from '../statistic/quantiles.js'
import type { Side } from './compare.js'
import { COUNTERS, usable } from './counters.js'
import { repeatCounts } from './repeats.js'

/**
 * What is kept of one series in one window: counts, moments and quantiles, at most about a kilobyte, never values. The same of the training
 * baseline. Arrays are aligned by the contract, so that the profiles of one series can be added and compared.
 */
export interface Profile {
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
  return {
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
  }
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

const shapes = new WeakMap<NumericState, { contract: NumericContract; shape: Shape }>()

function shapeOf(contract: NumericContract, state: NumericState): Shape {
  const made = shapes.get(state)
  if (made !== undefined && made.contract === contract) return made.shape
  const curve = ecdf(state, contract.grid)
  const quantiles = quantilesOf(curve, LEVELS)
  const { sigma, fences } = contract
  const center = clippedMoments(curve, x => (x - fences.q50) / sigma)
  const median = quantiles[MEDIAN]
  const spread = clippedMoments(curve, x => Math.abs(x - median) / sigma)
  const shape = {
    mean: center.mean,
    variance: center.variance,
    spread: spread.mean,
    spreadVariance: spread.variance,
    quantiles,
    magnitudes: state.negatives === 0 && state.zeros === 0 ? quantiles : magnitudesOf(curve),
  }
  shapes.set(state, { contract, shape })
  return shape
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
