import type { Row } from '../core/row.js'

/**
 * Texts that the wire does not hold as such (enum symbols, numbers and booleans as categories, everything of JSON). They are appended to a
 * copy of the record, so that `row.bytes` stays one array in which all places hold. Reused; grows to the largest batch of records.
 */
export class Spill {
  /** Where the last text lies in `row.bytes`. */
  from = 0
  length = 0
  #space = Buffer.allocUnsafe(1024)
  #used = 0
  /** Where the record lies. */
  #recordAt = 0
  #recordEnd = 0

  /** Starts a row that has no bytes of its own. */
  begin(row: Row): void {
    this.#recordAt = 0
    this.#used = 0
    row.bytes = this.#space
  }

  /** Starts a row whose record lies at row.bytes[from, end). */
  beginAt(from: number, end: number): void {
    this.#recordAt = from
    this.#recordEnd = end
  }

  add(row: Row, text: string): void {
    const base = row.bytes === this.#space ? this.#used : this.#recordEnd
    const needed = base + 3 * text.length
    const space = needed > this.#space.length ? Buffer.allocUnsafe(2 * needed) : this.#space
    // The record keeps its place, however far into a fetch it lies: what has been noted of it stays right.
    if (row.bytes !== space) space.set(row.bytes.subarray(this.#recordAt, base), this.#recordAt)
    this.#space = space
    row.bytes = space
    this.from = base
    this.length = space.write(text, base)
    this.#used = base + this.length
  }
}
