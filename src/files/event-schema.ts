import { DriftlineError } from '../core/error.js'
import type { Path } from '../core/monitor.js'
import { isPerRow } from './column.js'
import { type EventMapping, isVector, type MappedFeature } from './event-mapping.js'
import { eventAges, eventFeatures, otherFields } from './event-source.js'
import type { Table } from './table.js'

type AvroType = string | readonly AvroType[] | { readonly type: string; readonly [property: string]: unknown }

interface AvroField {
  readonly name: string
  readonly type: AvroType
  readonly default?: null
}

/** Avro record schema of the events that `readEvents` gives: features nullable, columns of mixed types also text. */
export function eventSchema(table: Table, mapping: EventMapping, name = 'Served'): AvroType {
  const root = new Map<string, AvroType | Map<string, unknown>>()
  const add = (path: Path, type: AvroType): void => {
    let at: Map<string, unknown> = root
    for (const step of path.slice(0, -1)) {
      checkName(table, step, path)
      if (!at.has(step)) at.set(step, new Map())
      at = at.get(step) as Map<string, unknown>
    }
    checkName(table, path.at(-1)!, path)
    at.set(path.at(-1)!, type)
  }
  add(mapping.key!.path, 'string')
  add(mapping.time.path, timeType(mapping.time.eventUnit))
  for (const { path, source } of otherFields(mapping)) add(path, 'constant' in source ? 'string' : ['null', 'string'])
  for (const { path, eventUnit } of eventAges(mapping)) add(path, ageType(eventUnit))
  for (const feature of eventFeatures(mapping)) add(feature.path, featureType(table, feature))
  return record(name, root)
}

function record(name: string, fields: ReadonlyMap<string, unknown>): AvroType {
  return {
    type: 'record',
    name,
    fields: [...fields].map(([field, type]): AvroField => {
      if (type instanceof Map) return { name: field, type: record(`${name}_${field}`, type) }
      const nullable = Array.isArray(type) && type[0] === 'null'
      return { name: field, type: type as AvroType, ...(nullable ? { default: null } : {}) }
    }),
  }
}

/** What cannot be read as a time goes on as its text. */
function ageType(unit: string): AvroType {
  return unit === 'iso' ? ['null', 'string'] : ['null', timeType(unit), 'string']
}

function timeType(unit: string): AvroType {
  if (unit === 'ms') return { type: 'long', logicalType: 'timestamp-millis' }
  if (unit === 'us') return { type: 'long', logicalType: 'timestamp-micros' }
  return unit === 'iso' ? 'string' : unit === 's' ? 'double' : 'long'
}

function featureType(table: Table, feature: MappedFeature): AvroType {
  const column = table.column(feature.column)
  const { type, integer, held, mixed, list } = column
  if (isVector(table, feature)) {
    const vector = { type: 'array', items: list === 'whole' ? 'long' : 'double' }
    return list === undefined ? ['null', vector, 'string'] : ['null', vector]
  }
  if (!feature.asText && isPerRow(column)) return ['null', 'double', 'string']
  if (feature.asText || (type !== 'number' && type !== 'boolean')) return ['null', 'string']
  // A CSV column of whole numbers may get a fraction any day; a file that has types means them.
  const plain = type === 'boolean' ? 'boolean' : integer && held === 'typed' ? 'long' : 'double'
  return mixed ? ['null', plain, 'string'] : ['null', plain]
}

export function isAvroName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

function checkName(table: Table, name: string, path: Path): void {
  if (isAvroName(name)) return
  const parents = path
    .slice(0, -1)
    .map(step => `${step}.`)
    .join('')
  throw new DriftlineError(
    'bad-input',
    `${table.source}: ${JSON.stringify(name)} cannot be the name of an Avro field; ` +
      `rename it with --map ${parents}${name.replace(/\W/g, '_')}=${JSON.stringify(name)}, or write JSON: \`format: json\` where the monitor names the topic`,
  )
}
