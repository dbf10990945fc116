import type { Row } from '../core/row.js'
import type { Varint } from './varint.js'

/** Takes one value off the wire, whatever its type: a feature's slot, the key, the event time … Avro and JSON readers fill the same sinks. */
export interface Sink {
  /** The value is null. */
  none(row: Row): void
  /** Any double. */
  number(row: Row, x: number): void
  /** An integer beyond ±2^53. @param exact all its bits, where the wire had them */
  unsafe(row: Row, x: number, exact: Varint | null): void
  boolean(row: Row, value: boolean): void
  /** UTF-8 at row.bytes[from, from + length). */
  text(row: Row, from: number, length: number): void
  /** Bytes that are no text. */
  bytes(row: Row, from: number, length: number): void
  /** An array, map or record. */
  wrong(row: Row): void
}
