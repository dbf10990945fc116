import type { Monitor } from '../monitor.js'
import type { KeyedEntry } from '../ports.js'
import type { Marker, MonitorProgress } from '../window/marker.js'
import { type SourceState, Sources } from '../window/sources.js'
import { paneOf, roundOf } from '../window/window.js'
import { isEarlier } from './entry.js'
import { EntryCache, keyText } from './entry-cache.js'
import type { JoinerOptions } from './joiner.js'
import { onGrid } from './lane-window.js'
import type { PairKind, PairNames } from './pair-accumulator.js'
import { decodePairEntry, encodePairEntry, type PairEntry, type PairRow } from './pair-entry.js'
import { PairOutcomes, type PairOutcomesState } from './pair-outcomes.js'
import { type OpenPairs, type OpenPairsState, type PairPart, PairParts } from './pair-parts.js'
import { PairReader, sideIn } from './pair-reader.js'
import type { Position } from './pairs.js'
import { type Shelf, Shelves, shelfMs } from './shelves.js'
import type { PairJoin, SideRows } from './side-rows.js'

/** All that a joiner of pairs holds but its entries. */
export interface PairJoinerState<S = unknown> extends PairNames {
  readonly join: PairJoin
  readonly model: string
  readonly monitor: string
  readonly watermark: number
  readonly gapped: boolean
  readonly counts: PairOutcomesState
  readonly sides: readonly {
    readonly side: string
    readonly closeTo: number
    readonly sources: readonly SourceState[]
  }[]
  /** Highest source offset taken, by side and source partition. */
  readonly seen: readonly { readonly source: string; readonly offset: number }[]
  readonly shelves: readonly Readonly<Shelf>[]
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
export class PairJoiner<S = unknown> {
  readonly entries = new EntryCache<PairEntry>()
  watermark = Number.NEGATIVE_INFINITY
  /** Shelves whose entries are gone, for the store. */
  readonly cleared: number[] = []
  #round = Number.NEGATIVE_INFINITY
  #gapped = false
  readonly #sides = new Map<string, Sources>()
  readonly #seen = new Map<string, number>()
  readonly #reader = new PairReader()
  readonly #shelves: Shelves
  readonly #parts: PairParts<S>
  #final: PairPart<S>[] = []
  readonly #outcomes = new PairOutcomes()

  constructor(
    readonly monitor: Monitor,
    readonly kind: PairKind<S>,
    private readonly options: JoinerOptions,
  ) {
    const { horizonMs } = kind
    this.#sides.set('serving', new Sources())
    if (kind.versions === undefined) this.#sides.set(kind.join, new Sources())
    this.#shelves = new Shelves(shelfMs({ horizonMs, advanceMs: monitor.window.advanceMs }), options.newShelf)
    this.#parts = new PairParts(() => kind.open(this.#reader))
  }

  get join(): PairJoin {
    return this.kind.join
  }

  /** Rows of both sides by what became of them. */
  get counts(): PairOutcomesState {
    return this.#outcomes.state()
  }

  /** Keys held, matched ones too. */
  get keys(): number {
    return this.#shelves.entries
  }

  /** The boundary that rows can still reach now; a marker is due when it has moved. */
  get round(): number {
    return this.#round
  }

  get openParts(): number {
    return this.#parts.size
  }

  /** Whether an entry's shelf is still there. */
  holds({ shelf }: Pick<PairEntry, 'shelf'>): boolean {
    return this.#shelves.get(shelf) !== undefined
  }

  /** Puts an entry of the store into the cache; null: the store has none. */
  load(high: number, low: number, stored: KeyedEntry | null): void {
    this.entries.load(high, low, stored && decodePairEntry(stored.shelf, stored.bytes))
  }

  /** Entries that the store does not have as they are. */
  *changed(): Generator<KeyedEntry & { readonly high: number; readonly low: number }> {
    for (const { high, low, entry } of this.entries.changed())
      if (this.holds(entry)) yield { high, low, shelf: entry.shelf, bytes: encodePairEntry(entry) }
  }

  /** The key that the i-th row is under. */
  wants({ keys }: SideRows, i: number, want: (high: number, low: number) => void): void {
    if (this.kind.unpaired !== true) want(keys[2 * i], keys[2 * i + 1])
  }

  /** Index of the first row that has not been taken before; the size where all have. */
  firstNew(rows: SideRows): number {
    const seen = this.#seen.get(sourceOf(rows)) ?? -1
    let i = 0
    while (i < rows.size && rows.offsets[i] <= seen) i++
    return i
  }

