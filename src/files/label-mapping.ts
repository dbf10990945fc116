import { DriftlineError } from '../core/error.js'
import type { TimeUnit } from '../core/monitor.js'
import { type EventMapping, FieldFinder, missing } from './event-mapping.js'
import type { FieldMap } from './field-map.js'
import type { Table } from './table.js'

/** What a monitor file says of labels, and itself. */
export interface LabelFields {
  readonly file: string
  readonly key: string
  readonly time: { readonly path: string; readonly unit: TimeUnit }
  readonly value: string
}

/** How rows of a file are labels: key, time and value. A label without its own key could not be joined, so the rows are never numbered. */
export function mapLabels(labels: LabelFields, table: Table, map: FieldMap): EventMapping {
  const find = new FieldFinder(table, map)
  const path = (dotted: string) => dotted.split('.')
  const time = find.time(path(labels.time.path), labels.time.unit)
  if (!time) throw missing(labels.file, table, 'time of the label', labels.time.path)
  const key = find.field(path(labels.key))
  if (!key) throw missing(labels.file, table, 'key', labels.key)
  const value = find.field(path(labels.value))
  if (!value) throw missing(labels.file, table, 'label', labels.value)
  if (!('column' in value.source) || value.source.column === '#')
    throw new DriftlineError('bad-input', `--map ${labels.value}: the label must come from a column of ${table.source}`)
  const feature = { name: labels.value, path: value.path, column: value.source.column }
  return {
    features: [feature],
    time,
    key,
    entity: null,
    version: null,
    prediction: null,
    ages: [],
    dimensions: [],
    constants: [],
  }
}
