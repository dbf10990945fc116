import { Command } from 'commander'
import pino from 'pino'
import { environment } from '../config/environment.js'
import { DriftlineError } from '../core/error.js'
import type { EventMapping } from '../files/event-mapping.js'
import { eventSchema } from '../files/event-schema.js'
import { readEvents, type Skipped } from '../files/event-source.js'
import { openTable } from '../files/table.js'
import { openKafka } from '../service/kafka.js'
import { tableOptions, tellUnreadable } from './file-options.js'
import { time } from './output.js'
import { avroEncoder, encodeJson } from './produce-encoding.js'
import { eventOptions, type ProduceFlags, produceOptions, type What } from './produce-options.js'
import { produceEvents } from './produce-run.js'
import { oneMonitor, target } from './produce-target.js'
import { Progress } from './progress.js'

export function produceCommand(): Command {
  const command = new Command('produce').description(
    'Writes the rows of a file as events into the topic of a monitor, in time order (file order without times).',
  )
  for (const what of ['features', 'labels', 'offline'] as const)
    command.addCommand(produceOptions(new Command(what), what).action((flags: ProduceFlags) => produce(what, flags)))
  return command
}

async function produce(what: What, flags: ProduceFlags): Promise<void> {
  const monitor = oneMonitor(flags.monitor, flags.model)
  const table = await openTable(flags.from, tableOptions(flags))
  try {
    tellUnreadable(table)
    const { topic, format, mapping } = target(what, monitor, table, flags)
    const { path, column } = mapping.time
    if (column === null)
      process.stderr.write(
        `note: ${table.source} has no column ${path.join('.')}, and --map names none: its rows go in their order\n`,
      )
    const schema = () => eventSchema(table, mapping, RECORDS[what].schema) as object
    const skipped: Skipped = { withoutKey: 0, withoutTime: 0, unreadableTime: 0 }
    const events = readEvents(table, mapping, eventOptions(flags), skipped)
    if (flags.dryRun) await show(events, topic, (flags.format ?? format) === 'avro' ? schema() : null)
    else
      await send(events, {
        what,
        flags,
        topic,
        format: flags.format ?? format,
        mapping,
        schema,
        skipped,
        total: await table.rowCount(),
      })
  } finally {
    await table.close()
  }
}

const RECORDS = {
  features: { schema: 'Served', words: 'events' },
  labels: { schema: 'Label', words: 'labels' },
  offline: { schema: 'Offline', words: 'rows of offline values' },
} as const

interface Sending {
  readonly what: What
  readonly flags: ProduceFlags
  readonly topic: string
  readonly format: 'avro' | 'json'
  readonly mapping: EventMapping
  readonly schema: () => object
  readonly skipped: Skipped
  readonly total: number | null
}

async function send(events: ReturnType<typeof readEvents>, sending: Sending): Promise<void> {
  const { flags, topic, format, mapping, skipped } = sending
  const { kafka, schemaRegistryUrl } = environment()
  if (format === 'avro' && !schemaRegistryUrl)
    throw new DriftlineError(
      'bad-input',
      'Avro needs a schema registry: set SCHEMA_REGISTRY_URL, or produce with --format json',
    )
  const log = openKafka(kafka, pino({ level: 'warn' }, pino.destination(2)))
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const total = Math.min(sending.total ?? 1, flags.limit ?? Number.POSITIVE_INFINITY)
  const bar = new Progress('{bar} {percentage}% · {rows} events · {eta_formatted} left', flags.json)
  try {
    const partitions = await log.partitions(topic)
    if (partitions === null)
      throw new DriftlineError(
        'infrastructure',
        `no topic ${topic} on ${kafka.brokers.join(', ')}; create it with \`driftline topics apply\``,
      )
    const encode = format === 'avro' ? await avroEncoder(schemaRegistryUrl!, topic, sending.schema()) : encodeJson
    const produced = await produceEvents(log, events, encode, {
      topic,
      partitions,
      spread: flags.partitionsBy,
      ...(flags.rate ? { rate: flags.rate } : {}),
      ...(flags.speed ? { speed: flags.speed } : {}),
      clock: flags.clock,
      time: mapping.time,
      signal: stopping.signal,
      onProgress: records => bar.update(records / total, { rows: records }),
    })
    bar.stop()
    const left = skipped.withoutKey + skipped.withoutTime + skipped.unreadableTime
    if (flags.json) {
      process.stdout.write(
        `${JSON.stringify({ topic, format, partitions, ...produced, skipped, stopped: stopping.signal.aborted })}\n`,
      )
      return
    }
    const { records, bytes, seconds, first, last } = produced
    const range = first === null ? '' : `, events of ${time(first)} to ${time(last!)}`
    process.stdout.write(
      `${records} ${RECORDS[sending.what].words} (${format}, ${(bytes / 1e6).toFixed(1)} MB) into ${topic}, ` +
        `${partitions} partition(s), in ${seconds.toFixed(1)} s${range}${left > 0 ? `; ${left} rows without a key or time left out` : ''}\n`,
    )
  } finally {
    bar.stop()
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await log.close()
  }
}

async function show(events: ReturnType<typeof readEvents>, topic: string, schema: object | null): Promise<void> {
  if (schema) process.stdout.write(`${JSON.stringify({ schema })}\n`)
  for await (const chunk of events) {
    for (const { key, value } of chunk.slice(0, 3)) process.stdout.write(`${JSON.stringify({ topic, key, value })}\n`)
    return
  }
}
