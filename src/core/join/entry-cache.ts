import { KeyIndex } from './key-index.js'

/** Entries beside those changed since the last write that are held at most. */
const KEPT = 100_000

/** A 64-bit key as a text of four characters, for maps. */
export function keyText(high: number, low: number): string {
  return String.fromCharCode(high >>> 16, high & 0xffff, low >>> 16, low & 0xffff)
}

/**
 * The entries of a store that are in memory: those that have been asked for, or changed, since the last write. What a batch needs is put in before
 * it (`load`); null stands for a key that the store does not have.
 */
export class EntryCache<E> {
  /** Places in the columns below. */
  #index = new KeyIndex()
  #highs: number[] = []
  #lows: number[] = []
  #entries: (E | null)[] = []
  #isChanged: boolean[] = []
  #changes = 0

  constructor(private readonly kept = KEPT) {}

  /** Entries changed since the last write. */
  get changes(): number {
    return this.#changes
  }

  /** Makes room. Not between a batch's `load` and its rows. */
  trim(): void {
    if (this.#entries.length - this.#changes < this.kept) return
    const changed = [...this.changed()]
    this.written()
    for (const { high, low, entry } of changed) this.put(high, low, entry)
  }

  has(high: number, low: number): boolean {
    return this.#index.get(high, low) >= 0
  }

  load(high: number, low: number, entry: E | null): void {
    this.#entries[this.#placeOf(high, low)] = entry
  }

  get(high: number, low: number): E | null {
    const place = this.#index.get(high, low)
    return place < 0 ? null : this.#entries[place]
  }

  put(high: number, low: number, entry: E): void {
    const place = this.#placeOf(high, low)
    this.#entries[place] = entry
    if (this.#isChanged[place]) return
    this.#isChanged[place] = true
    this.#changes++
  }

  /** What is to be written. */
  *changed(): Generator<{ readonly high: number; readonly low: number; readonly entry: E }> {
    for (let place = 0; place < this.#entries.length; place++)
      if (this.#isChanged[place])
        yield { high: this.#highs[place], low: this.#lows[place], entry: this.#entries[place]! }
  }

  /** The store has all of it. */
  written(): void {
    this.#index = new KeyIndex()
    this.#highs = []
    this.#lows = []
    this.#entries = []
    this.#isChanged = []
    this.#changes = 0
  }

  #placeOf(high: number, low: number): number {
    const known = this.#index.get(high, low)
    if (known >= 0) return known
    const place = this.#entries.push(null) - 1
    this.#highs.push(high)
    this.#lows.push(low)
    this.#isChanged.push(false)
    this.#index.set(high, low, place)
    return place
  }
}
