import {
  INFINITE,
  NAN,
  NULL,
  NUMBER,
  NUMERIC_TEXT,
  type Row,
  type Slot,
  TEXT,
  UNSAFE,
  WRONG_TYPE,
} from '../core/row.js'
import { type FileColumn, isPerRow } from './column.js'
import type { Values, VectorValues } from './column-chunk.js'
import { type RowTexts, TextEntries } from './row-texts.js'
import type { ScanColumn } from './table.js'

/** How a column is to be read for a slot. */
export function slotScan({ kind }: Slot, column: FileColumn): ScanColumn {
  const { name, type } = column
  if (kind === 'numeric') return { name, as: 'number' }
  if (kind === 'embedding') return { name, as: 'vector' }
  if (kind === 'text') return { name, as: 'text' }
  if (kind === 'auto' && isPerRow(column)) return { name, as: 'number' }
  // Whole numbers as categories keep all their digits.
  if (type === 'number') return { name, as: kind !== 'auto' && column.integer ? 'text' : 'number' }
  return { name, as: type === 'boolean' ? 'boolean' : 'text' }
}

/** Writes one column of a file into one slot of rows. */
export class SlotColumn {
  chunk!: Values
  readonly #ids: TextEntries
  readonly #slot: number
  readonly #kind: Slot['kind']
  readonly #dictionary: Slot['dictionary']
  readonly #integer: boolean
  readonly #nested: boolean
  /** Of no kind yet: numbers are numbers and texts are texts. */
  readonly #perRow: boolean
  readonly #texts: RowTexts
  readonly #most: number

  constructor(
    slot: number,
    { kind, dictionary, hash }: Slot,
    column: FileColumn,
    { bytes, dimension }: { readonly bytes: RowTexts; readonly dimension: number },
  ) {
    this.#slot = slot
    this.#ids = new TextEntries(hash)
    this.#kind = kind
    this.#dictionary = dictionary
    this.#integer = column.integer
    this.#perRow = kind === 'auto' && isPerRow(column)
    // What the wire has as a number is no text.
    this.#nested =
      column.type === 'other' || (kind === 'text' && (column.type === 'number' || column.type === 'boolean'))
    this.#texts = bytes
    this.#most = dimension
  }

  put(row: Row, i: number): void {
    const { chunk } = this
    if (chunk.as === 'vector') this.#vector(row, chunk, i)
    else if (chunk.as === 'text') {
      const text = chunk.texts[i]!
      if (text === null) row.flags[this.#slot] = NULL
      else if (this.#nested) row.flags[this.#slot] = WRONG_TYPE
      else this.#text(row, text)
    } else if (chunk.valid[i] === 1) {
      if (chunk.as === 'boolean') this.#text(row, chunk.numbers[i] === 0 ? 'false' : 'true')
      else this.#number(row, chunk.numbers[i]!)
    } else this.#odd(row, chunk.odd?.[i] ?? null)
  }

  #vector(row: Row, { numbers, starts, lengths, odd }: VectorValues, i: number): void {
    const slot = this.#slot
    const [start, length] = [starts[i]!, lengths[i]!]
    if (length < 0) row.flags[slot] = odd?.[i] == null ? NULL : WRONG_TYPE
    else if (length === 0 || length > this.#most) row.flags[slot] = WRONG_TYPE
    else {
      const bad = numbers.subarray(start, start + length).find(x => x - x !== 0)
      row.flags[slot] = bad === undefined ? NUMBER : Number.isNaN(bad) ? NAN : INFINITE
      if (bad !== undefined) return
      row.fitVectors(length)
      row.vectors.set(numbers.subarray(start, start + length), row.vectorsUsed)
      row.starts[slot] = row.vectorsUsed
      row.lengths[slot] = length
      row.vectorsUsed += length
    }
  }

  #number(row: Row, x: number): void {
    const slot = this.#slot
    if (x - x !== 0) row.flags[slot] = Number.isNaN(x) ? NAN : INFINITE
    else if (this.#kind === 'categorical' || this.#kind === 'boolean') this.#text(row, String(x))
    else if (this.#integer && !Number.isSafeInteger(x)) row.flags[slot] = UNSAFE
    else {
      row.numbers[slot] = x
      row.flags[slot] = NUMBER
    }
  }

  #odd(row: Row, odd: string | null): void {
    const slot = this.#slot
    if (odd === null) row.flags[slot] = NULL
    else if (this.#kind === 'categorical' || this.#kind === 'boolean' || this.#perRow) this.#text(row, unquoted(odd))
    else row.flags[slot] = odd.startsWith('"') && readsAsNumber(unquoted(odd)) ? NUMERIC_TEXT : WRONG_TYPE
  }

  #text(row: Row, text: string): void {
    const slot = this.#slot
    if (this.#kind === 'text') {
      const bytes = Buffer.from(text, 'utf8')
      row.flags[slot] = TEXT
      row.categories[slot] = -1
      row.starts[slot] = this.#texts.keep(row, bytes)
      row.lengths[slot] = bytes.length
      return
    }
    const entry = this.#ids.get(text)
    if (entry.size !== this.#dictionary.size) {
      entry.id = this.#dictionary.find(entry.bytes, 0, entry.bytes.length, entry.hash)
      entry.size = this.#dictionary.size
    }
    row.flags[slot] = TEXT
    row.categories[slot] = entry.id
    if (entry.id >= 0) return
    row.hashes[slot] = entry.hash
    row.starts[slot] = this.#texts.keep(row, entry.bytes)
    row.lengths[slot] = entry.bytes.length
  }
}

function unquoted(odd: string): string {
  return odd.startsWith('"') ? String(JSON.parse(odd)) : odd
}

function readsAsNumber(text: string): boolean {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)
}
