import type { OpenKeys } from './open-state.js'

/** Keys that a sample holds at most: 4 KiB on the wire. */
export const MOST_KEYS = 1024
/** Keys are 32-bit hashes. */
export const ALL_KEYS = 2 ** 32

/**
 * The keys whose hash is below a threshold, with their rows. All rows of such a key are counted, wherever they came, so what the sample says
 * of keys that come twice holds of all: rows − keys, as a share of the rows.
 */
export interface KeySampleState {
  /** 2^32, every key, halved until there are few enough. */
  readonly threshold: number
  /** Hashes, each once, in no order; those that came more than once are first. */
  readonly keys: Uint32Array
  /** Rows of the first keys, 2 or more each; the others came once. */
  readonly counts: Float64Array
}

const SMALLEST_TABLE = 64

/**
 * Gathers request keys by their hashes (adaptive sampling by threshold; Flajolet 1990, "On adaptive sampling"). The sample follows from the
 * set of rows: their order is of no account, and merging samples is sampling all their rows.
 */
export class KeySample {
  #threshold = ALL_KEYS
  #size = 0
  /** Open addressing, at most half full; a place is free where the count is 0. */
  #keys = new Uint32Array(SMALLEST_TABLE)
  #counts = new Float64Array(SMALLEST_TABLE)

  constructor(private readonly most = MOST_KEYS) {}

  static reopen({ threshold, length, keys, counts }: OpenKeys): KeySample {
    const sample = new KeySample()
    sample.#threshold = threshold
    sample.#keys = new Uint32Array(length)
    sample.#counts = new Float64Array(length)
    for (let i = 0; i < keys.length; i++) sample.add(keys[i], counts[i])
    return sample
  }

  open(): OpenKeys {
    const { length } = this.#keys
    const keys = new Uint32Array(this.#size)
    const counts = new Float64Array(this.#size)
    const free = this.#counts.indexOf(0)
    for (let i = 0, to = 0; i < length; i++) {
      const at = (free + i) & (length - 1)
      if (this.#counts[at] === 0) continue
      keys[to] = this.#keys[at]
      counts[to++] = this.#counts[at]
    }
    return { threshold: this.#threshold, length, keys, counts }
  }

  /** @param hash evenly spread over 32 bits, signed or not */
  add(hash: number, rows = 1): void {
    const key = hash >>> 0
    if (key >= this.#threshold) return
    const keys = this.#keys
    const counts = this.#counts
    const mask = keys.length - 1
    for (let at = key & mask; ; at = (at + 1) & mask) {
      if (counts[at] === 0) {
        keys[at] = key
        counts[at] = rows
        if (++this.#size > this.most) this.#halve()
        else if (2 * this.#size > keys.length) this.#place(2 * keys.length)
        return
      }
      if (keys[at] === key) {
        counts[at] += rows
        return
      }
    }
  }

  merge({ threshold, keys, counts }: KeySampleState): void {
    if (threshold < this.#threshold) {
      this.#threshold = threshold
      this.#place(this.#keys.length)
    }
    for (let i = 0; i < keys.length; i++) this.add(keys[i], i < counts.length ? counts[i] : 1)
  }

  state(): KeySampleState {
    const keys = new Uint32Array(this.#size)
    const counts = new Float64Array(this.#size)
    let first = 0
    let last = this.#size
    for (let at = 0; at < this.#keys.length; at++) {
      const count = this.#counts[at]
      if (count === 1) keys[--last] = this.#keys[at]
      else if (count > 1) {
        keys[first] = this.#keys[at]
        counts[first++] = count
      }
    }
    return { threshold: this.#threshold, keys, counts: counts.slice(0, first) }
  }

  #halve(): void {
    while (this.#size > this.most) {
      this.#threshold /= 2
      this.#place(this.#keys.length)
    }
  }

  /** Puts what is below the threshold into a table of this length. */
  #place(length: number): void {
    const keys = this.#keys
    const counts = this.#counts
    const mask = length - 1
    this.#keys = new Uint32Array(length)
    this.#counts = new Float64Array(length)
    this.#size = 0
    for (let i = 0; i < keys.length; i++) {
      if (counts[i] === 0 || keys[i] >= this.#threshold) continue
      let at = keys[i] & mask
      while (this.#counts[at] !== 0) at = (at + 1) & mask
      this.#keys[at] = keys[i]
      this.#counts[at] = counts[i]
      this.#size++
    }
  }
}
