import type { DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api'

/** Numbers, booleans (0 and 1) and times (epoch ms) of up to 2048 rows. */
export interface NumberValues {
  readonly as: 'number' | 'boolean' | 'time'
  /** Undefined where not valid. */
  readonly numbers: Float64Array
  /** 1 where there is a value. */
  readonly valid: Uint8Array
  /**
   * Texts of values that could not become one (not valid, and not null); null where the column has none. A text of a typed file is in
   * JSON's quotes.
   */
  readonly odd: readonly (string | null)[] | null
}

export interface TextValues {
  readonly as: 'text'
  readonly texts: readonly (string | null)[]
}

/** Lists of numbers of up to 2048 rows, one after the other. */
export interface VectorValues {
  readonly as: 'vector'
  /** NaN where an element is null. */
  readonly numbers: Float64Array
  readonly starts: Float64Array
  /** −1 where there is no list. */
  readonly lengths: Float64Array
  /** Texts of values that are no list; null where the column has none. */
  readonly odd: readonly (string | null)[] | null
}

export type Values = NumberValues | TextValues | VectorValues

/** Some rows, by column in the order asked for. New arrays for every chunk. */
export interface ColumnChunk {
  readonly rows: number
  readonly columns: readonly Values[]
}

export interface Selected {
  readonly as: Values['as']
  /** Where the chunk has the values, and the odd texts; −1: there are none. */
  readonly value: number
  readonly odd: number
}

export function columnChunk(chunk: DuckDBDataChunk, selected: readonly Selected[]): ColumnChunk {
  const rows = chunk.rowCount
  return {
    rows,
    columns: selected.map(({ as, value, odd }) => {
      if (as === 'text') return { as, texts: texts(chunk.getColumnVector(value), rows) }
      if (as === 'vector')
        return vectors(chunk.getColumnVector(value), odd < 0 ? null : chunk.getColumnVector(odd), rows)
      const numbers = new Float64Array(rows)
      const valid = new Uint8Array(rows)
      fill(chunk.getColumnVector(value), numbers, valid)
      return { as, numbers, valid, odd: odd < 0 ? null : oddTexts(chunk.getColumnVector(odd), valid) }
    }),
  }
}

function vectors(vector: DuckDBVector, odd: DuckDBVector | null, rows: number): VectorValues {
  // Row by row the binding would make an object a list; entries (offset, length) and elements are read here as they lie.
  const list = vector as unknown as {
    entryData: BigUint64Array
    validity: { data: BigUint64Array | null }
    childData: { items: Float64Array; validity: { data: BigUint64Array | null } }
  }
  const { items } = list.childData
  const numbers = items.slice()
  const valid = bits(list.validity.data, rows)
  const elements = list.childData.validity.data
  if (elements) {
    const known = bits(elements, items.length)
    for (let i = 0; i < items.length; i++) if (known[i] === 0) numbers[i] = Number.NaN
  }
  const starts = new Float64Array(rows)
  const lengths = new Float64Array(rows).fill(-1)
  for (let i = 0; i < rows; i++) {
    if (valid[i] === 0) continue
    starts[i] = Number(list.entryData[2 * i])
    lengths[i] = Number(list.entryData[2 * i + 1])
  }
  return { as: 'vector', numbers, starts, lengths, odd: odd && oddTexts(odd, valid) }
}

function bits(data: BigUint64Array | null, count: number): Uint8Array {
  const valid = new Uint8Array(count).fill(1)
  if (!data) return valid
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  for (let i = 0; i < count; i++) valid[i] = (bytes[i >> 3]! >> (i & 7)) & 1
  return valid
}

function fill(vector: DuckDBVector, numbers: Float64Array, valid: Uint8Array): void {
  // The binding asks for validity with BigInts, value by value; its bits are read here as bytes.
  const { items, validity } = vector as unknown as { items: Float64Array; validity: { data: BigUint64Array | null } }
  numbers.set(items.subarray(0, numbers.length))
  if (!validity.data) {
    valid.fill(1)
    return
  }
  const bits = new Uint8Array(validity.data.buffer, validity.data.byteOffset, validity.data.byteLength)
  for (let i = 0; i < valid.length; i++) valid[i] = (bits[i >> 3]! >> (i & 7)) & 1
}

function texts(vector: DuckDBVector, rows: number): (string | null)[] {
  const found: (string | null)[] = new Array(rows)
  for (let i = 0; i < rows; i++) found[i] = vector.getItem(i) as string | null
  return found
}

function oddTexts(vector: DuckDBVector, valid: Uint8Array): (string | null)[] | null {
  let found: (string | null)[] | null = null
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] === 1) continue
    const text = vector.getItem(i) as string | null
    if (text === null) continue
    found ??= new Array(valid.length).fill(null)
    found[i] = text
  }
  return found
}
