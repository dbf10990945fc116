/** Tokens that a vocabulary has, and counts kept while it is learnt. */
const MOST_TOKENS = 10_000
const MOST_COUNTED = 2 ** 18

/** Counts tokens by hash. Bounded: where there are too many, those that came least often are forgotten (lossy counting, Manku & Motwani 2002). */
export class TokenCounts {
  readonly #counts = new Map<number, number>()
  #forgotten = 0

  add(hash: number): void {
    this.#counts.set(hash, (this.#counts.get(hash) ?? this.#forgotten) + 1)
    if (this.#counts.size <= MOST_COUNTED) return
    const least = [...this.#counts.values()].sort((a, b) => a - b)[MOST_COUNTED >> 1]
    for (const [known, count] of this.#counts) if (count <= least) this.#counts.delete(known)
    this.#forgotten = least
  }

  /** The most frequent, ties by hash; hashes ascending. */
  vocabulary(): Int32Array {
    const order = [...this.#counts].sort(([a, x], [b, y]) => y - x || a - b)
    return Int32Array.from(order.slice(0, MOST_TOKENS), ([hash]) => hash).sort()
  }
}

/** Finds hashes in a vocabulary: open addressing, at most a third full; 0 is no token. */
export class Vocabulary {
  readonly #table: Int32Array
  readonly #mask: number

  constructor(hashes: Int32Array) {
    const places = 2 ** Math.max(4, Math.ceil(Math.log2(3 * hashes.length + 1)))
    this.#table = new Int32Array(places)
    this.#mask = places - 1
    for (const hash of hashes) {
      let place = hash & this.#mask
      while (this.#table[place] !== 0) place = (place + 1) & this.#mask
      this.#table[place] = hash
    }
  }

  has(hash: number): boolean {
    const table = this.#table
    const mask = this.#mask
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const found = table[place]
      if (found === hash) return true
      if (found === 0) return false
    }
  }

  /** Share of the first `count` hashes that are not in it; NaN of none. */
  unknownShare(hashes: Int32Array, count: number): number {
    let unknown = 0
    for (let i = 0; i < count; i++) if (!this.has(hashes[i])) unknown++
    return unknown / count
  }
}
