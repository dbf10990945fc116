import { type Dictionary, hashBytes, utf8 } from '../dictionary.js'
import type { FeaturePlan } from '../plan.js'
import type { Row } from '../row.js'
import { Distinct } from './distinct.js'
import { FrequentCategories, MOST_HEAVY } from './heavy-categories.js'
import type { OpenCategories } from './open-state.js'
import type { CategoricalState } from './state.js'

/** Counts of the values that the plan names, and the most frequent of the others. */
export class CategoricalSketch {
  #unknown = 0
  readonly #counts: Float64Array
  #heavy: FrequentCategories | null = null
  #distinct: Distinct | null = null
  #encoded: Encoded | null = null
  /** Values that equal the one before them; unknown ones are told apart by their hashes. */
  repeats = 0
  /** Cell of the value before, −1 for an unknown one (then its hash), −2 at the beginning. */
  #lastCell = -2
  #lastHash = 0

  constructor(private readonly plan: Pick<FeaturePlan, 'values' | 'cells'>) {
    this.#counts = new Float64Array(plan.values.length)
  }

  /** Goes on where `open` was taken; null where it was counted by another plan. */
  static reopen(plan: Pick<FeaturePlan, 'values' | 'cells'>, open: OpenCategories): CategoricalSketch | null {
    const sketch = new CategoricalSketch(plan)
    if (open.counts.length !== sketch.#counts.length) return null
    sketch.#counts.set(open.counts)
    sketch.#unknown = open.unknown
    sketch.#heavy = open.heavy && FrequentCategories.reopen(open.heavy)
    sketch.#distinct = open.distinct && new Distinct(open.distinct)
    sketch.repeats = open.repeats
    sketch.#lastCell = open.lastCell
    sketch.#lastHash = open.lastHash
    return sketch
  }

  open(): OpenCategories {
    return {
      unknown: this.#unknown,
      counts: this.#counts,
      heavy: this.#heavy?.open() ?? null,
      distinct: this.#distinct?.registers ?? null,
      repeats: this.repeats,
      lastCell: this.#lastCell,
      lastHash: this.#lastHash,
    }
  }

  add(row: Row, slot: number): void {
    const id = row.categories[slot]
    const { cells } = this.plan
    const cell = id >= 0 && id < cells.length ? cells[id] : -1
    if (cell >= 0) {
      this.#counts[cell]++
      if (cell === this.#lastCell) this.repeats++
      this.#lastCell = cell
    } else if (id < 0) this.#offer(row.hashes[slot], row.bytes, row.starts[slot], row.lengths[slot])
    else {
      // Named by a baseline that this pane does not count for: treated as the bytes it came as.
      const encoded = (this.#encoded ??= encodedOf(row.layout.slots[slot].dictionary))
      if (id >= encoded.bytes.length) encoded.fit()
      const bytes = encoded.bytes[id]
      this.#offer(encoded.hashes[id], bytes, 0, bytes.length)
    }
  }

  state(): CategoricalState {
    const known = new Map<string, number>()
    let count = this.#unknown
    for (const [cell, value] of this.plan.values.entries()) {
      if (this.#counts[cell] === 0) continue
      known.set(value, this.#counts[cell])
      count += this.#counts[cell]
    }
    const distinct = this.#heavy?.overflowed ? this.#distinct!.registers.slice() : null
    return { count, known, unknown: this.#unknown, heavy: this.#heavy?.state() ?? [], distinct }
  }

  #offer(hash: number, bytes: Uint8Array, from: number, length: number): void {
    this.#unknown++
    if (hash === this.#lastHash && this.#lastCell === -1) this.repeats++
    this.#lastHash = hash
    this.#lastCell = -1
    const heavy = (this.#heavy ??= new FrequentCategories())
    heavy.add(hash, bytes, from, length)
    if (this.#distinct !== null) this.#distinct.add(hash)
    else if (heavy.size === MOST_HEAVY) {
      // From here on one may give way, and its hash with it.
      this.#distinct = new Distinct()
      for (const known of heavy.hashes()) this.#distinct.add(known)
    }
  }
}

/** Bytes and hashes of a dictionary's values, made once for all sketches. */
class Encoded {
  readonly bytes: Uint8Array[] = []
  readonly hashes: number[] = []

  constructor(private readonly dictionary: Dictionary) {}

  fit(): void {
    for (let id = this.bytes.length; id < this.dictionary.size; id++) {
      const bytes = utf8(this.dictionary.values[id])
      this.bytes.push(bytes)
      this.hashes.push(hashBytes(bytes, 0, bytes.length))
    }
  }
}

const encodings = new WeakMap<Dictionary, Encoded>()

function encodedOf(dictionary: Dictionary): Encoded {
  let encoded = encodings.get(dictionary)
  if (encoded === undefined) encodings.set(dictionary, (encoded = new Encoded(dictionary)))
  return encoded
}
