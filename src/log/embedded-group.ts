import { DriftlineError } from '../core/error.js'
import type { Batch, Committed, GroupMember, JoinOptions, Membership, TopicPartition } from '../core/ports.js'
import type { EmbeddedPartition } from './embedded-partition.js'
import { startOf, within } from './start.js'

/** Kafka's default for `offset.metadata.max.bytes`. */
const LONGEST_METADATA = 4096
/** Fruitless calls of one batch before `run` gives up; there is no time here that could pass in between. */
const MOST_ATTEMPTS = 10

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`

/** A partition in a member's hands. */
interface Ownership {
  readonly member: EmbeddedMember
  readonly log: EmbeddedPartition
  /** Null until the member has restored. */
  position: number | null
  paused: boolean
  attempts: number
}

/** A consumer group: members in the order of joining, partitions dealt in turn, commits kept. Nobody is asked when time has passed. */
export class EmbeddedGroup {
  readonly #commits = new Map<string, Committed>()
  readonly #members: EmbeddedMember[] = []
  readonly #owned = new Map<string, Ownership>()
  #settled: Promise<void> = Promise.resolve()

  constructor(
    private readonly partitionsOf: (topic: string) => readonly EmbeddedPartition[],
    private readonly committedPast: (at: TopicPartition) => void,
  ) {}

  async join(topics: readonly string[], listener: GroupMember, options: JoinOptions): Promise<Membership> {
    const member = new EmbeddedMember(this, topics, listener, options)
    this.#members.push(member)
    await this.rebalance()
    return member
  }

  /** @param quietly a crash: the member is not told */
  async remove(member: EmbeddedMember, quietly: boolean): Promise<void> {
    const index = this.#members.indexOf(member)
    if (index < 0) return
    this.#members.splice(index, 1)
    member.crashed = quietly
    await this.rebalance()
  }

  /** Offset below which no owner will read again after a restart; null where the group does not read the topic or has not committed. */
  committed(at: TopicPartition): Committed | null {
    return this.#commits.get(keyOf(at)) ?? null
  }

  reads(topic: string): boolean {
    return this.#members.some(({ topics }) => topics.includes(topic))
  }

  commit(member: EmbeddedMember, at: TopicPartition, offset: number, metadata: string): void {
    if (this.#owned.get(keyOf(at))?.member !== member) return
    const length = Buffer.byteLength(metadata)
    if (length > LONGEST_METADATA)
      throw new DriftlineError(
        'internal',
        `${length} bytes of commit metadata for ${keyOf(at)}; Kafka takes ${LONGEST_METADATA}.`,
      )
    this.#commits.set(keyOf(at), { offset, metadata })
    this.committedPast(at)
  }

  pause(member: EmbeddedMember, at: TopicPartition, paused: boolean): void {
    const owned = this.#owned.get(keyOf(at))
    if (owned?.member === member) owned.paused = paused
  }

  /** Hands every partition at most one batch, in a fixed order. @returns whether anything was handed over */
  async step(): Promise<boolean> {
    await this.#settled
    let moved = false
    for (const at of this.#places()) {
      const owned = this.#owned.get(keyOf(at))
      if (owned === undefined || owned.paused || owned.position === null || owned.member.leaving) continue
      const batch = at.read(owned.position)
      if (batch === null) continue
      moved = true
      try {
        await owned.member.take(batch)
        owned.position = batch.nextOffset
        owned.attempts = 0
      } catch (error) {
        const retriable = error instanceof DriftlineError && error.code === 'infrastructure'
        if (!retriable || ++owned.attempts >= MOST_ATTEMPTS) {
          owned.attempts = 0
          throw error
        }
      }
    }
    return moved
  }

  /** One after the other, as in Kafka: the next waits until the members have restored. */
  rebalance(): Promise<void> {
    const mine = this.#settled.then(() => this.#deal())
    this.#settled = mine.catch(() => {})
    return mine
  }

  async #deal(): Promise<void> {
    const places = this.#places()
    const owners = new Map<string, EmbeddedMember>()
    let turn = 0
    for (const at of places) {
      const readers = this.#members.filter(({ topics }) => topics.includes(at.topic))
      if (readers.length > 0) owners.set(keyOf(at), readers[turn++ % readers.length])
    }
    for (const [key, { member, log }] of [...this.#owned]) {
      if (owners.get(key) === member) continue
      this.#owned.delete(key)
      if (!member.crashed) member.listener.revoked({ topic: log.topic, partition: log.partition })
    }
    for (const log of places) {
      const member = owners.get(keyOf(log))
      if (member !== undefined && !this.#owned.has(keyOf(log))) await this.#assign(member, log)
    }
  }

  async #assign(member: EmbeddedMember, log: EmbeddedPartition): Promise<void> {
    const owned: Ownership = { member, log, position: null, paused: false, attempts: 0 }
    this.#owned.set(keyOf(log), owned)
    const committed = this.committed(log)
    const bounds = log.offsets
    const start = await startOf(committed, bounds, member.options.start, async time => log.offsetAt(time))
    const at = { topic: log.topic, partition: log.partition }
    owned.position = within(bounds, await member.listener.assigned(at, committed, bounds, start))
  }

  #places(): EmbeddedPartition[] {
    const topics = new Set(this.#members.flatMap(member => member.topics))
    return [...topics].sort().flatMap(topic => this.partitionsOf(topic))
  }
}

export class EmbeddedMember implements Membership {
  readonly settled = true
  crashed = false
  leaving = false
  #atWork: Promise<void> = Promise.resolve()

  constructor(
    private readonly group: EmbeddedGroup,
    readonly topics: readonly string[],
    readonly listener: GroupMember,
    readonly options: JoinOptions,
  ) {}

  async commit(at: TopicPartition, offset: number, metadata: string): Promise<void> {
    this.group.commit(this, at, offset, metadata)
  }

  pause(at: TopicPartition): void {
    this.group.pause(this, at, true)
  }

  resume(at: TopicPartition): void {
    this.group.pause(this, at, false)
  }

  async take(batch: Batch): Promise<void> {
    const work = this.listener.batch(batch, async () => {})
    this.#atWork = work.catch(() => {})
    await work
  }

  async leave(): Promise<void> {
    this.leaving = true
    await this.#atWork
    await this.group.remove(this, false)
  }

  /** As `kill -9`: no more calls, no commit, and others take over. */
  crash(): Promise<void> {
    return this.group.remove(this, true)
  }
}
