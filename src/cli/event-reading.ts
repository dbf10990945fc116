import { randomUUID } from 'node:crypto'
import { AVRO_CONTENT } from '../codec/cloud-event.js'
import { PublicDecoder, type PublicEvent } from '../codec/public-decoder.js'
import { registrySchemas } from '../codec/writer-schemas.js'
import { environment } from '../config/environment.js'
import { DriftlineError } from '../core/error.js'
import type { Batch, GroupMember, JoinOptions, Offsets } from '../core/ports.js'
import { KafkaLog } from '../log/kafka/kafka-log.js'
import type { LogLines } from '../log/kafka/logger.js'
import { asideColours as aside } from './colours.js'

export interface EventReading {
  readonly topic: string
  readonly start: NonNullable<JoinOptions['start']>
  /** Go on with what comes, until stopped; else end where the topic ends now. */
  readonly follow: boolean
  readonly signal: AbortSignal
  /** Told by the headers; what does not match is not decoded. */
  readonly matches: (headers: Readonly<Record<string, Uint8Array>>) => boolean
  readonly onEvent: (event: PublicEvent) => void
}

/** Records of the topic that could not be read as events. */
export interface Unread {
  readonly unreadable: number
}

/** Reads a public topic with a group of its own, which commits nothing and so leaves nothing behind. */
export async function readEvents(reading: EventReading): Promise<Unread> {
  const { kafka, schemaRegistryUrl } = environment()
  const reader = new Reader(
    reading,
    schemaRegistryUrl === null ? null : new PublicDecoder(registrySchemas(schemaRegistryUrl)),
  )
  const onFailure = (error: Error): void => reader.failed(error)
  const log = new KafkaLog({ ...access(kafka), clientId: 'driftline-cli', logger: WARNINGS, onFailure })
  try {
    // Fails with the address or the topic's name before anything is waited for.
    if ((await log.partitions(reading.topic)) === null)
      throw new DriftlineError(
        'infrastructure',
        `Kafka at ${kafka.brokers.join(', ')} has no topic "${reading.topic}"; create it with \`driftline topics apply\``,
      )
    if (!reading.follow) reader.endAt(await log.offsets(reading.topic))
    if (!reader.atEnd) {
      const group = `driftline-cli-${randomUUID()}`
      const membership = await log.join(group, [reading.topic], reader, { start: reading.start })
      await reader.ended
      await membership.leave()
    }
    await reader.ended
  } finally {
    await log.close()
  }
  return { unreadable: reader.unreadable }
}

class Reader implements GroupMember {
  unreadable = 0
  readonly ended: Promise<void>
  #end: (error?: unknown) => void = () => {}
  /** Partition → where reading ends. */
  #ends: Map<number, number> | null = null
  readonly #plain = new PublicDecoder(null)

  constructor(
    private readonly reading: EventReading,
    private readonly decoder: PublicDecoder | null,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.#end = error => (error === undefined ? resolve() : reject(error))
    })
    this.ended.catch(() => {})
    const { signal } = reading
    if (signal.aborted) this.#end()
    signal.addEventListener('abort', () => this.#end(), { once: true })
  }

  failed(error: Error): void {
    this.#end(error)
  }

  get atEnd(): boolean {
    return this.#ends?.size === 0
  }

  endAt(offsets: readonly Offsets[]): void {
    this.#ends = new Map()
    for (const [partition, { first, end }] of offsets.entries()) if (end > first) this.#ends.set(partition, end)
    if (this.atEnd) this.#end()
  }

  async assigned(
    { partition }: { partition: number },
    _committed: unknown,
    _bounds: unknown,
    start: number,
  ): Promise<number> {
    this.#reached(partition, start)
    return start
  }

  revoked(): void {}

  async batch(batch: Batch): Promise<void> {
    try {
      for (let i = 0; i < batch.size && !this.reading.signal.aborted; i++) await this.#one(batch, i)
    } catch (error) {
      // While following, what is away may come back; the log tries again.
      if (this.reading.follow && error instanceof DriftlineError && error.code === 'infrastructure') throw error
      this.#end(error)
      return
    }
    this.#reached(batch.partition, batch.nextOffset)
  }

  async #one(batch: Batch, i: number): Promise<void> {
    const end = this.#ends?.get(batch.partition)
    if (this.#ends !== null && (end === undefined || batch.offset(i) >= end)) return
    const headers = batch.headers(i)
    if (!this.reading.matches(headers)) return
    const isAvro =
      String(headers['content-type'] ?? '') !== '' && Buffer.from(headers['content-type']).toString() === AVRO_CONTENT
    if (isAvro && this.decoder === null)
      throw new DriftlineError(
        'bad-input',
        `the events of "${batch.topic}" are written in Avro: set SCHEMA_REGISTRY_URL, for example http://localhost:8081/apis/ccompat/v7`,
      )
    const event = await (this.decoder ?? this.#plain).decode(headers, batch.value(i))
    if (event === null) this.unreadable++
    else this.reading.onEvent(event)
  }

  #reached(partition: number, position: number): void {
    const end = this.#ends?.get(partition)
    if (this.#ends === null || end === undefined || position < end) return
    this.#ends.delete(partition)
    if (this.#ends.size === 0) this.#end()
  }
}

/** One type for three mechanisms with the same fields: kafkajs wants the union spelled out. */
function access(
  kafka: ReturnType<typeof environment>['kafka'],
): Pick<ConstructorParameters<typeof KafkaLog>[0], 'brokers' | 'ssl' | 'sasl'> {
  return kafka as Pick<ConstructorParameters<typeof KafkaLog>[0], 'brokers' | 'ssl' | 'sasl'>
}

const WARNINGS: LogLines = {
  debug() {},
  info(_fields, message) {
    process.stderr.write(`${aside.dim(message)}\n`)
  },
  warn(fields, message) {
    const { reason = message } = fields as { reason?: string }
    process.stderr.write(`${aside.yellow('waiting')} ${reason}\n`)
  },
  error(fields, message) {
    const { err } = fields as { err?: Error }
    process.stderr.write(`${aside.red('error')} ${message}: ${err?.message ?? ''}\n`)
  },
  isLevelEnabled: () => false,
}
