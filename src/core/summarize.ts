import { type Held, Intake } from './intake.js'
import type { OutgoingRows } from './join/outgoing-rows.js'
import type { Monitor } from './monitor.js'
import type { PanePlan } from './plan.js'
import { type Layout, type Row, UNNAMED } from './row.js'
import { mostRevisions, mostVersions } from './window/caps.js'
import { EntityMemory } from './window/entity-memory.js'
import { PaneRanges } from './window/pane-ranges.js'
import type { Leaf, Part } from './window/part.js'
import { PartBuilder } from './window/part-builder.js'
import { OTHER } from './window/view.js'
import { paneOf } from './window/window.js'

export interface Planner {
  /** The plan of one pane for a model version (its id in the layout). */
  plan(version: number, pane: number): PanePlan
  /** The plan that counts for these baseline versions; null where one of them is not known. */
  planFor(baselines: readonly number[]): PanePlan | null
}

/**
 * Stage 1 for one monitor version and one source partition: rows in, parts out. What it holds after an offset depends on the records before
 * it and the versions alone: no clock, no randomness. Where the monitor joins, the rows that it counts go on to the join as well.
 *
 *     rows     ──●──●───●──●────●──────●───▶   offsets
 *     parts    [pane 0, round 1]   [pane 1, round 2]
 *                              ▲ [pane 0, round 2]: rows of pane 0 that came after round 1 had ended
 *     final    when watermark ≥ round + grace: drained once, published, then a marker
 */
export class Summarizer extends Intake {
  /** Open parts, the last used first; there are few. */
  readonly #open: PartBuilder[] = []
  /** A row of this time, or a later one, settles parts. */
  #settleAt = Number.POSITIVE_INFINITY
  /** Null where the monitor names no entity. */
  readonly #entities: EntityMemory | null

  /**
   * @param ranges panes this monitor version counts; other versions count the others
   * @param outgoing see `Intake`
   */
  constructor(
    monitor: Monitor,
    readonly layout: Layout,
    private readonly source: { readonly topic: string; readonly partition: number },
    private readonly planner: Planner,
    nextOffset: number,
    private readonly ranges = new PaneRanges(),
    outgoing: readonly OutgoingRows[] = [],
  ) {
    super(monitor, 'serving', nextOffset, outgoing)
    this.#entities = monitor.serving.entity === null ? null : new EntityMemory(layout)
  }

