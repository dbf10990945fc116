import type { WindowSpec } from '../monitor.js'

/** Rows of a part that is held no more, and until which boundary a repeat of it is known. */
export interface LeftPart {
  readonly key: string
  readonly rows: number
  readonly until: number
}

/** Parts that every window has left, so that a repeat is not taken for something new. */
export class LeftParts {
  readonly #parts = new Map<string, { rows: number; until: number }>()

  /** @param patience how long a repeat is known, in lengths of a part's life: it can only come of a task that stood still so long */
  constructor(
    private readonly window: WindowSpec,
    private readonly patience: number,
  ) {}

  has(key: string): boolean {
    return this.#parts.has(key)
  }

  add(key: string, pane: number, rows: number): void {
    const { sizeMs, reviseForMs, advanceMs } = this.window
    this.#parts.set(key, { rows, until: pane + this.patience * (sizeMs + reviseForMs + advanceMs) })
  }

  /** A repeat has come. @returns the rows in it that the part did not have */
  repeat(key: string, rows: number): number {
    const left = this.#parts.get(key)!
    const more = Math.max(0, rows - left.rows)
    left.rows += more
    return more
  }

  /**
   * @param boundary the last that was closed
   * @param isTold whether the part's source has said that it was published: one that has been silent publishes its open parts again when it
   * goes on, however much later
   */
  drop(boundary: number, isTold: (key: string) => boolean): void {
    for (const [key, { until }] of this.#parts) if (boundary > until && isTold(key)) this.#parts.delete(key)
  }

  state(): readonly LeftPart[] {
    return [...this.#parts].map(([key, { rows, until }]) => ({ key, rows, until }))
  }

  restore(left: readonly LeftPart[]): void {
    for (const { key, rows, until } of left) this.#parts.set(key, { rows, until })
  }
}
