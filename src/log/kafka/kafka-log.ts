import type {
  Batch,
  Committed,
  Following,
  GroupMember,
  JoinOptions,
  Log,
  Membership,
  Offsets,
  OutgoingRecord,
  TimestampRule,
} from '../../core/ports.js'
import { KafkaAdmin, type Member, placeOf } from './admin.js'
import { Connection, type KafkaLogOptions } from './connection.js'
import { noTopic } from './faults.js'
import { KafkaFollowing } from './following.js'
import { KafkaMembership } from './membership.js'
import { KafkaProducer } from './producer.js'

/** The log port on Kafka, by kafkajs. */
export class KafkaLog implements Log {
  readonly #connection: Connection
  readonly #admin: KafkaAdmin
  readonly #producer: KafkaProducer
  readonly #open = new Set<() => Promise<void>>()

  constructor(options: KafkaLogOptions) {
    this.#connection = new Connection(options)
    this.#admin = new KafkaAdmin(this.#connection)
    this.#producer = new KafkaProducer(this.#connection)
  }

  /** False while reading or publishing waits for Kafka, or a partition for what its member needs. */
  healthy(): boolean {
    return this.#connection.outages.none
  }

  partitions(topic: string): Promise<number | null> {
    return this.#admin.partitions(topic)
  }

  offsets(topic: string): Promise<readonly Offsets[]> {
    return this.#admin.offsets(topic)
  }

  timestampRule(topic: string): Promise<TimestampRule> {
    return this.#admin.timestampRule(topic)
  }

  offsetAt(topic: string, time: number): Promise<readonly number[]> {
    return this.#admin.offsetAt(topic, time)
  }

  /** Who has which partitions of a group's topics. */
  members(group: string): Promise<readonly Member[]> {
    return this.#admin.members(group)
  }

  /** What a group has committed, by partition; nothing where it has not. */
  async committed(group: string, topic: string): Promise<ReadonlyMap<number, Committed>> {
    const all = await this.#admin.committed(group, [topic])
    const partitions = (await this.#admin.partitions(topic)) ?? 0
    const found = new Map<number, Committed>()
    for (let partition = 0; partition < partitions; partition++) {
      const committed = all.get(placeOf({ topic, partition }))
      if (committed !== undefined) found.set(partition, committed)
    }
    return found
  }

  append(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    return this.#producer.append(topic, records)
  }

  async join(
    group: string,
    topics: readonly string[],
    member: GroupMember,
    options: JoinOptions = {},
  ): Promise<Membership> {
    for (const topic of topics) await this.#mustHave(topic)
    const membership = new KafkaMembership(this.#connection, this.#admin, group, topics, member, options)
    await membership.open()
    this.#open.add(() => membership.leave())
    return membership
  }

  async follow(topic: string, onRecords: (batch: Batch) => void): Promise<Following> {
    await this.#mustHave(topic)
    const following = new KafkaFollowing(this.#connection, this.#admin, topic, onRecords)
    await following.open()
    this.#open.add(() => following.stop())
    return following
  }

  /** Leaves groups that are still joined, then disconnects. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map(end => end()))
    await this.#producer.close()
    await this.#admin.close()
  }

  async #mustHave(topic: string): Promise<void> {
    if ((await this.#admin.partitions(topic, 'Read')) === null) throw noTopic(topic, this.#connection.brokers)
  }
}
