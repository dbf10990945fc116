import { DriftlineError } from '../core/error.js'
import type {
  Batch,
  Clock,
  Committed,
  Following,
  GroupMember,
  JoinOptions,
  Log,
  Membership,
  Offsets,
  OutgoingRecord,
  TimestampRule,
  TopicPartition,
} from '../core/ports.js'
import { EmbeddedFollower } from './embedded-follower.js'
import { EmbeddedGroup, EmbeddedMember } from './embedded-group.js'
import { EmbeddedPartition } from './embedded-partition.js'
import { partitionOf } from './partition.js'

export interface EmbeddedLogOptions {
  /** Gives records their timestamps where the writer does not. */
  readonly clock: Clock
  readonly topics: readonly { readonly name: string; readonly partitions: number }[]
  /** Most records in a batch; 1000 unless told. */
  readonly batchSize?: number
  /** False: forget what every reader of a topic has committed past. A topic that no group reads keeps everything. True unless told. */
  readonly retainConsumed?: boolean
  /** What the timestamps of records are worth; the writer's own, with nothing to bound them, unless told. */
  readonly timestamps?: TimestampRule
}

/**
 * A partitioned log inside the process, for the demo, replays of files and deterministic tests (the role of Kafka Streams'
 * TopologyTestDriver); nothing outlives the process. No timers: records move when the caller says `run`, in an order that depends only on
 * the calls.
 */
export class EmbeddedLog implements Log {
  readonly #topics = new Map<string, EmbeddedPartition[]>()
  readonly #groups = new Map<string, EmbeddedGroup>()
  readonly #followers = new Set<EmbeddedFollower>()
  /** Next partition for records without a key, by topic. */
  readonly #turns = new Map<string, number>()
  #running: Promise<void> = Promise.resolve()

  constructor(private readonly options: EmbeddedLogOptions) {
    for (const { name, partitions } of options.topics) this.createTopic(name, partitions)
  }

  createTopic(name: string, partitions: number): void {
    if (this.#topics.has(name)) throw new DriftlineError('internal', `The embedded log has a topic "${name}" already.`)
    const { batchSize = 1000 } = this.options
    this.#topics.set(
      name,
      Array.from({ length: partitions }, (_, partition) => new EmbeddedPartition(name, partition, batchSize)),
    )
  }

  /** One more partition at the end; the groups that read the topic are dealt it. */
  async addPartition(name: string): Promise<void> {
    const partitions = this.#partitionsOf(name)
    partitions.push(new EmbeddedPartition(name, partitions.length, this.options.batchSize ?? 1000))
    for (const group of this.#groups.values()) if (group.reads(name)) await group.rebalance()
  }

  async partitions(topic: string): Promise<number | null> {
    return this.#topics.get(topic)?.length ?? null
  }

  async offsets(topic: string): Promise<readonly Offsets[]> {
    return this.#partitionsOf(topic).map(({ offsets }) => offsets)
  }

  async timestampRule(topic: string): Promise<TimestampRule> {
    this.#partitionsOf(topic)
    return this.options.timestamps ?? { type: 'create', bounded: false }
  }

  async offsetAt(topic: string, time: number): Promise<readonly number[]> {
    return this.#partitionsOf(topic).map(partition => partition.offsetAt(time))
  }

  async append(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const partitions = this.#partitionsOf(topic)
    const now = this.options.clock.now()
    for (const record of records) {
      const to =
        record.partition ?? (record.key === null ? this.#turn(topic) : partitionOf(record.key, partitions.length))
      const partition = partitions[to]
      if (partition === undefined) throw new DriftlineError('internal', `Topic "${topic}" has no partition ${to}.`)
      partition.append(record, record.timestamp ?? now)
    }
  }

  async join(
    group: string,
    topics: readonly string[],
    member: GroupMember,
    options: JoinOptions = {},
  ): Promise<Membership> {
    for (const topic of topics) this.#partitionsOf(topic)
    let joined = this.#groups.get(group)
    if (joined === undefined) {
      joined = new EmbeddedGroup(
        topic => this.#partitionsOf(topic),
        at => this.#release(at),
      )
      this.#groups.set(group, joined)
    }
    return joined.join(topics, member, options)
  }

  async follow(topic: string, onRecords: (batch: Batch) => void): Promise<Following> {
    const follower = new EmbeddedFollower(topic, this.#partitionsOf(topic), onRecords)
    this.#followers.add(follower)
    return {
      catchUp: async () => {
        this.#feed(follower)
      },
      stop: async () => {
        this.#followers.delete(follower)
      },
    }
  }

  /**
   * Hands over records until every reader is at the end, also of what they append meanwhile. Rejects with what a member throws; a batch that
   * failed is handed over again by the next call. Not to be called from inside a member.
   */
  run(): Promise<void> {
    const mine = this.#running.then(() => this.#deliver())
    this.#running = mine.catch(() => {})
    return mine
  }

  /** Ends a membership as `kill -9` would: no more calls, no commit, and others take over. */
  async crash(membership: Membership): Promise<void> {
    if (membership instanceof EmbeddedMember) await membership.crash()
  }

  /** What a group has committed, for tests and for showing. */
  committed(group: string, at: TopicPartition): Committed | null {
    return this.#groups.get(group)?.committed(at) ?? null
  }

  /** Forgets the records of a partition below an offset, as retention does. */
  truncate(topic: string, partition: number, before: number): void {
    this.#partitionsOf(topic)[partition].truncate(before)
  }

  async close(): Promise<void> {
    this.#followers.clear()
    this.#groups.clear()
  }

  async #deliver(): Promise<void> {
    let moved = true
    while (moved) {
      moved = false
      for (const follower of this.#followers) if (this.#feed(follower)) moved = true
      for (const group of this.#groups.values()) if (await group.step()) moved = true
    }
  }

  #feed(follower: EmbeddedFollower): boolean {
    const moved = follower.feed()
    if (moved) for (const partition of follower.positions.keys()) this.#release({ topic: follower.topic, partition })
    return moved
  }

  /** Frees what every group has committed past and every follower has seen. */
  #release(at: TopicPartition): void {
    if (this.options.retainConsumed ?? true) return
    const groups = [...this.#groups.values()].filter(group => group.reads(at.topic))
    if (groups.length === 0) return
    const followers = [...this.#followers].filter(({ topic }) => topic === at.topic)
    this.truncate(
      at.topic,
      at.partition,
      Math.min(
        ...groups.map(group => group.committed(at)?.offset ?? 0),
        ...followers.map(({ positions }) => positions[at.partition]),
      ),
    )
  }

  #turn(topic: string): number {
    const turn = this.#turns.get(topic) ?? 0
    this.#turns.set(topic, turn + 1)
    return turn % this.#partitionsOf(topic).length
  }

  #partitionsOf(topic: string): EmbeddedPartition[] {
    const partitions = this.#topics.get(topic)
    if (partitions === undefined)
      throw new DriftlineError(
        'infrastructure',
        `The embedded log has no topic "${topic}". Name it in the list it is made with.`,
      )
    return partitions
  }
}
