import type { Monitor } from '../monitor.js'
import type { KeyedEntry } from '../ports.js'
import type { PartHead } from '../window/part.js'
import { paneOf } from '../window/window.js'
import { isEarlier } from './entry.js'
import { keyText } from './entry-cache.js'
import { roundKnown } from './lane-window.js'
import type { OpenPart, Position } from './open-parts.js'
import type { PairAccumulator, PairKind, PairNames } from './pair-accumulator.js'
import { decodePairEntry, encodePairEntry, type PairEntry, type PairRow } from './pair-entry.js'
import { PairOutcomes, type PairOutcomesState } from './pair-outcomes.js'
import { type OpenPairsState, type PairPart, PairParts } from './pair-parts.js'
import { PairReader, sideIn } from './pair-reader.js'
import type { Shelf } from './shelves.js'
import type { PairJoin, SideRows } from './side-rows.js'
import { type JoinerOptions, StreamJoin, type StreamJoinState } from './stream-join.js'

/** All that a joiner of pairs holds but its entries. */
export interface PairJoinerState<S = unknown> extends StreamJoinState, PairNames {
  readonly join: PairJoin
  readonly counts: PairOutcomesState
  readonly parts: readonly OpenPairsState<S>[]
}

/**
 * Joins the rows of two sides by key and event time, one of each, for one monitor version and one partition of driftline.joins: rows and markers
 * in, parts out. What it holds after an offset depends on the messages before it alone.
 *
 * Of the rows of a key the earliest of each side counts; the two are a pair where their times are no further apart than the horizon. What is
 * counted goes to the part of the served row's pane, in the round of the time from which it is known, so that the order of coming makes no
 * difference:
 *
 *     served   S          + S       in round: end of S's pane
 *     other         o     + S and o in the round of the later of both times
 *     rounds   ───┴───┴───────┴───▶ on the grid of `onGrid`; not before the watermark's
 *
 * An entry goes when the watermark of both sides has passed its newest row + horizon + grace. Rows that come for it before that have been
 * counted by then: matched + pending + expired + duplicate + dropped = read, of each side.
 */
export class PairJoiner<S = unknown> extends StreamJoin<PairEntry, PairAccumulator<S>, PairPart<S>> {
  protected readonly parts: PairParts<S>
  readonly #reader = new PairReader()
  readonly #outcomes = new PairOutcomes()

