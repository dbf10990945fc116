import { type Dictionary, hashBytes, textOf, utf8 } from '../core/dictionary.js'
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
import type { Sink } from './sink.js'
import type { Spill } from './spill.js'
import type { Varint } from './varint.js'

const TRUE = utf8('true')
const FALSE = utf8('false')
const TRUE_HASH = hashBytes(TRUE, 0, TRUE.length)
const FALSE_HASH = hashBytes(FALSE, 0, FALSE.length)

/** Writes one feature's column of the row. */
export class SlotSink implements Sink {
  readonly numeric: boolean
  readonly categorical: boolean
  readonly dictionary: Dictionary

  constructor(
    readonly slot: number,
    { kind, dictionary }: Slot,
    protected readonly spill: Spill,
  ) {
    this.numeric = kind === 'numeric'
    this.categorical = kind === 'categorical' || kind === 'boolean'
    this.dictionary = dictionary
  }

  none(row: Row): void {
    row.flags[this.slot] = NULL
  }

  number(row: Row, x: number): void {
    const { slot } = this
    if (x - x !== 0) row.flags[slot] = Number.isNaN(x) ? NAN : INFINITE
    else if (!this.categorical) {
      row.numbers[slot] = x
      row.flags[slot] = NUMBER
    } else {
      const id = this.dictionary.findNumber(x)
      if (id < 0) this.#foreign(row, String(x))
      else this.#known(row, id)
    }
  }

  unsafe(row: Row, x: number, exact: Varint | null): void {
    if (this.categorical) this.#foreign(row, String(exact ?? x))
    else row.flags[this.slot] = UNSAFE
  }

  boolean(row: Row, value: boolean): void {
    if (this.numeric) {
      this.wrong(row)
      return
    }
    const text = value ? TRUE : FALSE
    const id = this.dictionary.find(text, 0, text.length, value ? TRUE_HASH : FALSE_HASH)
    if (id < 0) this.#foreign(row, String(value))
    else this.#known(row, id)
  }

  text(row: Row, from: number, length: number): void {
    const { slot } = this
    if (this.numeric) {
      row.flags[slot] = readsAsNumber(row.bytes, from, length) ? NUMERIC_TEXT : WRONG_TYPE
      return
    }
    const hash = hashBytes(row.bytes, from, length)
    const id = this.dictionary.find(row.bytes, from, length, hash)
    row.flags[slot] = TEXT
    row.categories[slot] = id
    if (id >= 0) return
    row.hashes[slot] = hash
    row.starts[slot] = from
    row.lengths[slot] = length
  }

  bytes(row: Row): void {
    this.wrong(row)
  }

  wrong(row: Row): void {
    row.flags[this.slot] = WRONG_TYPE
  }

  #known(row: Row, id: number): void {
    row.flags[this.slot] = TEXT
    row.categories[this.slot] = id
  }

  #foreign(row: Row, text: string): void {
    this.spill.add(row, text)
    this.text(row, this.spill.from, this.spill.length)
  }
}

/** Longest text that is looked at for a number. */
const LONGEST_NUMBER = 64
const NUMBER_TEXT = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i

function readsAsNumber(bytes: Uint8Array, from: number, length: number): boolean {
  return length > 0 && length <= LONGEST_NUMBER && NUMBER_TEXT.test(textOf(bytes, from, length))
}

/** The symbols of an enum as one slot's categories: their ids are looked up once, and again when the dictionary has grown. */
export class SymbolIds {
  #ids: number[] = []
  #size = -1

  constructor(
    private readonly sink: SlotSink,
    private readonly symbols: readonly string[],
    private readonly spill: Spill,
  ) {}

  put(row: Row, index: number): void {
    const { sink } = this
    if (sink.dictionary.size !== this.#size) this.#look()
    const id = this.#ids[index]
    if (id >= 0) {
      row.flags[sink.slot] = TEXT
      row.categories[sink.slot] = id
    } else {
      this.spill.add(row, this.symbols[index])
      sink.text(row, this.spill.from, this.spill.length)
    }
  }

  #look(): void {
    const { dictionary } = this.sink
    this.#size = dictionary.size
    this.#ids = this.symbols.map(symbol => {
      const bytes = utf8(symbol)
      return this.sink.numeric ? -1 : dictionary.find(bytes, 0, bytes.length, hashBytes(bytes, 0, bytes.length))
    })
  }
}
