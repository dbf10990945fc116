import { hashBytes, textOf, utf8 } from '../core/dictionary.js'
import type { TimeUnit } from '../core/monitor.js'
import type { Layout, Row } from '../core/row.js'
import { isoTime } from './iso-time.js'
import type { Reading } from './reading.js'
import type { Sink } from './sink.js'
import type { Varint } from './varint.js'

/** A value that is used as its text: numbers in their shortest decimal form, booleans as `true` and `false`. */
abstract class TextSink implements Sink {
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

function same(known: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (known.length !== length) return false
  for (let i = 0; i < length; i++) if (known[i] !== bytes[from + i]) return false
  return true
}

/** Model versions that get a name of their own; later ones share `other`. */
const MOST_VERSIONS = 64
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
      id = versions.add(fits ? textOf(bytes, from, length) : 'other')
    }
    if (length <= LONGEST_VERSION) {
      this.#last = new Uint8Array(bytes.subarray(from, from + length))
      this.#lastId = id
    }
    row.version = id
  }
}

/** Units as the schema's logical types give them, besides the monitor's. */
export type WireUnit = TimeUnit | 'days'

export class TimeSink implements Sink {
  constructor(
    private readonly reading: Reading,
    readonly unit: WireUnit,
  ) {}

  none(): void {}
  number(row: Row, x: number): void {
    const time = toMs(x, this.unit)
    row.time = time
    this.reading.time = Number.isNaN(time) ? 'unreadable' : 'read'
  }
  unsafe(row: Row, x: number, exact: Varint | null): void {
    const { unit } = this
    if (exact === null || (unit !== 'ns' && unit !== 'us')) {
      this.number(row, x)
      return
    }
    row.time = exact.floorDivide(unit === 'ns' ? 1e6 : 1e3)
    this.reading.time = 'read'
  }
  text(row: Row, from: number, length: number): void {
    const time = isoTime(row.bytes, from, length)
    if (Number.isNaN(time) && this.unit !== 'iso') {
      this.#digits(row, from, length)
      return
    }
    row.time = time
    this.reading.time = Number.isNaN(time) ? 'unreadable' : 'read'
  }
  boolean(): void {
    this.reading.time = 'unreadable'
  }
  bytes(): void {
    this.reading.time = 'unreadable'
  }
  wrong(): void {
    this.reading.time = 'unreadable'
  }

  /** JSON writers put 64-bit integers in quotes. */
  #digits(row: Row, from: number, length: number): void {
    const text = length <= 24 ? String.fromCharCode(...row.bytes.subarray(from, from + length)) : ''
    if (!/^-?\d+$/.test(text)) this.reading.time = 'unreadable'
    else if (this.unit === 'ns' && text.length > 15) this.number(row, Number(text.slice(0, -6)) * 1e6)
    else this.number(row, Number(text))
  }
}

/** Whole epoch milliseconds, rounded down; NaN where x is no finite number or the unit is a text's. */
function toMs(x: number, unit: WireUnit): number {
  if (x - x !== 0) return Number.NaN
  switch (unit) {
    case 'ms':
      return Math.floor(x)
    case 'us':
      return floorDivide(x, 1e3)
    case 'ns':
      return floorDivide(x, 1e6)
    case 's':
      // Seconds with a fraction are decimals that a double only comes near.
      return Math.floor(Math.round(x * 1e6) / 1e3)
    case 'days':
      return Math.floor(x) * 86_400_000
    case 'iso':
      return Number.NaN
  }
}

/** Exact for integers, whose quotient may round up over the next whole number. */
function floorDivide(x: number, divisor: number): number {
  const rest = x % divisor
  return Math.floor((x - rest) / divisor) - (rest < 0 ? 1 : 0)
}
