import type { CategoricalState, HeavyNumbers, NumericState, SketchState, Weighted } from '../core/sketch/state.js'
import { packCounts, packDoubles, unpackCounts, unpackDoubles } from './packed.js'

/** A sketch as schemas/sketch.avsc has it. */
export interface SketchRecord {
  readonly feature: string
  readonly flags: Uint8Array
  readonly numeric: NumericRecord | null
  readonly categorical: CategoricalRecord | null
  readonly repeatable: number
  readonly repeats: number
  readonly entityRepeatable: number
  readonly entityRepeats: number
}

export interface WeightedRecord {
  readonly values: Uint8Array
  readonly weights: Uint8Array
}

export type NumericRecord = Omit<NumericState, 'cells' | 'exact' | 'digest' | 'heavy'> & {
  readonly cells: Uint8Array
  readonly exact: WeightedRecord | null
  readonly digest: WeightedRecord | null
  readonly heavy: {
    readonly values: Uint8Array
    readonly counts: Uint8Array
    readonly errors: Uint8Array
    readonly floor: number
  } | null
}

type CategoricalRecord = Omit<CategoricalState, 'known'> & {
  readonly known: readonly { readonly value: string; readonly count: number }[]
}

export function sketchRecord(one: SketchState): SketchRecord {
  const { feature, flags, numeric, categorical, repeatable, repeats, entityRepeatable, entityRepeats } = one
  return {
    feature,
    flags: packCounts(flags),
    numeric: numeric && numericRecord(numeric),
    categorical: categorical && {
      ...categorical,
      known: [...categorical.known].map(([value, count]) => ({ value, count })),
      distinct: categorical.distinct && buffer(categorical.distinct),
    },
    repeatable,
    repeats,
    entityRepeatable,
    entityRepeats,
  }
}

/** Keeps nothing of the record's memory. */
export function sketchState(one: SketchRecord): SketchState {
  const { feature, flags, numeric, categorical, repeatable, repeats, entityRepeatable, entityRepeats } = one
  return {
    feature,
    flags: unpackCounts(flags),
    numeric: numeric && numericState(numeric),
    categorical: categorical && categoricalState(categorical),
    repeatable,
    repeats,
    entityRepeatable,
    entityRepeats,
  }
}

export function numericRecord(numeric: NumericState): NumericRecord {
  return {
    ...numeric,
    cells: packCounts(numeric.cells),
    exact: numeric.exact && weightedRecord(numeric.exact),
    digest: numeric.digest && weightedRecord(numeric.digest),
    distinct: numeric.distinct && buffer(numeric.distinct),
    heavy: numeric.heavy && {
      values: packDoubles(numeric.heavy.values),
      counts: packCounts(numeric.heavy.counts),
      errors: packCounts(numeric.heavy.errors),
      floor: numeric.heavy.floor,
    },
  }
}

/** Keeps nothing of the record's memory. Written out: a part has thousands, and spreading takes several times as long. */
export function numericState(numeric: NumericRecord): NumericState {
  const { count, integers, zeros, negatives, outside, mean, m2, min, max } = numeric
  const cells = unpackCounts(numeric.cells)
  const exact = numeric.exact && weighted(numeric.exact)
  const digest = numeric.digest && weighted(numeric.digest)
  const distinct = numeric.distinct && new Uint8Array(numeric.distinct)
  const heavy = numeric.heavy && heavyNumbers(numeric.heavy)
  return { count, integers, zeros, negatives, outside, mean, m2, min, max, cells, exact, digest, distinct, heavy }
}

function categoricalState({ count, known, unknown, heavy, distinct }: CategoricalRecord): CategoricalState {
  return {
    ...{ count, unknown, known: knownCounts(known) },
    heavy: heavy.map(({ value, count, error }) => ({ value, count, error })),
    distinct: distinct && new Uint8Array(distinct),
  }
}

function knownCounts(known: CategoricalRecord['known']): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { value, count } of known) counts.set(value, count)
  return counts
}

export function weightedRecord({ values, weights }: Weighted): WeightedRecord {
  return { values: packDoubles(values), weights: packCounts(weights) }
}

export function weighted({ values, weights }: WeightedRecord): Weighted {
  return { values: unpackDoubles(values), weights: unpackCounts(weights) }
}

function heavyNumbers({ values, counts, errors, floor }: NonNullable<NumericRecord['heavy']>): HeavyNumbers {
  return { values: unpackDoubles(values), counts: unpackCounts(counts), errors: unpackCounts(errors), floor }
}

/** avsc takes Buffers only. */
export function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
