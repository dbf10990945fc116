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
import type { FileColumn } from './column.js'
import type { NumberValues, TextValues } from './column-chunk.js'
import { type RowTexts, TextEntries } from './row-texts.js'
import type { ScanColumn } from './table.js'

/** How a column is to be read for a slot. */
export function slotScan({ kind }: Slot, column: FileColumn): ScanColumn {
  const { name, type } = column
  if (kind === 'numeric') return { name, as: 'number' }
  // Whole numbers as categories keep all their digits.
  if (type === 'number') return { name, as: kind !== 'auto' && column.integer ? 'text' : 'number' }
  return { name, as: type === 'boolean' ? 'boolean' : 'text' }
}

/** Writes one column of a file into one slot of rows. */
export class SlotColumn {
  chunk!: NumberValues | TextValues
  readonly #ids = new TextEntries()
  readonly #slot: number
  readonly #kind: Slot['kind']
  readonly #dictionary: Slot['dictionary']
  readonly #integer: boolean
  readonly #nested: boolean

  constructor(
    slot: number,
    { kind, dictionary }: Slot,
    column: FileColumn,
    readonly texts: RowTexts,
  ) {
    this.#slot = slot
    this.#kind = kind
    this.#dictionary = dictionary
    this.#integer = column.integer
    this.#nested = column.type === 'other'
  }

  put(row: Row, i: number): void {
    const { chunk } = this
    if (chunk.as === 'text') {
      const text = chunk.texts[i]!
      if (text === null) row.flags[this.#slot] = NULL
      else if (this.#nested) row.flags[this.#slot] = WRONG_TYPE
      else this.#text(row, text)
    } else if (chunk.valid[i] === 1) {
      if (chunk.as === 'boolean') this.#text(row, chunk.numbers[i] === 0 ? 'false' : 'true')
      else this.#number(row, chunk.numbers[i]!)
    } else this.#odd(row, chunk.odd?.[i] ?? null)
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
    else if (this.#kind === 'categorical' || this.#kind === 'boolean') this.#text(row, unquoted(odd))
    else row.flags[slot] = odd.startsWith('"') && readsAsNumber(unquoted(odd)) ? NUMERIC_TEXT : WRONG_TYPE
  }

  #text(row: Row, text: string): void {
    const slot = this.#slot
    const entry = this.#ids.get(text)
    if (entry.size !== this.#dictionary.size) {
      entry.id = this.#dictionary.find(entry.bytes, 0, entry.bytes.length, entry.hash)
      entry.size = this.#dictionary.size
    }
    row.flags[slot] = TEXT
    row.categories[slot] = entry.id
    if (entry.id >= 0) return
    row.hashes[slot] = entry.hash
    row.starts[slot] = this.texts.keep(row, entry.bytes)
    row.lengths[slot] = entry.bytes.length
  }
}

function unquoted(odd: string): string {
  return odd.startsWith('"') ? String(JSON.parse(odd)) : odd
}

function readsAsNumber(text: string): boolean {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)
}
