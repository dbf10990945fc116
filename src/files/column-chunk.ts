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

/** Some rows, by column in the order asked for. New arrays for every chunk. */
export interface ColumnChunk {
  readonly rows: number
  readonly columns: readonly (NumberValues | TextValues)[]
}

export interface Selected {
  readonly as: NumberValues['as'] | 'text'
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
      const numbers = new Float64Array(rows)
      const valid = new Uint8Array(rows)
      fill(chunk.getColumnVector(value), numbers, valid)
      return { as, numbers, valid, odd: odd < 0 ? null : oddTexts(chunk.getColumnVector(odd), valid) }
    }),
  }
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
