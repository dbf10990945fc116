/** Earlier rows of an entity that are looked back at. */
export const MOST_STEPS = 32

/** One side has what the other had so many rows of the entity before. */
export interface Lag {
  /** Rows back: positive where A has an earlier value of B, negative where B has one of A. */
  readonly steps: number
  /** How much earlier that was. */
  readonly ms: number
}

const NONE: readonly Lag[] = []

/** The last rows of one entity, both sides; absent values never match. */
export class Past<V> {
  readonly #a: (V | null)[] = new Array(MOST_STEPS).fill(null)
  readonly #b: (V | null)[] = new Array(MOST_STEPS).fill(null)
  readonly #times = new Float64Array(MOST_STEPS)
  #size = 0

  constructor(private readonly same: (a: V, b: V) => boolean) {}

  /** Another entity begins. */
  forget(): void {
    this.#size = 0
  }

  push(a: V | null, b: V | null, time: number): void {
    const at = this.#size++ % MOST_STEPS
    this.#a[at] = a
    this.#b[at] = b
    this.#times[at] = time
  }

  /** Where the values at hand came up before on the other side, nearest first. */
  lags(a: V, b: V, time: number): readonly Lag[] {
    const found: Lag[] = []
    for (let back = 1, most = Math.min(this.#size, MOST_STEPS); back <= most; back++) {
      const at = (this.#size - back) % MOST_STEPS
      const [earlierA, earlierB] = [this.#a[at], this.#b[at]]
      const ms = time - this.#times[at]
      if (earlierB !== null && this.same(a, earlierB)) found.push({ steps: back, ms })
      if (earlierA !== null && this.same(earlierA, b)) found.push({ steps: -back, ms })
    }
    return found.length === 0 ? NONE : found
  }
}
