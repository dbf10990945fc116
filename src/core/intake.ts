import type { OutgoingRows } from './join/outgoing-rows.js'
import type { Input, Monitor } from './monitor.js'
import type { Row } from './row.js'
import { endGap, type Gap, gapAfter } from './window/gap.js'
import type { Counts, MonitorProgress } from './window/marker.js'
import type { OpenPart } from './window/open-part.js'
import type { Part } from './window/part.js'
import type { PartBuilder } from './window/part-builder.js'
import { roundOf } from './window/window.js'

/** What a commit carries, so that an owner without a checkpoint can rebuild the open parts from the log. */
export interface Progress {
  /** `Intake.name`: the monitor version, or that of its labels. */
  readonly monitor: string
  /** Oldest offset of a row in a part that is not final; the next offset when there is none. */
  readonly oldest: number
  /** Offset from which the current round's late rows have come. */
  readonly roundStart: number
  readonly watermark: number
  readonly counts: Counts
  /** Rows in parts that are not final. */
  readonly open: number
}

/** What a checkpoint holds of a monitor version: all of its state at the checkpoint's next offset. */
export interface Held {
  readonly progress: Progress
  /** Whether a gap in the log has been met: parts opened since may lack rows. */
  readonly gapped: boolean
  readonly parts: readonly OpenPart[]
}

/**
 * What one monitor version takes in of one source partition, predictions or labels: how far time has come, and what became of each record.
 * What it holds after an offset depends on the records before it and the versions alone: no clock, no randomness.
 */
export abstract class Intake {
  watermark = Number.NEGATIVE_INFINITY
  readonly counts = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
  protected isGapped = false
  /** Rows that were counted and whose parts are gone with the log count as gap, until they are read again. */
  protected isOwing = false
  /** Gaps whose end no marker has told. */
  #gaps: readonly Gap[] = []
  protected roundStart: number
  /** See `roundOf`: what a row arriving now can still reach. */
  protected currentRound = Number.NEGATIVE_INFINITY

  /** @param outgoing take the rows that are counted, for driftline.joins, each for one join; none where nothing is joined */
  constructor(
    readonly monitor: Monitor,
    readonly side: Input['side'],
    public nextOffset: number,
    readonly outgoing: readonly OutgoingRows[],
  ) {
    this.roundStart = nextOffset
  }

  /** Rows for the join that have not been taken. */
  get waiting(): number {
    let waiting = 0
    for (let i = 0; i < this.outgoing.length; i++) waiting += this.outgoing[i].waiting
    return waiting
  }

  get name(): string {
    return intakeName(this.monitor, this.side)
  }

  abstract observe(row: Row, offset: number): 'aggregated' | 'late' | 'notSelected'

  /** Puts a row below the commit back into what it lay in, counting nothing. */
  rebuild(_row: Row, _offset: number): void {}

  /** A record that is not aggregated. */
  skip<O extends 'late' | 'rejected' | 'notSelected'>(outcome: O, offset: number): O {
    this.counts[outcome]++
    this.nextOffset = offset + 1
    return outcome
  }

  /** Records [nextOffset, to) were gone from the log before they could be read. */
  skipGap(to: number): void {
    this.counts.gap += to - this.nextOffset
    this.#miss(this.nextOffset, to)
    this.nextOffset = to
  }

  /** Gaps whose end no marker has told. While there are any, nothing may be committed: the next owner would know nothing of them. */
  get gaps(): readonly Gap[] {
    return this.#gaps
  }

  /** What an event time can be compared with: nothing, where it is not known how much lies in a gap. */
  get vouched(): number {
    if (this.#gaps.length === 0) return this.watermark
    return this.#gaps.some(({ until }) => !Number.isFinite(until)) ? Number.NEGATIVE_INFINITY : this.watermark
  }

  /** A marker has told all that is known of the gaps. */
  told(): void {
    this.#gaps = this.#gaps.filter(({ until }) => !Number.isFinite(until))
  }

  /** Takes out the parts that no row can change any more, in the order of (pane, round, version). */
  drain(): Part[] {
    return []
  }

  /** The open parts with rows not yet published, as they are. */
  peek(): Part[] {
    return []
  }

  /** The end of a finite input: every part is final, and the marker after it closes everything. */
  finish(): Part[] {
    this.watermark = Number.POSITIVE_INFINITY
    this.currentRound = Number.POSITIVE_INFINITY
    return this.drain()
  }

  /** The boundary that late rows can still reach now; a marker is due when it has moved. */
  get round(): number {
    return this.currentRound
  }

  get gapped(): boolean {
    return this.isGapped
  }

  /** Parts open now, for a checkpoint. Those whose rows are as many as before are as they were. */
  get openParts(): readonly PartBuilder[] {
    return []
  }

  progress(idle: boolean, closeTo: number): MonitorProgress {
    const { side, monitor } = this
    const { model, version } = monitor
    return { model, side, idle, closeTo, gaps: this.#gaps, ...this.commit(), monitor: version }
  }

  /** What to commit with `nextOffset`. */
  commit(): Progress {
    const { name, nextOffset, roundStart, watermark, counts, openParts } = this
    const oldest = openParts.reduce((least, part) => Math.min(least, part.firstOffset), nextOffset)
    const open = openParts.reduce((sum, part) => sum + part.rows, 0)
    return { monitor: name, oldest, roundStart, watermark, counts: { ...counts }, open }
  }

  /**
   * Takes over where a commit left off: afterwards the records [oldest, offset) go through `rebuild`, those from `offset` on through
   * `observe`.
   * @param first oldest offset that the log still has
   */
  restore(commit: Progress, offset: number, first: number): void {
    this.watermark = commit.watermark
    this.currentRound = roundOf(commit.watermark, this.monitor.window)
    this.roundStart = commit.roundStart
    Object.assign(this.counts, commit.counts)
    this.nextOffset = offset
    if (first <= commit.oldest || commit.oldest >= offset) return
    this.isOwing = true
    this.counts.aggregated -= commit.open
    this.counts.gap += commit.open
    this.#miss(commit.oldest, Math.min(first, offset))
    this.#endGaps(commit.watermark)
  }

  /**
   * Takes over where a checkpoint left off; the records from `offset` on go through `observe`. What had been published is published again.
   * @returns false where the baselines are not those that its parts were counted for; then nothing has changed
   */
  resume({ progress, gapped }: Held, offset: number): boolean {
    this.restore(progress, offset, 0)
    this.isGapped = gapped
    return true
  }

  /** An accepted event time. */
  protected passed(time: number, offset: number): void {
    if (time <= this.watermark) return
    this.watermark = time
    if (this.#gaps.length > 0) this.#endGaps(time)
    const next = roundOf(time, this.monitor.window)
    if (next <= this.currentRound) return
    this.currentRound = next
    this.roundStart = offset + 1
  }

  #miss(first: number, to: number): void {
    this.isGapped = true
    this.#gaps = [...this.#gaps, gapAfter(this.watermark, first, to, this.monitor.window)]
  }

  #endGaps(time: number): void {
    const { window } = this.monitor
    this.#gaps = this.#gaps.map(gap => (Number.isFinite(gap.until) ? gap : endGap(gap, time, window)))
  }
}

/** Names the state of an intake in commits and checkpoints of a topic. */
export function intakeName({ version }: Pick<Monitor, 'version'>, side: Input['side']): string {
  return side === 'serving' ? version : `${version}/${side}`
}
