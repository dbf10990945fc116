import { hashBytes } from '../dictionary.js'
import type { FeaturePlan } from '../plan.js'
import type { Row } from '../row.js'
import { Distinct } from './distinct.js'
import { bytesOf, FrequentCategories } from './heavy-categories.js'
import type { CategoricalState } from './state.js'

/** Counts of the values that the plan names, and the most frequent of the others. */
export class CategoricalSketch {
  #count = 0
  #unknown = 0
  readonly #counts: Float64Array
  #heavy: FrequentCategories | null = null
  #distinct: Distinct | null = null

  constructor(private readonly plan: Pick<FeaturePlan, 'values' | 'cells'>) {
    this.#counts = new Float64Array(plan.values.length)
  }

  add(row: Row, slot: number): void {
    this.#count++
    const id = row.categories[slot]
    const { cells } = this.plan
    if (id >= 0) {
      const cell = id < cells.length ? cells[id] : -1
      if (cell >= 0) this.#counts[cell]++
      else {
        // Known to a baseline that this pane does not count for: treated as the bytes it came as.
        const bytes = bytesOf(row.layout.slots[slot].dictionary.values[id])
        this.#offer(hashBytes(bytes, 0, bytes.length), bytes, 0, bytes.length)
      }
    } else this.#offer(row.hashes[slot], row.bytes, row.starts[slot], row.lengths[slot])
  }

  state(): CategoricalState {
    const known = new Map<string, number>()
    for (const [cell, value] of this.plan.values.entries())
      if (this.#counts[cell] > 0) known.set(value, this.#counts[cell])
    return {
      count: this.#count,
      known,
      unknown: this.#unknown,
      heavy: this.#heavy?.state() ?? [],
      distinct: this.#heavy?.overflowed ? this.#distinct!.registers.slice() : null,
    }
  }

  #offer(hash: number, bytes: Uint8Array, from: number, length: number): void {
    this.#unknown++
    this.#heavy ??= new FrequentCategories()
    this.#distinct ??= new Distinct()
    this.#heavy.offer(hash, bytes, from, length)
    this.#distinct.add(hash)
  }
}
