import type { Logger } from 'pino'
import { encodePart } from '../codec/part.js'
import { encodeSideRows } from '../codec/side-rows.js'
import type { Monitor } from '../core/monitor.js'
import type {
  Batch,
  Clock,
  Committed,
  GroupMember,
  Log,
  Membership,
  Offsets,
  RecordReader,
  TimestampRule,
  TopicPartition,
} from '../core/ports.js'
import type { Gap } from '../core/window/gap.js'
import type { Checkpoints } from './checkpoints.js'
import { Commits } from './commits.js'
import { forget, meter } from './meter.js'
import type { Metrics } from './metrics.js'
import { isDue, markerOf } from './source-marker.js'
import { SourceReading } from './source-reading.js'
import { SourceTask, WatchTask } from './source-task.js'
import { COMMIT_EVERY_MS, StageWriter } from './stage-writer.js'
import type { StateTable } from './state-table.js'
import { takeOver } from './take-over.js'
import { JOINS } from './topics.js'
import type { AnyWatch } from './watch.js'

/** Rows for the join wait for company until a marker, a checkpoint or a commit says that they have been sent, or until there are so many. */
const MOST_WAITING = 4_000

export interface SummarizeOptions {
  readonly log: Log
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Logger
  readonly topic: string
  /** Makes the reader of the topic's records for these watches. */
  readonly reader: (watches: readonly AnyWatch[]) => RecordReader
  readonly rule: TimestampRule
  readonly panesPartitions: number
  /** The consumer group. */
  readonly group: string
  readonly states: StateTable
  /** Null where none are kept: a restart rebuilds from the log. */
  readonly checkpoints: Checkpoints | null
}

/**
 * Stage 1 on one source topic: bytes → row → observe → parts → publish parts, then a marker, then a checkpoint, then the commit. Nothing is awaited for a
 * record; parts are published when a batch has been read. Of monitors that join, the rows that are counted go to driftline.joins before any
 * marker, checkpoint or commit that speaks of them.
 */
export class SummarizeStage implements GroupMember {
  readonly #tasks = new Map<number, SourceTask>()
  #membership: Membership | null = null
  #watches: readonly AnyWatch[] = []
  #joinsPartitions = 0
  readonly #records: SourceReading
  readonly #writer: StageWriter
  readonly #commits: Commits

  constructor(private readonly options: SummarizeOptions) {
    const { topic, log, clock, metrics, logger, group, states } = options
    this.#writer = new StageWriter(log, metrics)
    this.#records = new SourceReading(topic, { clock, metrics, logger, writer: this.#writer })
    this.#commits = new Commits(group, states, logger)
  }

  get watches(): readonly AnyWatch[] {
    return this.#watches
  }

