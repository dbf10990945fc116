import avsc from 'avsc'
import type { Logger } from 'pino'
import { encodeBaseline } from '../codec/baseline.js'
import { encodeControl } from '../codec/control.js'
import { createPublicEncoder } from '../codec/public-encoder.js'
import type { Baseline } from '../core/baseline/baseline.js'
import type { Monitor } from '../core/monitor.js'
import type { Batch, Clock, OutgoingRecord } from '../core/ports.js'
import type { EventMapping } from '../files/event-mapping.js'
import { eventSchema } from '../files/event-schema.js'
import { readEvents, type Skipped } from '../files/event-source.js'
import type { Table } from '../files/table.js'
import { EmbeddedLog } from '../log/embedded.js'
import { Line } from './line.js'
import { ALERTS, BASELINES, CONTROL, DEAD_LETTERS, JOINS, PANES, STATE, VERDICTS } from './topics.js'

export interface ReplayOptions {
  readonly monitor: Monitor
  readonly baseline: Baseline | null
  readonly events: Table
  readonly mapping: EventMapping
  readonly partitions: number
  readonly logger: Logger
  /** Only events with times in [from, to); epoch ms. */
  readonly range?: { readonly from?: number; readonly to?: number }
  /** Alert events of windows that ended before this are withheld; epoch ms. */
  readonly alertsFrom?: number
  readonly onProgress?: (rows: number) => void
  /** Told of every alert event and verdict as its bytes leave the log. */
  readonly onAlerts?: (batch: Batch) => void
  readonly onVerdicts?: (batch: Batch) => void
  /** Told when every window has been judged, before the line stops. */
  readonly onEnd?: (line: Line) => void
}

export interface Replayed {
  readonly events: number
  readonly skipped: Skipped
  readonly line: Line
}

/** Events in one chunk: the line runs after each. */
const CHUNK = 10_000

/**
 * The whole line over the events of a file, to its end: the same topics and stages as in service, on the embedded log. The clock is the
 * event time, so that the same input gives the same bytes.
 */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { monitor, baseline, events, mapping, partitions, logger, alertsFrom = Number.NEGATIVE_INFINITY } = options
  let now = 0
  const clock: Clock = { now: () => now }
  const { topic } = monitor.serving
  const own = [PANES, JOINS, BASELINES, CONTROL, STATE, VERDICTS, ALERTS, DEAD_LETTERS].map(name => ({
    name,
    partitions: 1,
  }))
  const log = new EmbeddedLog({
    clock,
    topics: [...own, { name: topic, partitions }],
    retainConsumed: false,
    timestamps: { type: 'create', bounded: true },
  })
  if (baseline !== null) {
    await log.append(BASELINES, encodeBaseline(baseline))
    const activation = {
      model: monitor.model,
      modelVersion: null,
      baseline: baseline.version,
      from: null,
      by: 'replay',
      at: 0,
    }
    await log.append(CONTROL, [encodeControl({ activation })])
  }
  await log.follow(ALERTS, options.onAlerts ?? (() => {}))
  await log.follow(VERDICTS, options.onVerdicts ?? (() => {}))
  const schema = monitor.serving.format === 'avro' ? (eventSchema(events, mapping) as object) : null
  const line = new Line({
    log,
    clock,
    logger,
    monitors: [monitor],
    schemas: { get: async () => schema },
    encoder: await createPublicEncoder({ registryUrl: null }),
    start: 'earliest',
    alertsFrom,
  })
  await line.start()
  const encode = schema === null ? json : confluent(avsc.Type.forSchema(schema as avsc.Schema))
  const skipped: Skipped = { withoutKey: 0, withoutTime: 0, unreadableTime: 0 }
  let count = 0
  let waiting: OutgoingRecord[] = []
  const run = async (): Promise<void> => {
    await log.append(topic, waiting)
    waiting = []
    await log.run()
    options.onProgress?.(count)
  }
  for await (const chunk of readEvents(events, mapping, options.range ?? {}, skipped)) {
    for (const { key, time, value } of chunk) {
      now = Math.max(now, time)
      waiting.push({ key, value: encode(value), timestamp: time })
      count++
    }
    if (waiting.length >= CHUNK) await run()
  }
  await run()
  await line.finish()
  await log.run()
  options.onEnd?.(line)
  await line.stop()
  return { events: count, skipped, line }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** Confluent's wire format with schema id 1, the only one here. */
function confluent(type: avsc.Type): (value: unknown) => Uint8Array {
  const head = Buffer.from([0, 0, 0, 0, 1])
  return value => Buffer.concat([head, type.toBuffer(value)])
}
