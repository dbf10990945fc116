import type { KafkaConfig } from 'kafkajs'
import { DriftlineError } from '../core/error.js'
import type { NoticeOptions } from './outage-notices.js'
import type { ProducerStats } from './producer.js'

export interface ProducerOptions extends NoticeOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  /** Of the feature events. */
  readonly topic: string
  /** Of the labels; `labels()` needs it. */
  readonly labelsTopic?: string
  /** `avro` unless told; it needs `registryUrl`. */
  readonly format?: 'avro' | 'json'
  /** A Confluent-compatible schema registry. */
  readonly registryUrl?: string
  /** Avro schema of the feature events; inferred from the events unless told. */
  readonly schema?: object
  /** Likewise, of the labels. */
  readonly labelsSchema?: object
  /** Field (or dotted path) of the request id, in features and labels alike: `requestId` unless told. Sampling goes by it. */
  readonly key?: string
  /** Field (or dotted path) that Kafka partitions by, an entity's id for example; the request id unless told. */
  readonly partitionBy?: string
  readonly ssl?: KafkaConfig['ssl']
  readonly sasl?: KafkaConfig['sasl']
  readonly clientId?: string
  /** Share of the requests that are sent, above 0 to 1; 1 unless told. Say the same in the monitor file. */
  readonly sampleRate?: number
  /** Events in a request to Kafka, at most; 500 unless told. */
  readonly batchSize?: number
  /** How long an event waits for others, at most; 50 ms unless told. */
  readonly lingerMs?: number
  /** Events that wait for Kafka, at most, a topic; 10,000 unless told. */
  readonly maxBuffered?: number
  /** Bytes of them; 64 MiB unless told. */
  readonly maxBufferedBytes?: number
  /** `observe` (unless told): nothing is thrown, what is not taken is counted. `strict`: what is not taken is thrown. */
  readonly mode?: 'observe' | 'strict'
  /** A buffer has filled above three quarters (true), and is below half again (false). */
  readonly onPressure?: (pressed: boolean, stats: ProducerStats) => void
}

type Numbers = 'sampleRate' | 'batchSize' | 'lingerMs' | 'maxBuffered' | 'maxBufferedBytes'
type Names = 'format' | 'key' | 'partitionBy' | 'mode'
export type FilledOptions = ProducerOptions & Required<Pick<ProducerOptions, Numbers | Names>>

const TOPIC = /^[\w.-]{1,249}$/

/** Fills in what was left out. Throws a DriftlineError that names the first option that is wrong. */
export function filled(options: ProducerOptions): FilledOptions {
  const { brokers, topic, labelsTopic, key = 'requestId' } = options
  const all: FilledOptions = {
    ...options,
    format: options.format ?? 'avro',
    key,
    partitionBy: options.partitionBy ?? key,
    sampleRate: options.sampleRate ?? 1,
    batchSize: options.batchSize ?? 500,
    lingerMs: options.lingerMs ?? 50,
    maxBuffered: options.maxBuffered ?? 10_000,
    maxBufferedBytes: options.maxBufferedBytes ?? 64 * 1024 * 1024,
    mode: options.mode ?? 'observe',
  }
  expect(brokers.length > 0, 'brokers', brokers, 'at least one host:port')
  for (const one of brokers) expect(/:\d+$/.test(one), 'brokers', one, 'host:port')
  for (const one of labelsTopic === undefined ? [topic] : [topic, labelsTopic])
    expect(TOPIC.test(one), 'topic', one, 'a Kafka topic name (letters, digits, ".", "_" and "-")')
  expect(topic !== labelsTopic, 'labelsTopic', labelsTopic, 'another topic than that of the features')
  expect(all.sampleRate > 0 && all.sampleRate <= 1, 'sampleRate', all.sampleRate, 'a number above 0, at most 1')
  for (const name of ['batchSize', 'maxBuffered', 'maxBufferedBytes'] as const)
    expect(Number.isInteger(all[name]) && all[name] > 0, name, all[name], 'a whole number from 1')
  expect(all.lingerMs >= 0, 'lingerMs', all.lingerMs, 'milliseconds from 0')
  expect(
    all.format === 'json' || all.registryUrl !== undefined,
    'registryUrl',
    undefined,
    'the address of a schema registry, or format: "json"',
  )
  return all
}

function expect(holds: boolean, option: string, found: unknown, expected: string): void {
  if (holds) return
  throw new DriftlineError(
    'bad-input',
    `createProducer, option ${option}: expected ${expected}, found ${JSON.stringify(found)}`,
  )
}
