import type { Intake } from '../core/intake.js'
import type { RecordReader, TimestampRule, TopicPartition } from '../core/ports.js'
import { EventTimeGuard } from '../core/window/event-time.js'
import { Turns } from './turns.js'
import type { AnyWatch } from './watch.js'

/** A monitor's share of one source partition. */
export class WatchTask {
  readonly intake: Intake
  readonly guard: EventTimeGuard
  /** Wall clock of the last accepted row, epoch ms. */
  lastRowAt: number
  idle = false
  /** Wall clock of the first row after it was idle, epoch ms. */
  wokenAt = Number.NEGATIVE_INFINITY
  /** First offset that it needs to be whole again. */
  from: number
  /** Records below it are read again only to rebuild its open parts. */
  rebuildBelow = 0
  /** Round of the last marker, and when that was, epoch ms. */
  told = Number.NaN
  toldAt = 0
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
    if (this.idle) this.wokenAt = now
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
  lastCommitAt = 0
  committedPosition = -1
  /** When the next checkpoint may be taken, epoch ms, and when and at which offset the last was. */
  checkpointAt: number
  lastCheckpointAt: number
  checkpointed = -1
  revoked = false

  /**
   * What an event time of a watch can be compared with. A changed monitor has accepted nothing in its own panes yet: the version before it knows
   * the time, else a clock a year ahead would be the first record of the new one, and all after it late.
   */
  vouched({ intake, watch }: WatchTask): number {
    if (Number.isFinite(intake.watermark)) return intake.vouched
    const { model } = watch.monitor
    return this.watches.reduce(
      (far, other) =>
        other.watch.monitor.model === model && other.watch.side === watch.side
          ? Math.max(far, other.intake.vouched)
          : far,
      Number.NEGATIVE_INFINITY,
    )
  }

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
