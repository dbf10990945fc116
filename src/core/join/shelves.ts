/** Shelves that a horizon is divided into: what expires together is let go together. */
const TO_A_HORIZON = 64

/** Length of time that one shelf is for. */
export function shelfMs(time: { readonly horizonMs: number; readonly advanceMs: number }): number {
  return Math.max(1, Math.min(time.advanceMs, Math.ceil(time.horizonMs / TO_A_HORIZON)))
}

/** Entries that expire at one time. */
export interface Shelf {
  /** Names it in the store; never used again. */
  readonly id: number
  /** From this watermark on its entries are gone, epoch ms. */
  readonly end: number
  /** Entries on it, … */
  entries: number
  /** … predictions, or served rows, on it that wait for their label or other side, … */
  predictions: number
  /** … and labels, or rows of the other side, that wait for their prediction. */
  labels: number
}

/**
 * When entries expire. Each lies on the shelf of the time after which nothing can come for it; a shelf goes as a whole when the watermark has
 * reached its end, and nobody need look for its entries to know how many go.
 *
 *     time     ────────┬────────┬────────┬────────▶
 *     shelves  gone    │ x  x x │  x     │ xx
 *                      ▲ watermark
 */
export class Shelves {
  /** By end. */
  readonly #byEnd = new Map<number, Shelf>()
  readonly #byId = new Map<number, Shelf>()
  #entries = 0

  /** @param newId the next number that no shelf of the task has had */
  constructor(
    private readonly lengthMs: number,
    private readonly newId: () => number,
  ) {}

  /** Entries on all shelves. */
  get entries(): number {
    return this.#entries
  }

  /** The end of the shelf for what can be of use up to a time, that time included. */
  endFor(until: number): number {
    return (Math.floor(until / this.lengthMs) + 1) * this.lengthMs
  }

  /** Undefined where it is gone. */
  get(id: number): Shelf | undefined {
    return this.#byId.get(id)
  }

  /** The shelf that ends there, made where it is not yet. */
  at(end: number): Shelf {
    let shelf = this.#byEnd.get(end)
    if (shelf === undefined) this.#place((shelf = { id: this.newId(), end, entries: 0, predictions: 0, labels: 0 }))
    return shelf
  }

  /** Counts an entry on the shelf, or one that has left it. */
  count(shelf: Shelf, by: 1 | -1): void {
    shelf.entries += by
    this.#entries += by
  }

  /** Takes out the shelves that end at or before the watermark, the earliest first. */
  due(watermark: number): Shelf[] {
    const due = [...this.#byEnd.values()].filter(({ end }) => end <= watermark).sort((a, b) => a.end - b.end)
    for (const shelf of due) this.#remove(shelf)
    return due
  }

  /** Takes out the shelf with entries that ends first. */
  first(): Shelf | null {
    let first: Shelf | null = null
    for (const shelf of this.#byEnd.values())
      if (shelf.entries > 0 && (first === null || shelf.end < first.end)) first = shelf
    if (first !== null) this.#remove(first)
    return first
  }

  state(): readonly Shelf[] {
    return [...this.#byId.values()].map(shelf => ({ ...shelf }))
  }

  restore(shelves: readonly Readonly<Shelf>[]): void {
    for (const shelf of shelves) {
      this.#place({ ...shelf })
      this.#entries += shelf.entries
    }
  }

  #place(shelf: Shelf): void {
    this.#byEnd.set(shelf.end, shelf)
    this.#byId.set(shelf.id, shelf)
  }

  #remove(shelf: Shelf): void {
    this.#byEnd.delete(shelf.end)
    this.#byId.delete(shelf.id)
    this.#entries -= shelf.entries
  }
}
