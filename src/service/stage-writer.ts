import { encodeMarker } from '../codec/marker.js'
import type { Log, OutgoingRecord } from '../core/ports.js'
import type { Marker, MonitorProgress } from '../core/window/marker.js'
import { partitionOf } from '../log/partition.js'
import type { Metrics } from './metrics.js'
import { PANES } from './topics.js'

/** Who has nothing new to say repeats itself, so that a new owner of stage 2 hears of it. */
export const HEARTBEAT_MS = 30_000
export const COMMIT_EVERY_MS = 5_000

/** What the stages before stage 2 write; every call returns when the log has acknowledged. */
export class StageWriter {
  constructor(
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  /** Parts, to driftline.panes. */
  async publish<Part extends { readonly model: string }>(
    parts: readonly Part[],
    encode: (part: Part) => readonly OutgoingRecord[],
  ): Promise<void> {
    if (parts.length === 0) return
    const records = parts.flatMap(part => encode(part))
    await this.append(PANES, records)
    for (const { model } of parts) this.metrics.partsPublished.inc({ model })
    for (const { key, value } of records) this.metrics.partBytes.inc({ model: String(key) }, value?.length ?? 0)
  }

  /** A marker, to every partition of the topic. */
  async mark(topic: string, partitions: number, marker: Marker): Promise<void> {
    const record = encodeMarker(marker)
    await this.append(
      topic,
      Array.from({ length: partitions }, (_, partition) => ({ ...record, partition })),
    )
  }

  /** A marker to stage 2: each partition of driftline.panes hears of the models whose parts lie in it. */
  async tell(panesPartitions: number, { monitors, ...marker }: Marker): Promise<void> {
    const lying = Array.from({ length: panesPartitions }, (): MonitorProgress[] => [])
    for (const progress of monitors) lying[panesPartitionOf(progress.model, panesPartitions)].push(progress)
    const records = lying.flatMap((some, partition) =>
      some.length === 0 ? [] : [{ ...encodeMarker({ ...marker, monitors: some }), partition }],
    )
    await this.append(PANES, records)
  }

  async append(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const timer = this.metrics.publishing.startTimer({ topic })
    await this.log.append(topic, records)
    timer()
  }
}

/** Where a model's parts go: one panes partition holds all of a model. */
export function panesPartitionOf(model: string, partitions: number): number {
  return partitionOf(model, partitions)
}
