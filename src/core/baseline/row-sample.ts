import { NUMBER, type Row } from '../row.js'

/** Rows kept at most, and numbers of them all (32 MiB). */
const MOST_ROWS = 4096
const MOST_NUMBERS = 2 ** 22

/**
 * Numbers of some of the rows that pass by, as many as fit: a row is kept when the hash of its place is below a threshold, which is halved
 * when there are too many. The same rows in the same order give the same sample; a file in time order is sampled evenly.
 */
export class RowSample {
  #rows: { readonly hash: number; readonly numbers: Float64Array }[] = []
  #threshold = 2 ** 32
  #seen = 0

  add(row: Row): void {
    const hash = mixed(this.#seen++)
    if (hash >= this.#threshold) return
    const size = row.layout.slots.length
    const numbers = new Float64Array(size)
    for (let slot = 0; slot < size; slot++) numbers[slot] = row.flags[slot] === NUMBER ? row.numbers[slot] : Number.NaN
    this.#rows.push({ hash, numbers })
    while (this.#rows.length > Math.max(1, Math.min(MOST_ROWS, MOST_NUMBERS / size))) {
      this.#threshold /= 2
      this.#rows = this.#rows.filter(kept => kept.hash < this.#threshold)
    }
  }

  /** Numbers of one slot in all rows kept, NaN where a row has none. */
  column(slot: number): Float64Array {
    return Float64Array.from(this.#rows, ({ numbers }) => (slot < numbers.length ? numbers[slot] : Number.NaN))
  }
}

/** A 32-bit mix of the row's place (the finaliser of MurmurHash3). */
export function mixed(place: number): number {
  let h = Math.imul(place + 1, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
