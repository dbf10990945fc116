/** Entries held in memory beside those changed since the last write: at most twice as many. */
const KEPT = 100_000

/** A 64-bit key as a text of four characters, for maps. */
export function keyText(high: number, low: number): string {
  return String.fromCharCode(high >>> 16, high & 0xffff, low >>> 16, low & 0xffff)
}

/**
 * The entries of a store that are in memory: all that have changed since they were last written, and those used lately. What a batch needs is
 * put in before it (`load`); null stands for a key that the store does not have.
 */
export class EntryCache<E> {
  /** Changed since the last write. */
  #changed = new Map<string, E>()
  /** As they are in the store, in two generations: the older one goes as a whole. */
  #young = new Map<string, E | null>()
  #old = new Map<string, E | null>()

  constructor(private readonly kept = KEPT) {}

  /** Entries changed since the last write. */
  get changes(): number {
    return this.#changed.size
  }

  /** Makes room. Not between a batch's `load` and its rows. */
  trim(): void {
    if (this.#young.size < this.kept) return
    this.#old = this.#young
    this.#young = new Map()
  }

  has(key: string): boolean {
    return this.#changed.has(key) || this.#young.has(key) || this.#old.has(key)
  }

  load(key: string, entry: E | null): void {
    this.#young.set(key, entry)
  }

  get(key: string): E | null {
    const entry = this.#changed.get(key) ?? this.#young.get(key) ?? this.#old.get(key)
    return entry ?? null
  }

  put(key: string, entry: E): void {
    this.#changed.set(key, entry)
  }

  /** What is to be written. */
  changed(): ReadonlyMap<string, E> {
    return this.#changed
  }

  /** The store has all of it. */
  written(): void {
    for (const [key, entry] of this.#changed) this.#young.set(key, entry)
    this.#changed = new Map()
  }
}