  /**
   * Takes the rows; the cache has their entries.
   * @param offset of the message in driftline.joins
   */
  add(rows: SideRows, offset: number): void {
    const first = this.firstNew(rows)
    if (first === rows.size || !this.#sides.has(rows.side)) return
    const at = { round: this.#round, offset, gap: this.#gapped }
    const { keys } = rows
    const rowAt = this.#reader.of(rows)
    const sideAt = sideIn(rows, this.kind.versions)
    for (let i = first; i < rows.size; i++) {
      const side = sideAt(i)
      if (side === null) continue
      if (this.kind.unpaired === true) this.#count(side, rowAt(i), at)
      else this.#take(keys[2 * i], keys[2 * i + 1], side, rowAt(i), at)
    }
    this.#seen.set(sourceOf(rows), rows.offsets[rows.size - 1])
  }

  /**
   * Takes a marker's word; what is final by it waits in `take`.
   * @param offset of the marker in driftline.joins
   */
  advance(marker: Marker, progress: MonitorProgress, offset: number): void {
    const side = this.#sides.get(progress.side)
    if (side === undefined) return
    side.advance(marker, progress)
    const watermark = Math.min(...[...this.#sides.values()].map(sources => sources.watermark))
    if (!(watermark > this.watermark)) return
    this.watermark = watermark
    this.#round = roundOf(watermark, this.monitor.window)
    for (const shelf of this.#shelves.due(watermark)) this.#clear(shelf, 'expired')
    for (const part of this.#parts.before(this.#round)) this.#final.push(this.#describe(part, offset + 1))
  }

  /** Takes out the parts that no row can change any more, in the order they are to be published. */
  take(): PairPart<S>[] {
    const final = this.#final
    this.#final = []
    return final
  }

  /** See `Joiner.progress`; the side tells stage 2 whose parts these are. */
  progress(): MonitorProgress {
    const { monitor, watermark } = this
    const counts = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    const closeTo = Number.NEGATIVE_INFINITY
    const of = { model: monitor.model, monitor: monitor.version, side: this.join }
    return { ...of, watermark, idle: false, closeTo, counts, oldest: -1, roundStart: 0, open: 0, gaps: [] }
  }

  /** Messages were gone from driftline.joins before they could be read. */
  gap(): void {
    this.#gapped = true
  }

  state(): PairJoinerState<S> {
    const { monitor, watermark, join } = this
    const { columns, versions, segments } = this.#reader
    return {
      ...{ join, model: monitor.model, monitor: monitor.version, watermark, gapped: this.#gapped, counts: this.counts },
      sides: [...this.#sides].map(([side, sources]) => ({ side, closeTo: sources.closeTo, sources: sources.state() })),
      seen: [...this.#seen].map(([source, offset]) => ({ source, offset })),
      ...{ columns: [...columns], versions: [...versions], segments: [...segments] },
      shelves: this.#shelves.state(),
      parts: this.#parts.state(),
    }
  }

  /** Into a joiner that has taken nothing yet; its entries are those that were written with the state. */
  restore(state: PairJoinerState<S>): void {
    this.watermark = state.watermark
    this.#round = roundOf(state.watermark, this.monitor.window)
    this.#gapped = state.gapped
    this.#outcomes.restore(state.counts)
    for (const { side, closeTo, sources } of state.sides) this.#sides.get(side)?.restore(sources, closeTo)
    for (const { source, offset } of state.seen) this.#seen.set(source, offset)
    this.#reader.restore(state)
    this.#shelves.restore(state.shelves)
    this.#parts.restore(state.parts)
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
    const end = this.#shelves.endFor(until)
    const known = this.#find(high, low)
    // What its entry has by now, no one can know any more.
    if (known === null && end <= this.watermark) {
      counts.expired++
      return
    }
    const entry = known ?? { shelf: -1, served: null, other: null }
    const before = entry[side]
    const isFirst = before === null || isEarlier(row, before)
    const reached = this.#shelves.get(entry.shelf)?.end ?? end
    this.#leave(entry)
    const now = { ...(isFirst ? row : before), copies: (before?.copies ?? 0) + 1 }
    this.#replace(keyText(high, low), entry, side, now, at)
    this.#put(high, low, entry, isFirst ? Math.max(end, reached) : reached)
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
  #part({ version, time }: PairRow, known: number, { round, offset, gap }: Position): OpenPairs<S> {
    const { window } = this.monitor
    const { advanceMs } = window
    const pane = paneOf(time, window)
    const reached = Math.max(paneOf(known, window) + advanceMs, round)
    return this.#parts.at(version, pane, onGrid(reached, pane + advanceMs, advanceMs), offset, gap)
  }

  #find(high: number, low: number): PairEntry | null {
    const entry = this.entries.get(high, low)
    return entry !== null && this.holds(entry) ? entry : null
  }

  /** Takes the entry from its shelf, to be changed; the caller puts it. */
  #leave(entry: PairEntry): void {
    const shelf = this.#shelves.get(entry.shelf)
    if (shelf === undefined) return
    this.#outcomes.count(entry, this.#isPair(entry), shelf, -1)
    this.#shelves.count(shelf, -1)
  }

  #put(high: number, low: number, entry: PairEntry, end: number): void {
    if (this.#shelves.entries >= this.options.mostKeys) {
      const first = this.#shelves.first()
      if (first !== null) this.#clear(first, 'dropped')
    }
    const shelf = this.#shelves.at(end)
    entry.shelf = shelf.id
    this.#shelves.count(shelf, 1)
    this.#outcomes.count(entry, this.#isPair(entry), shelf, 1)
    this.entries.put(high, low, entry)
  }

  #clear(shelf: Shelf, outcome: 'expired' | 'dropped'): void {
    this.#outcomes.clear(shelf, outcome)
    this.cleared.push(shelf.id)
  }

  #describe(part: OpenPairs<S>, nextOffset: number): PairPart<S> {
    const { model, version } = this.monitor
    return {
      ...{
        model,
        monitor: version,
        modelVersion: this.#reader.versions[part.version],
        pane: part.pane,
        round: part.round,
      },
      ...{ topic: this.options.topic, partition: this.options.partition, nextOffset, gap: part.gap },
      offsets: { from: part.firstOffset, to: part.lastOffset },
      rows: part.rows,
      join: this.join,
      counted: part.counts.state(),
    }
  }
}

function sourceOf({ side, topic, partition }: SideRows): string {
  return `${side}/${topic}/${partition}`
}
