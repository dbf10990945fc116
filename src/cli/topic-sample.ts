import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import pino from 'pino'
import { registrySchemas } from '../codec/writer-schemas.js'
import { environment } from '../config/environment.js'
import { DriftlineError } from '../core/error.js'
import type { Batch, GroupMember, Offsets, TopicPartition } from '../core/ports.js'
import { openKafka } from '../service/kafka.js'

/** Newest records of all partitions together that are looked at. */
const MOST_RECORDS = 10_000

/** The newest records of a topic as an NDJSON file, which goes when the work is done. */
export async function withTopicSample<T>(topic: string, work: (file: string) => Promise<T>): Promise<T> {
  const events = await sample(topic)
  if (events.length === 0)
    throw new DriftlineError(
      'bad-input',
      `topic ${topic} has no record that can be read as JSON or Avro; name a file instead, or let the service produce first`,
    )
  const folder = await mkdtemp(join(tmpdir(), 'driftline-infer-'))
  try {
    const file = join(folder, `${topic.replace(/[^\w.-]/g, '_')}.ndjson`)
    await writeFile(file, events.map(event => `${JSON.stringify(event)}\n`).join(''))
    return await work(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function sample(topic: string): Promise<object[]> {
  const { kafka, schemaRegistryUrl } = environment()
  const log = openKafka(kafka, pino({ level: 'warn' }, pino.destination(2)))
  try {
    if ((await log.partitions(topic)) === null)
      throw new DriftlineError(
        'bad-input',
        `Kafka at ${kafka.brokers.join(', ')} has no topic ${topic}; correct --topic`,
      )
    const bounds = await log.offsets(topic)
    const reader = new NewestRecords(bounds, Math.ceil(MOST_RECORDS / bounds.length))
    if (!reader.atEnd) {
      const membership = await log.join(`driftline-infer-${randomUUID()}`, [topic], reader, { start: 'earliest' })
      await reader.ended
      await membership.leave()
    }
    const decode = decoder(schemaRegistryUrl)
    const events = await Promise.all(reader.values.map(decode))
    return events.filter(event => event !== null)
  } finally {
    await log.close()
  }
}

class NewestRecords implements GroupMember {
  readonly values: Buffer[] = []
  readonly ended: Promise<void>
  #end: () => void = () => {}
  /** Partitions not read to their end yet. */
  readonly #open: Set<number>

  constructor(
    private readonly bounds: readonly Offsets[],
    private readonly most: number,
  ) {
    this.ended = new Promise(resolve => (this.#end = resolve))
    this.#open = new Set([...bounds.keys()].filter(p => bounds[p]!.end > bounds[p]!.first))
  }

  get atEnd(): boolean {
    return this.#open.size === 0
  }

  async assigned({ partition }: TopicPartition): Promise<number> {
    const { first, end } = this.bounds[partition]!
    return Math.max(first, end - this.most)
  }

  async batch(batch: Batch): Promise<void> {
    for (let i = 0; i < batch.size; i++) {
      const value = batch.value(i)
      if (value !== null) this.values.push(Buffer.from(value))
    }
    if (batch.nextOffset < this.bounds[batch.partition]!.end) return
    this.#open.delete(batch.partition)
    if (this.atEnd) this.#end()
  }

  revoked(): void {}
}

/** JSON as it is, Avro in Confluent's wire format by the registry's schema; null for anything else. */
function decoder(registryUrl: string | null): (value: Buffer) => Promise<object | null> {
  const schemas = registryUrl === null ? null : registrySchemas(registryUrl)
  const types = new Map<number, Promise<avsc.Type | null>>()
  const typeOf = (id: number): Promise<avsc.Type | null> => {
    let type = types.get(id)
    if (type === undefined)
      types.set(id, (type = schemas!.get(id).then(schema => schema && avsc.Type.forSchema(schema as avsc.Schema))))
    return type
  }
  return async value => {
    const avro = value[0] === 0 && value.length > 5
    if (avro && schemas === null)
      throw new DriftlineError('bad-input', 'the topic holds Avro, and SCHEMA_REGISTRY_URL is not set; set it')
    const type = avro ? await typeOf(value.readUInt32BE(1)) : null
    try {
      const event: unknown = avro ? type?.decode(value, 5).value : JSON.parse(value.toString())
      return typeof event === 'object' && event !== null && !Array.isArray(event) ? event : null
    } catch {
      return null
    }
  }
}
