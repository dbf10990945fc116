import type { Monitor } from '../core/monitor.js'
import type { TopicPartition } from '../core/ports.js'
import type { Metrics } from './metrics.js'
import type { SourceTask } from './source-task.js'

const OUTCOMES = ['aggregated', 'late', 'rejected', 'notSelected', 'gap'] as const

/** Brings the metrics of a task of stage 1 up to date. */
export function meter(metrics: Metrics, task: SourceTask): void {
  const { topic, partition } = task.at
  for (const { watch, intake, metered } of task.watches) {
    const { model } = watch.monitor
    for (const outcome of OUTCOMES) {
      const more = intake.counts[outcome] - metered[outcome]
      // Fewer while records are read again that an owner before has counted.
      if (more <= 0) continue
      metrics.records.inc({ topic, partition, model, outcome }, more)
      metered[outcome] = intake.counts[outcome]
    }
    if (Number.isFinite(intake.watermark)) metrics.watermark.set({ topic, partition, model }, intake.watermark / 1000)
    metrics.openParts.set({ topic, partition, model }, intake.openParts.length)
  }
}

/** A partition that another instance reads now: what this one last knew of it would stand for ever. */
export function forget(
  { lag, checkpointAge, watermark, openParts }: Metrics,
  at: TopicPartition,
  monitors: readonly Monitor[],
): void {
  const { topic, partition } = at
  for (const gauge of [lag, checkpointAge]) gauge.remove({ topic, partition })
  for (const { model } of monitors)
    for (const gauge of [watermark, openParts]) gauge.remove({ topic, partition, model })
}
