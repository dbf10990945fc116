import type { EachBatchPayload, Batch as KafkajsBatch } from 'kafkajs'
import { DriftlineError } from '../../core/error.js'
import type {
  Batch,
  Committed,
  GroupMember,
  JoinOptions,
  Membership,
  Offsets,
  TopicPartition,
} from '../../core/ports.js'
import { type KafkaAdmin, placeOf } from './admin.js'
import { batchFrom, EmptyBatch } from './batch.js'
import type { Connection } from './connection.js'
import { Consumption, type Reading } from './consumption.js'
import { brokersWord, movedOn, wasElsewhere } from './faults.js'
import { backoffMs, wait } from './outage.js'
import { Owned } from './owned.js'
import { isInfrastructure, Restoring } from './restoring.js'
import { PlaceTurns } from './turns.js'

const SETTLED_AFTER_MS = 1000
/** kafkajs fetches again, for all partitions, when all batches of a fetch are done: one that takes longer goes on beside. */
const BESIDE_AFTER_MS = 50
/** Batches that go on beside: each holds what was fetched of its partition. */
const MOST_BESIDE = 8

/**
 * A member of a group on Kafka. kafkajs forgets positions at every rejoin, knows no revocation and no barrier; all three are kept here:
 *
 *   GROUP_JOIN ─▶ new partition: pause ─▶ assigned() ─▶ seek, resume ─▶ batch()* ─▶ revoked()
 *              └▶ kept partition: seek to where it was
 */
export class KafkaMembership implements Membership, Reading {
  readonly #owned = new Map<string, Owned>()
  /** Calls for a place take turns, over revocation and return. */
  readonly #turns = new PlaceTurns(error => this.#fail(error))
  readonly #restoring: Restoring
  readonly #consumption: Consumption
  #opened: () => void = () => {}
  readonly #whenOpened = new Promise<void>(resolve => (this.#opened = resolve))
  #generation = 0
  #beside = 0
  #leaving: Promise<void> | null = null

  constructor(
    private readonly connection: Connection,
    private readonly admin: KafkaAdmin,
    group: string,
    topics: readonly string[],
    private readonly member: GroupMember,
    options: JoinOptions,
  ) {
    this.#consumption = new Consumption(connection, group, topics, this)
    this.#restoring = new Restoring(connection, admin, group, topics, member, options)
  }

  get settled(): boolean {
    return this.#generation > 0 && [...this.#owned.values()].every(owned => owned.restored)
  }

