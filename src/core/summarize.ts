import type { Monitor } from './monitor.js'
import type { PanePlan } from './plan.js'
import type { Layout, Row } from './row.js'
import { EntityMemory } from './window/entity-memory.js'
import type { Counts, MonitorProgress } from './window/marker.js'
import type { OpenPart } from './window/open-part.js'
import { PaneRanges } from './window/pane-ranges.js'
import type { Leaf, Part } from './window/part.js'
import { PartBuilder } from './window/part-builder.js'
import { paneOf, roundOf } from './window/window.js'

/** What a commit carries, so that an owner without a checkpoint can rebuild the open parts from the log. */
export interface Progress {
  readonly monitor: string
  /** Oldest offset of a row in a part that is not final; the next offset when there is none. */
  readonly oldest: number
  /** Offset from which the current round's late rows have come. */
  readonly roundStart: number
  readonly watermark: number
  readonly counts: Counts
}

/** What a checkpoint holds of a monitor version: all of its state at the checkpoint's next offset. */
export interface Held {
  readonly progress: Progress
  /** Whether a gap in the log has been met: parts opened since may lack rows. */
  readonly gapped: boolean
  readonly parts: readonly OpenPart[]
}

export interface Planner {
  /** The plan of one pane for a model version (its id in the layout). */
  plan(version: number, pane: number): PanePlan
  /** The plan that counts for these baseline versions; null where one of them is not known. */
  planFor(baselines: readonly number[]): PanePlan | null
}

/**
 * Stage 1 for one monitor version and one source partition: rows in, parts out. What it holds after an offset depends on the records before
 * it and the versions alone: no clock, no randomness.
 *
 *     rows     ──●──●───●──●────●──────●───▶   offsets
 *     parts    [pane 0, round 1]   [pane 1, round 2]
 *                              ▲ [pane 0, round 2]: rows of pane 0 that came after round 1 had ended
 *     final    when watermark ≥ round + grace: drained once, published, then a marker
 */
export class Summarizer {
  watermark = Number.NEGATIVE_INFINITY
  /** See `roundOf`: what a row arriving now can still reach. */
  #round = Number.NEGATIVE_INFINITY
  #roundStart: number
  #gapped = false
  readonly counts = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
  /** Open parts, the last used first; there are few. */
  readonly #open: PartBuilder[] = []
  /** Null where the monitor names no entity. */
  readonly #entities: EntityMemory | null

  /**
   * @param ranges panes this monitor version counts; other versions count the others
   */
  constructor(
    readonly monitor: Monitor,
    readonly layout: Layout,
    private readonly source: { readonly topic: string; readonly partition: number },
    private readonly planner: Planner,
    public nextOffset: number,
    private readonly ranges = new PaneRanges(),
  ) {
    this.#roundStart = nextOffset
    this.#entities = monitor.serving.entity === null ? null : new EntityMemory(layout)
  }

  observe(row: Row, offset: number): 'aggregated' | 'late' | 'notSelected' {
    const { window } = this.monitor
    const pane = paneOf(row.time, window)
    if (!this.ranges.has(pane)) {
      // Another version counts it; that time has come so far closes the windows of this one.
      if (!this.ranges.isBefore(pane)) this.#passed(row.time, offset)
      return this.skip('notSelected', offset)
    }
    const end = pane + window.advanceMs
    const round = end > this.#round ? end : this.#round
    if (round > end + window.reviseForMs) return this.skip('late', offset)
    this.#part(row.version, pane, round).observe(row, offset, this.#compared(row))
    this.counts.aggregated++
    this.nextOffset = offset + 1
    this.#passed(row.time, offset)
    return 'aggregated'
  }

  /** A record that is not aggregated. */
  skip<O extends 'late' | 'rejected' | 'notSelected'>(outcome: O, offset: number): O {
    this.counts[outcome]++
    this.nextOffset = offset + 1
    return outcome
  }

  /** Records [nextOffset, to) were gone from the log before they could be read. */
  skipGap(to: number): void {
    this.counts.gap += to - this.nextOffset
    this.nextOffset = to
    this.#gapped = true
  }

