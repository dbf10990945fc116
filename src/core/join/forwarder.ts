import { Intake } from '../intake.js'
import type { Monitor } from '../monitor.js'
import type { Row } from '../row.js'
import type { PaneRanges } from '../window/pane-ranges.js'
import type { OutgoingRows } from './outgoing-rows.js'

/**
 * Stage 1 for the labels, or the offline values, of one monitor version on one source partition: rows in, and the same rows out to the partition
 * of their key. It keeps time and counts as the summarizer does, and no parts: what a row belongs to, the join alone knows.
 */
export class Forwarder extends Intake {
  /** @param ranges panes this monitor version counts */
  constructor(
    monitor: Monitor,
    side: 'labels' | 'offline',
    private readonly rows: OutgoingRows,
    nextOffset: number,
    private readonly ranges: PaneRanges,
  ) {
    super(monitor, side, nextOffset, [rows])
  }

  observe(row: Row, offset: number): 'aggregated' | 'notSelected' {
    const { window, labels, offline } = this.monitor
    const { horizonMs } = (this.side === 'labels' ? labels : offline)!
    const ahead = this.side === 'labels' ? 0 : horizonMs
    const { graceMs } = window
    this.passed(row.time, offset)
    // Its prediction is one that another version counts.
    if (!this.ranges.meet(row.time - horizonMs - graceMs, row.time + ahead + graceMs))
      return this.skip('notSelected', offset)
    this.rows.add(row, offset, row.version, null)
    this.counts.aggregated++
    this.nextOffset = offset + 1
    return 'aggregated'
  }
}
