import type { Logger } from 'pino'
import { decodeCommit, encodeJoinCommit } from '../codec/commit.js'
import { decodeJoinMessage, type JoinMessage } from '../codec/join-message.js'
import { encodeJoinedPart } from '../codec/joined-part.js'
import { encodePairPart } from '../codec/pair-part.js'
import { DriftlineError } from '../core/error.js'
import { KeyIndex } from '../core/join/key-index.js'
import { PairJoiner } from '../core/join/pair-joiner.js'
import type { Monitor } from '../core/monitor.js'
import type { Batch, Clock, Committed, GroupMember, Log, Membership, Offsets, TopicPartition } from '../core/ports.js'
import { taskOf } from './checkpoints.js'
import { type AnyJoiner, JoinTask } from './join-task.js'
import { forgetJoin, meterJoin } from './meter-join.js'
import type { Metrics } from './metrics.js'
import type { PendingKeys, Wanted } from './pending-keys.js'
import { keyOf } from './roster.js'
import { COMMIT_EVERY_MS, HEARTBEAT_MS, StageWriter } from './stage-writer.js'

export interface JoinStageOptions {
  readonly log: Log
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Logger
  readonly panesPartitions: number
  readonly keys: PendingKeys
  /** Prefix of the consumer groups: tasks of two groups are two tasks. */
  readonly group: string
  /** Monitors that join, as known now. */
  readonly monitors: () => readonly Monitor[]
  /** Waits until every word about monitors that was given before is known. */
  readonly catchUp: () => Promise<void>
}

/** A message of driftline.joins with its offset. */
type Read = JoinMessage & { readonly offset: number }

/**
 * The join, on one partition of driftline.joins each: rows of both sides → entries → joined parts, then a marker, then the state, then the commit.
 * What a batch needs of the store is read at once; nothing is awaited for a row.
 */
export class JoinStage implements GroupMember {
  readonly #tasks = new Map<number, JoinTask>()
  #membership: Membership | null = null
  /** Monitor versions whose rows are passed over, each told once. */
  readonly #strangers = new Set<string>()

  readonly #writer: StageWriter

  constructor(private readonly options: JoinStageOptions) {
    this.#writer = new StageWriter(options.log, options.metrics)
  }

  joined(membership: Membership): void {
    this.#membership = membership
  }

  async assigned(at: TopicPartition, committed: Committed | null, bounds: Offsets): Promise<number> {
    const { log, clock, logger, metrics, keys, group, catchUp } = this.options
    const partitions = (await log.partitions(at.topic)) ?? 1
    const name = taskOf(group, at)
    const head = await keys.load(name)
    // Of every monitor with rows in the state the word is known then.
    await catchUp()
    const began = committed === null ? 0 : decodeCommit(committed.metadata).began
    const anew = Math.max(clock.now(), began + 1, (head?.began ?? 0) + 1)
    const task = new JoinTask(at, name, partitions, anew, bounds.first)
    const usable = head !== null && head.began === began && head.nextOffset <= bounds.end && task.restore(head)
    if (usable) {
      this.#bringBack(task, bounds.first)
      task.keep(this.options.monitors())
    }
    // With a beginning of its own, nothing that the store may have is taken for its entries.
    else await keys.begin(task)
    this.#tasks.set(at.partition, task)
    metrics.restores.inc({ topic: at.topic, from: usable ? 'checkpoint' : 'start' })
    logger.info({ ...at, from: task.position, restored: usable }, 'joining')
    return task.position
  }

  revoked(at: TopicPartition): void {
    const task = this.#tasks.get(at.partition)
    this.#tasks.delete(at.partition)
    if (task === undefined) return
    task.revoked = true
    this.options.keys.store.release(task.name)
    forgetJoin(this.options.metrics, task)
  }

