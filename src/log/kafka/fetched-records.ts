import { ZigzagReader } from './zigzag-reader.js'

/** Bytes in which records lie: a fetch's answer, or one record batch unpacked. */
interface Stretch {
  readonly bytes: Buffer
  /** Index after its last record. */
  readonly to: number
}

const NO_HEADERS: Readonly<Record<string, Uint8Array>> = Object.freeze({})

/** Numbers kept of a record's places: where its key is and how long (−1 for null), the same of its value. */
const PLACES = 4

/**
 * The records of one partition as one fetch brought them, control records and aborted ones left out: where each lies in the bytes. Nothing
 * is made of a record but what is asked for.
 */
export class FetchedRecords {
  size = 0
  /** Offset after everything that was fetched, records or not. */
  nextOffset = -1
  readonly offsets: Float64Array
  /** Epoch ms. */
  readonly timestamps: Float64Array
  readonly #places: Int32Array
  readonly #stretches: Stretch[] = []
  /** Where the last one asked for lies; they are asked for in order. */
  #stretch = 0

  /** @param room records there are at most */
  constructor(room: number) {
    this.offsets = new Float64Array(room)
    this.timestamps = new Float64Array(room)
    this.#places = new Int32Array(PLACES * room)
  }

  add(offset: number, timestamp: number, keyAt: number, keyLength: number, valueAt: number, valueLength: number): void {
    const at = this.size * PLACES
    this.offsets[this.size] = offset
    this.timestamps[this.size++] = timestamp
    this.#places[at] = keyAt
    this.#places[at + 1] = keyLength
    this.#places[at + 2] = valueAt
    this.#places[at + 3] = valueLength
  }

  /** The records added since the last call lie in these bytes. */
  liesIn(bytes: Buffer): void {
    const last = this.#stretches.at(-1)
    if (last?.bytes === bytes) this.#stretches.pop()
    this.#stretches.push({ bytes, to: this.size })
  }

  /** Index of the first record at or after an offset. */
  firstAt(offset: number): number {
    let low = 0
    for (let high = this.size; low < high; ) {
      const middle = (low + high) >>> 1
      if (this.offsets[middle] < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  key(index: number): Buffer | null {
    return this.#part(index, this.#places[PLACES * index], this.#places[PLACES * index + 1])
  }

  value(index: number): Buffer | null {
    return this.#part(index, this.#places[PLACES * index + 2], this.#places[PLACES * index + 3])
  }

  /** Of a repeated name the last; a header without a value is left out. */
  headers(index: number): Readonly<Record<string, Uint8Array>> {
    const bytes = this.memory(index)
    const valueLength = this.#places[PLACES * index + 3]
    const reader = new ZigzagReader(bytes, this.#places[PLACES * index + 2] + Math.max(0, valueLength))
    const count = reader.int()
    if (count <= 0) return NO_HEADERS
    const headers = new Map<string, Uint8Array>()
    for (let i = 0; i < count; i++) {
      const name = String(reader.bytes() ?? '')
      const value = reader.bytes()
      if (value === null) headers.delete(name)
      else headers.set(name, value)
    }
    return Object.fromEntries(headers)
  }

  /** The bytes that a record lies in. */
  memory(index: number): Buffer {
    const stretches = this.#stretches
    if (this.#stretch > 0 && index < stretches[this.#stretch - 1].to) this.#stretch = 0
    while (index >= stretches[this.#stretch].to) this.#stretch++
    return stretches[this.#stretch].bytes
  }

  valueStart(index: number): number {
    return this.#places[PLACES * index + 2]
  }

  /** −1 for null. */
  valueEnd(index: number): number {
    const length = this.#places[PLACES * index + 3]
    return length < 0 ? -1 : this.#places[PLACES * index + 2] + length
  }

  #part(index: number, from: number, length: number): Buffer | null {
    return length < 0 ? null : this.memory(index).subarray(from, from + length)
  }
}
