import type { WindowSpec } from '../monitor.js'
import { windowEnds } from './window.js'

/** A window, by its end, that is to be judged as it is at a boundary: its end, or an advance after it. */
export interface Due {
  readonly end: number
  readonly at: number
}

/** Which windows are to be judged at which boundary. */
export class DueWindows {
  /** Boundary → ends of the windows to judge then. */
  readonly #ends = new Map<number, Set<number>>()

  constructor(private readonly window: WindowSpec) {}

  /**
   * The windows that hold the pane get their first verdict at their end, and a revision at a later boundary that touches them.
   * @param effective the boundary from which a part of the pane counts
   * @param boundary the last that was closed
   */
  add(pane: number, effective: number, boundary: number): void {
    const { reviseForMs, sizeMs } = this.window
    for (const end of windowEnds(pane, this.window)) {
      if (end > boundary) this.#at(end).add(end)
      if (effective > end && effective > boundary && effective <= end + reviseForMs + sizeMs)
        this.#at(effective).add(end)
    }
  }

  /** Takes those of all boundaries up to this one, in the order they are to be judged: at each the first verdict, then the revisions, oldest first. */
  take(boundary: number): Due[] {
    const reached = [...this.#ends.keys()].filter(at => at <= boundary).sort((a, b) => a - b)
    return reached.flatMap(at => {
      const ends = [...this.#ends.get(at)!].sort((a, b) => Number(b === at) - Number(a === at) || a - b)
      this.#ends.delete(at)
      return ends.map(end => ({ end, at }))
    })
  }

  #at(boundary: number): Set<number> {
    let ends = this.#ends.get(boundary)
    if (ends === undefined) this.#ends.set(boundary, (ends = new Set()))
    return ends
  }
}