  async batch(batch: Batch, heartbeat: () => Promise<void>): Promise<void> {
    const task = this.#tasks.get(batch.partition)
    if (task === undefined) return
    await task.turns.run(async () => {
      const { metrics } = this.options
      const timer = metrics.decode.startTimer({ topic: batch.topic })
      let messages = this.#decode(task, batch)
      while (!(await this.#prepare(task, messages))) messages = messages.filter(({ offset }) => offset >= task.position)
      for (const message of messages) this.#take(task, message)
      task.position = Math.max(task.position, batch.nextOffset)
      timer()
      const lag = batch.highWatermark - batch.nextOffset
      if (!task.revoked) metrics.lag.set({ topic: batch.topic, partition: batch.partition }, lag)
      await heartbeat()
      await this.#tell(task)
    })
  }

  /** Once every second or so: heartbeats, commits, metrics. */
  async tick(): Promise<void> {
    await Promise.all(
      [...this.#tasks.values()].map(task =>
        task.turns.run(async () => {
          await this.#tell(task)
          if (!task.revoked) meterJoin(this.options.metrics, task)
        }),
      ),
    )
  }

  /** Before leaving: stores and commits, so that the next owner has nothing to read again. */
  async settle(): Promise<void> {
    await Promise.all(
      [...this.#tasks.values()].map(task =>
        task.turns.run(async () => {
          task.storeAt = Number.NEGATIVE_INFINITY
          task.lastCommitAt = Number.NEGATIVE_INFINITY
          await this.#tell(task)
        }),
      ),
    )
  }

  /** Monitors changed: those that nobody runs any more leave their keys. */
  async learn(): Promise<void> {
    const monitors = this.options.monitors()
    await Promise.all([...this.#tasks.values()].map(task => task.turns.run(async () => task.keep(monitors))))
  }

  /** What is owned now, for `/ready` and `status`. */
  get tasks(): readonly JoinTask[] {
    return [...this.#tasks.values()]
  }

  #decode(task: JoinTask, batch: Batch): Read[] {
    const messages: Read[] = []
    for (let i = 0; i < batch.size; i++) {
      const offset = batch.offset(i)
      if (offset < task.position) continue
      const message = decodeJoinMessage(batch.headers(i), batch.value(i))
      if (message !== null) messages.push({ ...message, offset })
      else this.options.logger.error({ ...task.at, offset }, 'a message of driftline.joins cannot be read; passed over')
    }
    return messages
  }

  /** Joiners of all monitors that the messages are of. The word about one may reach this instance after its first rows. */
  async #introduce(task: JoinTask, messages: readonly Read[]): Promise<void> {
    const named = new Set(messages.flatMap(message => monitorsOf(message).map(one => keyOf(one.model, one.monitor))))
    const strange = [...named].filter(key => !task.knows(key) && !this.#strangers.has(key))
    if (strange.length === 0) return
    await this.options.catchUp()
    const monitors = this.options.monitors()
    for (const key of strange) {
      const monitor = monitors.find(({ model, version }) => keyOf(model, version) === key)
      if (monitor !== undefined) task.introduce(monitor)
      else {
        this.#strangers.add(key)
        this.options.logger.warn({ monitor: key }, 'rows to join of a monitor version that nobody runs any more')
      }
    }
  }

  /**
   * Has at hand what the messages need: joiners, and entries of the keys.
   * @returns false where another has gone further meanwhile: then the task is where that one is
   */
  async #prepare(task: JoinTask, messages: readonly Read[]): Promise<boolean> {
    await this.#introduce(task, messages)
    if (await this.options.keys.read(task, this.#wanted(task, messages))) return true
    await this.#catchUp(task)
    return false
  }

  #wanted(task: JoinTask, messages: readonly Read[]): Wanted[] {
    const wanted = new Map<AnyJoiner, { readonly words: number[]; readonly asked: KeyIndex }>()
    for (const joiner of task.joiners) joiner.entries.trim()
    for (const message of messages) {
      if (message.type !== 'side-rows') continue
      const { rows } = message
      const joiner = task.joinerOf(rows)
      if (joiner === undefined) continue
      let want = wanted.get(joiner)
      if (want === undefined) wanted.set(joiner, (want = { words: [], asked: new KeyIndex() }))
      const { words, asked } = want
      const take = (high: number, low: number): void => {
        if (joiner.entries.has(high, low) || asked.get(high, low) >= 0) return
        asked.set(high, low, words.length)
        words.push(high, low)
      }
      for (let i = joiner.firstNew(rows); i < rows.size; i++) joiner.wants(rows, i, take)
    }
    return [...wanted].map(([joiner, { words }]) => ({ joiner, words }))
  }

  /** The store has another state than this task's last: another instance has stored one of its own, or it is lost. */
  async #catchUp(task: JoinTask): Promise<void> {
    const { keys, logger } = this.options
    const head = await keys.load(task.name)
    const isOurs = head !== null && head.began === task.began && head.nextOffset > task.stored
    if (isOurs && head.nextOffset <= task.position) {
      // A state that the task has passed: all that it has changed since its own last goes on from there. It never goes back, as its reading does not.
      task.stored = head.nextOffset
      return
    }
    if (!isOurs || !task.restore(head))
      throw new DriftlineError(
        'internal',
        `the pending keys of ${task.at.topic}/${task.at.partition} in ${keys.store.place} are gone, or another instance has begun them anew; after a restart they are there again, read from ${task.at.topic} where need be`,
      )
    logger.warn({ ...task.at, to: task.position }, 'another instance has joined further; going on from there')
    this.#bringBack(task, 0)
  }

  #bringBack(task: JoinTask, first: number): void {
    for (const monitor of this.options.monitors()) task.bringBack(monitor)
    if (first <= task.position) return
    this.options.logger.warn(
      { ...task.at, from: task.position, to: first },
      'offsets are gone from the topic: pairs of them are not joined',
    )
    for (const joiner of task.joiners) joiner.gap()
    task.position = first
  }

  #take(task: JoinTask, message: Read): void {
    if (message.type === 'side-rows') {
      const { rows, offset } = message
      task.joinerOf(rows)?.add(rows, offset)
    } else
      for (const progress of message.marker.monitors)
        for (const joiner of task.joinersOf(progress)) joiner.advance(message.marker, progress, message.offset)
  }

  /** Publishes what is final; then says how far the partition is, where that is news; then stores it, where it is time; then commits. */
  async #tell(task: JoinTask): Promise<void> {
    const { clock, keys } = this.options
    for (const joiner of task.joiners) {
      if (joiner instanceof PairJoiner) await this.#writer.publish(joiner.take(), encodePairPart)
      else await this.#writer.publish(joiner.take(), encodeJoinedPart)
    }
    const now = clock.now()
    const moved = task.joiners.some(joiner => task.told.get(joiner) !== joiner.round)
    if (moved || (task.joiners.length > 0 && now - task.lastMarkerAt >= HEARTBEAT_MS)) await this.#mark(task)
    if (!task.revoked && keys.isDue(task) && (await keys.write(task)) === 'refused') await this.#catchUp(task)
    if (now - task.lastCommitAt >= COMMIT_EVERY_MS) await this.#commit(task)
  }

  async #mark(task: JoinTask): Promise<void> {
    const { clock, panesPartitions } = this.options
    const { at, partitions, position: nextOffset } = task
    const monitors = task.joiners.map(joiner => joiner.progress())
    await this.#writer.tell(panesPartitions, { ...at, partitions, nextOffset, monitors })
    task.lastMarkerAt = clock.now()
    for (const joiner of task.joiners) task.told.set(joiner, joiner.round)
  }

  async #commit(task: JoinTask): Promise<void> {
    task.lastCommitAt = this.options.clock.now()
    if (task.revoked || task.committedPosition === task.position) return
    await this.#membership?.commit(task.at, task.position, encodeJoinCommit(task.began, task.held))
    task.committedPosition = task.position
  }
}

function monitorsOf(message: JoinMessage): readonly { readonly model: string; readonly monitor: string }[] {
  return message.type === 'side-rows' ? [message.rows] : message.marker.monitors
}