  get #monitors(): readonly Monitor[] {
    return this.#watches.flatMap(({ side, monitor }) => (side === 'serving' ? [monitor] : []))
  }

  /**
   * The monitor versions to run from now on; each partition takes them up between two batches.
   * @param joinsPartitions of driftline.joins; 0 where none of them joins
   */
  async watch(watches: readonly AnyWatch[], joinsPartitions: number): Promise<void> {
    this.#watches = watches
    this.#joinsPartitions = joinsPartitions
    const { clock, rule, reader, checkpoints } = this.options
    await Promise.all(
      [...this.#tasks.values()].map(task =>
        task.turns.run(async () => {
          const kept = new Map(task.watches.map(one => [one.watch, one]))
          task.watches = watches.map(
            watch =>
              kept.get(watch) ?? new WatchTask(watch, task.at, rule, joinsPartitions, task.position, clock.now()),
          )
          task.reader = reader(watches)
          // What is watched no more is not kept either: its model may have been forgotten.
          if ([...kept.keys()].some(watch => !watches.includes(watch))) await checkpoints?.drop(task)
        }),
      ),
    )
  }

  joined(membership: Membership): void {
    this.#membership = membership
  }

  async assigned(at: TopicPartition, committed: Committed | null, bounds: Offsets, start: number): Promise<number> {
    const { log, clock, logger, rule, reader, metrics, checkpoints } = this.options
    const watches = this.#watches
    const partitions = (await log.partitions(at.topic)) ?? 1
    const commit = await this.#commits.left(at, committed, bounds, start, this.#monitors)
    const stored = commit?.began ? ((await checkpoints?.load(at, commit.began)) ?? null) : null
    const now = clock.now()
    const tasks = watches.map(watch => new WatchTask(watch, at, rule, this.#joinsPartitions, start, now))
    const task = new SourceTask(at, partitions, tasks, reader(watches), start, start, commit?.began || now, now)
    this.#tasks.set(at.partition, task)
    if (commit === null) {
      metrics.restores.inc({ topic: at.topic, from: 'start' })
      return start
    }
    const from = takeOver(task, { ...commit, stored, bounds })
    metrics.restores.inc({ topic: at.topic, from })
    const watched = new Set(tasks.map(({ intake }) => intake.name))
    if ([...(stored?.monitors.keys() ?? [])].some(name => !watched.has(name))) await checkpoints?.drop(task)
    logger.debug({ ...at, from, position: task.position, commit: commit.offset }, 'a partition is taken over')
    for (const { watch, intake } of task.watches)
      for (const { first, to } of intake.gaps)
        logger.warn({ ...at, model: watch.monitor.model, from: first, to }, 'offsets are gone from the topic')
    task.position = Math.max(task.position, bounds.first)
    return task.position
  }

  revoked(at: TopicPartition): void {
    const task = this.#tasks.get(at.partition)
    this.#tasks.delete(at.partition)
    if (task === undefined) return
    task.revoked = true
    const monitors = task.watches.map(({ watch }) => watch.monitor)
    meter(this.options.metrics, task)
    forget(this.options.metrics, at, monitors)
  }

  async batch(batch: Batch, heartbeat: () => Promise<void>): Promise<void> {
    const task = this.#tasks.get(batch.partition)
    if (task === undefined) return
    await task.turns.run(async () => {
      const { metrics } = this.options
      const timer = metrics.decode.startTimer({ topic: batch.topic })
      await this.#records.read(task, batch)
      timer()
      const lag = batch.highWatermark - batch.nextOffset
      if (!task.revoked) metrics.lag.set({ topic: batch.topic, partition: batch.partition }, lag)
      await heartbeat()
      await this.#tell(task)
    })
  }

  /** Once every second or so: idleness, heartbeats, commits; metrics, which with many models on a topic would cost more than their rows. */
  async tick(): Promise<void> {
    const quiet = [...this.#tasks.values()]
    const { clock } = this.options
    const now = clock.now()
    this.#records.tick(now)
    const silent = quiet.some(({ watches }) =>
      watches.some(({ watch, lastRowAt }) => now - lastRowAt >= watch.monitor.serving.idleAfterMs),
    )
    // Asked after the quiet time: only then does "nothing more to read" say that nothing came.
    const ends = silent ? await this.options.log.offsets(this.options.topic) : []
    await Promise.all(
      quiet.map(task =>
        task.turns.run(async () => {
          const atEnd = ends[task.at.partition] !== undefined && ends[task.at.partition].end <= task.position
          for (const one of task.watches)
            if (atEnd && now - one.lastRowAt >= one.watch.monitor.serving.idleAfterMs) one.idle = true
          await this.#tell(task)
          this.#meter(task)
        }),
      ),
    )
  }

  /** Before leaving: publishes what is final and commits, so that the next owner has little to read again. */
  async settle(): Promise<void> {
    await Promise.all(
      [...this.#tasks.values()].map(task =>
        task.turns.run(async () => {
          await this.#tell(task)
          task.checkpointAt = Number.NEGATIVE_INFINITY
          await this.#forward(task)
          await this.#checkpoint(task)
          await this.#commit(task)
        }),
      ),
    )
  }

  /** The end of a finite input. */
  async finish(): Promise<void> {
    // All parts before any marker: where the others are idle, one partition's word alone closes every window.
    const tasks = [...this.#tasks.values()]
    for (const task of tasks)
      await task.turns.run(async () => {
        await this.#writer.publish(
          task.watches.flatMap(({ intake }) => intake.finish()),
          encodePart,
        )
        await this.#forward(task)
      })
    for (const task of tasks) {
      await task.turns.run(async () => {
        await this.#mark(task, task.watches)
        await this.#commit(task)
        this.#meter(task)
      })
    }
  }

  /** What is owned now, for `/ready` and `status`. */
  get tasks(): readonly SourceTask[] {
    return [...this.#tasks.values()]
  }

  /** Publishes what is final; then says how far the partition is, where that is news; then stores it, and commits, where it is time. */
  async #tell(task: SourceTask): Promise<void> {
    const { clock, checkpoints } = this.options
    // A silent partition keeps nothing back: without more rows its open parts would never be final.
    const final = task.watches.flatMap(({ intake }) => intake.drain())
    const open = task.watches.flatMap(({ intake, idle }) => (idle ? intake.peek() : []))
    await this.#writer.publish([...final, ...open], encodePart)
    for (const { model, omitted } of final)
      for (const { cap, rows, values } of omitted)
        this.options.metrics.leftOut.inc({ model, cap }, Math.max(rows, values))
    const now = clock.now()
    // Of many monitors on a topic each ends its rounds at rows of its own: a word of all for each of them would be their square.
    const due = task.position >= task.committed ? task.watches.filter(one => isDue(one, now)) : []
    const marked = due.length > 0
    const stored = checkpoints?.isDue(task) ?? false
    const committed = (marked && due.length === task.watches.length) || now - task.lastCommitAt >= COMMIT_EVERY_MS
    const waiting = task.watches.reduce((sum, { intake }) => sum + intake.waiting, 0)
    if (marked || stored || committed || waiting >= MOST_WAITING) await this.#forward(task)
    if (marked) await this.#mark(task, due)
    // Only where the rows for the join were sent before: what is due by now waits for the next turn.
    if (stored) await this.#checkpoint(task)
    if (committed) await this.#commit(task)
  }

  #meter(task: SourceTask): void {
    if (task.revoked) return
    meter(this.options.metrics, task)
    this.options.checkpoints?.meter(task)
  }

  /** Sends the rows that wait for the join. */
  async #forward(task: SourceTask): Promise<void> {
    const { metrics } = this.options
    for (const { intake } of task.watches) {
      const { side } = intake
      const { model } = intake.monitor
      const taken = intake.outgoing.flatMap(rows => rows.take())
      if (taken.length === 0) continue
      const records = taken.map(({ partition, rows }) => encodeSideRows(rows, partition))
      await this.#writer.append(JOINS, records)
      for (const { rows } of taken) metrics.joinRows.inc({ model, side }, rows.size)
      for (const { value } of records) metrics.joinBytes.inc({ model, side }, value.length)
    }
  }

  /** Where predictions are counted, to stage 2; where rows are joined, to the join. */
  async #mark(task: SourceTask, told: readonly WatchTask[]): Promise<void> {
    const { clock, panesPartitions } = this.options
    const now = clock.now()
    const serving = told.filter(({ intake }) => intake.side === 'serving')
    if (serving.length > 0) await this.#writer.tell(panesPartitions, markerOf(task, serving, now))
    const joined = told.filter(({ intake }) => intake.outgoing.length > 0)
    if (joined.length > 0) await this.#writer.mark(JOINS, this.#joinsPartitions, markerOf(task, joined, now))
    for (const one of told) {
      const { intake, watch } = one
      one.told = intake.round
      one.toldAt = now
      for (const gap of intake.gaps) this.#report(task.at, watch.monitor.model, gap)
      intake.told()
    }
  }

  #report(at: TopicPartition, model: string, { first, to, from, until }: Gap): void {
    if (!Number.isFinite(until)) return
    const panes = { panesFrom: new Date(from).toISOString(), panesUntil: new Date(until).toISOString() }
    const what = 'windows of these panes lack rows that were gone from the topic, and are not judged'
    this.options.logger.warn({ ...at, model, from: first, to, ...panes }, what)
  }

  async #checkpoint(task: SourceTask): Promise<void> {
    const { checkpoints } = this.options
    if (checkpoints?.isDue(task)) await checkpoints.save(task, this.#tasks.size)
  }

  async #commit(task: SourceTask): Promise<void> {
    task.lastCommitAt = this.options.clock.now()
    if (task.revoked || task.isMissing || task.position < task.committed) return
    if (task.committedPosition === task.position) return
    await this.#commits.write(task, this.#membership)
  }
}
