import type { Labels, Monitor, Task } from '../monitor.js'
import type { JoinedPart } from '../performance/joined-part.js'
import type { KeyedEntry } from '../ports.js'
import type { Marker, MonitorProgress } from '../window/marker.js'
import { Sources } from '../window/sources.js'
import { roundOf } from '../window/window.js'
import { decodeEntry, type Entry, encodeEntry, insertLabel, isEarlier, MOST_LABELS, type Prediction } from './entry.js'
import { EntryCache } from './entry-cache.js'
import { JoinedParts, type OpenJoined } from './joined-parts.js'
import type { JoinerState, JoinSide } from './joiner-state.js'
import { twinWord } from './key.js'
import { Outcomes } from './outcomes.js'
import { Pairs, type Position } from './pairs.js'
import { Segments } from './segments.js'
import { type Shelf, Shelves, shelfMs } from './shelves.js'
import type { JoinCounts, SideRows } from './side-rows.js'

/** A monitor that joins. */
export type JoinedMonitor = Monitor & { readonly task: Task; readonly labels: Labels }

export interface JoinerOptions {
  /** Partition of driftline.joins. */
  readonly topic: string
  readonly partition: number
  /** Keys that may be held; beyond it those that expire next are let go. */
  readonly mostKeys: number
  /** The next number that no shelf of the task has had. */
  readonly newShelf: () => number
}

/**
 * Joins predictions and labels by key and event time, for one monitor version and one partition of driftline.joins: rows and markers in, parts
 * out. What it holds after an offset depends on the messages before it alone.
 *
 * Of the predictions of a key the earliest counts. Of its labels those count that come from grace before the prediction to the horizon after it,
 * each from its own time on until a later one replaces it, so that the order of coming makes no difference:
 *
 *     prediction  P                        + P    in round: end of P's pane
 *     labels          a      b             + a    in the round of a's time
 *                                          b − a  in the round of b's time
 *     rounds      ───┴───┴───────┴───▶     on the grid of `onGrid`; not before the watermark's
 *
 * The challenger of a shadow scores the same requests: its predictions have entries of their own, and each label is for both. Among the labels it is
 * counted once, by what it has become for the champion.
 *
 * An entry goes when the watermark of both sides has passed prediction + horizon + grace, or, of a label alone, label + 2·grace: a prediction may
 * be earlier than the watermark by grace, and later than its label by grace.
 */
export class Joiner {
  readonly join = 'labels'
  readonly entries = new EntryCache<Entry>()
  watermark = Number.NEGATIVE_INFINITY
  /** Shelves whose entries are gone, for the store. */
  readonly cleared: number[] = []
  #round = Number.NEGATIVE_INFINITY
  #gapped = false
  readonly #sides: Readonly<Record<JoinSide, Sources>> = { serving: new Sources(), labels: new Sources() }
  readonly #seen = new Map<string, number>()
  readonly #versions: string[] = []
  readonly #classes: string[] = []
  readonly #segments = new Segments()
  readonly #shelves: Shelves
  readonly #parts: JoinedParts
  #final: JoinedPart[] = []
  readonly #pairs: Pairs
  readonly #outcomes: Outcomes
  /** Null where no two versions score the same requests. */
  readonly #challenger: string | null

  constructor(
    readonly monitor: JoinedMonitor,
    private readonly options: JoinerOptions,
  ) {
    const { horizonMs } = monitor.labels
    this.#challenger = monitor.shadow?.mode === 'shadow' ? monitor.shadow.challenger : null
    this.#shelves = new Shelves(shelfMs({ horizonMs, advanceMs: monitor.window.advanceMs }), options.newShelf)
    this.#parts = new JoinedParts(monitor.task, this.#classes, this.#segments)
    this.#pairs = new Pairs(monitor.window, this.#parts, this.#segments)
    this.#outcomes = new Outcomes(monitor.window.graceMs)
  }

