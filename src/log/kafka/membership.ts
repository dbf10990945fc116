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
import { startOf, within } from '../start.js'
import { type KafkaAdmin, placeOf } from './admin.js'
import { EmptyBatch, firstAt, KafkaBatch } from './batch.js'
import type { Connection } from './connection.js'
import { Consumption, type Reading } from './consumption.js'
import { brokersWord, movedOn } from './faults.js'
import { backoffMs, wait } from './outage.js'
import { Owned } from './owned.js'

interface Facts {
  readonly committed: ReadonlyMap<string, Committed>
  readonly offsets: ReadonlyMap<string, readonly Offsets[]>
}

/**
 * A member of a group on Kafka. kafkajs forgets positions at every rejoin, knows no revocation and no barrier; all three are kept here:
 *
 *   GROUP_JOIN ─▶ new partition: pause ─▶ assigned() ─▶ seek, resume ─▶ batch()* ─▶ revoked()
 *              └▶ kept partition: seek to where it was
 */
export class KafkaMembership implements Membership, Reading {
  readonly #owned = new Map<string, Owned>()
  /** Calls for a place take turns, over revocation and return. */
  readonly #turns = new Map<string, Promise<void>>()
  readonly #consumption: Consumption
  #opened: () => void = () => {}
  readonly #whenOpened = new Promise<void>(resolve => (this.#opened = resolve))
  #facts: Promise<Facts> | null = null
  #generation = 0
  #leaving: Promise<void> | null = null

  constructor(
    private readonly connection: Connection,
    private readonly admin: KafkaAdmin,
    private readonly group: string,
    private readonly topics: readonly string[],
    private readonly member: GroupMember,
    private readonly options: JoinOptions,
  ) {
    this.#consumption = new Consumption(connection, group, topics, this)
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
      // Refused or lost, a commit only costs a longer replay. If the partition stays ours it is made up for after the next join.
      owned.uncommitted = { offset, metadata }
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
    this.#facts = null
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

  async batch({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const owned = this.#owned.get(placeOf(batch))
    if (owned === undefined) return
    await this.#turn(owned.at, async () => {
      if (!owned.isFetchable || this.#leaving !== null) return
      const generation = this.#generation
      if (fetchedAt(batch) > owned.position) return this.#jumped(owned)
      // What the broker says about the group is heard after the batch: it is finished whoever owns the partition by then.
      const beat = () => heartbeat().catch(() => {})
      const from = firstAt(batch, owned.position)
      if (!(await this.#hand(owned, new KafkaBatch(batch, from), beat))) return
      if (generation === this.#generation) resolveOffset(batch.lastOffset())
      else if (!owned.gone) this.#consumption.seek(owned.at, owned.position)
    })
  }

  nothing(at: TopicPartition, nextOffset: number, highWatermark: number): void {
    const owned = this.#owned.get(placeOf(at))
    if (owned === undefined) return
    void this.#turn(at, async () => {
      if (!owned.isFetchable || this.#leaving !== null || nextOffset <= owned.position) return
      await this.#hand(owned, new EmptyBatch(at.topic, at.partition, nextOffset, highWatermark), async () => {})
    })
  }

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
    void this.#turn(at, async () => {
      await this.#whenOpened
      await this.#restore(owned, facts => facts.committed.get(placeOf(at)) ?? null)
      this.#fetch(owned)
    })
  }

  /** Tells the member, until it can restore. A partition lost meanwhile is revoked after it has answered, never before. */
  async #restore(owned: Owned, committedBy: (facts: Facts) => Committed | null): Promise<void> {
    const { at } = owned
    for (let attempt = 0; !owned.gone; attempt++) {
      try {
        const facts = await (this.#facts ??= this.#ask())
        const bounds = facts.offsets.get(at.topic)![at.partition]
        const committed = committedBy(facts)
        const offsetAt = async (time: number) => (await this.admin.offsetAt(at.topic, time))[at.partition]
        const start = await startOf(committed, bounds, this.options.start, offsetAt)
        if (owned.gone) return
        const position = await this.member.assigned(at, committed, bounds, start)
        if (owned.gone) return this.member.revoked(at)
        Object.assign(owned, { position: within(bounds, position), committed, restored: true })
        if (attempt > 0) this.connection.outages.ended(`restoring ${placeOf(at)}`)
        this.#consumption.seek(at, owned.position)
        return
      } catch (error) {
        this.#facts = null
        if (!isInfrastructure(error)) return this.#fail(error)
        this.connection.outages.began(`restoring ${placeOf(at)}`, error)
        await wait(backoffMs(attempt))
      }
    }
  }

  /**
   * kafkajs fetched beyond what was asked: the records in between have expired, and it has written a mark over our commit. The member hears
   * of it as of a restart whose commit has expired, and the commit is put back.
   */
  async #jumped(owned: Owned): Promise<void> {
    const { at, committed, position } = owned
    this.#consumption.pause(at)
    this.#facts = null
    const bounds = (await this.admin.offsets(at.topic))[at.partition]
    if (bounds.first > position) {
      this.connection.logger.warn({ ...at, from: position, to: bounds.first }, 'records expired before they were read')
      if (committed !== null) await this.commit(at, committed.offset, committed.metadata)
      owned.restored = false
      this.member.revoked(at)
      await this.#restore(owned, () => committed ?? { offset: position, metadata: '' })
    } else this.#consumption.seek(at, position)
    this.#fetch(owned)
  }

  async #ask(): Promise<Facts> {
    const committed = await this.admin.committed(this.group, this.topics)
    const offsets = await Promise.all(this.topics.map(async topic => [topic, await this.admin.offsets(topic)] as const))
    return { committed, offsets: new Map(offsets) }
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
    await Promise.all(this.#turns.values())
    for (const owned of [...this.#owned.values()]) this.#revoke(owned)
    await this.#consumption.close()
  }

  #turn(at: TopicPartition, work: () => Promise<void>): Promise<void> {
    const place = placeOf(at)
    const mine = (this.#turns.get(place) ?? Promise.resolve()).then(work).catch(error => this.#fail(error))
    this.#turns.set(place, mine)
    return mine
  }
}

function isInfrastructure(error: unknown): boolean {
  return error instanceof DriftlineError && error.code === 'infrastructure'
}

/** The offset that was asked for; kafkajs's types do not tell of it. */
function fetchedAt(batch: KafkajsBatch): number {
  return Number((batch as unknown as { fetchedOffset: string }).fetchedOffset)
}
