import type { AlertKind } from '../alert/event.js'
import type { FeatureBaseline, NumericContract } from '../baseline/baseline.js'
import { INFINITE, NAN, NULL, NUMERIC_TEXT, UNSAFE, WRONG_TYPE } from '../row.js'
import { lowerBound } from '../sketch/search.js'
import type { Side } from './compare.js'

/** One counter of a series: exact, and judged as a share of all rows or of the usable values. */
export interface Counter {
  readonly check: string
  readonly kind: AlertKind
  /** What the sentence calls it. */
  readonly words: string
  readonly of: 'rows' | 'usable'
  /** Whether the launch rule looks at it; the others follow from the cells there. */
  readonly launch: boolean
  applies(contract: Pick<FeatureBaseline, 'kind'>): boolean
  count(side: Side, contract: Pick<FeatureBaseline, 'kind' | 'numeric'>): number
}

const flag = (side: Side, ...flags: number[]): number => flags.reduce((sum, f) => sum + (side.sketch?.flags[f] ?? 0), 0)
const numeric = (side: Side, key: 'integers' | 'negatives' | 'zeros'): number => side.sketch?.numeric?.[key] ?? 0

const always = (): boolean => true
const ofNumbers = ({ kind }: Pick<FeatureBaseline, 'kind'>): boolean => kind === 'numeric'
const ofLabels = ({ kind }: Pick<FeatureBaseline, 'kind'>): boolean => kind !== 'numeric'

export const COUNTERS = [
  {
    check: 'missing',
    kind: 'schema',
    words: 'rows without the feature',
    of: 'rows',
    launch: true,
    applies: always,
    count: missing,
  },
  {
    check: 'null',
    kind: 'quality',
    words: 'nulls',
    of: 'rows',
    launch: true,
    applies: always,
    count: side => flag(side, NULL),
  },
  {
    check: 'type',
    kind: 'schema',
    words: 'values of another type',
    of: 'rows',
    launch: true,
    applies: always,
    count: side => flag(side, WRONG_TYPE, NUMERIC_TEXT),
  },
  {
    check: 'nan',
    kind: 'quality',
    words: 'NaN, ±∞ and unsafe integers',
    of: 'rows',
    launch: true,
    applies: always,
    count: side => flag(side, NAN, INFINITE, UNSAFE),
  },
  {
    check: 'integer',
    kind: 'skew',
    words: 'whole numbers',
    of: 'usable',
    launch: true,
    applies: ofNumbers,
    count: side => numeric(side, 'integers'),
  },
  {
    check: 'negative',
    kind: 'skew',
    words: 'negative values',
    of: 'usable',
    launch: true,
    applies: ofNumbers,
    count: side => numeric(side, 'negatives'),
  },
  {
    check: 'zero',
    kind: 'skew',
    words: 'zeros',
    of: 'usable',
    launch: true,
    applies: ofNumbers,
    count: side => numeric(side, 'zeros'),
  },
  {
    check: 'high',
    kind: 'drift',
    words: 'values above the training 95 % quantile',
    of: 'usable',
    launch: false,
    applies: ofNumbers,
    count: (side, { numeric }) => beyond(side, numeric!, null, numeric!.fences.q95),
  },
  {
    check: 'tails',
    kind: 'drift',
    words: 'values outside the training 1 % and 99 % quantiles',
    of: 'usable',
    launch: false,
    applies: ofNumbers,
    count: (side, { numeric }) => beyond(side, numeric!, numeric!.fences.q01, numeric!.fences.q99),
  },
  {
    check: 'far',
    kind: 'quality',
    words: 'values far outside the training range',
    of: 'usable',
    launch: false,
    applies: ofNumbers,
    count: (side, { numeric }) => beyond(side, numeric!, ...farFences(numeric!)),
  },
  {
    check: 'range',
    kind: 'quality',
    words: 'values outside the declared range',
    of: 'usable',
    launch: true,
    applies: ofNumbers,
    count: side => side.sketch?.numeric?.outside ?? 0,
  },
  {
    check: 'unseen',
    kind: 'skew',
    words: 'values that training never saw',
    of: 'usable',
    launch: true,
    applies: ofLabels,
    count: side => side.sketch?.categorical?.unknown ?? 0,
  },
] as const satisfies readonly Counter[]

export type CounterName = (typeof COUNTERS)[number]['check']

const places = new Map<string, number>(COUNTERS.map(({ check }, c) => [check, c]))

/** Place of a counter in `COUNTERS` and in profiles. */
export function counterAt(check: CounterName): number {
  return places.get(check)!
}

/** Half the way from the median to q.01 and q.99, beyond them. */
export function farFences({ fences: { q01, q50, q99 } }: NumericContract): readonly [number, number] {
  return [q01 - (q50 - q01) / 2, q99 + (q99 - q50) / 2]
}

export function usable(side: Side, { kind }: Pick<FeatureBaseline, 'kind'>): number {
  return (kind === 'numeric' ? side.sketch?.numeric?.count : side.sketch?.categorical?.count) ?? 0
}

/** Rows in which the feature was not there at all. */
function missing(side: Side): number {
  if (side.sketch === null) return side.rows
  return side.rows - side.sketch.flags.reduce((sum, count) => sum + count, 0)
}

/** Values below `low` or from `high` on, counted in the cells: the fences are edges of the grid. */
function beyond({ sketch }: Side, { grid }: NumericContract, low: number | null, high: number): number {
  const cells = sketch?.numeric?.cells
  if (cells === undefined || cells.length === 0) return 0
  const { edges, atoms } = grid
  let sum = 0
  for (let a = 0; a < atoms.length; a++) if (atoms[a] > high || (low !== null && atoms[a] < low)) sum += cells[a]
  const top = lowerBound(edges, 0, edges.length, high)
  for (let b = top + 1; b <= edges.length; b++) sum += cells[atoms.length + b]
  // A far fence that overflowed is no edge.
  if (low !== null && low > Number.NEGATIVE_INFINITY) {
    const bottom = lowerBound(edges, 0, edges.length, low)
    for (let b = 0; b <= bottom && b <= edges.length; b++) sum += cells[atoms.length + b]
  }
  return sum
}
