import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { Row } from '../../src/core/row.js'
import type { Part } from '../../src/core/window/part.js'
import { built } from './built.js'
import { gauss } from './columns.js'
import { ACTIVATION, buildBaseline } from './model.js'
import { START_MS, uniform, WINDOW_MS } from './workload.js'

const { Layout, NUMBER, Row: RowOf, TEXT } = await built<typeof import('../../src/core/row.js')>('core/row')
const { PanePlanner } = await built<typeof import('../../src/core/planner.js')>('core/planner')
const { Summarizer } = await built<typeof import('../../src/core/summarize.js')>('core/summarize')

/** One in six is a category, as in the workload. */
const isCategory = (f: number): boolean => f % 6 === 5
const VALUES = Array.from({ length: 50 }, (_, v) => `v${v}`)
const NAMES = (features: number): string[] => Array.from({ length: features }, (_, f) => `f${f}`)

type Layouts = InstanceType<typeof Layout>

function layoutOf(features: number): Layouts {
  const layout = new Layout(false, features)
  NAMES(features).forEach((name, f) => {
    const slot = layout.add(name, isCategory(f) ? 'categorical' : 'numeric')
    if (isCategory(f)) for (const value of VALUES) layout.slots[slot]!.dictionary.add(value)
  })
  layout.versions.add('v1')
  return layout
}

/** Rows of normal numbers, each feature a bit off the one before, and skewed categories. */
function* rows(layout: Layouts, count: number, seed: number): Generator<Row> {
  const u = uniform(seed)
  const row = new RowOf(layout)
  for (let r = 0; r < count; r++) {
    row.time = START_MS + Math.floor((r * WINDOW_MS) / count)
    for (let f = 0; f < layout.slots.length; f++) {
      row.flags[f] = isCategory(f) ? TEXT : NUMBER
      if (isCategory(f)) row.categories[f] = Math.floor(u() ** 3 * VALUES.length)
      else row.numbers[f] = f + gauss(u)
    }
    yield row
  }
}

/** Windows of a model with so many features, each of other rows, as four partitions have summarized them. */
export function wideWindows(
  monitor: Monitor,
  features: number,
  rowsOfPartition: number,
  windows: number,
): { baseline: Baseline; windows: readonly (readonly Part[])[] } {
  const layout = layoutOf(features)
  const baseline = buildBaseline(monitor, layout, use => {
    for (const row of rows(layout, rowsOfPartition, 1)) use(row)
  })
  const planner = new PanePlanner(monitor, layout)
  planner.update([baseline], [ACTIVATION])
  const parts = (window: number, partition: number): Part[] => {
    const summarizer = new Summarizer(monitor, layout, { topic: 'bench', partition }, planner, 0)
    for (const row of rows(layout, rowsOfPartition, 2 + 4 * window + partition))
      summarizer.observe(row, summarizer.nextOffset)
    return summarizer.finish()
  }
  return {
    baseline,
    windows: Array.from({ length: windows }, (_, window) =>
      [0, 1, 2, 3].flatMap(partition => parts(window, partition)),
    ),
  }
}
