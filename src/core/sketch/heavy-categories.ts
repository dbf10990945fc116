import { hashBytes, textOf, utf8 } from '../dictionary.js'
import type { OpenFrequent } from './open-state.js'

/** Categories that are counted one by one among those no plan names. */
export const MOST_HEAVY = 256
/** Bytes of a category that are kept; a longer one is told by its beginning and its hash. */
export const LONGEST_KEY = 256

export interface HeavyCategory {
  readonly value: string
  readonly count: number
  readonly error: number
}

/**
 * Space-Saving (Metwally et al. 2005) over categories by their bytes, without making a string: exact up to 256 distinct ones, then any with
 * more than total/256 rows is in it and its count overstates by at most `error`. No allocation per value.
 */
export class FrequentCategories {
  size = 0
  /** Whether one had to give way. */
  overflowed = false
  #room = 16
  #hashes = new Int32Array(16)
  /** Bytes kept of each; negative where the category was longer than that. */
  #lengths = new Int32Array(16)
  #counts = new Float64Array(16)
  #errors = new Float64Array(16)
  /** Slot + 1 by hash, open addressing, at most half full. */
  #table = new Int16Array(32)
  #bytes = new Uint8Array(16 * 16)
  #stride = 16
  /** Slots that had the least count when last looked for, the next to give way last. */
  readonly #least: number[] = []
  #leastCount = 0