  /** Rows of both sides by what became of them. */
  get counts(): JoinCounts {
    return this.#outcomes.counts()
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
  holds({ shelf }: Pick<Entry, 'shelf'>): boolean {
    return this.#shelves.get(shelf) !== undefined
  }

  /** Keys that the i-th row may be under, one after the other: a challenger's entries have keys of their own. */
  wants({ keys }: SideRows, i: number, want: (high: number, low: number) => void): void {
    const [high, low] = [keys[2 * i], keys[2 * i + 1]]
    want(high, low)
    if (this.#challenger !== null) want(twinWord(high), low)
  }

  /** Puts an entry of the store into the cache; null: the store has none. */
  load(high: number, low: number, stored: KeyedEntry | null): void {
    const entry = stored && decodeEntry(stored.shelf, stored.bytes, this.monitor.task.outputs.length)
    this.entries.load(high, low, entry)
  }

  /** Entries that the store does not have as they are. */
  *changed(): Generator<KeyedEntry & { readonly high: number; readonly low: number }> {
    for (const { high, low, entry } of this.entries.changed())
      if (this.holds(entry)) yield { high, low, shelf: entry.shelf, bytes: encodeEntry(entry) }
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
    if (first === rows.size) return
    const at = { round: this.#round, offset, gap: this.#gapped }
    const { keys, times } = rows
    const columns = this.#columns(rows)
    if (rows.side === 'serving') {
      const versions = rows.versions.map(text => indexIn(this.#versions, text))
      const segments = rows.segments.map(segment => this.#segments.add(segment))
      const twin = this.#challenger === null ? -1 : rows.versions.indexOf(this.#challenger)
      for (let i = first; i < rows.size; i++) {
        const isTwin = rows.versionOf[i] === twin
        this.#prediction(isTwin ? twinWord(keys[2 * i]) : keys[2 * i], keys[2 * i + 1], isTwin, at, {
          time: times[i],
          partition: rows.partition,
          offset: rows.offsets[i],
          version: versions[rows.versionOf[i]],
          segment: segments[rows.segmentOf[i]],
          values: columns.map(column => column[i]),
        })
      }
    } else if (rows.side === 'labels') {
      for (let i = first; i < rows.size; i++) {
        const [high, low] = [keys[2 * i], keys[2 * i + 1]]
        this.#label(high, low, false, at, times[i], columns[0][i])
        if (this.#challenger !== null) this.#label(twinWord(high), low, true, at, times[i], columns[0][i])
      }
    }
    this.#seen.set(sourceOf(rows), rows.offsets[rows.size - 1])
  }

  /**
   * Takes a marker's word; what is final by it waits in `take`.
   * @param offset of the marker in driftline.joins
   */
  advance(marker: Marker, progress: MonitorProgress, offset: number): void {
    if (progress.side !== 'serving' && progress.side !== 'labels') return
    this.#sides[progress.side].advance(marker, progress)
    const watermark = Math.min(this.#sides.serving.watermark, this.#sides.labels.watermark)
    if (!(watermark > this.watermark)) return
    this.watermark = watermark
    this.#round = roundOf(watermark, this.monitor.window)
    for (const shelf of this.#shelves.due(watermark)) this.#clear(shelf, 'expired')
    for (const part of this.#parts.before(this.#round)) this.#final.push(this.#describe(part, offset + 1))
  }

  /** Takes out the parts that no row can change any more, in the order they are to be published. */
  take(): JoinedPart[] {
    const final = this.#final
    this.#final = []
    return final
  }

  /** Never idle: that sources are is in the watermark. What was read at stage 1, its own markers say. */
  progress(): MonitorProgress {
    const { monitor, watermark } = this
    const counts = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    const closeTo = Number.NEGATIVE_INFINITY
    const of = { model: monitor.model, monitor: monitor.version, side: 'serving' } as const
    // Its state is kept apart, or is the log read again: nobody needs its word to rebuild it.
    return { ...of, watermark, idle: false, closeTo, counts, oldest: -1, roundStart: 0, open: 0, gaps: [] }
  }

  /** Messages were gone from driftline.joins before they could be read. */
  gap(): void {
    this.#gapped = true
  }

  state(): JoinerState {
    const { monitor, watermark } = this
    return {
      ...{ model: monitor.model, monitor: monitor.version, watermark, gapped: this.#gapped, counts: this.counts },
      sides: (['serving', 'labels'] as const).map(side => {
        const sources = this.#sides[side]
        return { side, closeTo: sources.closeTo, sources: sources.state() }
      }),
      seen: [...this.#seen].map(([source, offset]) => ({ source, offset })),
      ...{ versions: [...this.#versions], segments: [...this.#segments.values], classes: [...this.#classes] },
      shelves: this.#shelves.state(),
      parts: this.#parts.state(),
    }
  }

  /** Into a joiner that has taken nothing yet; its entries are those that were written with the state. */
  restore(state: JoinerState): void {
    this.watermark = state.watermark
    this.#round = roundOf(state.watermark, this.monitor.window)
    this.#gapped = state.gapped
    this.#outcomes.restore(state.counts)
    for (const { side, closeTo, sources } of state.sides) this.#sides[side].restore(sources, closeTo)
    for (const { source, offset } of state.seen) this.#seen.set(source, offset)
    this.#versions.push(...state.versions)
    this.#classes.push(...state.classes)
    for (const segment of state.segments) this.#segments.add(segment)
    this.#shelves.restore(state.shelves)
    this.#parts.restore(state.parts)
  }

  /** @param isTwin of the challenger */
  #prediction(high: number, low: number, isTwin: boolean, at: Position, prediction: Prediction): void {
    const { labels, window } = this.monitor
    const counts = this.#outcomes
    counts.predictions.read++
    const until = prediction.time + labels.horizonMs
    const end = this.#shelves.endFor(until + window.graceMs)
    if (end <= this.watermark) {
      counts.predictions.expired++
      return
    }
    const entry = this.#find(high, low) ?? { shelf: -1, prediction: null, labels: [] }
    const other = entry.prediction
    if (other !== null) counts.predictions.duplicate++
    if (other !== null && !isEarlier(prediction, other)) return
    this.#leave(entry, isTwin)
    if (other !== null) this.#pairs.count(entry, at, -1)
    entry.prediction = prediction
    // Of a prediction that is earlier still, they would be too late as well.
    while (entry.labels.length > 0 && entry.labels.at(-1)!.time > until) {
      const { copies } = entry.labels.pop()!
      if (!isTwin) counts.labels.expired += copies
    }
    this.#pairs.count(entry, at, 1)
    this.#put(high, low, isTwin, entry, end)
  }

  /** @param isTwin for the challenger's prediction */
  #label(high: number, low: number, isTwin: boolean, at: Position, time: number, value: number): void {
    const { labels, window } = this.monitor
    const counts = isTwin ? null : this.#outcomes.labels
    if (counts !== null) counts.read++
    const entry = this.#find(high, low) ?? { shelf: -1, prediction: null, labels: [] }
    const { prediction } = entry
    const alone = this.#shelves.endFor(time + 2 * window.graceMs)
    if (prediction === null ? alone <= this.watermark : time > prediction.time + labels.horizonMs) {
      if (counts !== null) counts.expired++
      return
    }
    const end = this.#shelves.get(entry.shelf)?.end ?? alone
    this.#leave(entry, isTwin)
    const index = insertLabel(entry.labels, { time, value, copies: 1 })
    if (index >= 0) this.#pairs.insert(entry, index, at)
    // The earliest, which a later one has replaced.
    if (entry.labels.length > MOST_LABELS) {
      const { copies } = entry.labels.shift()!
      if (counts !== null) counts.contradicting += copies
    }
    this.#put(high, low, isTwin, entry, prediction === null ? Math.max(alone, end) : end)
  }

  #find(high: number, low: number): Entry | null {
    const entry = this.entries.get(high, low)
    return entry !== null && this.holds(entry) ? entry : null
  }

  /** Takes the entry from its shelf, to be changed; the caller puts it. */
  #leave(entry: Entry, isTwin: boolean): void {
    const shelf = this.#shelves.get(entry.shelf)
    if (shelf === undefined) return
    this.#outcomes.count(entry, shelf, -1, !isTwin)
    this.#shelves.count(shelf, -1)
  }

  #put(high: number, low: number, isTwin: boolean, entry: Entry, end: number): void {
    if (this.#shelves.entries >= this.options.mostKeys) {
      const first = this.#shelves.first()
      if (first !== null) this.#clear(first, 'dropped')
    }
    const shelf = this.#shelves.at(end)
    entry.shelf = shelf.id
    this.#shelves.count(shelf, 1)
    this.#outcomes.count(entry, shelf, 1, !isTwin)
    this.entries.put(high, low, entry)
  }

  #clear(shelf: Shelf, outcome: 'expired' | 'dropped'): void {
    this.#outcomes.clear(shelf, outcome)
    this.cleared.push(shelf.id)
  }

  #describe(part: OpenJoined, nextOffset: number): JoinedPart {
    const { model, version } = this.monitor
    return {
      ...{ model, monitor: version, modelVersion: this.#versions[part.version], pane: part.pane, round: part.round },
      ...{ topic: this.options.topic, partition: this.options.partition, nextOffset, gap: part.gap },
      offsets: { from: part.firstOffset, to: part.lastOffset },
      rows: part.rows,
      leaves: this.#parts.leavesOf(part),
    }
  }

  /** The values; classes are named by message, here they have one number for good. */
  #columns({ values, texts }: SideRows): readonly Float64Array[] {
    if (this.monitor.task.type !== 'multiclass') return values
    const classes = texts.map(text => indexIn(this.#classes, text))
    return values.map(column => column.map(value => classes[value] ?? value))
  }
}

function sourceOf({ side, topic, partition }: SideRows): string {
  return `${side}/${topic}/${partition}`
}

function indexIn(texts: string[], text: string): number {
  const known = texts.indexOf(text)
  return known >= 0 ? known : texts.push(text) - 1
}