  constructor(
    monitor: Monitor,
    readonly kind: PairKind<S>,
    options: JoinerOptions,
  ) {
    super(monitor, options, kind.horizonMs, kind.versions === undefined ? ['serving', kind.join] : ['serving'])
    this.parts = new PairParts(() => kind.open(this.#reader))
  }

  get join(): PairJoin {
    return this.kind.join
  }

  protected get markerSide(): PairJoin {
    return this.kind.join
  }

  protected get versions(): readonly string[] {
    return this.#reader.versions
  }

  /** Rows of both sides by what became of them. */
  get counts(): PairOutcomesState {
    return this.#outcomes.state()
  }

  wants({ keys }: SideRows, i: number, want: (high: number, low: number) => void): void {
    if (this.kind.unpaired !== true) want(keys[2 * i], keys[2 * i + 1])
  }

  state(): PairJoinerState<S> {
    const { columns, versions, segments } = this.#reader
    return {
      ...this.held(),
      ...{ join: this.join, counts: this.counts },
      ...{ columns: [...columns], versions: [...versions], segments: [...segments] },
      parts: this.parts.state(),
    }
  }

  /** Into a joiner that has taken nothing yet; its entries are those that were written with the state. */
  restore(state: PairJoinerState<S>): void {
    this.takeOver(state)
    this.#outcomes.restore(state.counts)
    this.#reader.restore(state)
    this.parts.restore(state.parts)
  }

  protected encode(entry: PairEntry): Uint8Array {
    return encodePairEntry(entry)
  }

  protected decode({ shelf, bytes }: KeyedEntry): PairEntry {
    return decodePairEntry(shelf, bytes)
  }

  protected addFrom(first: number, rows: SideRows, at: Position): void {
    const { keys } = rows
    const rowAt = this.#reader.of(rows)
    const sideAt = sideIn(rows, this.kind.versions)
    for (let i = first; i < rows.size; i++) {
      const side = sideAt(i)
      if (side === null) continue
      if (this.kind.unpaired === true) this.#count(side, rowAt(i), at)
      else this.#take(keys[2 * i], keys[2 * i + 1], side, rowAt(i), at)
    }
  }

  protected describe({ counts }: OpenPart<PairAccumulator<S>>, head: PartHead): PairPart<S> {
    return { ...head, join: this.join, counted: counts.state() }
  }

  protected lose(shelf: Shelf, outcome: 'expired' | 'dropped'): void {
    this.#outcomes.clear(shelf, outcome)
  }

  /** A row that counts by itself. */
  #count(side: 'served' | 'other', row: PairRow, at: Position): void {
    const counts = this.#outcomes[side]
    counts.read++
    counts.matched++
    this.#alone(side, row, at, 1)
  }

  #take(high: number, low: number, side: 'served' | 'other', row: PairRow, at: Position): void {
    const counts = this.#outcomes[side]
    counts.read++
    const until = row.time + this.kind.horizonMs + this.monitor.window.graceMs
    const end = this.shelves.endFor(until)
    const known = this.find(high, low)
    // What its entry has by now, no one can know any more.
    if (known === null && end <= this.watermark) {
      counts.expired++
      return
    }
    const entry = known ?? { shelf: -1, served: null, other: null }
    const before = entry[side]
    const isFirst = before === null || isEarlier(row, before)
    const reached = this.shelves.get(entry.shelf)?.end ?? end
    const left = this.leave(entry)
    if (left !== undefined) this.#outcomes.count(entry, this.#isPair(entry), left, -1)
    const now = { ...(isFirst ? row : before), copies: (before?.copies ?? 0) + 1 }
    this.#replace(keyText(high, low), entry, side, now, at)
    const shelf = this.put(high, low, entry, isFirst ? Math.max(end, reached) : reached)
    this.#outcomes.count(entry, this.#isPair(entry), shelf, 1)
  }

  /** Counts what the entry becomes instead of what it was. */
  #replace(key: string, entry: PairEntry, side: 'served' | 'other', row: PairRow, at: Position): void {
    const old = entry[side]
    const sameRow = old !== null && old.offset === row.offset && old.partition === row.partition
    this.#pair(key, entry, at, -1)
    if (old !== null && !sameRow) this.#alone(side, old, at, -1)
    entry[side] = row
    if (!sameRow) this.#alone(side, row, at, 1)
    this.#pair(key, entry, at, 1)
  }

  /** Counts a row, whether or not it is of a pair. */
  #alone(side: 'served' | 'other', row: PairRow, at: Position, sign: 1 | -1): void {
    if (side === 'served') this.#part(row, row.time, at).counts.served(row, sign)
    else if (this.kind.versions !== undefined) this.#part(row, row.time, at).counts.other?.(row, sign)
  }

  #pair(key: string, entry: PairEntry, at: Position, sign: 1 | -1): void {
    if (!this.#isPair(entry)) return
    const { served, other } = entry as { served: PairRow; other: PairRow }
    this.#part(served, Math.max(served.time, other.time), at).counts.paired({ key, served, other }, sign)
  }

  #isPair({ served, other }: PairEntry): boolean {
    return served !== null && other !== null && Math.abs(served.time - other.time) <= this.kind.horizonMs
  }

  /** Where something of a served row counts that became known at a time. */
  #part({ version, time }: PairRow, known: number, at: Position): OpenPart<PairAccumulator<S>> {
    const { window } = this.monitor
    return this.parts.at(version, paneOf(time, window), roundKnown(window, time, known, at.round), at)
  }
}
