import kafkajs, { type Kafka, type KafkaConfig } from 'kafkajs'
import { registerCodecs } from './codecs.js'
import { type LogLines, levelFor, toKafkajs } from './logger.js'
import { Outages } from './outage.js'

export interface KafkaLogOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  readonly logger: LogLines
  readonly clientId?: string
  readonly ssl?: KafkaConfig['ssl']
  readonly sasl?: KafkaConfig['sasl']
  /** Of what is appended; none unless told. */
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** Who decodes what is fetched; `kafkajs` takes longer. Ours unless told. */
  readonly decoding?: 'own' | 'kafkajs'
  /** How long a silent member keeps its partitions; 30 s unless told. */
  readonly sessionTimeoutMs?: number
  /** A consumer stopped for good: a program fault in a member, or Kafka refuses this configuration. */
  readonly onFailure?: (error: Error) => void
  /** A commit was refused because the group moved on; harmless, worth a count. */
  readonly onRefusedCommit?: (topic: string, partition: number) => void
}

/** What the parts of the Kafka log share. */
export class Connection {
  readonly kafka: Kafka
  readonly brokers: readonly string[]
  readonly logger: LogLines
  readonly outages: Outages

  constructor(readonly options: KafkaLogOptions) {
    registerCodecs()
    const { brokers, logger, clientId = 'driftline', ssl, sasl } = options
    this.brokers = brokers
    this.logger = logger
    this.outages = new Outages(logger)
    this.kafka = new kafkajs.Kafka({
      brokers: [...brokers],
      clientId,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl }),
      connectionTimeout: 3000,
      // Endless waiting is done here, where it can be told once and where a caller can stop it.
      retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 2000 },
      logLevel: levelFor(logger),
      logCreator: toKafkajs(logger),
    })
  }

  failed(error: Error): void {
    this.logger.error({ err: error }, 'reading from Kafka has stopped')
    this.options.onFailure?.(error)
  }
}
