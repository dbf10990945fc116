import kafkajs, { type CompressionTypes, type Message, type Producer } from 'kafkajs'
import { DriftlineError } from '../../core/error.js'
import type { OutgoingRecord } from '../../core/ports.js'
import type { Connection } from './connection.js'
import { brokersWord, infrastructure, isRefusal, isUnknownTopic, isUnwritable, noTopic } from './faults.js'
import { openProducer } from './open-producer.js'
import { backoffMs, wait } from './outage.js'
import { right } from './rights.js'

/** kafkajs makes one record batch of what is sent to a partition, and a broker takes 1 MiB unless told otherwise. */
const MOST_BYTES = 900_000
/** Offsets, lengths and time of a record, and a little. */
const RECORD_OVERHEAD = 40

/** Appends, and waits for all replicas in sync. Duplicates after a lost answer are possible; a gap is not. */
export class KafkaProducer {
  #producer: Promise<Producer> | null = null
  #closed = false
  readonly #compression: CompressionTypes

  constructor(private readonly connection: Connection) {
    const { CompressionTypes } = kafkajs
    this.#compression = {
      none: CompressionTypes.None,
      gzip: CompressionTypes.GZIP,
      snappy: CompressionTypes.Snappy,
      lz4: CompressionTypes.LZ4,
      zstd: CompressionTypes.ZSTD,
    }[connection.options.compression ?? 'none']
  }

  async append(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    let messages: Message[] = []
    let bytes = 0
    for (const record of records) {
      const message = toMessage(record)
      const size = sizeOf(message)
      if (bytes + size > MOST_BYTES && messages.length > 0) {
        await this.#send(topic, messages)
        messages = []
        bytes = 0
      }
      messages.push(message)
      bytes += size
    }
    if (messages.length > 0) await this.#send(topic, messages)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#drop()
  }

  async #send(topic: string, messages: Message[]): Promise<void> {
    const { outages, brokers } = this.connection
    for (let attempt = 0; ; attempt++) {
      try {
        const producer = await (this.#producer ??= this.#open())
        await producer.send({ topic, messages, acks: -1, compression: this.#compression })
        outages.ended('publishing')
        return
      } catch (error) {
        if (isUnknownTopic(error)) throw noTopic(topic, brokers)
        if (isUnwritable(error)) throw unwritable(topic, messages, error)
        if (isRefusal(error))
          throw infrastructure(`Writing to topic "${topic}"`, brokers, error, [right('Write', topic)])
        if (this.#closed) throw infrastructure(`Writing to topic "${topic}" at the end`, brokers, error)
        outages.began('publishing', infrastructure(`Writing to topic "${topic}"`, brokers, error))
        await wait(backoffMs(attempt))
        // A fresh connection now and then: kafkajs may hold on to a broker that is gone.
        if (attempt % 5 === 4) await this.#drop()
      }
    }
  }

  async #open(): Promise<Producer> {
    try {
      return await openProducer(this.connection.kafka)
    } catch (error) {
      this.#producer = null
      throw error
    }
  }

  async #drop(): Promise<void> {
    const producer = this.#producer
    this.#producer = null
    await producer?.then(one => one.disconnect()).catch(() => {})
  }
}

function toMessage({ key, value, headers, partition, timestamp }: OutgoingRecord): Message {
  const message: Message = { key: key === null ? null : asBuffer(key), value: value === null ? null : asBuffer(value) }
  if (partition !== undefined) message.partition = partition
  if (timestamp !== undefined) message.timestamp = String(timestamp)
  if (headers !== undefined)
    message.headers = Object.fromEntries(Object.entries(headers).map(([name, one]) => [name, asBuffer(one)]))
  return message
}

function asBuffer(bytes: Uint8Array | string): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes)
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function sizeOf({ key, value, headers }: Message): number {
  let size = RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0)
  for (const name in headers) size += name.length + (headers[name] as Buffer).length + 4
  return size
}

function unwritable(topic: string, messages: readonly Message[], cause: unknown): DriftlineError {
  const largest = Math.max(...messages.map(sizeOf))
  return new DriftlineError(
    'internal',
    `Kafka refuses ${messages.length} record(s) for topic "${topic}" (${brokersWord(cause)}; the largest has ${largest} bytes). ` +
      'Compare with the settings max.message.bytes and message.timestamp.*.max.ms of the topic.',
    { cause },
  )
}
