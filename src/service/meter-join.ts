import { PairJoiner } from '../core/join/pair-joiner.js'
import type { AnyJoiner, JoinTask } from './join-task.js'
import { forget } from './meter.js'
import type { Metrics } from './metrics.js'
import { JOINS } from './topics.js'

/** What an owner of a partition of driftline.joins says of it. */
export function meterJoin(metrics: Metrics, { at, joiners }: JoinTask): void {
  const { partition } = at
  for (const joiner of joiners)
    for (const { labels, rows } of outcomesOf(joiner, partition)) metrics.joined.set(labels, rows)
  for (const model of new Set(joiners.map(({ monitor }) => monitor.model))) {
    const own = joiners.filter(({ monitor }) => monitor.model === model)
    const keys = own.reduce((sum, joiner) => sum + joiner.keys, 0)
    const openParts = own.reduce((sum, joiner) => sum + joiner.openParts, 0)
    const watermark = Math.min(...own.map(joiner => joiner.watermark))
    metrics.joinKeys.set({ partition, model }, keys)
    metrics.openParts.set({ topic: JOINS, partition, model }, openParts)
    if (Number.isFinite(watermark)) metrics.watermark.set({ topic: JOINS, partition, model }, watermark / 1000)
  }
}

/** Another has the partition now. */
export function forgetJoin(metrics: Metrics, { at, joiners }: JoinTask): void {
  const { partition } = at
  const monitors = joiners.map(({ monitor }) => monitor)
  forget(metrics, at, monitors)
  for (const joiner of joiners) {
    for (const { labels } of outcomesOf(joiner, partition)) metrics.joined.remove(labels)
    metrics.joinKeys.remove({ partition, model: joiner.monitor.model })
  }
}

/** Of a join of pairs the sides are `served/offline` and `offline`. */
function outcomesOf(joiner: AnyJoiner, partition: number) {
  const { model } = joiner.monitor
  const sides =
    joiner instanceof PairJoiner
      ? { [`served/${joiner.join}`]: joiner.counts.served, [joiner.join]: joiner.counts.other }
      : joiner.counts
  return Object.entries(sides).flatMap(([side, outcomes]) =>
    Object.entries(outcomes as Readonly<Record<string, number>>).map(([outcome, rows]) => ({
      labels: { partition: String(partition), model, side, outcome },
      rows,
    })),
  )
}
