import { Dictionary } from './dictionary.js'
import type { Hashing } from './privacy.js'

/**
 * What the wire held for one feature of one event. Exactly one of these per feature and row; each is a signal of its own,
 * so that a wrong type or a NaN is counted and never silently turned into something else.
 */
export const MISSING = 0
export const NULL = 1
/** A finite number, in `numbers`. */
export const NUMBER = 2
/** A category: text, a boolean as `true`/`false`, or a number of a categorical feature in its shortest decimal form. */
export const TEXT = 3
export const NAN = 4
export const INFINITE = 5
/** Text that reads as a number, where a number was expected. */
export const NUMERIC_TEXT = 6
/** An integer beyond ±2^53, which a double cannot hold exactly. */
export const UNSAFE = 7
/** Any other type: text or boolean in a numeric feature, an array, a record. */
export const WRONG_TYPE = 8
export const FLAGS = 9
export type Flag = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/**
 * `embedding` (a vector of numbers) and `text` are no series themselves: they are watched by the numeric series that are made of their values
 * (`derive/companions.ts`).
 */
export type FeatureKind = 'numeric' | 'categorical' | 'boolean' | 'embedding' | 'text'

/** Of a row whose model version has no id: there are too many, or its text is too long. */
export const UNNAMED = -1

/** One column of the rows of a monitor. */
export interface Slot {
  readonly name: string
  /** `auto` until a baseline or the monitor says: numbers are kept as numbers, everything else as categories. */
  readonly kind: FeatureKind | 'auto'
  /** The categories that have an id; those of numeric slots stay empty. */
  readonly dictionary: Dictionary
  /** False for a column that is read only to tell the segment. */
  readonly watched: boolean
  /** Makes the hash that stands for a value; null: values are kept as they are. */
  readonly hash: Hashing['of'] | null
}

/**
 * The columns that a monitor's rows have, shared by the reader that fills rows and the sketches that take them. Append-only: an index,
 * once given, keeps its meaning, so that readers compiled earlier stay right.
 */
export class Layout {
  readonly slots: Slot[] = []
  readonly versions = new Dictionary()
  /** Raised when a slot changes what it means, or discovery begins or ends; not when a slot is added. */
  revision = 0
  readonly #index = new Map<string, number>()
  #discover: boolean

  /**
   * @param discover whether features that nobody declared become columns (no baseline yet) or schema news (there is one)
   * @param hashing columns whose values are hashed: categories, whatever they look like
   */
  constructor(
    discover: boolean,
    readonly maxSlots: number,
    private readonly hashing: Hashing | null = null,
  ) {
    this.#discover = discover
  }

  get discover(): boolean {
    return this.#discover
  }

  set discover(discover: boolean) {
    if (discover !== this.#discover) this.revision++
    this.#discover = discover
  }

  indexOf(name: string): number {
    return this.#index.get(name) ?? -1
  }

  /** The index of the slot of this name, added when new. */
  add(name: string, asked: Slot['kind'], watched = true): number {
    const hash = this.hashing?.slots.has(name) ? this.hashing.of : null
    const kind = hash === null ? asked : 'categorical'
    const known = this.#index.get(name)
    if (known !== undefined) {
      const slot = this.slots[known]!
      const settled = slot.kind === 'auto' ? kind : slot.kind
      const wanted = (watched || slot.watched) && isSeries(settled)
      if (wanted !== slot.watched || settled !== slot.kind) {
        this.revision++
        this.slots[known] = { ...slot, watched: wanted, kind: settled }
      }
      return known
    }
    this.slots.push({ name, kind, dictionary: new Dictionary(), watched: watched && isSeries(kind), hash })
    this.#index.set(name, this.slots.length - 1)
    return this.slots.length - 1
  }
}

function isSeries(kind: Slot['kind']): boolean {
  return kind !== 'embedding' && kind !== 'text'
}

/**
 * One decoded event as typed arrays, one entry a slot of the layout. A reader fills the same row again and again: nothing may keep it.
 */
export class Row {
  /** Event time, epoch milliseconds. */
  time = 0
  /** Id of the model version in `layout.versions`; `UNNAMED` where it has none. */
  version = 0
  /** 32-bit hash of the join key's bytes; 0: none was read. The high word of the 64 bits that rows are joined by. */
  key = 0
  /** The low word, where the monitor joins. */
  keyLow = 0
  /** 32-bit hash of the entity's bytes; 0 where the monitor names none. */
  entity = 0
  flags = new Uint8Array(0)
  numbers = new Float64Array(0)
  /** Id in the slot's dictionary where the flag is TEXT, −1 for a category that has none, and for texts. */
  categories = new Int32Array(0)
  /** Hash of the category's UTF-8 bytes, and where they lie in `bytes`; only where `categories` is −1. */
  hashes = new Int32Array(0)
  starts = new Int32Array(0)
  lengths = new Int32Array(0)
  bytes: Uint8Array = new Uint8Array(0)
  /** Numbers of all vectors of this row; those of an embedding's slot, where its flag is NUMBER, from `starts` on, `lengths` of them. */
  vectors = new Float64Array(0)
  /** How many of `vectors` are in use; a reader begins each row at 0. */
  vectorsUsed = 0
  /** Names of features that the layout does not have, of this row; emptied by the reader. Rare: filled once per reader and name. */
  readonly news: string[] = []
  /** Such features whose names are not in `news`: it is full, or they are too long for names. */
  newsLeft = 0

  constructor(readonly layout: Layout) {
    this.fit()
  }

  /** Makes room for so many more numbers of vectors. */
  fitVectors(more: number): void {
    const needed = this.vectorsUsed + more
    if (needed <= this.vectors.length) return
    const grown = new Float64Array(Math.max(64, 2 * needed))
    grown.set(this.vectors)
    this.vectors = grown
  }

  /** Makes room for slots that were added to the layout. */
  fit(): void {
    const size = this.layout.slots.length
    if (this.flags.length >= size) return
    const grown = <A extends Uint8Array | Float64Array | Int32Array>(array: A, to: A): A => {
      to.set(array)
      return to
    }
    this.flags = grown(this.flags, new Uint8Array(size))
    this.numbers = grown(this.numbers, new Float64Array(size))
    this.categories = grown(this.categories, new Int32Array(size))
    this.hashes = grown(this.hashes, new Int32Array(size))
    this.starts = grown(this.starts, new Int32Array(size))
    this.lengths = grown(this.lengths, new Int32Array(size))
  }
}
