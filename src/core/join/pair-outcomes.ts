import type { PairEntry, PairRow } from './pair-entry.js'
import type { Shelf } from './shelves.js'

/** Rows of one side by what became of them; they add up to what was read. */
export interface PairCounts {
  readonly read: number
  readonly matched: number
  /** Wait for the other side. */
  readonly pending: number
  /** The other side did not come in time. */
  readonly expired: number
  /** Of a key that had one already: the earliest counts. */
  readonly duplicate: number
  /** Beyond the cap of keys that may wait. */
  readonly dropped: number
}

/** What the rows of both sides have become. */
export interface PairOutcomesState {
  readonly served: PairCounts
  readonly other: PairCounts
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const NONE: PairCounts = { read: 0, matched: 0, pending: 0, expired: 0, duplicate: 0, dropped: 0 }

export class PairOutcomes {
  readonly served: Mutable<PairCounts> = { ...NONE }
  readonly other: Mutable<PairCounts> = { ...NONE }

  state(): PairOutcomesState {
    return { served: { ...this.served }, other: { ...this.other } }
  }

  restore({ served, other }: PairOutcomesState): void {
    Object.assign(this.served, served)
    Object.assign(this.other, other)
  }

  /** Counts the rows of one key as what they are now, or takes that back. */
  count({ served, other }: PairEntry, isPair: boolean, shelf: Shelf, by: 1 | -1): void {
    shelf.predictions += this.#side(this.served, served, isPair, by)
    shelf.labels += this.#side(this.other, other, isPair, by)
  }

  /** @returns the rows that wait more */
  #side(counts: Mutable<PairCounts>, row: PairRow | null, isPair: boolean, by: 1 | -1): number {
    if (row === null) return 0
    counts.duplicate += by * (row.copies - 1)
    counts[isPair ? 'matched' : 'pending'] += by
    return isPair ? 0 : by
  }

  /** What waited on the shelf waits no more. */
  clear({ predictions, labels }: Shelf, outcome: 'expired' | 'dropped'): void {
    this.served.pending -= predictions
    this.served[outcome] += predictions
    this.other.pending -= labels
    this.other[outcome] += labels
  }
}
