import type { Labels, Monitor, Task } from '../monitor.js'
import type { JoinedPart } from '../performance/joined-part.js'
import type { KeyedEntry } from '../ports.js'
import type { PartHead } from '../window/part.js'
import { decodeEntry, type Entry, encodeEntry, insertLabel, isEarlier, MOST_LABELS, type Prediction } from './entry.js'
import { type JoinedLeaves, JoinedParts } from './joined-parts.js'
import type { JoinerState } from './joiner-state.js'
import { twinWord } from './key.js'
import type { OpenPart, Position } from './open-parts.js'
import { Outcomes } from './outcomes.js'
import { Pairs } from './pairs.js'
import { Segments } from './segments.js'
import type { Shelf } from './shelves.js'
import type { JoinCounts, SideRows } from './side-rows.js'
import { type JoinerOptions, StreamJoin } from './stream-join.js'

/** A monitor that joins. */
export type JoinedMonitor = Monitor & { readonly task: Task; readonly labels: Labels }

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
export class Joiner extends StreamJoin<Entry, JoinedLeaves, JoinedPart> {
  declare readonly monitor: JoinedMonitor
  readonly join = 'labels'
  protected readonly markerSide = 'serving'
  protected readonly versions: string[] = []
  protected readonly parts: JoinedParts
  readonly #classes: string[] = []
  readonly #segments = new Segments()
  readonly #pairs: Pairs
  readonly #outcomes: Outcomes
  /** Null where no two versions score the same requests. */
  readonly #challenger: string | null

  constructor(monitor: JoinedMonitor, options: JoinerOptions) {
    super(monitor, options, monitor.labels.horizonMs, ['serving', 'labels'])
    this.#challenger = monitor.shadow?.mode === 'shadow' ? monitor.shadow.challenger : null
    this.parts = new JoinedParts(monitor.task, this.#classes, this.#segments)
    this.#pairs = new Pairs(monitor.window, this.parts, this.#segments)
    this.#outcomes = new Outcomes(monitor.window.graceMs)
  }

  /** Rows of both sides by what became of them. */
  get counts(): JoinCounts {
    return this.#outcomes.counts()
  }

  /** A challenger's entries have keys of their own. */
  wants({ keys }: SideRows, i: number, want: (high: number, low: number) => void): void {
    const [high, low] = [keys[2 * i], keys[2 * i + 1]]
    want(high, low)
    if (this.#challenger !== null) want(twinWord(high), low)
  }

  state(): JoinerState {
    return {
      ...this.held(),
      counts: this.counts,
      ...{ versions: [...this.versions], segments: [...this.#segments.values], classes: [...this.#classes] },
      parts: this.parts.state(),
    }
  }

  /** Into a joiner that has taken nothing yet; its entries are those that were written with the state. */
  restore(state: JoinerState): void {
    this.takeOver(state)
    this.#outcomes.restore(state.counts)
    this.versions.push(...state.versions)
    this.#classes.push(...state.classes)
    for (const segment of state.segments) this.#segments.add(segment)
    this.parts.restore(state.parts)
  }

  protected encode(entry: Entry): Uint8Array {
    return encodeEntry(entry)
  }

  protected decode({ shelf, bytes }: KeyedEntry): Entry {
    return decodeEntry(shelf, bytes, this.monitor.task.outputs.length)
  }

  protected addFrom(first: number, rows: SideRows, at: Position): void {
    const { keys, times } = rows
    const columns = this.#columns(rows)
    if (rows.side === 'serving') {
      const versions = rows.versions.map(text => indexIn(this.versions, text))
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
    } else {
      for (let i = first; i < rows.size; i++) {
        const [high, low] = [keys[2 * i], keys[2 * i + 1]]
        this.#label(high, low, false, at, times[i], columns[0][i])
        if (this.#challenger !== null) this.#label(twinWord(high), low, true, at, times[i], columns[0][i])
      }
    }
  }

  protected describe({ counts }: OpenPart<JoinedLeaves>, head: PartHead): JoinedPart {
    return { ...head, leaves: this.parts.describe(counts) }
  }

  protected lose(shelf: Shelf, outcome: 'expired' | 'dropped'): void {
    this.#outcomes.clear(shelf, outcome)
  }

  /** @param isTwin of the challenger */
  #prediction(high: number, low: number, isTwin: boolean, at: Position, prediction: Prediction): void {
    const { labels, window } = this.monitor
    const counts = this.#outcomes
    counts.predictions.read++
    const until = prediction.time + labels.horizonMs
    const end = this.shelves.endFor(until + window.graceMs)
    if (end <= this.watermark) {
      counts.predictions.expired++
      return
    }
    const entry = this.find(high, low) ?? { shelf: -1, prediction: null, labels: [] }
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
    const entry = this.find(high, low) ?? { shelf: -1, prediction: null, labels: [] }
    const { prediction } = entry
    const alone = this.shelves.endFor(time + 2 * window.graceMs)
    if (prediction === null ? alone <= this.watermark : time > prediction.time + labels.horizonMs) {
      if (counts !== null) counts.expired++
      return
    }
    const end = this.shelves.get(entry.shelf)?.end ?? alone
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

  /** Takes the entry from its shelf, to be changed; the caller puts it. */
  #leave(entry: Entry, isTwin: boolean): void {
    const shelf = this.leave(entry)
    if (shelf !== undefined) this.#outcomes.count(entry, shelf, -1, !isTwin)
  }

  #put(high: number, low: number, isTwin: boolean, entry: Entry, end: number): void {
    this.#outcomes.count(entry, this.put(high, low, entry, end), 1, !isTwin)
  }

  /** The values; classes are named by message, here they have one number for good. */
  #columns({ values, texts }: SideRows): readonly Float64Array[] {
    if (this.monitor.task.type !== 'multiclass') return values
    const classes = texts.map(text => indexIn(this.#classes, text))
    return values.map(column => column.map(value => classes[value] ?? value))
  }
}

function indexIn(texts: string[], text: string): number {
  const known = texts.indexOf(text)
  return known >= 0 ? known : texts.push(text) - 1
}
