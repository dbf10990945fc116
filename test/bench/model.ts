import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { Row } from '../../src/core/row.js'
import { plainMonitor } from '../monitors.js'
import { built } from './built.js'
import { records, SCHEMA, SERVING, WINDOW_MS } from './workload.js'

const { BaselineBuilder } = await built<typeof import('../../src/core/baseline/build.js')>('core/baseline/build')
const { Layout, Row: RowOf } = await built<typeof import('../../src/core/row.js')>('core/row')
const { READ } = await built<typeof import('../../src/core/ports.js')>('core/ports')
const { createTopicReader } = await built<typeof import('../../src/codec/topic-reader.js')>('codec/topic-reader')
const { contentHash } = await built<typeof import('../../src/service/content-hash.js')>('service/content-hash')

/** The monitor of the workload: windows of a minute, as late as its records come. */
export function benchMonitor(topic: string = SERVING.topic): Monitor {
  return plainMonitor({
    ...{ model: 'credit-risk', hash: 'bench', version: 'bench', file: 'bench' },
    serving: { ...SERVING, topic },
    window: { sizeMs: WINDOW_MS, advanceMs: WINDOW_MS, graceMs: 5_000 },
  })
}

export const SCHEMAS = { get: async () => SCHEMA }
/** Records that the baseline is made of, of another seed. */
const TRAINED_ON = 20_000

/** The baseline that the workload's windows count at. */
export async function benchBaseline(monitor: Monitor): Promise<Baseline> {
  const layout = new Layout(true, 1000)
  const reader = createTopicReader({ monitors: [{ monitor, layout }], schemas: SCHEMAS, maxBytes: 1e6 })
  const row = new RowOf(layout)
  const sample = [...records(TRAINED_ON, 1)].map(({ value }) => value)
  await reader.prepare(sample[0]!)
  return buildBaseline(monitor, layout, use => {
    for (const value of sample) {
      if (reader.read(value, 0, row) !== READ) throw new Error('a record of the workload could not be read')
      use(row)
    }
  })
}

/** @param each hands over the same rows at every call */
export function buildBaseline(
  monitor: Monitor,
  layout: InstanceType<typeof Layout>,
  each: (use: (row: Row) => void) => void,
): Baseline {
  const provenance = { version: 1, modelVersion: null, source: 'bench', loadedAt: 0, from: null }
  const builder = new BaselineBuilder(monitor, layout, provenance)
  each(row => builder.observe(row))
  builder.freeze()
  each(row => builder.observe(row))
  return builder.finish(contentHash)
}

export const ACTIVATION = {
  model: 'credit-risk',
  modelVersion: null,
  baseline: 1,
  from: null,
  by: 'bench',
  at: 0,
} as const