  static reopen({ overflowed, hashes, lengths, counts, errors, bytes, least, leastCount }: OpenFrequent) {
    const frequent = new FrequentCategories()
    while (frequent.#room < hashes.length) frequent.#grow()
    for (let slot = 0, at = 0; slot < hashes.length; slot++) {
      const kept = Math.abs(lengths[slot])
      while (kept > frequent.#stride) frequent.#widen()
      frequent.#bytes.set(bytes.subarray(at, at + kept), slot * frequent.#stride)
      frequent.#hashes[slot] = hashes[slot]
      frequent.#place(slot)
      frequent.size++ // counted at once: what is widened later copies the slots before
      at += kept
    }
    frequent.#lengths.set(lengths)
    frequent.#counts.set(counts)
    frequent.#errors.set(errors)
    frequent.#least.push(...least)
    frequent.#leastCount = leastCount
    frequent.overflowed = overflowed
    return frequent
  }

  /** Views of what there is now: valid until the next value. */
  open(): OpenFrequent {
    const { size } = this
    const lengths = this.#lengths.subarray(0, size)
    const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + Math.abs(length), 0))
    for (let slot = 0, at = 0; slot < size; slot++) {
      const start = slot * this.#stride
      const kept = Math.abs(lengths[slot])
      bytes.set(this.#bytes.subarray(start, start + kept), at)
      at += kept
    }
    return {
      overflowed: this.overflowed,
      hashes: this.hashes(),
      lengths,
      counts: this.#counts.subarray(0, size),
      errors: this.#errors.subarray(0, size),
      bytes,
      least: Int32Array.from(this.#least),
      leastCount: this.#leastCount,
    }
  }

  /** One row with the category bytes[from, from + length); `hash` is their hashBytes. */
  add(hash: number, bytes: Uint8Array, from: number, length: number): void {
    const table = this.#table
    const mask = table.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = table[at] - 1
      if (slot < 0) break
      if (this.#hashes[slot] === hash && this.#same(slot, bytes, from, length)) {
        this.#counts[slot]++
        return
      }
    }
    if (this.size < MOST_HEAVY) {
      if (this.size === this.#room) this.#grow()
      this.#put(this.size++, hash, bytes, from, length, 0)
    } else {
      this.overflowed = true
      const slot = this.#giveWay()
      this.#remove(slot)
      this.#put(slot, hash, bytes, from, length, this.#counts[slot])
    }
  }

  /** Most frequent first, ties in text order. */
  state(): HeavyCategory[] {
    const all = Array.from({ length: this.size }, (_, slot) => ({
      value: this.#text(slot),
      count: this.#counts[slot],
      error: this.#errors[slot],
    }))
    return all.sort(byCount)
  }

  /** The hashes of all categories held. */
  hashes(): Int32Array {
    return this.#hashes.subarray(0, this.size)
  }

  /** A slot of the least count. They are looked up many at a time, so that a column of ids costs no search a row. */
  #giveWay(): number {
    const counts = this.#counts
    for (;;) {
      for (let slot = this.#least.pop(); slot !== undefined; slot = this.#least.pop())
        if (counts[slot] === this.#leastCount) return slot
      let least = Number.POSITIVE_INFINITY
      for (let slot = 0; slot < MOST_HEAVY; slot++) if (counts[slot] < least) least = counts[slot]
      for (let slot = MOST_HEAVY - 1; slot >= 0; slot--) if (counts[slot] === least) this.#least.push(slot)
      this.#leastCount = least
    }
  }

  #put(slot: number, hash: number, bytes: Uint8Array, from: number, length: number, before: number): void {
    const kept = length <= LONGEST_KEY ? length : cutLength(bytes, from)
    while (kept > this.#stride) this.#widen()
    this.#hashes[slot] = hash
    this.#lengths[slot] = length <= LONGEST_KEY ? length : -kept
    this.#counts[slot] = before + 1
    this.#errors[slot] = before
    const start = slot * this.#stride
    for (let i = 0; i < kept; i++) this.#bytes[start + i] = bytes[from + i]
    this.#place(slot)
  }

  #place(slot: number): void {
    const mask = this.#table.length - 1
    let at = this.#hashes[slot] & mask
    while (this.#table[at] !== 0) at = (at + 1) & mask
    this.#table[at] = slot + 1
  }

  /** Takes a slot out of the table, moving back what would no longer be found behind the gap. */
  #remove(slot: number): void {
    const table = this.#table
    const mask = table.length - 1
    let gap = this.#hashes[slot] & mask
    while (table[gap] !== slot + 1) gap = (gap + 1) & mask
    for (let at = (gap + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[table[at] - 1] & mask
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      table[gap] = table[at]
      gap = at
    }
    table[gap] = 0
  }

  /** Room for four times as many. */
  #grow(): void {
    this.#room *= 4
    const grown = <A extends Int32Array | Float64Array | Uint8Array>(to: A, from: A): A => {
      to.set(from)
      return to
    }
    this.#hashes = grown(new Int32Array(this.#room), this.#hashes)
    this.#lengths = grown(new Int32Array(this.#room), this.#lengths)
    this.#counts = grown(new Float64Array(this.#room), this.#counts)
    this.#errors = grown(new Float64Array(this.#room), this.#errors)
    this.#bytes = grown(new Uint8Array(this.#room * this.#stride), this.#bytes)
    this.#table = new Int16Array(2 * this.#room)
    for (let slot = 0; slot < this.size; slot++) this.#place(slot)
  }

  /** Room for categories of twice the length. */
  #widen(): void {
    const old = this.#bytes
    const stride = this.#stride
    this.#stride *= 2
    this.#bytes = new Uint8Array(this.#room * this.#stride)
    for (let slot = 0; slot < this.size; slot++)
      this.#bytes.set(old.subarray(slot * stride, (slot + 1) * stride), slot * this.#stride)
  }

  #same(slot: number, bytes: Uint8Array, from: number, length: number): boolean {
    const known = this.#lengths[slot]
    if (known < 0 ? length <= LONGEST_KEY : known !== length) return false
    const own = this.#bytes
    const start = slot * this.#stride
    for (let i = 0, n = Math.abs(known); i < n; i++) if (own[start + i] !== bytes[from + i]) return false
    return true
  }

  #text(slot: number): string {
    const length = this.#lengths[slot]
    const text = textOf(this.#bytes, slot * this.#stride, Math.abs(length))
    return length >= 0 ? text : `${text}…${(this.#hashes[slot] >>> 0).toString(16).padStart(8, '0')}`
  }
}

/** Most frequent first, ties in text order. */
export function byCount(a: HeavyCategory, b: HeavyCategory): number {
  return b.count - a.count || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0)
}

/** Length of the longest beginning within LONGEST_KEY bytes that cuts no character in two. */
function cutLength(bytes: Uint8Array, from: number): number {
  let length = LONGEST_KEY
  while (length > LONGEST_KEY - 4 && (bytes[from + length] & 0xc0) === 0x80) length--
  return length
}

const SHORTENED = /…([0-9a-f]{8})$/

/** Hash of the category's bytes, also where the text is only its beginning and tells the hash. */
export function hashText(text: string): number {
  const bytes = utf8(text)
  const shortened = bytes.length > LONGEST_KEY ? SHORTENED.exec(text) : null
  return shortened === null ? hashBytes(bytes, 0, bytes.length) : Number.parseInt(shortened[1], 16) | 0
}
