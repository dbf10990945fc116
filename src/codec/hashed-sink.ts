import { Dictionary, hashBytes, textOf, utf8 } from '../core/dictionary.js'
import { type Row, type Slot, TEXT } from '../core/row.js'
import { SlotSink } from './slot-sink.js'
import type { Spill } from './spill.js'

/** The hash of a value, and its id among the slot's categories when that had `size` of them: only growth can change it. */
interface Hashed {
  readonly text: string
  readonly hash: number
  readonly bytes: Uint8Array
  id: number
  size: number
}

/** Values whose hashes are kept; a value beyond them is hashed each time. */
const MOST_KNOWN = 8192
const LONGEST_KNOWN = 256

/** Writes one feature's column of the row as keyed hashes: past this sink nothing has its values. */
export class HashedSlotSink extends SlotSink {
  /** Values as they came, in memory only. */
  readonly #known = new Dictionary()
  readonly #hashed: Hashed[] = []

  constructor(
    slot: number,
    about: Slot,
    spill: Spill,
    private readonly hash: (text: string) => string,
  ) {
    super(slot, about, spill)
  }

  override text(row: Row, from: number, length: number): void {
    const hashed = this.#of(row.bytes, from, length)
    const { slot, dictionary } = this
    if (hashed.size !== dictionary.size) {
      hashed.id = dictionary.find(hashed.bytes, 0, hashed.bytes.length, hashed.hash)
      hashed.size = dictionary.size
    }
    row.flags[slot] = TEXT
    row.categories[slot] = hashed.id
    if (hashed.id >= 0) return
    this.spill.add(row, hashed.text)
    row.hashes[slot] = hashed.hash
    row.starts[slot] = this.spill.from
    row.lengths[slot] = this.spill.length
  }

  #of(bytes: Uint8Array, from: number, length: number): Hashed {
    const known = this.#known.find(bytes, from, length, hashBytes(bytes, from, length))
    if (known >= 0) return this.#hashed[known]
    const raw = textOf(bytes, from, length)
    const text = this.hash(raw)
    const encoded = utf8(text)
    const hashed: Hashed = { text, hash: hashBytes(encoded, 0, encoded.length), bytes: encoded, id: -1, size: -1 }
    if (this.#known.size < MOST_KNOWN && length <= LONGEST_KNOWN) {
      const id = this.#known.add(raw)
      this.#hashed[id] = hashed
    }
    return hashed
  }
}
