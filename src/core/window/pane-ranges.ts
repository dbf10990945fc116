/** Panes [from, until) by their starts, epoch ms. */
export interface PaneRange {
  readonly from: number
  readonly until: number
}

/**
 * The panes that one monitor version counts, while other versions of the same monitor count those before, after and in between (a change that
 * was taken back gives two ranges). Others that share it see it change when a later word ends or adds a range.
 *
 *     version a   ──────────)           [──────▶
 *     version b             [───────────)
 */
export class PaneRanges {
  #ranges: readonly PaneRange[] = []

  /** @param ranges ascending; adjacent ones are joined */
  constructor(ranges: readonly PaneRange[] = [{ from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }]) {
    this.become(ranges)
  }

  get ranges(): readonly PaneRange[] {
    return this.#ranges
  }

  become(ranges: readonly PaneRange[]): void {
    const joined: PaneRange[] = []
    for (const range of ranges) {
      const last = joined.at(-1)
      if (last !== undefined && range.from <= last.until)
        joined[joined.length - 1] = { from: last.from, until: range.until }
      else joined.push(range)
    }
    this.#ranges = joined
  }

  /** End of the last pane; Infinity where no other version follows. */
  get until(): number {
    return this.#ranges.at(-1)?.until ?? Number.POSITIVE_INFINITY
  }

  has(pane: number): boolean {
    const ranges = this.#ranges
    for (let i = 0; i < ranges.length; i++) if (pane >= ranges[i].from && pane < ranges[i].until) return true
    return false
  }

  /** Whether one range has all panes of the window [start, end). */
  hasAll(start: number, end: number): boolean {
    return this.#ranges.some(({ from, until }) => start >= from && end <= until)
  }

  /** Whether a time from `from` to `to` lies in a pane that is counted. */
  meet(from: number, to: number): boolean {
    return this.#ranges.some(range => to >= range.from && from < range.until)
  }

  /** Before every pane that is counted. */
  isBefore(pane: number): boolean {
    return this.#ranges.length === 0 || pane < this.#ranges[0].from
  }
}
