import type { Monitor } from '../monitor.js'
import type { KeyedEntry } from '../ports.js'
import type { Marker, MonitorProgress } from '../window/marker.js'
import type { PartHead } from '../window/part.js'
import { type SourceState, Sources } from '../window/sources.js'
import { roundOf } from '../window/window.js'
import { EntryCache } from './entry-cache.js'
import type { OpenPart, OpenParts, Position } from './open-parts.js'
import { type Shelf, Shelves, shelfMs } from './shelves.js'
import type { PairJoin, Side, SideRows } from './side-rows.js'

export interface JoinerOptions {
  /** Partition of driftline.joins. */
  readonly topic: string
  readonly partition: number
  /** Keys that may be held; beyond it those that expire next are let go. */
  readonly mostKeys: number
  /** The next number that no shelf of the task has had. */
  readonly newShelf: () => number
}

/** What every join holds but its entries. */
export interface StreamJoinState {
  readonly model: string
  readonly monitor: string
  readonly watermark: number
  readonly gapped: boolean
  readonly sides: readonly {
    readonly side: string
    readonly closeTo: number
    readonly sources: readonly SourceState[]
  }[]
  /** Highest source offset taken, by side and source partition. */
  readonly seen: readonly { readonly source: string; readonly offset: number }[]
  readonly shelves: readonly Readonly<Shelf>[]
}

/**
 * A join by key and event time, for one monitor version and one partition of driftline.joins: rows and markers of its sides in, parts out. What it
 * holds after an offset depends on the messages before it alone. An entry goes with its shelf, when the watermark of all sides has passed it.
 * @typeParam E all that is held of one key
 * @typeParam C what a part counts
 * @typeParam P a part
 */
export abstract class StreamJoin<E extends { shelf: number }, C, P extends PartHead> {
  readonly entries = new EntryCache<E>()
  watermark = Number.NEGATIVE_INFINITY
  /** Shelves whose entries are gone, for the store. */
  readonly cleared: number[] = []
  protected readonly shelves: Shelves
  #round = Number.NEGATIVE_INFINITY
  #gapped = false
  readonly #sides: ReadonlyMap<string, Sources>
  readonly #seen = new Map<string, number>()
  #final: P[] = []

  /**
   * @param horizonMs how long an entry waits
   * @param sides whose rows and markers these are
   */
  constructor(
    readonly monitor: Monitor,
    private readonly options: JoinerOptions,
    horizonMs: number,
    sides: readonly Side[],
  ) {
    this.#sides = new Map(sides.map(side => [side, new Sources()]))
    this.shelves = new Shelves(shelfMs({ horizonMs, advanceMs: monitor.window.advanceMs }), options.newShelf)
  }

  abstract readonly join: 'labels' | PairJoin

  /** Keys that the i-th row may be under, one after the other. */
  abstract wants(rows: SideRows, i: number, want: (high: number, low: number) => void): void

  /** The side of the join's own markers, by which stage 2 tells whose parts these are. */
  protected abstract readonly markerSide: MonitorProgress['side']
  protected abstract readonly parts: OpenParts<C>
  /** Model versions by number. */
  protected abstract readonly versions: readonly string[]
  protected abstract encode(entry: E): Uint8Array
  protected abstract decode(stored: KeyedEntry): E
  /** Takes rows from the first on that has not been taken before; the cache has their entries. */
  protected abstract addFrom(first: number, rows: SideRows, at: Position): void
  protected abstract describe(part: OpenPart<C>, head: PartHead): P
  /** What waited on a shelf waits no more. */
  protected abstract lose(shelf: Shelf, outcome: 'expired' | 'dropped'): void

  /** Keys held, matched ones too. */
  get keys(): number {
    return this.shelves.entries
  }

  /** The boundary that rows can still reach now; a marker is due when it has moved. */
  get round(): number {
    return this.#round
  }

  get openParts(): number {
    return this.parts.size
  }

  /** Whether an entry's shelf is still there. */
  holds({ shelf }: E): boolean {
    return this.shelves.get(shelf) !== undefined
  }

  /** Puts an entry of the store into the cache; null: the store has none. */
  load(high: number, low: number, stored: KeyedEntry | null): void {
    this.entries.load(high, low, stored && this.decode(stored))
  }

