import { expect, it } from 'vitest'
import { decodeInternal } from '../../src/codec/internal.js'
import type { MonitorProgress } from '../../src/core/window/marker.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { Metrics } from '../../src/service/metrics.js'
import { panesPartitionOf, StageWriter } from '../../src/service/stage-writer.js'
import { PANES } from '../../src/service/topics.js'

const PARTITIONS = 4
const MODELS = Array.from({ length: 20 }, (_, i) => `model-${i}`)

const progressOf = (model: string): MonitorProgress => ({
  ...{ model, monitor: 'v', side: 'serving', watermark: 1, idle: false, closeTo: Number.NEGATIVE_INFINITY },
  ...{ counts: { aggregated: 1, late: 0, rejected: 0, notSelected: 0, gap: 0 } },
  ...{ oldest: 0, roundStart: 0, open: 0, gaps: [] },
})

it('a marker tells each panes partition of the models whose parts lie there, and of no other', async () => {
  const log = new EmbeddedLog({ clock: { now: () => 0 }, topics: [{ name: PANES, partitions: PARTITIONS }] })
  const marker = { topic: 'served', partition: 0, partitions: 1, nextOffset: 1, monitors: MODELS.map(progressOf) }
  await new StageWriter(log, new Metrics()).tell(PARTITIONS, marker)
  const told: (readonly [partition: number, model: string])[] = []
  const following = await log.follow(PANES, batch => {
    for (let i = 0; i < batch.size; i++) {
      const message = decodeInternal(batch.headers(i), batch.value(i))
      if (message?.type === 'marker')
        for (const { model } of message.marker.monitors) told.push([batch.partition, model])
    }
  })
  await following.catchUp()
  const wanted = MODELS.map(model => [panesPartitionOf(model, PARTITIONS), model])
  expect(told.sort()).toEqual(wanted.sort())
})
