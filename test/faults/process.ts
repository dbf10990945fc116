import { setImmediate } from 'node:timers/promises'
import type {
  Batch,
  Following,
  GroupMember,
  JoinOptions,
  KeyedStore,
  Log,
  Membership,
  OutgoingRecord,
  StateStore,
  TopicPartition,
} from '../../src/core/ports.js'
import type { EmbeddedLog } from '../../src/log/embedded.js'
import { STATE } from '../../src/service/topics.js'

/** Thrown at the step at which the process dies; nothing that it still does is heard. */
export class Killed extends Error {}
/** Thrown where the process stands still (SIGSTOP): who waits for it waits no longer, and its work goes on later. */
export class Stalled extends Error {}

/** What all processes of a run share. */
export interface Net {
  readonly log: EmbeddedLog
  /** Written by a process that died before the broker had it: lands some time later. */
  readonly late: { readonly topic: string; readonly records: readonly OutgoingRecord[] }[]
  /** Whether what a dying process was about to write is on its way. */
  lands(): boolean
  /** Whether what is written of a decision state at once is too large for one batch. */
  readonly splits: boolean
  /** Whether who begins finds only the newest record of each key among the decision states. */
  readonly compacts: boolean
  /** Whether a commit of one who owns the partition no more is taken. */
  takes(): boolean
  /** Every membership ever, by group. */
  readonly memberships: Map<string, Membership[]>
  /** A task begins here; `committed` is the offset of its commit. */
  onAssigned(group: string, at: TopicPartition, committed: number | null, from: number): void
}

interface Joined {
  readonly group: string
  readonly topics: readonly string[]
  readonly member: GroupMember
  readonly membership: Membership
  /** Next offset of each partition it has been handed, by `topic/partition`. */
  readonly positions: Map<string, number>
}

/**
 * The log as one process sees it. Every effect on the outside is a step: each record of a write, the acknowledgement, each checkpoint, each
 * commit. The process can be killed or stopped at any of them.
 *
 *     part ─ part ─ ack ─ marker/0 ─ marker/1 ─ ack ─ checkpoint ─ commit
 *         ✗      ✗     ✗          ✗           ✗    ✗            ✗
 */
export class Process implements Log {
  readonly joined: Joined[] = []
  readonly #followings: Following[] = []
  /** Steps still to go until it dies, or stands still. */
  killIn = Number.POSITIVE_INFINITY
  stallIn = Number.POSITIVE_INFINITY
  /** At which step of its next write of decision states it dies, or stands still. */
  inState: { readonly dies: number } | { readonly stalls: number } | null = null
  dead = false
  #owns = true
  #goOn: (() => void) | null = null
  #stalled: () => void = () => {}
  #stall = new Promise<void>(resolve => (this.#stalled = resolve))

  constructor(private readonly net: Net) {}

  get isStalled(): boolean {
    return this.#goOn !== null
  }

  partitions = (topic: string) => this.net.log.partitions(topic)
  offsets = (topic: string) => this.net.log.offsets(topic)
  timestampRule = (topic: string) => this.net.log.timestampRule(topic)
  offsetAt = (topic: string, time: number) => this.net.log.offsetAt(topic, time)

  async append(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    // Kafka takes a batch whole or not at all. Parts and markers come in several (chunks, models, partitions): any of them may be the last.
    const batches = topic === STATE && !this.net.splits ? [records] : records.map(record => [record])
    if (topic === STATE && this.inState !== null) {
      if ('dies' in this.inState) this.killIn = this.inState.dies
      else this.stallIn = this.inState.stalls
      this.inState = null
    }
    for (const [i, batch] of batches.entries()) {
      await this.step(() => {
        if (this.net.lands()) this.net.late.push({ topic, records: batches.slice(i).flat() })
      })
      await this.net.log.append(topic, batch)
    }
    await this.step()
  }

  async join(
    group: string,
    topics: readonly string[],
    member: GroupMember,
    options?: JoinOptions,
  ): Promise<Membership> {
    const positions = new Map<string, number>()
    const watched: GroupMember = {
      assigned: async (at, committed, bounds, start) => {
        const from = await member.assigned(at, committed, bounds, start)
        positions.set(`${at.topic}/${at.partition}`, from)
        this.net.onAssigned(group, at, committed?.offset ?? null, from)
        return from
      },
      revoked: at => {
        positions.delete(`${at.topic}/${at.partition}`)
        if (!this.dead && !this.isStalled) member.revoked(at)
      },
      batch: async (batch, heartbeat) => {
        if (this.isStalled) throw new Stalled()
        await this.run(() => member.batch(batch, heartbeat))
        positions.set(`${batch.topic}/${batch.partition}`, batch.nextOffset)
      },
    }
    const membership = await this.net.log.join(group, topics, watched, options)
    const all = this.net.memberships.get(group) ?? []
    all.push(membership)
    this.net.memberships.set(group, all)
    this.joined.push({ group, topics, member, membership, positions })
    return {
      get settled() {
        return membership.settled
      },
      commit: async (at, offset, metadata) => {
        await this.step()
        if (this.#owns) await membership.commit(at, offset, metadata)
        else if (this.net.takes()) for (const one of all) await one.commit(at, offset, metadata)
        await this.step()
      },
      pause: at => membership.pause(at),
      resume: at => membership.resume(at),
      leave: () => membership.leave(),
    }
  }

  async follow(topic: string, onRecords: (batch: Batch) => void): Promise<Following> {
    const isOver = this.net.compacts && topic === STATE ? await this.#compacted() : null
    const following = await this.net.log.follow(topic, batch =>
      onRecords(isOver === null ? batch : without(batch, isOver)),
    )
    this.#followings.push(following)
    return following
  }

  async close(): Promise<void> {}

  /** Whether a decision state's record has a later one of its key. */
  async #compacted(): Promise<(partition: number, offset: number) => boolean> {
    const newest = new Map<string, string>()
    const over = new Set<string>()
    const following = await this.net.log.follow(STATE, batch => {
      for (let i = 0; i < batch.size; i++) {
        const key = `${batch.partition}/${Buffer.from(batch.key(i) ?? [])}`
        const before = newest.get(key)
        if (before !== undefined) over.add(before)
        newest.set(key, `${batch.partition}/${batch.offset(i)}`)
      }
    })
    await following.catchUp()
    await following.stop()
    return (partition, offset) => over.has(`${partition}/${offset}`)
  }

