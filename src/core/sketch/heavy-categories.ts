import { textOf, utf8 } from '../dictionary.js'

/** Categories that are counted one by one among those no plan names. */
export const MOST_HEAVY = 256
/** Bytes of a category that are kept; a longer one is told by its beginning and its hash. */
const LONGEST = 256
const SLOTS = 1024

export interface HeavyCategory {
  readonly value: string
  readonly count: number
  readonly error: number
}

/**
 * Space-Saving (Metwally et al. 2005) over categories by their bytes, without making a string: exact up to 256 distinct ones, then any with
 * more than total/256 rows is in it and its count overstates by at most `error`.
 */
export class FrequentCategories {
  size = 0
  /** Whether one had to give way. */
  overflowed = false
  readonly #hashes = new Int32Array(MOST_HEAVY)
  readonly #lengths = new Int32Array(MOST_HEAVY)
  readonly #counts = new Float64Array(MOST_HEAVY)
  readonly #errors = new Float64Array(MOST_HEAVY)
  /** Grows with what is seen; most features have few and short categories. */
  #bytes = new Uint8Array(1024)
  #stride = 64
  /** Open addressing: slot + 1. */
  #table = new Int16Array(SLOTS)

  offer(hash: number, bytes: Uint8Array, from: number, length: number, count = 1, error = 0): void {
    const mask = SLOTS - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = this.#table[at] - 1
      if (slot < 0) break
      if (this.#hashes[slot] === hash && this.#lengths[slot] === length && this.#same(slot, bytes, from, length)) {
        this.#counts[slot] += count
        this.#errors[slot] += error
        return
      }
    }
    if (this.size < MOST_HEAVY) this.#put(this.size++, hash, bytes, from, length, count, error)
    else this.#replace(hash, bytes, from, length, count, error)
  }

  /** Most frequent first, ties in text order. */
  state(): HeavyCategory[] {
    const all = Array.from({ length: this.size }, (_, slot) => ({
      value: this.#text(slot),
      count: this.#counts[slot],
      error: this.#errors[slot],
    }))
    return all.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  }

  #replace(hash: number, bytes: Uint8Array, from: number, length: number, count: number, error: number): void {
    this.overflowed = true
    let least = 0
    for (let slot = 1; slot < MOST_HEAVY; slot++) if (this.#counts[slot] < this.#counts[least]) least = slot
    const before = this.#counts[least]
    this.#put(least, hash, bytes, from, length, before + count, before + error)
    // The one that gave way leaves its place in the table; rebuilding it whole keeps probing right.
    this.#table.fill(0)
    for (let slot = 0; slot < MOST_HEAVY; slot++) this.#place(slot)
  }

  #put(
    slot: number,
    hash: number,
    bytes: Uint8Array,
    from: number,
    length: number,
    count: number,
    error: number,
  ): void {
    const kept = Math.min(length, LONGEST)
    while (kept > this.#stride || (slot + 1) * this.#stride > this.#bytes.length) this.#grow(kept, slot)
    this.#hashes[slot] = hash
    this.#lengths[slot] = length
    this.#counts[slot] = count
    this.#errors[slot] = error
    const start = slot * this.#stride
    for (let i = 0; i < kept; i++) this.#bytes[start + i] = bytes[from + i]
    if (!this.overflowed) this.#place(slot)
  }

  #grow(kept: number, slot: number): void {
    const old = this.#bytes
    const stride = this.#stride
    while (kept > this.#stride) this.#stride *= 2
    this.#bytes = new Uint8Array(Math.max(2 * old.length, (slot + 1) * this.#stride))
    for (let s = 0; s < Math.min(slot + 1, this.size); s++)
      this.#bytes.set(old.subarray(s * stride, (s + 1) * stride), s * this.#stride)
  }

  #place(slot: number): void {
    const mask = SLOTS - 1
    let at = this.#hashes[slot] & mask
    while (this.#table[at] !== 0) at = (at + 1) & mask
    this.#table[at] = slot + 1
  }

  #same(slot: number, bytes: Uint8Array, from: number, length: number): boolean {
    const start = slot * this.#stride
    for (let i = 0, n = Math.min(length, LONGEST); i < n; i++)
      if (this.#bytes[start + i] !== bytes[from + i]) return false
    return true
  }

  #text(slot: number): string {
    const length = this.#lengths[slot]
    const start = slot * this.#stride
    if (length <= LONGEST) return textOf(this.#bytes, start, length)
    let end = LONGEST
    while (end > 0 && (this.#bytes[start + end] & 0xc0) === 0x80) end--
    return `${textOf(this.#bytes, start, end)}…${(this.#hashes[slot] >>> 0).toString(16).padStart(8, '0')}`
  }
}

const encoded = new Map<string, Uint8Array>()

/** UTF-8 of a declared value, made once. */
export function bytesOf(text: string): Uint8Array {
  let bytes = encoded.get(text)
  if (bytes === undefined) {
    if (encoded.size > 10_000) encoded.clear()
    encoded.set(text, (bytes = utf8(text)))
  }
  return bytes
}