  observe(row: Row, offset: number): 'aggregated' | 'late' | 'notSelected' {
    if (row.time >= this.#settleAt) this.#settle(row.time)
    const { window } = this.monitor
    const pane = paneOf(row.time, window)
    if (!this.ranges.has(pane)) {
      // Another version counts it; that time has come so far closes the windows of this one.
      if (!this.ranges.isBefore(pane)) this.passed(row.time, offset)
      return this.skip('notSelected', offset)
    }
    const end = pane + window.advanceMs
    const round = end > this.currentRound ? end : this.currentRound
    if (round > end + window.reviseForMs) return this.skip('late', offset)
    const part = this.#part(row.version, pane, round)
    if (part === null) return this.skip('late', offset)
    part.observe(row, offset, this.#compared(row))
    const { outgoing } = this
    for (let i = 0; i < outgoing.length; i++) outgoing[i].add(row, offset, part.version, part.plan.segmentation)
    this.counts.aggregated++
    this.nextOffset = offset + 1
    this.passed(row.time, offset)
    return 'aggregated'
  }

  override drain(): Part[] {
    const final = this.#open.filter(part => part.round < this.currentRound)
    if (final.length === 0) return []
    for (const part of final) this.#open.splice(this.#open.indexOf(part), 1)
    final.sort((a, b) => a.pane - b.pane || a.round - b.round || a.version - b.version)
    return final.map(part => this.#close(part))
  }

  /**
   * The open parts with rows not yet published, as they are: for a partition that has fallen silent, whose windows others will close. They
   * stay open; what comes after replaces them under the same key.
   */
  override peek(): Part[] {
    const news = this.#open.filter(part => part.rows > part.told)
    news.sort((a, b) => a.pane - b.pane || a.round - b.round || a.version - b.version)
    return news.map(part => {
      part.told = part.rows
      return this.#describe(part, part.leaves(this.layout.slots))
    })
  }

  override get openParts(): readonly PartBuilder[] {
    return this.#open
  }

  override resume(held: Held, offset: number): boolean {
    const { layout } = this
    const opened = held.parts.flatMap(open => {
      const plan = this.planner.planFor(open.baselines)
      return (plan && PartBuilder.reopen(open, layout.versions.add(open.modelVersion), plan, layout)) ?? []
    })
    if (opened.length < held.parts.length) return false
    super.resume(held, offset)
    this.#open.push(...opened)
    this.#settle(Number.NEGATIVE_INFINITY)
    return true
  }

  /**
   * A row whose pane has not ended its first round lies in the main part; any other is in an open part only if it came in the current round.
   */
  override rebuild(row: Row, offset: number): void {
    if (row.time > this.watermark) return // was rejected as implausible, else the watermark had followed
    if (row.time >= this.#settleAt) this.#settle(row.time)
    const { window } = this.monitor
    const pane = paneOf(row.time, window)
    if (!this.ranges.has(pane)) return
    const end = pane + window.advanceMs
    const compared = this.#compared(row)
    const isMain = end >= this.currentRound
    if (!isMain && (this.currentRound > end + window.reviseForMs || offset < this.roundStart)) return
    const part = this.#part(row.version, pane, isMain ? end : this.currentRound)
    part?.observe(row, offset, compared)
    if (part === null || !this.isOwing) return
    this.counts.aggregated++
    this.counts.gap--
  }

  #compared(row: Row): Uint8Array | null {
    return this.#entities === null ? null : this.#entities.compare(row)
  }

  /** The part that takes a row; null where its round has no room for one more of late rows. */
  #part(version: number, pane: number, round: number): PartBuilder | null {
    return this.#opened(version, pane, round) ?? this.#begin(version, pane, round)
  }

  #opened(version: number, pane: number, round: number): PartBuilder | null {
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
    return null
  }

  /** By the parts of the same pane and round, or for late rows of the same round alone, so that a rebuild comes to the same. */
  #begin(version: number, pane: number, round: number): PartBuilder | null {
    const { layout, monitor } = this
    const { series } = monitor.limits
    const advance = monitor.window.advanceMs
    const other = layout.versions.add(OTHER)
    const plan = this.planner.plan(version === UNNAMED ? other : version, pane)
    const named = this.#open.filter(part => part.pane === pane && part.round === round && part.version !== other)
    const versions = mostVersions(series, plan, layout)
    if (version === UNNAMED || (named.length >= versions && version !== other)) {
      const part = this.#part(other, pane, round)
      part?.omit('versions', versions, 1, 0)
      return part
    }
    if (round > pane + advance) {
      const revisions = mostRevisions(series, plan, layout)
      if (this.#open.filter(part => part.round === round && part.pane + advance < round).length >= revisions) {
        // Told by the part that the first verdict is of.
        const teller = this.#open.find(part => part.pane + advance >= part.round) ?? this.#open[0]
        teller?.omit('revisions', revisions, 1, 0)
        return null
      }
    }
    const part = new PartBuilder(version, pane, round, plan, this.isGapped)
    this.#open.unshift(part)
    this.#settleAt = Math.min(this.#settleAt, round)
    return part
  }

  /** Settles the parts whose round has come: by the first row of such a time after their own first, so that a rebuild does it at the same row. */
  #settle(time: number): void {
    this.#settleAt = Number.POSITIVE_INFINITY
    for (const part of this.#open) {
      if (part.settled) continue
      if (part.round <= time) part.settle()
      else this.#settleAt = Math.min(this.#settleAt, part.round)
    }
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
      omitted: part.omitted,
      keys: part.keys.state(),
    }
  }
}
