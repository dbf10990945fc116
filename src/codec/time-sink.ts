import type { TimeUnit } from '../core/monitor.js'
import type { Row } from '../core/row.js'
import { isoTime } from './iso-time.js'
import type { Reading } from './reading.js'
import type { Sink } from './sink.js'
import type { Varint } from './varint.js'

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
