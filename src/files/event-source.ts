import type { Path, TimeUnit } from '../core/monitor.js'
import { isPerRow } from './column.js'
import type { NumberValues, TextValues, Values } from './column-chunk.js'
import { refuseOtherUnit } from './column-facts.js'
import { type EventMapping, isVector, type MappedFeature, type MappedField, type MappedTime } from './event-mapping.js'
import type { ScanColumn, Table } from './table.js'
import { scanByTime, timeScan } from './time-scan.js'

/** An event as a service would send it. */
export interface FileEvent {
  readonly key: string
  /** Event time, epoch ms. */
  readonly time: number
  /** Data row in the file, from 1. */
  readonly row: number
  readonly value: Record<string, unknown>
}

export interface EventOptions {
  /** Event times from, and before, this; epoch ms. */
  readonly from?: number
  readonly to?: number
  readonly limit?: number
  /** Tells the event time, epoch ms, of each row of a file without times; such a file is refused where it is absent. */
  readonly clock?: () => number
}

/** Rows that cannot be events. */
export interface Skipped {
  withoutKey: number
  withoutTime: number
  unreadableTime: number
}

/** Where a value goes in the event, and how it is made of row i of the chunk at hand. */
interface Field {
  readonly path: Path
  readonly value: (columns: readonly Values[], i: number) => unknown
}

/** The rows of a file as events in time order, equal times and rows without times in file order; sorted by DuckDB, which spills to disk. */
export async function* readEvents(
  table: Table,
  mapping: EventMapping,
  options: EventOptions = {},
  skipped: Skipped = { withoutKey: 0, withoutTime: 0, unreadableTime: 0 },
): AsyncGenerator<FileEvent[]> {
  const scans: ScanColumn[] = [{ name: '#' }]
  const time = timeScan(mapping)
  if (mapping.time.column !== null) await refuseOtherUnit(table, mapping.time.column, mapping.time.unit)
  const timeAt = time ? scans.push(time) - 1 : -1
  const key = column(scans, mapping.key!)
  const fields: Field[] = [{ path: mapping.key!.path, value: key }]
  for (const field of otherFields(mapping)) fields.push({ path: field.path, value: column(scans, field) })
  for (const feature of eventFeatures(mapping)) {
    const at = scans.push(featureScan(table, feature)) - 1
    fields.push({ path: feature.path, value: (columns, i) => featureValue(columns[at]!, i) })
  }
  for (const age of eventAges(mapping)) {
    const at = scans.push({ name: age.column, as: 'time', unit: age.unit }) - 1
    fields.push({ path: age.path, value: (columns, i) => ageTime(columns[at] as NumberValues, i, age.eventUnit) })
  }
  const { path, eventUnit } = mapping.time
  const sorted = time !== null || options.clock === undefined
  const limit = options.limit === undefined ? {} : { limit: options.limit }
  const asked = { ...scanByTime(table, time, { ...options, sorted }), ...limit }
  for await (const { rows, columns } of table.scan(scans, asked)) {
    const times = timeAt < 0 ? null : (columns[timeAt] as NumberValues)
    const numbers = columns[0] as NumberValues
    const events: FileEvent[] = []
    for (let i = 0; i < rows; i++) {
      const keyText = key(columns, i)
      if (times && times.valid[i] === 0) skipped[times.odd?.[i] == null ? 'withoutTime' : 'unreadableTime']++
      else if (keyText === null) skipped.withoutKey++
      else {
        const value: Record<string, unknown> = Object.create(null)
        for (const field of fields) put(value, field.path, field.value(columns, i))
        const at = times ? times.numbers[i]! : options.clock!()
        put(value, path, timeValue(at, eventUnit))
        events.push({ key: keyText as string, time: at, row: numbers.numbers[i]!, value })
      }
    }
    if (events.length > 0) yield events
  }
}

/** Fields besides key, time and features, as texts. */
export function otherFields(mapping: EventMapping): MappedField[] {
  const taken = new Set([mapping.key, mapping.time, ...mapping.ages].map(field => field?.path.join('.')))
  const fields = [
    mapping.version,
    mapping.entity,
    ...mapping.dimensions.map(({ field }) => field),
    ...mapping.constants,
  ]
  return fields.filter((field): field is MappedField => {
    const name = field?.path.join('.')
    return field !== null && !taken.has(name) && Boolean(taken.add(name))
  })
}

/** Features, the prediction and the task's outputs, each place in the event once. */
export function eventFeatures({ features, prediction, outputs }: EventMapping): MappedFeature[] {
  const taken = new Set<string>()
  return [...features, ...(prediction ? [prediction] : []), ...outputs].filter(
    ({ path }) => !taken.has(path.join('.')) && Boolean(taken.add(path.join('.'))),
  )
}

/** Times of features, each place in the event once. */
export function eventAges({ ages, time, key }: EventMapping): MappedTime[] {
  const taken = new Set([time, key].map(field => field?.path.join('.')))
  return ages.filter(({ path }) => !taken.has(path.join('.')) && Boolean(taken.add(path.join('.'))))
}

/** As the monitor reads it; null where there is none; what cannot be read as its text. */
function ageTime({ valid, numbers, odd }: NumberValues, i: number, unit: TimeUnit): unknown {
  return valid[i] === 1 ? timeValue(numbers[i]!, unit) : (odd?.[i] ?? null)
}

function column(scans: ScanColumn[], { source }: MappedField): Field['value'] {
  if ('constant' in source) return () => source.constant
  const at = scans.push({ name: source.column, as: 'text' }) - 1
  return (columns, i) => (columns[at] as TextValues).texts[i]
}

function featureScan(table: Table, feature: MappedFeature): ScanColumn {
  const { column: name } = feature
  const found = table.column(name)
  const { type } = found
  if (isVector(table, feature)) return { name, as: 'vector' }
  if (feature.asText) return { name, as: 'text' }
  if (isPerRow(found)) return { name, as: 'number' }
  return { name, as: type === 'number' || type === 'boolean' ? type : 'text' }
}

/** Numbers and booleans as such, what is not one in a column of them as its text. */
function featureValue(values: Values, i: number): unknown {
  if (values.as === 'text') return values.texts[i]
  if (values.as === 'vector') {
    const { numbers, starts, lengths, odd } = values
    if (lengths[i]! < 0) return odd?.[i] ?? null
    return Array.from(numbers.subarray(starts[i]!, starts[i]! + lengths[i]!))
  }
  if (values.valid[i] === 0) {
    const odd = values.odd?.[i] ?? null
    return odd?.startsWith('"') ? JSON.parse(odd) : odd
  }
  return values.as === 'boolean' ? values.numbers[i] === 1 : values.numbers[i]
}

/** An event time as the monitor reads it. */
export function timeValue(ms: number, unit: TimeUnit): number | string {
  if (unit === 'iso') return new Date(ms).toISOString()
  return unit === 's' ? ms / 1000 : unit === 'us' ? ms * 1e3 : unit === 'ns' ? ms * 1e6 : ms
}

/** @param event without a prototype, as those of `readEvents`: users name fields as they like, `constructor` too */
export function put(event: Record<string, unknown>, path: Path, value: unknown): void {
  let at = event
  for (let i = 0; i < path.length - 1; i++) at = (at[path[i]!] ??= Object.create(null)) as Record<string, unknown>
  at[path.at(-1)!] = value
}
