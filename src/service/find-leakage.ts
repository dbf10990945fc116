import type { Baseline } from '../core/baseline/baseline.js'
import { LABEL, type LabelKind, LeakageScan } from '../core/baseline/leakage.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { Layout } from '../core/row.js'
import { mapEvents } from '../files/event-mapping.js'
import type { FieldMap } from '../files/field-map.js'
import { labelKind } from '../files/label-column.js'
import type { Table } from '../files/table.js'
import type { BuildOptions } from './build-baseline.js'
import { contentHash } from './content-hash.js'
import { hashingOf } from './keyed-hash.js'
import { scanRows, trainingRows } from './scan-rows.js'

export interface LabelColumn {
  readonly column: string
  readonly kind: LabelKind
}

/** Looks at the column that is said to be the label; throws `bad-input` where it is none, or a feature. */
export async function labelColumn(monitor: Monitor, table: Table, column: string, map: FieldMap): Promise<LabelColumn> {
  const kind = await labelKind(table, column)
  const own = mapEvents(monitor, table, map, { time: false, key: 'none' }).features.find(one => one.column === column)
  if (own === undefined) return { column, kind }
  throw new DriftlineError(
    'bad-input',
    `${monitor.file}: ${own.name} is the label and a feature; leave it out of the features, serving.ignore: [${own.name}]`,
  )
}

/** The same baseline with what its features tell of the label, from one more pass over its rows. */
export async function withLeakage(
  monitor: Monitor,
  table: Table,
  baseline: Baseline,
  { column, kind }: LabelColumn,
  options: Omit<BuildOptions, 'provenance'>,
): Promise<Baseline> {
  const mapping = trainingRows(monitor, table, options)
  const features = baseline.features.filter(({ name }) => name !== mapping.prediction?.name)
  const layout = new Layout(false, Number.POSITIVE_INFINITY, hashingOf(monitor, options.privacyKey ?? null))
  const scan = new LeakageScan(features, layout, kind)
  const labelled = {
    ...mapping,
    features: [...mapping.features, { name: LABEL, path: [LABEL], column }],
  }
  await scanRows(table, layout, labelled, row => scan.observe(row), options)
  const found = { ...baseline, leakage: scan.finish(column) }
  return { ...found, hash: contentHash(found) }
}