  /** Takes out the parts that no row can change any more, in the order of (pane, round, version). */
  drain(): Part[] {
    const final = this.#open.filter(part => part.round < this.#round)
    if (final.length === 0) return []
    for (const part of final) this.#open.splice(this.#open.indexOf(part), 1)
    final.sort((a, b) => a.pane - b.pane || a.round - b.round || a.version - b.version)
    return final.map(part => this.#close(part))
  }

  /**
   * The open parts with rows not yet published, as they are: for a partition that has fallen silent, whose windows others will close. They
   * stay open; what comes after replaces them under the same key.
   */
  peek(): Part[] {
    const news = this.#open.filter(part => part.rows > part.told)
    news.sort((a, b) => a.pane - b.pane || a.round - b.round || a.version - b.version)
    return news.map(part => {
      part.told = part.rows
      return this.#describe(part, part.leaves(this.layout.slots))
    })
  }

  /** The end of a finite input: every part is final, and the marker after it closes everything. */
  finish(): Part[] {
    this.watermark = Number.POSITIVE_INFINITY
    this.#round = Number.POSITIVE_INFINITY
    return this.drain()
  }

  /** The boundary that late rows can still reach now; a marker is due when it has moved. */
  get round(): number {
    return this.#round
  }

  /** Parts open now, their rows, for metrics. */
  get open(): { parts: number; rows: number } {
    return { parts: this.#open.length, rows: this.#open.reduce((sum, part) => sum + part.rows, 0) }
  }

  progress(idle: boolean, closeTo: number): MonitorProgress {
    const { monitor, watermark, counts } = this
    return {
      model: monitor.model,
      monitor: monitor.version,
      side: 'serving',
      watermark,
      idle,
      closeTo,
      counts: { ...counts },
    }
  }

  /** Parts open now, for a checkpoint. Those whose rows are as many as before are as they were. */
  get openParts(): readonly PartBuilder[] {
    return this.#open
  }

  get gapped(): boolean {
    return this.#gapped
  }

  /** What to commit with `nextOffset`. */
  commit(): Progress {
    const oldest = this.#open.reduce((least, part) => Math.min(least, part.firstOffset), this.nextOffset)
    const { watermark, counts } = this
    return { monitor: this.monitor.version, oldest, roundStart: this.#roundStart, watermark, counts: { ...counts } }
  }

  /**
   * Takes over where a commit left off: afterwards the records [oldest, offset) go through `rebuild`, those from `offset` on through
   * `observe`.
   * @param first oldest offset that the log still has
   */
  restore(commit: Progress, offset: number, first: number): void {
    this.watermark = commit.watermark
    this.#round = roundOf(commit.watermark, this.monitor.window)
    this.#roundStart = commit.roundStart
    Object.assign(this.counts, commit.counts)
    this.nextOffset = offset
    this.#gapped = first > commit.oldest
  }

  /**
   * Takes over where a checkpoint left off; the records from `offset` on go through `observe`. What had been published is published again.
   * @returns false where the baselines are not those that its parts were counted for; then nothing has changed
   */
  resume({ progress, gapped, parts }: Held, offset: number): boolean {
    const { layout } = this
    const opened = parts.flatMap(open => {
      const plan = this.planner.planFor(open.baselines)
      return (plan && PartBuilder.reopen(open, layout.versions.add(open.modelVersion), plan, layout)) ?? []
    })
    if (opened.length < parts.length) return false
    this.restore(progress, offset, 0)
    this.#gapped = gapped
    this.#open.push(...opened)
    return true
  }

  /**
   * Puts a row below the commit back into its open part, counting nothing. A row whose pane has not ended its first round lies in the main
   * part; any other is in an open part only if it came in the current round.
   */
  rebuild(row: Row, offset: number): void {
    if (row.time > this.watermark) return // was rejected as implausible, else the watermark had followed
    const { window } = this.monitor
    const pane = paneOf(row.time, window)
    if (!this.ranges.has(pane)) return
    const end = pane + window.advanceMs
    const compared = this.#compared(row)
    if (end >= this.#round) this.#part(row.version, pane, end).observe(row, offset, compared)
    else if (this.#round <= end + window.reviseForMs && offset >= this.#roundStart)
      this.#part(row.version, pane, this.#round).observe(row, offset, compared)
  }

  #compared(row: Row): Uint8Array | null {
    return this.#entities === null ? null : this.#entities.compare(row)
  }

  #passed(time: number, offset: number): void {
    if (time <= this.watermark) return
    this.watermark = time
    const next = roundOf(time, this.monitor.window)
    if (next <= this.#round) return
    this.#round = next
    this.#roundStart = offset + 1
  }

  #part(version: number, pane: number, round: number): PartBuilder {
    const open = this.#open
    for (let i = 0; i < open.length; i++) {
      const part = open[i]
      if (part.pane === pane && part.round === round && part.version === version) {
        if (i > 0) {
          open[i] = open[0]
          open[0] = part
        }
        return part
      }
    }
    const part = new PartBuilder(version, pane, round, this.planner.plan(version, pane), this.#gapped)
    open.unshift(part)
    return part
  }

  #close(part: PartBuilder): Part {
    return this.#describe(part, part.close(this.layout.slots))
  }

  #describe(part: PartBuilder, leaves: readonly Leaf[]): Part {
    const { model, version } = this.monitor
    const { layout } = this
    return {
      model,
      monitor: version,
      modelVersion: layout.versions.values[part.version],
      pane: part.pane,
      round: part.round,
      ...this.source,
      nextOffset: this.nextOffset,
      gap: part.gap,
      baselines: part.plan.baselines,
      offsets: { from: part.firstOffset, to: part.lastOffset },
      rows: part.rows,
      leaves,
      news: new Map(part.news),
      keys: part.keys.state(),
    }
  }
}
