import type { Intake } from '../core/intake.js'
import { Forwarder } from '../core/join/forwarder.js'
import { OutgoingRows } from '../core/join/outgoing-rows.js'
import type { SideHead } from '../core/join/side-columns.js'
import type { PairJoin } from '../core/join/side-rows.js'
import { labelSlot, outputSlots, pairSlots } from '../core/join/slots.js'
import type { Monitor } from '../core/monitor.js'
import { PanePlanner } from '../core/planner.js'
import type { RecordReader, TimestampRule, TopicPartition } from '../core/ports.js'
import type { Hashing } from '../core/privacy.js'
import { Layout, Row } from '../core/row.js'
import { Summarizer } from '../core/summarize.js'
import { EventTimeGuard } from '../core/window/event-time.js'
import { PaneRanges } from '../core/window/pane-ranges.js'
import { Turns } from './turns.js'

/** Columns that a monitor without a baseline has at most; values of further ones are not kept, and that is told. */
const MOST_COLUMNS = 2000

/** One monitor version as this instance runs it on a topic of its predictions: its columns, its plans, and the row its records are decoded into. */
export class Watch {
  readonly side = 'serving'
  readonly layout: Layout
  readonly planner: PanePlanner
  readonly row: Row

  constructor(
    readonly monitor: Monitor,
    readonly ranges = new PaneRanges(),
    hashing: Hashing | null = null,
  ) {
    this.layout = new Layout(true, Math.min(MOST_COLUMNS, monitor.limits.series), hashing)
    this.planner = new PanePlanner(monitor, this.layout)
    this.row = new Row(this.layout)
  }

  /** @param joins partitions of driftline.joins */
  intake(at: TopicPartition, nextOffset: number, joins: number): Intake {
    const { monitor, layout, planner, ranges } = this
    const outgoing: OutgoingRows[] = []
    if (monitor.labels !== undefined) {
      const slots = outputSlots(monitor, layout)
      outgoing.push(new OutgoingRows(headOf(this, at), layout, { pair: null, slots: () => slots }, joins))
    }
    if (monitor.offline !== undefined) outgoing.push(pairRows(this, at, 'offline', joins))
    return new Summarizer(monitor, layout, at, planner, nextOffset, ranges, outgoing)
  }
}

/** The same on a topic of its labels. */
export class LabelWatch {
  readonly side = 'labels'
  readonly layout = new Layout(false, 1)
  readonly row: Row

  constructor(
    readonly monitor: Monitor,
    readonly ranges = new PaneRanges(),
  ) {
    labelSlot(monitor, this.layout)
    this.row = new Row(this.layout)
  }

  /** @param joins partitions of driftline.joins */
  intake(at: TopicPartition, nextOffset: number, joins: number): Intake {
    const { monitor, layout, ranges } = this
    const slots = Int32Array.of(labelSlot(monitor, layout))
    const rows = new OutgoingRows(headOf(this, at), layout, { pair: null, slots: () => slots }, joins)
    return new Forwarder(monitor, 'labels', rows, nextOffset, ranges)
  }
}

/** The same on a topic of its offline values: features, read as those of predictions are. */
export class OfflineWatch {
  readonly side = 'offline'
  readonly layout: Layout
  /** Says what kind each feature is. */
  readonly planner: PanePlanner
  readonly row: Row

  constructor(
    readonly monitor: Monitor,
    readonly ranges = new PaneRanges(),
    hashing: Hashing | null = null,
  ) {
    this.layout = new Layout(true, Math.min(MOST_COLUMNS, monitor.limits.series), hashing)
    this.planner = new PanePlanner(monitor, this.layout)
    this.row = new Row(this.layout)
  }

  /** @param joins partitions of driftline.joins */
  intake(at: TopicPartition, nextOffset: number, joins: number): Intake {
    return new Forwarder(this.monitor, 'offline', pairRows(this, at, 'offline', joins), nextOffset, this.ranges)
  }
}

export type AnyWatch = Watch | LabelWatch | OfflineWatch

function pairRows(watch: Watch | OfflineWatch, at: TopicPartition, pair: PairJoin, partitions: number): OutgoingRows {
  const { monitor, layout } = watch
  return new OutgoingRows(headOf(watch, at), layout, { pair, slots: () => pairSlots(monitor, layout) }, partitions)
}

function headOf({ monitor, side }: Pick<AnyWatch, 'monitor' | 'side'>, { topic, partition }: TopicPartition): SideHead {
  return { model: monitor.model, monitor: monitor.version, side, topic, partition }
}

/** A monitor's share of one source partition. */
export class WatchTask {
  readonly intake: Intake
  readonly guard: EventTimeGuard
  /** Wall clock of the last accepted row, epoch ms. */
  lastRowAt: number
  idle = false
  /** First offset that it needs to be whole again. */
  from: number
  /** Records below it are read again only to rebuild its open parts. */
  rebuildBelow = 0
  /** Round of the last marker. */
  told = Number.NaN
  /** Counts already in the metrics. */
  readonly metered = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }

  constructor(
    readonly watch: AnyWatch,
    at: TopicPartition,
    rule: TimestampRule,
    joins: number,
    nextOffset: number,
    now: number,
  ) {
    this.intake = watch.intake(at, nextOffset, joins)
    this.guard = new EventTimeGuard(watch.side === 'serving' ? rule : vouched(rule), watch.monitor.serving.maxAheadMs)
    this.lastRowAt = now
    this.from = nextOffset
  }

  /** A row was accepted. @param now wall clock, epoch ms */
  alive(now: number): void {
    this.lastRowAt = now
    this.idle = false
  }
}

/** Labels and offline values come in bursts, each night perhaps: that their time jumps says nothing against it, so the producer's clock has to vouch. */
function vouched(rule: TimestampRule): TimestampRule {
  return rule.type === 'append' ? rule : { type: 'create', bounded: true }
}

/** What this instance does for one source partition. */
export class SourceTask {
  readonly turns = new Turns()
  /** Offset after the last record that has gone through every watch. */
  position: number
  /** The commit, or the checkpoint that goes beyond it: what lies below has been told of, in dead letters and markers. */
  committed: number
  lastMarkerAt = 0
  lastCommitAt = 0
  committedPosition = -1
  /** When the next checkpoint may be taken, epoch ms, and when and at which offset the last was. */
  checkpointAt: number
  lastCheckpointAt: number
  checkpointed = -1
  revoked = false

  /** What is missing has not been told of yet: a commit or checkpoint now would hide it. */
  get isMissing(): boolean {
    return this.watches.some(({ intake }) => intake.gaps.length > 0)
  }

  /** @param reader of the watches, in their order */
  constructor(
    readonly at: TopicPartition,
    readonly partitions: number,
    public watches: readonly WatchTask[],
    public reader: RecordReader,
    position: number,
    committed: number,
    /** When the group first took the partition, epoch ms. */
    readonly began: number,
    now: number,
  ) {
    this.position = position
    this.committed = committed
    this.checkpointAt = this.lastCheckpointAt = now
  }
}
