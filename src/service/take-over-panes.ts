import { Evaluation } from '../core/evaluate.js'
import type { Surroundings } from '../core/evaluation/memory.js'
import type { Committed, Offsets, TopicPartition } from '../core/ports.js'
import { Judging, PanesTask } from './judging.js'
import type { OutboxOptions } from './outbox.js'
import { type Enrolled, keyOf } from './roster.js'
import { panesPartitionOf } from './stage-writer.js'
import type { StateTable, WholeState } from './state-table.js'

/** What stage 2 knows when it takes a panes partition over. */
export interface PanesOptions extends OutboxOptions {
  readonly around: Surroundings
  readonly states: StateTable
  readonly panesPartitions: number
}

/** Where a group was in a partition, what the log has of it, and where a group without a commit begins. */
interface Left {
  readonly committed: Committed | null
  readonly bounds: Offsets
  readonly start: number
}

/** Takes a panes partition over where its owner left off: by the decision states, and the parts that they count. */
export async function takeOverPanes(
  at: TopicPartition,
  { committed, bounds, start }: Left,
  options: PanesOptions,
): Promise<PanesTask> {
  const { knowledge, states, logger, panesPartitions } = options
  await knowledge.catchUp()
  const kept = await states.states(model => panesPartitionOf(model, panesPartitions) === at.partition)
  const reached = Math.max(committed?.offset ?? 0, ...kept.map(({ position }) => position))
  const isAnew = reached > bounds.end
  const saved = isAnew ? await rewound(at, kept, bounds, options) : kept
  // An owner that stood still may have written its older state after a later owner's commit.
  const needed = saved.reduce((least, { oldest }) => (oldest < 0 ? least : Math.min(least, oldest)), start)
  const from = Math.max(needed, bounds.first)
  const task = new PanesTask(at, from)
  for (const one of enrolledIn(at, options)) {
    const { model, version } = one.monitor
    const restored = saved.find(state => state.model === model && state.monitor === version) ?? null
    task.judging.set(keyOf(model, version), judgingOf(one, restored, from, options))
  }
  const lost = Math.min(committed?.offset ?? from, needed)
  if (isAnew) lose(task, bounds.end, reached, options)
  else if (lost < bounds.first) lose(task, lost, bounds.first, options)
  logger.info({ ...at, start: from, models: task.judging.size }, 'evaluating')
  return task
}

/** Monitors whose parts lie in a panes partition. */
export function enrolledIn({ partition }: TopicPartition, { enrolled, panesPartitions }: PanesOptions): Enrolled[] {
  return enrolled().filter(({ monitor }) => panesPartitionOf(monitor.model, panesPartitions) === partition)
}

/** @param start offset from which the partition is read */
export function judgingOf(
  { monitor, ranges }: Enrolled,
  restored: WholeState | null,
  start: number,
  { knowledge, around }: PanesOptions,
): Judging {
  const evaluation = new Evaluation(monitor, around)
  evaluation.ranges.become(ranges)
  if (restored !== null) evaluation.restore(restored.state)
  evaluation.know(knowledge.baselines(monitor.model))
  for (const activation of knowledge.activations(monitor.model)) evaluation.activate(activation)
  return new Judging(evaluation, restored, start)
}

/**
 * The log ends before what the states have seen: it was made anew, or has lost its end. They go on from its beginning, since what they have counted
 * they take no second time; else nothing would be judged until the log has grown as far again.
 */
async function rewound(
  at: TopicPartition,
  kept: readonly WholeState[],
  { first, end }: Offsets,
  { states, logger }: PanesOptions,
): Promise<WholeState[]> {
  const seen = kept.map(({ model, position }) => ({ model, position }))
  logger.error(
    { ...at, first, end, states: seen },
    'the topic ends before what the decision states have seen: it was deleted, made anew or cut; going on from its beginning, with all alerts and histories',
  )
  const saved = kept.map(one => ({ ...one, position: first, oldest: first }))
  await states.rewind(at.partition, saved)
  return saved
}

/** What the commit says is needed is there no more: retention was shorter than windows and outage. */
function lose({ at, judging }: PanesTask, from: number, to: number, { logger }: PanesOptions): void {
  for (const { evaluation } of judging.values()) {
    evaluation.collector.lose({ ...at, from, to })
    for (const lane of [evaluation.lane, evaluation.parity, evaluation.shadow])
      if (lane !== null && Number.isFinite(lane.collector.boundary)) lane.collector.lose({ ...at, from, to })
  }
  const remedy = 'give the topic a longer retention.ms'
  logger.warn({ ...at, from, to }, `parts are gone: windows that lack them are not judged; ${remedy}`)
}
