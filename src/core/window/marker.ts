import type { Side } from '../join/side-rows.js'
import type { Gap } from './gap.js'

/**
 * A task's word on how far its source partition is, written to every panes partition after the acks of its parts, and where the monitor
 * joins to every joins partition after the acks of its rows. Only markers move time.
 */
export interface Marker {
  readonly topic: string
  readonly partition: number
  /** Partitions the source topic has: stage 2 closes nothing until each has reported. */
  readonly partitions: number
  readonly nextOffset: number
  readonly monitors: readonly MonitorProgress[]
}

export interface MonitorProgress {
  readonly model: string
  readonly monitor: string
  /** What the topic has of the monitor. */
  readonly side: Side
  /** Highest event time accepted, epoch ms; −∞ before the first. */
  readonly watermark: number
  /** A guess by wall clock, recorded: no row for `idleAfter`, and the log read to its end since. */
  readonly idle: boolean
  /** Where windows may close when every partition is idle: watermark + time passed since. −∞ when not idle. */
  readonly closeTo: number
  readonly counts: Counts
  /** Oldest offset of a row in a part that is not final; −1 where an earlier version wrote the marker. */
  readonly oldest: number
  /** Offset from which the current round's late rows have come. */
  readonly roundStart: number
  /** Rows in parts that are not final. */
  readonly open: number
  /** Gaps in the log that no marker has told the end of. */
  readonly gaps: readonly Gap[]
}

/** Records of one partition by outcome; their sum is what was read. */
export interface Counts {
  readonly aggregated: number
  readonly late: number
  readonly rejected: number
  readonly notSelected: number
  /** Offsets that were gone from the log before they could be read. */
  readonly gap: number
}
