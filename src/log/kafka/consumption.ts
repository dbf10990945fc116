import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { TopicPartition } from '../../core/ports.js'
import type { Connection } from './connection.js'
import { infrastructure, isRefusal } from './faults.js'
import { backoffMs, wait } from './outage.js'
import { ownDecoding } from './own-decoding.js'
import { toRead } from './rights.js'

/** What is made of a consumer's life. */
export interface Reading {
  /** The group has settled and these partitions are ours. Called before anything is fetched, so that what is paused in it stays unread. */
  joined(places: readonly TopicPartition[]): void
  batch(payload: EachBatchPayload): Promise<void>
  /** Records were fetched, and none of them is data. */
  nothing(at: TopicPartition, nextOffset: number, highWatermark: number): void
  /** Kafka refuses; nothing more will come. */
  refused(error: Error): void
}

const SESSION_MS = 30_000
/** A member hears of a rebalance by its next heartbeat. */
const HEARTBEAT_MS = 1000
/** How long a broker holds an empty fetch, and how long kafkajs sleeps while all partitions are paused. */
const LONGEST_FETCH_MS = 200
const BYTES_PER_PARTITION = 256 * 1024
const CONCURRENT_PARTITIONS = 4
const LONGEST_CLOSE_MS = 15_000

/** A kafkajs consumer that commits nothing by itself and is opened anew, without end, when it crashes. */
export class Consumption {
  #consumer: Consumer | null = null
  #closed = false
  /** To come back, since the group last settled. */
  #attempts = 0

  constructor(
    private readonly connection: Connection,
    private readonly group: string,
    private readonly topics: readonly string[],
    private readonly reading: Reading,
  ) {}

  /** Throws when Kafka does not answer; later outages are waited out. */
  async open(): Promise<void> {
    const { connection, group, topics } = this
    const consumer = connection.kafka.consumer({
      groupId: group,
      allowAutoTopicCreation: false,
      sessionTimeout: connection.options.sessionTimeoutMs ?? SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: LONGEST_FETCH_MS,
      maxBytesPerPartition: BYTES_PER_PARTITION,
      ...(connection.options.decoding === 'kafkajs' ? {} : { partitionAssigners: [ownDecoding(connection.logger)] }),
      // One way back after a crash, ours: kafkajs's own gives up on some errors that pass.
      retry: { restartOnFailure: async () => false, retries: 4, initialRetryTime: 100, maxRetryTime: 2000 },
    })
    this.#consumer = consumer
    this.#listen(consumer)
    try {
      await consumer.connect()
      // Where reading begins is always sought; `fromBeginning` is what kafkajs resets to when the offset has expired meanwhile.
      await consumer.subscribe({ topics: [...topics], fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
        eachBatch: payload => this.reading.batch(payload),
      })
    } catch (error) {
      if (this.#consumer === consumer) this.#consumer = null
      await consumer.disconnect().catch(() => {})
      const doing = `Joining group "${group}" on ${topics.join(', ')}`
      throw infrastructure(doing, connection.brokers, error, toRead(topics, group))
    }
  }

  pause({ topic, partition }: TopicPartition): void {
    this.#attempt(consumer => consumer.pause([{ topic, partitions: [partition] }]))
  }

  resume({ topic, partition }: TopicPartition): void {
    this.#attempt(consumer => consumer.resume([{ topic, partitions: [partition] }]))
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    this.#attempt(consumer => consumer.seek({ topic, partition, offset: String(offset) }))
  }

  async commit({ topic, partition }: TopicPartition, offset: number, metadata: string): Promise<void> {
    if (this.#consumer === null) throw new Error('The group is not joined at present')
    await this.#consumer.commitOffsets([{ topic, partition, offset: String(offset), metadata }])
  }

  async close(): Promise<void> {
    this.#closed = true
    const consumer = this.#consumer
    this.#consumer = null
    this.connection.outages.ended(this.#name)
    if (consumer === null) return
    const leaving = consumer.disconnect().catch(() => {})
    let timer: NodeJS.Timeout | undefined
    const longest = new Promise<void>(resolve => (timer = setTimeout(resolve, LONGEST_CLOSE_MS)))
    await Promise.race([leaving, longest])
    clearTimeout(timer) // else the process outlives its work by as much
  }

  #listen(consumer: Consumer): void {
    const { GROUP_JOIN, CRASH, START_BATCH_PROCESS } = consumer.events
    const isCurrent = () => this.#consumer === consumer && !this.#closed
    consumer.on(GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      if (!isCurrent()) return
      this.#attempts = 0
      this.connection.outages.ended(this.#name)
      this.reading.joined(
        Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
          partitions.map(partition => ({ topic, partition })),
        ),
      )
    })
    consumer.on(START_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset, highWatermark } }) => {
      if (batchSize === 0 && isCurrent())
        this.reading.nothing({ topic, partition }, Number(lastOffset) + 1, Number(highWatermark))
    })
    consumer.on(CRASH, ({ payload: { error } }) => {
      if (isCurrent()) void this.#reopen(error)
    })
  }

  async #reopen(crash: Error): Promise<void> {
    const { connection, group, topics } = this
    let error: unknown = crash
    this.#consumer = null
    while (!this.#closed) {
      const doing = `Reading ${topics.join(', ')} in group "${group}"`
      const fault = infrastructure(doing, connection.brokers, error, toRead(topics, group))
      if (isRefusal(error)) {
        this.reading.refused(fault)
        return connection.failed(fault)
      }
      // The first time may pass at once: a new cluster makes its offsets topic when the first group joins.
      if (this.#attempts > 0) connection.outages.began(this.#name, fault)
      await wait(backoffMs(this.#attempts++))
      if (this.#closed) return
      try {
        return await this.open()
      } catch (again) {
        error = again
      }
    }
  }

  /** Between a crash and the next join kafkajs has no group to tell; what is wanted is said again then. */
  #attempt(action: (consumer: Consumer) => void): void {
    try {
      if (this.#consumer !== null) action(this.#consumer)
    } catch {}
  }

  get #name(): string {
    return `reading ${this.topics.join(', ')} in group ${this.group}`
  }
}
