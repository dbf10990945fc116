import { parseMonitor } from '../../../src/config/monitor.js'
import type { Baseline } from '../../../src/core/baseline/baseline.js'
import { BaselineBuilder } from '../../../src/core/baseline/build.js'
import { type Inspection, inspect } from '../../../src/core/detect/inspect.js'
import type { Monitor } from '../../../src/core/monitor.js'
import { PanePlanner } from '../../../src/core/planner.js'
import { Layout, NULL, NUMBER, Row } from '../../../src/core/row.js'
import type { Part } from '../../../src/core/window/part.js'
import { PartBuilder } from '../../../src/core/window/part-builder.js'
import { mergeViews, type View } from '../../../src/core/window/view.js'
import { contentHash } from '../../../src/service/content-hash.js'

/** Numbers by feature; null and NaN as such. */
export type Numbers = Readonly<Record<string, number | null>>

export function monitorFor(fields: object = {}): Monitor {
  const file = { apiVersion: 'driftline/v1', model: 'm', serving: { topic: 't', key: 'k', time: 'at' }, ...fields }
  const { monitors, faults } = parseMonitor(JSON.stringify(file), 'm.yaml')
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return monitors[0]
}

/** Fills one row after the other of a layout. */
export function* filled(layout: Layout, all: Iterable<Numbers>): Generator<Row> {
  const row = new Row(layout)
  for (const one of all) {
    for (const name of Object.keys(one)) layout.add(name, 'auto')
    row.fit()
    row.flags.fill(0)
    for (const [name, x] of Object.entries(one)) {
      const slot = layout.indexOf(name)
      row.flags[slot] = x === null ? NULL : NUMBER
      row.numbers[slot] = x ?? 0
    }
    yield row
  }
}

export function baselineOf(monitor: Monitor, all: readonly Numbers[], version = 1): Baseline {
  const layout = new Layout(true, 500)
  const provenance = { version, modelVersion: null, source: 'test', loadedAt: 0, from: null }
  const builder = new BaselineBuilder(monitor, layout, provenance)
  for (const row of filled(layout, all)) builder.observe(row)
  builder.freeze()
  for (const row of filled(layout, all)) builder.observe(row)
  return builder.finish(contentHash)
}

/** A window of these rows, counted as a pane is in which these baselines are in force, the last one loaded as a candidate. */
export function partOf(monitor: Monitor, baselines: readonly Baseline[], all: Iterable<Numbers>): Part {
  const layout = new Layout(true, 500)
  const planner = new PanePlanner(monitor, layout)
  layout.versions.add('v1')
  const activation = { model: 'm', modelVersion: null, baseline: baselines[0].version, from: null, by: 'test', at: 0 }
  planner.update(baselines, [activation])
  const plan = planner.plan(0, 0)
  const builder = new PartBuilder(0, 0, 0, plan, false)
  let offset = 0
  for (const row of filled(layout, all)) builder.observe(row, offset++)
  const leaves = builder.close(layout.slots)
  return { leaves, baselines: plan.baselines, rows: offset } as unknown as Part
}

export function viewOf(monitor: Monitor, baseline: Baseline, all: Iterable<Numbers>): View {
  const grid = (name: string) => baseline.features.find(feature => feature.name === name)?.numeric?.grid ?? null
  return mergeViews([partOf(monitor, [baseline], all)], [], { of: (_, name) => grid(name), wanted: grid })[0]
}

/** What the window's series look like against the baseline, by feature. */
export function inspected(monitor: Monitor, baseline: Baseline, all: Iterable<Numbers>): Map<string, Inspection> {
  const view = viewOf(monitor, baseline, all)
  return new Map(baseline.features.map(contract => [contract.name, inspect(monitor, contract, view)]))
}

export const breached = (inspection: Inspection): boolean =>
  inspection.findings.some(({ evidence }) => evidence.outcome === 'breach')
