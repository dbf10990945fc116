import { encodeMarker } from '../codec/marker.js'
import type { Log, OutgoingRecord } from '../core/ports.js'
import type { Marker } from '../core/window/marker.js'
import type { Metrics } from './metrics.js'
import { PANES } from './topics.js'

/** A task that has nothing new to say repeats itself, so that a new owner of stage 2 hears of it. */
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

  async append(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const timer = this.metrics.publishing.startTimer({ topic })
    await this.log.append(topic, records)
    timer()
  }
}
