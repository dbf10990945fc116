import type { HeavyNumbers } from './state.js'

const CAPACITY = 64

/**
 * Space-Saving (Metwally et al. 2005) over numbers: any value with more than total/64 of what was offered is in it. Fed with the runs of a
 * sorted column that repeat at least once: a value that never comes twice among a thousand is no atom.
 */
export class FrequentNumbers {
  readonly #slots = new Map<number, number>()
  readonly #values: number[] = []
  readonly #counts: number[] = []
  readonly #errors: number[] = []

  offer(value: number, count: number, error = 0): void {
    const slot = this.#slots.get(value)
    if (slot !== undefined) {
      this.#counts[slot] += count
      this.#errors[slot] += error
    } else if (this.#values.length < CAPACITY) {
      this.#slots.set(value, this.#values.length)
      this.#values.push(value)
      this.#counts.push(count)
      this.#errors.push(error)
    } else this.#replace(value, count, error)
  }

  state(): HeavyNumbers {
    const order = [...this.#values.keys()].sort(
      (a, b) => this.#counts[b] - this.#counts[a] || this.#values[a] - this.#values[b],
    )
    return {
      values: Float64Array.from(order, i => this.#values[i]),
      counts: Float64Array.from(order, i => this.#counts[i]),
      errors: Float64Array.from(order, i => this.#errors[i]),
    }
  }

  /** The lightest gives way; ties by value, so that the order of slots does not matter. */
  #replace(value: number, count: number, error: number): void {
    let least = 0
    for (let i = 1; i < CAPACITY; i++) {
      const less = this.#counts[i] - this.#counts[least]
      if (less < 0 || (less === 0 && this.#values[i] < this.#values[least])) least = i
    }
    this.#slots.delete(this.#values[least])
    this.#slots.set(value, least)
    this.#values[least] = value
    this.#errors[least] = this.#counts[least] + error
    this.#counts[least] += count
  }
}
