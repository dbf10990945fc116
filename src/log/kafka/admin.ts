import kafkajs, { type Admin } from 'kafkajs'
import type { Committed, Offsets, TimestampRule, TopicPartition } from '../../core/ports.js'
import type { Connection } from './connection.js'
import { brokersWord, infrastructure, isUnknownTopic, noTopic } from './faults.js'
import { type Right, right, toRead } from './rights.js'

/** What Kafka's own check of the future is by default, and the most that counts as one. */
const BOUND_MS = 3_600_000
const TRIES = 3
const { MemberAssignment } = kafkajs.AssignerProtocol

/** An instance in a consumer group, as the broker knows it. */
export interface Member {
  readonly id: string
  readonly host: string
  readonly partitions: readonly TopicPartition[]
}

/** Questions about topics and groups. */
export class KafkaAdmin {
  #admin: Promise<Admin> | null = null
  #asked: Promise<unknown> = Promise.resolve()
  readonly #rules = new Map<string, TimestampRule>()

  constructor(private readonly connection: Connection) {}

  /** Null when there is no such topic. @param operation what it is asked for; Kafka gives Describe with Read and with Write */
  partitions(topic: string, operation: Right['operation'] = 'Describe'): Promise<number | null> {
    return this.#ask(`Asking for topic "${topic}"`, [right(operation, topic)], async admin => {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
        return topics.find(({ name }) => name === topic)?.partitions.length ?? null
      } catch (error) {
        if (isUnknownTopic(error)) return null
        throw error
      }
    })
  }

  async offsets(topic: string): Promise<readonly Offsets[]> {
    const all = await this.#askAbout(topic, 'Read', admin => admin.fetchTopicOffsets(topic))
    return inOrder(all).map(({ low, high }) => ({ first: Number(low), end: Number(high) }))
  }

  async offsetAt(topic: string, time: number): Promise<readonly number[]> {
    const all = await this.#askAbout(topic, 'Read', admin => admin.fetchTopicOffsetsByTimestamp(topic, time))
    return inOrder(all).map(({ offset }) => Number(offset))
  }

  async timestampRule(topic: string): Promise<TimestampRule> {
    const known = this.#rules.get(topic)
    if (known !== undefined) return known
    const { resources } = await this.#askAbout(topic, 'DescribeConfigs', admin =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
      }),
    )
    const config = new Map(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]))
    // Before Kafka 3.6 one setting bounded past and future.
    const most = config.get('message.timestamp.after.max.ms') ?? config.get('message.timestamp.difference.max.ms')
    const rule: TimestampRule =
      config.get('message.timestamp.type') === 'LogAppendTime'
        ? { type: 'append' }
        : { type: 'create', bounded: most !== undefined && Number(most) <= BOUND_MS }
    this.#rules.set(topic, rule)
    return rule
  }

  /** By `topic/partition`, only where something is committed. */
  async committed(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, Committed>> {
    const all = await this.#ask(`Asking for the commits of group "${group}"`, toRead(topics, group), admin =>
      admin.fetchOffsets({ groupId: group, topics: [...topics] }),
    )
    const found = new Map<string, Committed>()
    // Negative: no commit, or kafkajs's own mark after an offset out of range.
    for (const { topic, partitions } of all)
      for (const { partition, offset, metadata } of partitions)
        if (Number(offset) >= 0)
          found.set(placeOf({ topic, partition }), { offset: Number(offset), metadata: metadata ?? '' })
    return found
  }

  /** Who has which partitions; nobody for a group that is not there. */
  async members(group: string): Promise<readonly Member[]> {
    const { groups } = await this.#ask(`Asking for the members of group "${group}"`, toRead([], group), admin =>
      admin.describeGroups([group]),
    )
    return (groups[0]?.members ?? []).map(({ memberId, clientHost, memberAssignment }) => {
      // While the group rebalances nothing is assigned.
      const decoded = memberAssignment.length === 0 ? null : MemberAssignment.decode(memberAssignment)
      const partitions = Object.entries(decoded?.assignment ?? {}).flatMap(([topic, all]) =>
        all.map(partition => ({ topic, partition })),
      )
      return { id: memberId, host: clientHost.replace(/^\//, ''), partitions }
    })
  }

  async deleteGroup(group: string): Promise<void> {
    await this.#ask(`Deleting group "${group}"`, [], admin => admin.deleteGroups([group]))
  }

  async close(): Promise<void> {
    const admin = this.#admin
    this.#admin = null
    await admin?.then(one => one.disconnect()).catch(() => {})
  }

  async #askAbout<T>(topic: string, operation: Right['operation'], question: (admin: Admin) => Promise<T>): Promise<T> {
    if ((await this.partitions(topic, operation)) === null) throw noTopic(topic, this.connection.brokers)
    return this.#ask(`Asking for topic "${topic}"`, [right(operation, topic)], question)
  }

  /** One question at a time: kafkajs's admin mixes up its own view of the cluster when two are under way. */
  #ask<T>(doing: string, needs: readonly Right[], question: (admin: Admin) => Promise<T>): Promise<T> {
    const mine = this.#asked.then(() => this.#answer(doing, needs, question, TRIES))
    this.#asked = mine.catch(() => {})
    return mine
  }

  /** A connection that failed is not used again; what no broker has said (a lost connection, kafkajs's own fault) is asked once more. */
  async #answer<T>(
    doing: string,
    needs: readonly Right[],
    question: (admin: Admin) => Promise<T>,
    tries: number,
  ): Promise<T> {
    let opened = false
    try {
      const admin = await (this.#admin ??= this.#open())
      opened = true
      return await question(admin)
    } catch (error) {
      if (brokersWord(error) === undefined) {
        await this.close()
        if (opened && tries > 1) return this.#answer(doing, needs, question, tries - 1)
      }
      throw infrastructure(doing, this.connection.brokers, error, needs)
    }
  }

  async #open(): Promise<Admin> {
    const admin = this.connection.kafka.admin()
    await admin.connect()
    return admin
  }
}

export function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

function inOrder<T extends { partition: number }>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => a.partition - b.partition)
}