  /** Entries that the store does not have as they are. */
  *changed(): Generator<KeyedEntry & { readonly high: number; readonly low: number }> {
    for (const { high, low, entry } of this.entries.changed())
      if (this.holds(entry)) yield { high, low, shelf: entry.shelf, bytes: this.encode(entry) }
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
    this.addFrom(first, rows, { round: this.#round, offset, gap: this.#gapped })
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
    for (const shelf of this.shelves.due(watermark)) this.#clear(shelf, 'expired')
    for (const part of this.parts.before(this.#round))
      this.#final.push(this.describe(part, this.#headOf(part, offset + 1)))
  }

  /** Takes out the parts that no row can change any more, in the order they are to be published. */
  take(): P[] {
    const final = this.#final
    this.#final = []
    return final
  }

  /** Never idle: that sources are is in the watermark. What was read at stage 1, its own markers say. */
  progress(): MonitorProgress {
    const { monitor, watermark, markerSide: side } = this
    const counts = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    const closeTo = Number.NEGATIVE_INFINITY
    const of = { model: monitor.model, monitor: monitor.version, side }
    // Its state is kept apart, or is the log read again: nobody needs its word to rebuild it.
    return { ...of, watermark, idle: false, closeTo, counts, oldest: -1, roundStart: 0, open: 0, gaps: [] }
  }

  /** Messages were gone from driftline.joins before they could be read. */
  gap(): void {
    this.#gapped = true
  }

  protected held(): StreamJoinState {
    const { monitor, watermark } = this
    return {
      ...{ model: monitor.model, monitor: monitor.version, watermark, gapped: this.#gapped },
      sides: [...this.#sides].map(([side, sources]) => ({ side, closeTo: sources.closeTo, sources: sources.state() })),
      seen: [...this.#seen].map(([source, offset]) => ({ source, offset })),
      shelves: this.shelves.state(),
    }
  }

  /** Into a join that has taken nothing yet; its entries are those that were written with the state. */
  protected takeOver(state: StreamJoinState): void {
    this.watermark = state.watermark
    this.#round = roundOf(state.watermark, this.monitor.window)
    this.#gapped = state.gapped
    for (const { side, closeTo, sources } of state.sides) this.#sides.get(side)?.restore(sources, closeTo)
    for (const { source, offset } of state.seen) this.#seen.set(source, offset)
    this.shelves.restore(state.shelves)
  }

  /** Null where nothing is held of the key. */
  protected find(high: number, low: number): E | null {
    const entry = this.entries.get(high, low)
    return entry !== null && this.holds(entry) ? entry : null
  }

  /** Takes an entry from its shelf, to be changed and put. @returns the shelf; undefined: it lay on none */
  protected leave(entry: E): Shelf | undefined {
    const shelf = this.shelves.get(entry.shelf)
    if (shelf !== undefined) this.shelves.count(shelf, -1)
    return shelf
  }

  /** @returns the shelf that the entry now lies on, which ends at `end` */
  protected put(high: number, low: number, entry: E, end: number): Shelf {
    if (this.shelves.entries >= this.options.mostKeys) {
      const first = this.shelves.first()
      if (first !== null) this.#clear(first, 'dropped')
    }
    const shelf = this.shelves.at(end)
    entry.shelf = shelf.id
    this.shelves.count(shelf, 1)
    this.entries.put(high, low, entry)
    return shelf
  }

  #clear(shelf: Shelf, outcome: 'expired' | 'dropped'): void {
    this.lose(shelf, outcome)
    this.cleared.push(shelf.id)
  }

  #headOf({ version, pane, round, gap, firstOffset, lastOffset, rows }: OpenPart<C>, nextOffset: number): PartHead {
    const { model, version: monitor } = this.monitor
    return {
      ...{ model, monitor, modelVersion: this.versions[version], pane, round },
      ...{ topic: this.options.topic, partition: this.options.partition, nextOffset, gap },
      ...{ offsets: { from: firstOffset, to: lastOffset }, rows },
    }
  }
}

function sourceOf({ side, topic, partition }: SideRows): string {
  return `${side}/${topic}/${partition}`
}