  /** The store as this process sees it. */
  storeOver(store: StateStore): StateStore {
    return {
      place: store.place,
      read: tasks => store.read(tasks),
      write: async checkpoints => {
        await this.step()
        const answers = await store.write(checkpoints)
        await this.step()
        return answers
      },
      remove: tasks => store.remove(tasks),
      close: async () => {},
    }
  }

  /** The store of waiting keys as this process sees it. */
  keysOver(store: KeyedStore): KeyedStore {
    return {
      place: store.place,
      load: task => store.load(task),
      read: (task, state, keys) => store.read(task, state, keys),
      write: async (task, change) => {
        await this.step()
        const isWritten = await store.write(task, change)
        await this.step()
        return isWritten
      },
      release: task => store.release(task),
      close: async () => {},
    }
  }

  /** Work of this process, as long as it neither dies nor stands still. Where it stands still, it goes on in the background later. */
  async run(work: () => Promise<void>): Promise<void> {
    if (this.dead) throw new Killed()
    const done = work()
    done.catch(() => {})
    await Promise.race([done, this.#stall])
    if (this.isStalled) throw new Stalled()
  }

  async step(dying: () => void = () => {}): Promise<void> {
    if (this.dead) throw new Killed()
    if (this.killIn-- <= 0) {
      this.dead = true
      dying()
      throw new Killed()
    }
    if (this.stallIn-- > 0) return
    this.stallIn = Number.POSITIVE_INFINITY
    await new Promise<void>(resolve => {
      this.#goOn = resolve
      this.#stalled()
    })
    if (this.dead) throw new Killed()
  }

  /** SIGCONT: finishes what it was at, as far as it gets. */
  async goOn(): Promise<void> {
    const goOn = this.#goOn
    this.#goOn = null
    this.#stall = new Promise<void>(resolve => (this.#stalled = resolve))
    goOn?.()
    // Nothing here waits for anything but the embedded log, so a few turns of the loop are its whole work.
    for (let i = 0; i < 20; i++) await setImmediate()
  }

  /** Reads on as one whose fetches were answered before the group gave its partitions away. */
  async readOn(batches: number): Promise<void> {
    for (const { topics, member, positions } of this.joined) {
      for (const topic of topics) {
        const all: Batch[] = []
        const following = await this.net.log.follow(topic, batch => all.push(batch))
        await following.catchUp()
        await following.stop()
        for (const [place, position] of positions) {
          const next = all.filter(batch => `${batch.topic}/${batch.partition}` === place && batch.nextOffset > position)
          for (const batch of next.slice(0, batches)) {
            await this.run(() => member.batch(batch, async () => {}))
            positions.set(place, batch.nextOffset)
          }
        }
      }
    }
  }

  /** The group has given it up, and it does not know. */
  async expelled(): Promise<void> {
    this.#owns = false
    for (const { membership } of this.joined) await this.net.log.crash(membership)
  }

  async kill(): Promise<void> {
    this.dead = true
    if (this.isStalled) await this.goOn()
    for (const following of this.#followings) await following.stop()
    await this.expelled()
  }
}

function without(batch: Batch, isOver: (partition: number, offset: number) => boolean): Batch {
  const { topic, partition, nextOffset, highWatermark } = batch
  const left = Array.from({ length: batch.size }, (_, i) => i).filter(i => !isOver(partition, batch.offset(i)))
  const at = (i: number): number => left[i]!
  return {
    ...{ topic, partition, nextOffset, highWatermark, size: left.length },
    offset: i => batch.offset(at(i)),
    value: i => batch.value(at(i)),
    memory: i => batch.memory(at(i)),
    valueStart: i => batch.valueStart(at(i)),
    valueEnd: i => batch.valueEnd(at(i)),
    key: i => batch.key(at(i)),
    timestamp: i => batch.timestamp(at(i)),
    headers: i => batch.headers(at(i)),
  }
}
