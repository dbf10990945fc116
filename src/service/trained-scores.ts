import type { Baseline } from '../core/baseline/baseline.js'
import { LABEL } from '../core/baseline/leakage.js'
import { ScoreScan, trainedOutput } from '../core/baseline/learn-scores.js'
import type { Monitor } from '../core/monitor.js'
import { PanePlanner } from '../core/planner.js'
import { Layout } from '../core/row.js'
import { FieldFinder, type MappedFeature } from '../files/event-mapping.js'
import type { FieldMap } from '../files/field-map.js'
import type { Table } from '../files/table.js'
import type { BuildOptions } from './build-baseline.js'
import { contentHash } from './content-hash.js'
import { hashingOf } from './keyed-hash.js'
import { scanRows, trainingRows } from './scan-rows.js'

/** The column that the training rows have their label in, where its name is that of the labels topic; null: none. */
export function trainedLabel({ labels }: Monitor, table: Table, map: FieldMap): string | null {
  const field = labels && new FieldFinder(table, map).field(labels.value)
  return field && 'column' in field.source ? field.source.column : null
}

/**
 * The same baseline with how the model's scores did on its rows: what windows of predictions are compared with. From one more pass over the rows;
 * unchanged where the monitor declares no labels, or the file has none of its outputs.
 */
export async function withScores(
  monitor: Monitor,
  table: Table,
  baseline: Baseline,
  label: string,
  options: Omit<BuildOptions, 'provenance'>,
): Promise<Baseline> {
  const { task } = monitor
  if (task === undefined) return baseline
  const find = new FieldFinder(table, options.map)
  const outputs = task.outputs.flatMap(({ name, path }): (MappedFeature & { readonly output: string })[] => {
    const field = find.field(path)
    if (!field || !('column' in field.source)) return []
    return [{ output: name, name: trainedOutput(name), path, column: field.source.column }]
  })
  if (outputs.length === 0) return baseline
  const mapping = trainingRows(monitor, table, options)
  const layout = new Layout(false, Number.POSITIVE_INFINITY, hashingOf(monitor, options.privacyKey ?? null))
  const planner = new PanePlanner({ ...monitor, baseline: 'active' }, layout)
  planner.update([{ ...baseline, from: null, modelVersion: null }], [])
  const { segmentation } = planner.plan(layout.versions.add('baseline'), 0)
  const names = outputs.map(({ output }) => output)
  const scan = new ScoreScan(task, names, layout, segmentation)
  const dimensions = new Set(monitor.segments.flatMap(({ name, path }) => (path === null ? [name] : [])))
  const read = {
    ...mapping,
    prediction: null,
    ages: [],
    features: [
      ...mapping.features.filter(({ name }) => dimensions.has(name)),
      ...outputs,
      { name: LABEL, path: [LABEL], column: label },
    ],
  }
  await scanRows(table, layout, read, row => scan.observe(row), options)
  const scores = scan.finish()
  if (scores === null) return baseline
  const found = { ...baseline, scores }
  return { ...found, hash: contentHash(found) }
}