  async open(): Promise<void> {
    await this.#consumption.open()
    // Only after the caller has the membership in hand do partitions come.
    setImmediate(this.#opened)
  }

  async commit(at: TopicPartition, offset: number, metadata: string): Promise<void> {
    const owned = this.#owned.get(placeOf(at))
    if (owned === undefined) return
    try {
      await this.#consumption.commit(at, offset, metadata)
      owned.committed = { offset, metadata }
      owned.uncommitted = null
    } catch (error) {
      if (brokersWord(error) === 'OFFSET_METADATA_TOO_LARGE')
        throw new DriftlineError(
          'internal',
          `Kafka takes no ${Buffer.byteLength(metadata)} bytes of commit metadata for ${placeOf(at)} (offset.metadata.max.bytes).`,
          { cause: error },
        )
      // Refused or lost, a commit only costs a longer replay. If the partition stays ours it is made up for after the next join, unless
      // the group has been in other hands meanwhile: then another owner's commit must not be overwritten by ours.
      owned.uncommitted = wasElsewhere(error) ? null : { offset, metadata }
      if (movedOn(error)) this.connection.options.onRefusedCommit?.(at.topic, at.partition)
      else this.connection.logger.debug({ ...at, offset, err: error }, 'a commit failed')
    }
  }

  pause(at: TopicPartition): void {
    this.#hold(at, true)
  }

  resume(at: TopicPartition): void {
    this.#hold(at, false)
  }

  leave(): Promise<void> {
    return (this.#leaving ??= this.#leave())
  }

  joined(places: readonly TopicPartition[]): void {
    if (this.#leaving !== null) return
    this.#generation++
    this.#restoring.forget()
    const now = new Set(places.map(placeOf))
    for (const [place, owned] of [...this.#owned]) if (!now.has(place)) this.#revoke(owned)
    for (const at of places) {
      this.#consumption.pause(at)
      const owned = this.#owned.get(placeOf(at))
      if (owned === undefined) this.#take(at)
      else if (owned.restored) {
        this.#consumption.seek(at, owned.position)
        this.#fetch(owned)
        const { uncommitted } = owned
        if (uncommitted !== null) void this.commit(at, uncommitted.offset, uncommitted.metadata)
      }
    }
  }

  async batch(payload: EachBatchPayload): Promise<void> {
    const owned = this.#owned.get(placeOf(payload.batch))
    if (owned === undefined) return
    const work = this.#turns.run(placeOf(owned.at), () => this.#read(owned, payload))
    if ((await isDoneWithin(work, BESIDE_AFTER_MS)) || this.#beside === MOST_BESIDE) return work
    this.#beside++
    owned.beside = true
    this.#fetch(owned)
    void work.then(() => {
      this.#beside--
      owned.beside = false
      this.#fetch(owned)
    })
  }

  async #read(owned: Owned, { batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    if (!owned.isReadable || this.#leaving !== null) return
    const generation = this.#generation
    if (fetchedAt(batch) > owned.position || Number(batch.highWatermark) < owned.position) return this.#jumped(owned)
    // What the broker says about the group is heard after the batch: it is finished whoever owns the partition by then.
    const beat = () => heartbeat().catch(() => {})
    if (!(await this.#hand(owned, batchFrom(batch, owned.position), beat))) return
    if (generation === this.#generation && !owned.beside) resolveOffset(batch.lastOffset())
    else if (!owned.gone) this.#consumption.seek(owned.at, owned.position)
  }

  nothing(at: TopicPartition, nextOffset: number, highWatermark: number): void {
    const owned = this.#owned.get(placeOf(at))
    if (owned === undefined) return
    void this.#turns.run(placeOf(at), async () => {
      if (!owned.isReadable || this.#leaving !== null || nextOffset <= owned.position) return
      await this.#hand(owned, new EmptyBatch(at.topic, at.partition, nextOffset, highWatermark), async () => {})
    })
  }

  /** The connection tells whoever opened it (`onFailure`). */
  refused(): void {}

  /** @returns whether the member took it; if not, the partition waits or everything ends */
  async #hand(owned: Owned, batch: Batch, heartbeat: () => Promise<void>): Promise<boolean> {
    try {
      await this.member.batch(batch, heartbeat)
      owned.position = Math.max(owned.position, batch.nextOffset)
      if (owned.failures > 0) this.connection.outages.ended(`reading ${placeOf(owned.at)}`)
      owned.failures = 0
      return true
    } catch (error) {
      if (isInfrastructure(error)) this.#waitAndRetry(owned, error)
      else this.#fail(error)
      return false
    }
  }

  /** kafkajs waits for all batches of a fetch before the next: so a batch that cannot go on is given back, and fetched again later. */
  #waitAndRetry(owned: Owned, error: unknown): void {
    this.connection.outages.began(`reading ${placeOf(owned.at)}`, error)
    owned.waiting = true
    this.#consumption.pause(owned.at)
    this.#consumption.seek(owned.at, owned.position)
    setTimeout(
      () => {
        owned.waiting = false
        this.#fetch(owned)
      },
      backoffMs(owned.failures++),
    ).unref()
  }

  #take(at: TopicPartition): void {
    const owned = new Owned(at)
    this.#owned.set(placeOf(at), owned)
    void this.#turns.run(placeOf(at), async () => {
      await this.#whenOpened
      await this.#restore(owned)
    })
  }

  /**
   * kafkajs fetched elsewhere than was asked: the records in between have expired, or the topic was made anew and ends before; and it has written a
   * mark over our commit. The member hears of it as of a restart, and the commit is put back.
   */
  async #jumped(owned: Owned): Promise<void> {
    const { at, committed, position } = owned
    this.#consumption.pause(at)
    this.#restoring.forget()
    const bounds = await this.#boundsAround(at, position)
    if (position < bounds.first || position > bounds.end) {
      const what =
        position < bounds.first ? 'records expired before they were read' : 'the topic ends before what was read of it'
      this.connection.logger.warn({ ...at, from: position, ...bounds }, what)
      if (committed !== null) await this.commit(at, committed.offset, committed.metadata)
      owned.restored = false
      this.member.revoked(at)
      await this.#restore(owned, committed ?? { offset: position, metadata: '' })
    } else {
      this.#consumption.seek(at, position)
      this.#fetch(owned)
    }
  }

  /** Where the log ends before the position it is asked once more: a new leader may not know yet how far it is. */
  async #boundsAround(at: TopicPartition, position: number): Promise<Offsets> {
    const ask = async (): Promise<Offsets> => (await this.admin.offsets(at.topic))[at.partition]
    const bounds = await ask()
    if (position <= bounds.end) return bounds
    await wait(SETTLED_AFTER_MS)
    return ask()
  }

  async #restore(owned: Owned, expired?: Committed): Promise<void> {
    await this.#restoring.run(owned, expired)
    if (!owned.restored || owned.gone) return
    this.#consumption.seek(owned.at, owned.position)
    this.#fetch(owned)
  }

  #revoke(owned: Owned): void {
    owned.gone = true
    const place = placeOf(owned.at)
    this.#owned.delete(place)
    for (const what of [`reading ${place}`, `restoring ${place}`]) this.connection.outages.ended(what)
    if (owned.restored) this.member.revoked(owned.at)
  }

  #hold(at: TopicPartition, held: boolean): void {
    const owned = this.#owned.get(placeOf(at))
    if (owned === undefined) return
    owned.held = held
    this.#fetch(owned)
  }

  #fetch(owned: Owned): void {
    if (owned.gone) return
    if (owned.isFetchable && this.#leaving === null) this.#consumption.resume(owned.at)
    else this.#consumption.pause(owned.at)
  }

  #fail(error: unknown): void {
    if (this.#leaving !== null) return
    this.connection.failed(error instanceof Error ? error : new Error(String(error)))
    void this.leave()
  }

  async #leave(): Promise<void> {
    // Paused, not stopped: kafkajs drops commits once it is stopping, and the batches at work shall still commit.
    for (const owned of this.#owned.values()) this.#consumption.pause(owned.at)
    for (const owned of this.#owned.values()) if (!owned.restored) owned.gone = true
    await this.#turns.settled()
    for (const owned of [...this.#owned.values()]) this.#revoke(owned)
    await this.#consumption.close()
  }
}

async function isDoneWithin(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>(resolve => (timer = setTimeout(resolve, ms, false)))
  const isDone = await Promise.race([work.then(() => true as const), late])
  clearTimeout(timer)
  return isDone
}

/** The offset that was asked for; kafkajs's types do not tell of it. */
function fetchedAt(batch: KafkajsBatch): number {
  return Number((batch as unknown as { fetchedOffset: string }).fetchedOffset)
}
