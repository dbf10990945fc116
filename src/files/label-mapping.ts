import { DriftlineError } from '../core/error.js'
import type { Labels } from '../core/monitor.js'
import { constant, type EventMapping, FieldFinder, missing, type TimeRequired, withoutColumn } from './event-mapping.js'
import type { FieldMap } from './field-map.js'
import type { Table } from './table.js'

/** How rows of a file are labels: key, time and value. A label without its own key could not be joined, so the rows are never numbered. */
export function mapLabels(
  labels: Pick<Labels, 'where' | 'key' | 'time' | 'value'>,
  /** Of the monitor, for messages. */
  file: string,
  table: Table,
  map: FieldMap,
  required: TimeRequired = { time: true },
): EventMapping {
  const find = new FieldFinder(table, map)
  const dotted = { key: labels.key.join('.'), time: labels.time.path.join('.'), value: labels.value.join('.') }
  const time = find.time(labels.time.path, labels.time.unit)
  if (!time && required.time) throw missing(file, table, map, 'time of the label', dotted.time, required.instead)
  const key = find.field(labels.key)
  if (!key) throw missing(file, table, map, 'key', dotted.key)
  const value = find.field(labels.value)
  if (!value) throw missing(file, table, map, 'label', dotted.value)
  if (!('column' in value.source) || value.source.column === '#')
    throw new DriftlineError(
      'bad-input',
      `${map.option ?? '--map'} ${dotted.value}: the label must come from a column of ${table.source}`,
    )
  return {
    features: [{ name: dotted.value, path: value.path, column: value.source.column }],
    time: time ?? withoutColumn(labels.time),
    key,
    entity: null,
    version: null,
    prediction: null,
    outputs: [],
    ages: [],
    dimensions: [],
    constants: labels.where.map(({ path, equals }) => find.mapped(path) ?? constant(path, equals)),
  }
}
