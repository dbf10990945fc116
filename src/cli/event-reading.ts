import { AVRO_CONTENT } from '../codec/cloud-event.js'
import { PublicDecoder, type PublicEvent } from '../codec/public-decoder.js'
import { registrySchemas } from '../codec/writer-schemas.js'
import { environment } from '../config/environment.js'
import { DriftlineError } from '../core/error.js'
import type { Batch, JoinOptions } from '../core/ports.js'
import { KafkaLog } from '../log/kafka/kafka-log.js'
import type { LogLines } from '../log/kafka/logger.js'
import { asideColours as aside } from './colours.js'
import { readRecords } from './record-reading.js'

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

/** Reads a public topic. */
export async function readEvents(reading: EventReading): Promise<Unread> {
  const { topic, matches, onEvent } = reading
  const { schemaRegistryUrl } = environment()
  const plain = new PublicDecoder(null)
  const decoder = schemaRegistryUrl === null ? null : new PublicDecoder(registrySchemas(schemaRegistryUrl))
  let unreadable = 0
  const onRecord = async (batch: Batch, i: number): Promise<void> => {
    const headers = batch.headers(i)
    if (!matches(headers)) return
    if (isAvro(headers) && decoder === null)
      throw new DriftlineError(
        'bad-input',
        `the events of "${topic}" are written in Avro: set SCHEMA_REGISTRY_URL, for example http://localhost:8081/apis/ccompat/v7`,
      )
    const event = await (decoder ?? plain).decode(headers, batch.value(i))
    if (event === null) unreadable++
    else onEvent(event)
  }
  await withLog(log => readRecords(log, { ...reading, onRecord }))
  return { unreadable }
}

/** Runs with the log that the environment names; warnings go to standard error as people read them. */
export async function withLog<T>(work: (log: KafkaLog) => Promise<T>): Promise<T> {
  let onFailure: (error: Error) => void = () => {}
  // What no waiting cures, as a right that is missing, ends the work.
  const failed = new Promise<never>((_, reject) => (onFailure = reject))
  failed.catch(() => {})
  const log = new KafkaLog({ ...access(environment().kafka), clientId: 'driftline-cli', logger: WARNINGS, onFailure })
  try {
    return await Promise.race([work(log), failed])
  } finally {
    await log.close()
  }
}

/** The model that an event is of, told without decoding it; empty where the headers do not say. */
export function modelIn(headers: Readonly<Record<string, Uint8Array>>): string {
  return Buffer.from(headers['ce_model'] ?? []).toString()
}

function isAvro(headers: Readonly<Record<string, Uint8Array>>): boolean {
  const type = headers['content-type']
  return type !== undefined && Buffer.from(type).toString() === AVRO_CONTENT
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
