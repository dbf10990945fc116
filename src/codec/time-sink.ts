import type { TimeUnit } from '../core/monitor.js'
import { NULL, NUMBER, type Row, WRONG_TYPE } from '../core/row.js'
import { isoTime } from './iso-time.js'
import type { Reading } from './reading.js'
import type { Sink } from './sink.js'
import type { Varint } from './varint.js'

/** Units as the schema's logical types give them, besides the monitor's. */
export type WireUnit = TimeUnit | 'days'

/** A point in time, in whatever way the wire has it. */
export abstract class InstantSink implements Sink {
  constructor(readonly unit: WireUnit) {}

  /** @param time epoch ms; NaN where the value is no time */
  abstract take(row: Row, time: number): void
  abstract none(row: Row): void
  /** The same for values in another unit: the schema's goes before the monitor's. */
  abstract inUnit(unit: WireUnit): InstantSink

  number(row: Row, x: number): void {
    this.take(row, toMs(x, this.unit))
  }
  unsafe(row: Row, x: number, exact: Varint | null): void {
    const { unit } = this
    if (exact === null || (unit !== 'ns' && unit !== 'us')) this.number(row, x)
    else this.take(row, exact.floorDivide(unit === 'ns' ? 1e6 : 1e3))
  }
  text(row: Row, from: number, length: number): void {
    const time = isoTime(row.bytes, from, length)
    if (Number.isNaN(time) && this.unit !== 'iso') this.#digits(row, from, length)
    else this.take(row, time)
  }
  boolean(row: Row): void {
    this.take(row, Number.NaN)
  }
  bytes(row: Row): void {
    this.take(row, Number.NaN)
  }
  wrong(row: Row): void {
    this.take(row, Number.NaN)
  }

  /** JSON writers put 64-bit integers in quotes. */
  #digits(row: Row, from: number, length: number): void {
    const text = length <= 24 ? String.fromCharCode(...row.bytes.subarray(from, from + length)) : ''
    if (!/^-?\d+$/.test(text)) this.take(row, Number.NaN)
    else if (this.unit === 'ns' && text.length > 15) this.number(row, Number(text.slice(0, -6)) * 1e6)
    else this.number(row, Number(text))
  }
}

/** The event time. */
export class TimeSink extends InstantSink {
  constructor(
    private readonly reading: Reading,
    unit: WireUnit,
  ) {
    super(unit)
  }
  take(row: Row, time: number): void {
    row.time = time
    this.reading.time = Number.isNaN(time) ? 'unreadable' : 'read'
  }
  none(): void {}
  inUnit(unit: WireUnit): TimeSink {
    return new TimeSink(this.reading, unit)
  }
}

/** When a feature was computed: held in the slot of its age until the event time is known too (`Reading.end`). */
export class AgeSink extends InstantSink {
  constructor(
    readonly slot: number,
    unit: WireUnit,
  ) {
    super(unit)
  }
  take(row: Row, time: number): void {
    row.numbers[this.slot] = time
    row.flags[this.slot] = Number.isNaN(time) ? WRONG_TYPE : NUMBER
  }
  none(row: Row): void {
    row.flags[this.slot] = NULL
  }
  inUnit(unit: WireUnit): AgeSink {
    return new AgeSink(this.slot, unit)
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
