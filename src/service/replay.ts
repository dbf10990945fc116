import avsc from 'avsc'
import type { Logger } from 'pino'
import { encodeBaseline } from '../codec/baseline.js'
import { encodeControl } from '../codec/control.js'
import { NEAR_LONG } from '../codec/long-type.js'
import { createPublicEncoder } from '../codec/public-encoder.js'
import type { Baseline } from '../core/baseline/baseline.js'
import { inputsOf, type Monitor } from '../core/monitor.js'
import type { Batch, Clock, OutgoingRecord } from '../core/ports.js'
import { type EventMapping, withDigits } from '../files/event-mapping.js'
import { eventSchema } from '../files/event-schema.js'
import { type FileEvent, readEvents, type Skipped } from '../files/event-source.js'
import type { Table } from '../files/table.js'
import { EmbeddedLog } from '../log/embedded.js'
import { Line } from './line.js'
import { ALERTS, BASELINES, CONTROL, DEAD_LETTERS, JOINS, PANES, STATE, VERDICTS } from './topics.js'

export interface ReplayOptions {
  readonly monitor: Monitor
  readonly baseline: Baseline | null
  readonly events: Table
  readonly mapping: EventMapping
  /** What came true, for monitors that say what labels are. */
  readonly labels?: FileRows
  /** Values recomputed offline, for monitors that say where these are. */
  readonly offline?: FileRows
  readonly partitions: number
  readonly logger: Logger
  readonly privacyKey?: string | null
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

/** A file and how its rows are read. */
export interface FileRows {
  readonly table: Table
  readonly mapping: EventMapping
}

/** What was read of a file beside that of the events. */
export interface ReadRows {
  readonly rows: number
  readonly skipped: Skipped
}

export interface Replayed {
  readonly events: number
  readonly skipped: Skipped
  /** Null without a file of them. */
  readonly labels: ReadRows | null
  readonly offline: ReadRows | null
  readonly line: Line
}

/** Events in one chunk: the line runs after each. */
const CHUNK = 10_000

/**
 * The whole line over the events of a file, to its end: the same topics and stages as in service, on the embedded log. The clock is the
 * event time, so that the same input gives the same bytes.
 */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const {
    monitor,
    baseline,
    events,
    partitions,
    logger,
    alertsFrom = Number.NEGATIVE_INFINITY,
    privacyKey = null,
  } = options
  const mapping = withDigits(options.mapping, events)
  let now = 0
  const clock: Clock = { now: () => now }
  const { topic } = monitor.serving
  const sources = new Set(inputsOf(monitor).map(input => input.topic))
  const own = [PANES, JOINS, BASELINES, CONTROL, STATE, VERDICTS, ALERTS, DEAD_LETTERS].map(name => ({
    name,
    partitions: 1,
  }))
  const log = new EmbeddedLog({
    clock,
    topics: [...own, ...[...sources].map(name => ({ name, partitions }))],
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
  const predictions = new Writing(events, mapping, monitor.serving.format, 1)
  const labels = options.labels && new OtherSide(monitor.labels!, options.labels, 2)
  const offline = options.offline && new OtherSide(monitor.offline!, options.offline, 3)
  const others = [labels, offline].filter(side => side !== undefined)
  const line = new Line({
    log,
    clock,
    logger,
    monitors: [monitor],
    schemas: {
      get: async id =>
        [predictions, ...others.map(({ writing }) => writing)].find(one => one.id === id)?.schema ?? null,
    },
    encoder: await createPublicEncoder({ registryUrl: null }),
    start: 'earliest',
    alertsFrom,
    privacyKey,
  })
  await line.start()
  const skipped = nothingSkipped()
  let count = 0
  const send = async (to: string, some: readonly OutgoingRecord[]): Promise<void> => {
    await log.append(to, some)
    await log.run()
  }
  const sendOthers = async (until: number): Promise<void> => {
    for (const { topic: to, rows, writing, read } of others)
      for (let some: FileEvent[]; (some = await rows.take(until, CHUNK)).length > 0; ) {
        now = Math.max(now, some.at(-1)!.time)
        read.rows += some.length
        await send(
          to,
          some.map(one => writing.record(one)),
        )
      }
  }
  let waiting: OutgoingRecord[] = []
  const run = async (): Promise<void> => {
    await send(topic, waiting)
    waiting = []
    await sendOthers(now)
    options.onProgress?.(count)
  }
  for await (const chunk of readEvents(events, mapping, options.range ?? {}, skipped)) {
    for (const event of chunk) {
      now = Math.max(now, event.time)
      waiting.push(predictions.record(event))
      count++
    }
    if (waiting.length >= CHUNK) await run()
  }
  await run()
  await sendOthers(Number.POSITIVE_INFINITY)
  await line.finish()
  await log.run()
  options.onEnd?.(line)
  await line.stop()
  return { events: count, skipped, labels: labels?.read ?? null, offline: offline?.read ?? null, line }
}

/** Writes rows of a file as a service would send them: JSON, or Confluent's wire format with a schema id of its own. */
class Writing {
  readonly schema: object | null
  readonly #encode: (value: unknown) => Uint8Array

  /** @param id of its schema */
  constructor(
    table: Table,
    mapping: EventMapping,
    format: 'avro' | 'json',
    readonly id: number,
  ) {
    this.schema = format === 'avro' ? (eventSchema(table, mapping) as object) : null
    this.#encode = this.schema === null ? json : confluent(this.schema as avsc.Schema, id)
  }

  record({ key, time, value }: FileEvent): OutgoingRecord {
    return { key, value: this.#encode(value), timestamp: time }
  }
}

function nothingSkipped(): Skipped {
  return { withoutKey: 0, withoutTime: 0, unreadableTime: 0 }
}

/** Labels, or offline values, of a file. */
class OtherSide {
  readonly topic: string
  readonly writing: Writing
  readonly read = { rows: 0, skipped: nothingSkipped() }
  readonly rows: RowQueue

  constructor(
    { topic, format }: { readonly topic: string; readonly format: 'avro' | 'json' },
    { table, mapping }: FileRows,
    id: number,
  ) {
    this.topic = topic
    this.writing = new Writing(table, mapping, format, id)
    this.rows = new RowQueue(readEvents(table, mapping, {}, this.read.skipped))
  }
}

/** Rows in time order, taken as their time comes. */
class RowQueue {
  #chunk: FileEvent[] = []
  #at = 0

  constructor(private readonly source: AsyncGenerator<FileEvent[]>) {}

  /** The next rows up to this time, at most so many; none where there are none yet. */
  async take(until: number, most: number): Promise<FileEvent[]> {
    const taken: FileEvent[] = []
    while (taken.length < most) {
      if (this.#at === this.#chunk.length) {
        const next = await this.source.next()
        if (next.done) break
        this.#chunk = next.value
        this.#at = 0
      }
      const row = this.#chunk[this.#at]!
      if (row.time > until) break
      taken.push(row)
      this.#at++
    }
    return taken
  }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** Confluent's wire format. */
function confluent(schema: avsc.Schema, id: number): (value: unknown) => Uint8Array {
  const type = avsc.Type.forSchema(structuredClone(schema), { registry: { long: NEAR_LONG } })
  const head = Buffer.from([0, 0, 0, 0, id])
  return value => Buffer.concat([head, type.toBuffer(value)])
}
