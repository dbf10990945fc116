import type { Logger } from 'pino'
import { decodeCommit, encodeCommit, encodePointer } from '../codec/commit.js'
import type { Monitor } from '../core/monitor.js'
import type { Committed, Membership, Offsets, TopicPartition } from '../core/ports.js'
import type { SourceTask } from './source-task.js'
import type { StateTable } from './state-table.js'
import type { Legacy } from './take-over.js'

const ENDS_BEFORE =
  'the topic ends before what was read of it: it was deleted, made anew or cut. Nothing of it is counted until it is as long again; to go on at once, ' +
  'give the new topic a name of its own, and that name to the monitor'

/** What owners before have left of a partition. */
export type Left = Pick<Legacy, 'offset' | 'progress'> & { readonly began: number }

/** Commits of stage 1's tasks, with what an owner without a checkpoint rebuilds from. */
export class Commits {
  /** @param group the consumer group */
  constructor(
    private readonly group: string,
    private readonly states: StateTable,
    private readonly logger: Logger,
  ) {}

  /** @returns null where the partition is new, or its commit is gone and reading is to begin before that */
  async left(
    at: TopicPartition,
    committed: Committed | null,
    bounds: Offsets,
    start: number,
    monitors: readonly Monitor[],
  ): Promise<Left | null> {
    if (committed === null) return this.#heard(at, bounds, start, monitors)
    const left = await this.#said(at, committed, monitors)
    if (left.offset > bounds.end) this.#tellShort(at, bounds.end, left.offset)
    return left
  }

  /** Commits the task's position; the progress of many monitors goes to driftline.state before. */
  async write(task: SourceTask, membership: Membership | null): Promise<void> {
    const { at, began, watches, position } = task
    const commit = { began, progress: watches.map(({ intake }) => intake.commit()) }
    const metadata = encodeCommit(commit)
    if (metadata === null) await this.states.keepProgress(this.group, at, commit, position)
    await membership?.commit(at, position, metadata ?? encodePointer(began, position))
    task.committedPosition = position
  }

  /** What the owner before has committed; what lies in driftline.state may be newer or older than the commit. */
  async #said(at: TopicPartition, { offset, metadata }: Committed, monitors: readonly Monitor[]): Promise<Left> {
    const said = decodeCommit(metadata)
    const kept = said.elsewhere ? await this.states.progress(this.group, at) : null
    if (said.elsewhere && kept === null)
      return { offset, began: said.began, progress: await this.states.heard(at, monitors) }
    const progressAt = kept?.offset ?? offset
    const { progress } = kept?.commit ?? said
    const byMonitor = new Map(progress.map(one => [one.monitor, { offset: progressAt, progress: one }]))
    return { offset: progressAt, began: said.began, progress: byMonitor }
  }

  /** A commit that has expired: stage 2 knows how far the partition was. */
  async #heard(
    at: TopicPartition,
    { end }: Offsets,
    start: number,
    monitors: readonly Monitor[],
  ): Promise<Left | null> {
    const progress = await this.states.heard(at, monitors)
    const offset = Math.max(...[...progress.values()].map(one => one.offset))
    if (offset > end) this.#tellShort(at, end, offset)
    if (progress.size === 0 || start < offset || offset > end) return null
    const says = 'the commit is gone: going on from where stage 2 has heard of the partition'
    this.logger.warn({ ...at, from: offset }, says)
    return { offset, began: 0, progress }
  }

  #tellShort(at: TopicPartition, end: number, commit: number): void {
    this.logger.error({ ...at, end, commit }, ENDS_BEFORE)
  }
}
