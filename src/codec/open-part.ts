import type { OpenCategories, OpenFrequent, OpenKeys, OpenNumbers, OpenSketch } from '../core/sketch/open-state.js'
import type { OpenLeaf, OpenPart } from '../core/window/open-part.js'
import { packCounts, packDoubles, packWords, unpackCounts, unpackDoubles, unpackWords } from './packed.js'
import { RecordType } from './record-type.js'
import {
  buffer,
  type NumericRecord,
  numericRecord,
  numericState,
  type WeightedRecord,
  weighted,
  weightedRecord,
} from './sketch.js'

/** Fields that are arrays of numbers are bytes, as schemas/open-part.avsc has them. */
type Packed<T, K extends keyof T> = Omit<T, K> & { readonly [F in K]: Uint8Array }

type FrequentRecord = Packed<OpenFrequent, 'hashes' | 'lengths' | 'counts' | 'errors' | 'least'>
type NumbersRecord = Omit<OpenNumbers, 'column' | 'exact' | 'totals'> & {
  readonly column: Uint8Array
  readonly exact: WeightedRecord | null
  readonly totals: NumericRecord | null
}
type CategoriesRecord = Omit<OpenCategories, 'counts' | 'heavy'> & {
  readonly counts: Uint8Array
  readonly heavy: FrequentRecord | null
}
type SketchRecord = Omit<OpenSketch, 'flags' | 'numeric' | 'categorical'> & {
  readonly flags: Uint8Array
  readonly numeric: NumbersRecord | null
  readonly categorical: CategoriesRecord | null
}
interface PartRecord extends Omit<OpenPart, 'news' | 'keys' | 'leaves'> {
  readonly news: readonly { readonly name: string; readonly rows: number }[]
  readonly keys: Packed<OpenKeys, 'keys' | 'counts'>
  readonly leaves: readonly (Omit<OpenLeaf, 'sketches'> & { readonly sketches: readonly SketchRecord[] })[]
}

const OPEN_PART = new RecordType<PartRecord>(['open-part.avsc'], ['sketch.avsc'])

export function encodeOpenPart({ news, keys, leaves, ...part }: OpenPart): Buffer {
  return OPEN_PART.encode({
    ...part,
    news: [...news].map(([name, rows]) => ({ name, rows })),
    keys: { ...keys, keys: packWords(keys.keys), counts: packCounts(keys.counts) },
    leaves: leaves.map(({ sketches, ...leaf }) => ({ ...leaf, sketches: sketches.map(sketchRecord) })),
  })
}

/** Null for bytes that are no open part as this version writes it. */
export function decodeOpenPart(bytes: Uint8Array): OpenPart | null {
  const record = OPEN_PART.decode(bytes)
  if (record === null) return null
  const { news, keys, leaves, ...part } = record
  return {
    ...part,
    news: new Map(news.map(({ name, rows }) => [name, rows])),
    keys: { ...keys, keys: unpackWords(keys.keys), counts: unpackCounts(keys.counts) },
    leaves: leaves.map(({ sketches, ...leaf }) => ({ ...leaf, sketches: sketches.map(openSketch) })),
  }
}

function sketchRecord({ flags, numeric, categorical, ...sketch }: OpenSketch): SketchRecord {
  return {
    ...sketch,
    flags: packCounts(flags),
    numeric: numeric && {
      ...numeric,
      column: packDoubles(numeric.column),
      exact: numeric.exact && weightedRecord(numeric.exact),
      totals: numeric.totals && numericRecord(numeric.totals),
    },
    categorical: categorical && {
      ...categorical,
      counts: packCounts(categorical.counts),
      heavy: categorical.heavy && frequentRecord(categorical.heavy),
      distinct: categorical.distinct && buffer(categorical.distinct),
    },
  }
}

function openSketch({ flags, numeric, categorical, ...sketch }: SketchRecord): OpenSketch {
  return {
    ...sketch,
    flags: unpackCounts(flags),
    numeric: numeric && {
      ...numeric,
      column: unpackDoubles(numeric.column),
      exact: numeric.exact && weighted(numeric.exact),
      totals: numeric.totals && numericState(numeric.totals),
    },
    categorical: categorical && {
      ...categorical,
      counts: unpackCounts(categorical.counts),
      heavy: categorical.heavy && openFrequent(categorical.heavy),
    },
  }
}

function frequentRecord({ hashes, lengths, counts, errors, bytes, least, ...frequent }: OpenFrequent): FrequentRecord {
  return {
    ...frequent,
    hashes: packWords(hashes),
    lengths: packWords(lengths),
    counts: packCounts(counts),
    errors: packCounts(errors),
    bytes: buffer(bytes),
    least: packWords(least),
  }
}

function openFrequent({ hashes, lengths, counts, errors, least, ...frequent }: FrequentRecord): OpenFrequent {
  return {
    ...frequent,
    hashes: Int32Array.from(unpackWords(hashes)),
    lengths: Int32Array.from(unpackWords(lengths)),
    counts: unpackCounts(counts),
    errors: unpackCounts(errors),
    least: Int32Array.from(unpackWords(least)),
  }
}
