import type { Intake } from '../core/intake.js'
import { Forwarder } from '../core/join/forwarder.js'
import { OutgoingRows } from '../core/join/outgoing-rows.js'
import type { SideHead } from '../core/join/side-columns.js'
import type { PairJoin } from '../core/join/side-rows.js'
import { labelSlot, outputSlots, pairSlots, shadowSlots } from '../core/join/slots.js'
import type { Monitor } from '../core/monitor.js'
import { PanePlanner } from '../core/planner.js'
import type { TopicPartition } from '../core/ports.js'
import type { Hashing } from '../core/privacy.js'
import { Layout, Row } from '../core/row.js'
import { Summarizer } from '../core/summarize.js'
import { PaneRanges } from '../core/window/pane-ranges.js'

/** Columns that a monitor without a baseline has at most; values of further ones are not kept, and that is told. */
const MOST_COLUMNS = 2000

/** One monitor version as this instance runs it on a topic of features: its columns, its plans, and the row its records are decoded into. */
abstract class FeatureWatch {
  readonly layout: Layout
  /** Says, besides where rows are counted, what kind each feature is. */
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
}

/** On a topic of its predictions. */
export class Watch extends FeatureWatch {
  readonly side = 'serving'

  /** @param joins partitions of driftline.joins */
  intake(at: TopicPartition, nextOffset: number, joins: number): Intake {
    const { monitor, layout, planner, ranges } = this
    const outgoing: OutgoingRows[] = []
    if (monitor.labels !== undefined) {
      const slots = outputSlots(monitor, layout)
      outgoing.push(new OutgoingRows(headOf(this, at), layout, { pair: null, slots: () => slots }, joins))
    }
    if (monitor.offline !== undefined) outgoing.push(pairRows(this, at, 'offline', joins))
    if (monitor.shadow !== undefined) {
      const slots = shadowSlots(monitor, layout)
      const versions = [monitor.shadow.champion, monitor.shadow.challenger].map(name => layout.versions.add(name))
      outgoing.push(new OutgoingRows(headOf(this, at), layout, { pair: 'shadow', slots: () => slots, versions }, joins))
    }
    return new Summarizer(monitor, layout, at, planner, nextOffset, ranges, outgoing)
  }
}

/** On a topic of its labels. */
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

/** On a topic of its offline values: features, read as those of predictions are. */
export class OfflineWatch extends FeatureWatch {
  readonly side = 'offline'

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
