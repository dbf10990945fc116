import { MISSING, type Row } from '../row.js'
import type { Columns } from '../sketch/columns.js'

/** Values that a block takes at most: it stays in the processor's first cache. */
const MOST_VALUES = 2048
const MOST_ROWS = 64
const MOST_POOLED = 256
/** By width: while features are discovered every leaf passes through every width. */
const pools = new Map<number, RowBlock[]>()
let pooled = 0

/**
 * Rows side by side, until there are enough of them to go to the sketches feature by feature: one sketch's counters then stay in registers for
 * many values, where row by row every value would fetch another sketch's from memory. Categories do not wait here, as their bytes do not last.
 */
export class RowBlock implements Columns {
  readonly numbers: Float64Array
  readonly flags: Uint8Array
  rows = 0
  readonly #room: number

  constructor(readonly width: number) {
    this.#room = Math.min(MOST_ROWS, Math.max(1, Math.floor(MOST_VALUES / width)))
    this.numbers = new Float64Array(width * this.#room)
    this.flags = new Uint8Array(width * this.#room)
  }

  get isFull(): boolean {
    return this.rows === this.#room
  }

  add(row: Row): void {
    const { numbers, flags, width } = this
    const at = width * this.rows++
    if (row.flags.length === width) {
      numbers.set(row.numbers, at)
      flags.set(row.flags, at)
    } else {
      // Slots that the row has no room for yet are missing in it.
      for (let slot = 0; slot < width; slot++) {
        numbers[at + slot] = row.numbers[slot] ?? 0
        flags[at + slot] = row.flags[slot] ?? MISSING
      }
    }
  }
}

export function borrowBlock(width: number): RowBlock {
  const block = pools.get(width)?.pop()
  if (block !== undefined) pooled--
  return block ?? new RowBlock(width)
}

export function returnBlock(block: RowBlock): void {
  block.rows = 0
  let pool = pools.get(block.width)
  if (pool === undefined) pools.set(block.width, (pool = []))
  if (pooled >= MOST_POOLED) return
  pool.push(block)
  pooled++
}
