import { hashBytes, textOf, utf8 } from '../core/dictionary.js'
import { lowWord } from '../core/join/key.js'
import { type Layout, type Row, UNNAMED } from '../core/row.js'
import type { Reading } from './reading.js'
import type { Sink } from './sink.js'
import type { Varint } from './varint.js'

/** A value that is used as its text: numbers in their shortest decimal form, booleans as `true` and `false`. */
export abstract class TextSink implements Sink {
  abstract take(row: Row, bytes: Uint8Array, from: number, length: number): void

  none(_row: Row): void {}
  wrong(row: Row): void {
    this.none(row)
  }
  number(row: Row, x: number): void {
    if (Number.isSafeInteger(x)) {
      const from = writeDigits(x)
      this.take(row, digits, from, digits.length - from)
    } else this.#string(row, String(x))
  }
  unsafe(row: Row, x: number, exact: Varint | null): void {
    this.#string(row, String(exact ?? x))
  }
  boolean(row: Row, value: boolean): void {
    this.#string(row, String(value))
  }
  text(row: Row, from: number, length: number): void {
    this.take(row, row.bytes, from, length)
  }
  bytes(row: Row, from: number, length: number): void {
    this.take(row, row.bytes, from, length)
  }
  #string(row: Row, text: string): void {
    const bytes = utf8(text)
    this.take(row, bytes, 0, bytes.length)
  }
}

const digits = new Uint8Array(17)

/** Decimal digits of a safe integer at the end of `digits`; returns where they start. */
function writeDigits(x: number): number {
  let at = digits.length
  let rest = Math.abs(x)
  do {
    const tens = Math.floor(rest / 10)
    digits[--at] = 48 + rest - 10 * tens
    rest = tens
  } while (rest > 0)
  if (x < 0) digits[--at] = 45
  return at
}

/** The join key, by hash: the same for the number 42 and the text "42". */
export class KeySink extends TextSink {
  constructor(private readonly reading: Reading) {
    super()
  }
  take(row: Row, bytes: Uint8Array, from: number, length: number): void {
    row.key = hashBytes(bytes, from, length)
    this.reading.key = true
  }
}

/** The join key where rows are joined by it: 64 bits of hash. */
export class JoinKeySink extends KeySink {
  override take(row: Row, bytes: Uint8Array, from: number, length: number): void {
    super.take(row, bytes, from, length)
    row.keyLow = lowWord(bytes, from, length)
  }
}

export class EntitySink extends TextSink {
  take(row: Row, bytes: Uint8Array, from: number, length: number): void {
    row.entity = hashBytes(bytes, from, length)
  }
}

/** One condition of `where`. */
export class WhereSink extends TextSink {
  readonly #equals: Uint8Array
  constructor(
    private readonly reading: Reading,
    private readonly bit: number,
    equals: string,
  ) {
    super()
    this.#equals = utf8(equals)
  }
  take(_row: Row, bytes: Uint8Array, from: number, length: number): void {
    if (same(this.#equals, bytes, from, length)) this.reading.matched |= this.bit
    else this.reading.mismatch = true
  }
  override none(): void {
    this.reading.mismatch = true
  }
}

export function same(known: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (known.length !== length) return false
  for (let i = 0; i < length; i++) if (known[i] !== bytes[from + i]) return false
  return true
}

/** Model versions that an instance has names for; how many of them have series is for each pane to say. */
const MOST_VERSIONS = 4096
const LONGEST_VERSION = 256

export class VersionSink extends TextSink {
  /** Nearly always that of the record before. */
  #last: Uint8Array = new Uint8Array(0)
  #lastId = -1
  constructor(
    private readonly reading: Reading,
    private readonly layout: Layout,
  ) {
    super()
  }
  take(row: Row, bytes: Uint8Array, from: number, length: number): void {
    this.reading.version = true
    if (this.#lastId >= 0 && same(this.#last, bytes, from, length)) {
      row.version = this.#lastId
      return
    }
    const { versions } = this.layout
    let id = versions.find(bytes, from, length, hashBytes(bytes, from, length))
    if (id < 0) {
      const fits = versions.size < MOST_VERSIONS && length <= LONGEST_VERSION
      id = fits ? versions.add(textOf(bytes, from, length)) : UNNAMED
    }
    if (id >= 0) {
      this.#last = new Uint8Array(bytes.subarray(from, from + length))
      this.#lastId = id
    }
    row.version = id
  }
}
