import type { Logger } from 'pino'
import { decodeCheckpoint, encodeCheckpoint, type HeldMonitor } from '../codec/checkpoint.js'
import { encodeOpenPart } from '../codec/open-part.js'
import type { Clock, StateStore, TopicPartition } from '../core/ports.js'
import type { PartBuilder } from '../core/window/part-builder.js'
import type { Metrics } from './metrics.js'
import type { SourceTask, WatchTask } from './source-task.js'
import { isInfrastructure, StoreHealth } from './store-health.js'

/** A restart reads again what came in since: seconds of it. */
const LEAST_MS = 10_000
const MOST_MS = 300_000
/** Of an instance's time on a topic at most one part in so many goes into checkpoints; where they take long they are taken less often. */
const SHARE = 50

/** A task's name in the store. @param group prefix of the consumer groups */
export function taskOf(group: string, { topic, partition }: TopicPartition): string {
  return `${group}/${topic}/${partition}`
}

/** What was stored of a task, by monitor version. */
export interface Stored {
  readonly nextOffset: number
  readonly monitors: ReadonlyMap<string, HeldMonitor>
}

export interface CheckpointsOptions {
  readonly store: StateStore
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Logger
  /** Prefix of the consumer groups: tasks of two groups are two tasks. */
  readonly group: string
}

/** Checkpoints of stage 1's tasks. A store that fails costs the next owner a replay and nothing else: it is told, and tried again. */
export class Checkpoints {
  /** A part with as many rows as before is as it was. */
  readonly #encoded = new WeakMap<PartBuilder, { readonly rows: number; readonly bytes: Buffer }>()
  readonly #health: StoreHealth

  constructor(private readonly options: CheckpointsOptions) {
    const says = { lost: 'going on without checkpoints', back: 'checkpoints are kept again' }
    this.#health = new StoreHealth(options.store.place, options.logger, says)
  }

  /** Why checkpoints are not kept now; null while they are. */
  get fault(): string | null {
    return this.#health.fault
  }

  /** @param began the beginning that the commit tells: a checkpoint of another one is not this task's */
  async load(at: TopicPartition, began: number): Promise<Stored | null> {
    const { store, logger } = this.options
    const [checkpoint = null] = await this.#try(() => store.read([this.#taskOf(at)]), [])
    if (checkpoint === null || checkpoint.began !== began) return null
    const held = decodeCheckpoint(checkpoint.state)
    if (held === null) {
      logger.warn({ ...at }, 'a checkpoint is of another version: rebuilding from the log')
      return null
    }
    const monitors = new Map(held.map(one => [one.progress.monitor, one]))
    return { nextOffset: checkpoint.nextOffset, monitors }
  }

  /** Whether it is time: never before the beginning is committed, as without it the checkpoint would be nobody's. */
  isDue(task: SourceTask): boolean {
    if (task.isMissing) return false
    const { revoked, position, committed, committedPosition, checkpointed, checkpointAt } = task
    if (revoked || position < committed || committedPosition < 0 || position <= checkpointed) return false
    return this.options.clock.now() >= checkpointAt
  }

  /**
   * Stores all that the task holds at its position, whose parts and marker the log has acknowledged.
   * @param tasks that this instance has of the topic: all of them share the time that may go into checkpoints
   */
  async save(task: SourceTask, tasks: number): Promise<void> {
    const { store, clock, metrics } = this.options
    const { at, began, position: nextOffset } = task
    const { topic } = at
    const from = clock.now()
    const timer = metrics.checkpointTime.startTimer({ topic })
    const state = encodeCheckpoint(task.watches.map(one => this.#encode(one)))
    const [written] = await this.#try(() => store.write([{ task: this.#taskOf(at), began, nextOffset, state }]), [])
    timer()
    const outcome = written === undefined ? 'failed' : written ? 'written' : 'refused'
    metrics.checkpoints.inc({ topic, outcome })
    const now = clock.now()
    task.checkpointAt = now + Math.min(MOST_MS, Math.max(LEAST_MS, SHARE * tasks * (now - from)))
    if (written === undefined) return
    task.checkpointed = nextOffset
    task.lastCheckpointAt = now
    if (written) metrics.checkpointBytes.inc({ topic }, state.length)
  }

  /** How old what is stored of the task is. */
  meter({ at, lastCheckpointAt }: SourceTask): void {
    const { metrics, clock } = this.options
    metrics.checkpointAge.set({ topic: at.topic, partition: at.partition }, (clock.now() - lastCheckpointAt) / 1000)
  }

  /** Removes what is stored of the task, which holds more than it should; the next checkpoint is due at once. */
  async drop(task: SourceTask): Promise<void> {
    await this.#try(() => this.options.store.remove([this.#taskOf(task.at)]), undefined)
    task.checkpointed = -1
    task.checkpointAt = Number.NEGATIVE_INFINITY
  }

  #encode({ intake, guard, watch }: WatchTask) {
    const parts = intake.openParts.map(part => {
      const known = this.#encoded.get(part)
      if (known?.rows === part.rows) return known.bytes
      const bytes = encodeOpenPart(part.open(watch.layout))
      this.#encoded.set(part, { rows: part.rows, bytes })
      return bytes
    })
    return { progress: intake.commit(), gapped: intake.gapped, suspicious: guard.suspicious, parts }
  }

  #taskOf(at: TopicPartition): string {
    return taskOf(this.options.group, at)
  }

  /** Goes on without the store where it fails. */
  async #try<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await this.#health.watch(work)
    } catch (error) {
      if (!isInfrastructure(error)) throw error
      return otherwise
    }
  }
}
