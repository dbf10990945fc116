import type { Row } from '../core/row.js'

/**
 * Texts that the wire does not hold as such (enum symbols, numbers and booleans as categories, everything of JSON). They are appended to a
 * copy of the record, so that `row.bytes` stays one array in which all places hold. Reused; grows to the largest record.
 */
export class Spill {
  /** Where the last text lies in `row.bytes`. */
  from = 0
  length = 0
  #space = Buffer.allocUnsafe(1024)
  #used = 0

  /** Starts a row that has no bytes of its own. */
  begin(row: Row): void {
    this.#used = 0
    row.bytes = this.#space
  }

  add(row: Row, text: string): void {
    const base = row.bytes === this.#space ? this.#used : row.bytes.length
    const needed = base + 3 * text.length
    const space = needed > this.#space.length ? Buffer.allocUnsafe(2 * needed) : this.#space
    if (row.bytes !== space) space.set(row.bytes.subarray(0, base))
    this.#space = space
    row.bytes = space
    this.from = base
    this.length = space.write(text, base)
    this.#used = base + this.length
  }
}
