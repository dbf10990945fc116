import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Evaluation } from '../../src/core/evaluate.js'
import type { Marker, MonitorProgress } from '../../src/core/window/marker.js'
import type { Part } from '../../src/core/window/part.js'
import { ids } from '../../src/service/ids.js'
import { Judging } from '../../src/service/judging.js'
import { collect } from '../collect.js'
import { HOUR, monitorOf, T0 } from './rides.js'

const monitor = monitorOf({ window: { size: '1h', grace: '5m', reviseFor: '1h' } })
const { model, version } = monitor

function partOf(partition: number, pane: number): Part {
  return {
    ...{ model, monitor: version, modelVersion: 'v1', topic: 'rides', partition, pane, round: pane + HOUR },
    ...{ nextOffset: 10, gap: false, offsets: { from: 0, to: 9 }, rows: 10 },
    ...{ baselines: [], leaves: [], news: new Map(), omitted: [], keys: null },
  }
}

function passed(judging: Judging, partition: number, watermark: number): void {
  const progress: MonitorProgress = {
    ...{ model, monitor: version, side: 'serving', watermark, idle: false, closeTo: Number.NEGATIVE_INFINITY },
    ...{ counts: { aggregated: 10, late: 0, rejected: 0, notSelected: 0, gap: 0 } },
    ...{ oldest: 10, roundStart: 10, open: 0, gaps: [] },
  }
  const marker: Marker = { topic: 'rides', partition, partitions: 2, nextOffset: 10, monitors: [progress] }
  judging.evaluation.collector.advance(marker, progress)
}

/**
 *     partition 0    pane 8 ────────────────────────────▶ held: its window is open
 *     partition 1             pane 0 ───▶ left by all windows
 *     oldest needed  ▲
 */
it('lets go of a part that all windows have left, though one that came before it is held', async () => {
  const judging = new Judging(new Evaluation(monitor, { ids, software: 'test', alertsFrom: 0 }), null, 0)
  judging.part(partOf(0, T0 + 8 * HOUR), 0)
  const left = new WeakRef(partOf(1, T0))
  judging.part(left.deref()!, 1)
  expect(judging.counts(2)).toBe(0)
  for (const partition of [0, 1]) passed(judging, partition, T0 + 8 * HOUR)
  expect(judging.counts(2)).toBe(0)
  // What a weak reference was made of lives until the event loop has had its turn.
  await setImmediate()
  collect()
  expect(left.deref()).toBeUndefined()
  for (const partition of [0, 1]) passed(judging, partition, T0 + 12 * HOUR)
  expect(judging.counts(2)).toBe(2)
})
