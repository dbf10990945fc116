import { MOST_NUMBERS, slotName } from '../core/monitor.js'
import { type Layout, NULL, NUMBER, Row, WRONG_TYPE } from '../core/row.js'
import type { NumberValues, TextValues } from './column-chunk.js'
import { type EventMapping, isVector, type MappedField } from './event-mapping.js'
import { hashText, RowTexts } from './row-texts.js'
import { SlotColumn, slotScan } from './slot-column.js'
import type { ScanColumn, Table } from './table.js'
import { scanByTime, timeScan } from './time-scan.js'

export interface RowOptions {
  /** Event times from, and before, this; epoch ms. */
  readonly from?: number
  readonly to?: number
  /** False: leave `row.key` and `row.entity` 0, which is a third of the time. */
  readonly keys?: boolean
  /** By event time, equal times in file order; else in file order. */
  readonly sorted?: boolean
  /** Told after each chunk how many rows were read. */
  readonly onProgress?: (rows: number) => void
}

export interface RowCounts {
  /** Rows handed over. */
  readonly rows: number
  /** Rows that were not, as on the wire: without a key, without an event time, or with one that cannot be read. */
  readonly withoutKey: number
  readonly withoutTime: number
  readonly unreadableTime: number
}

/**
 * Reads the rows of a file as the rows of a layout: `onRow` gets the same row each time and may not keep it. Features are added to a
 * layout that discovers; one that does not gets their names as news of the first row.
 */
export async function readRows(
  table: Table,
  layout: Layout,
  mapping: EventMapping,
  onRow: (row: Row) => void,
  options: RowOptions = {},
): Promise<RowCounts> {
  const news: string[] = []
  const bytes = new RowTexts()
  const scans: ScanColumn[] = []
  const slots: { column: SlotColumn; at: number }[] = []
  const add = (name: string, column: string): void => {
    const slot = layout.indexOf(name)
    const about = { bytes, dimension: mapping.dimension ?? MOST_NUMBERS }
    slots.push({ column: new SlotColumn(slot, layout.slots[slot]!, table.column(column), about), at: scans.length })
    scans.push(slotScan(layout.slots[slot]!, table.column(column)))
  }
  if (mapping.prediction) {
    layout.add(mapping.prediction.name, mapping.prediction.kind ?? 'numeric')
    add(mapping.prediction.name, mapping.prediction.column)
  }
  for (const feature of mapping.features) {
    const { name, column } = feature
    if (name === mapping.prediction?.name) continue
    const discovered = isVector(table, feature) && table.column(column).list !== 'whole' ? 'embedding' : 'auto'
    if (layout.indexOf(name) < 0 && layout.discover && layout.slots.length < layout.maxSlots)
      layout.add(name, discovered)
    if (layout.indexOf(name) < 0) news.push(name)
    else add(name, column)
  }
  for (const { name, field } of mapping.dimensions) {
    if (!('column' in field.source)) continue
    const slot = slotName({ name, path: field.path })
    layout.add(slot, 'categorical', false)
    add(slot, field.source.column)
  }
  const text = (field: MappedField | null): number =>
    field && 'column' in field.source ? scans.push({ name: field.source.column, as: 'text' }) - 1 : -1
  const keyed = options.keys !== false
  const [keyAt, entityAt] = keyed ? [text(mapping.key), text(mapping.entity)] : [-1, -1]
  const versionAt = text(mapping.version)
  const time = timeScan(mapping)
  const timeAt = time ? scans.push(time) - 1 : -1
  const ages = (time ? mapping.ages : []).map(({ series, column, unit }) => {
    const at = scans.push({ name: column, as: 'time', unit }) - 1
    return { slot: layout.add(series, 'numeric'), at }
  })
  const row = new Row(layout)
  row.version = layout.versions.add(fixedVersion(mapping))
  const counts = { rows: 0, withoutKey: 0, withoutTime: 0, unreadableTime: 0 }
  let read = 0
  for await (const chunk of table.scan(scans, scanByTime(table, time, options))) {
    const texts = (at: number) => (at < 0 ? null : (chunk.columns[at] as TextValues).texts)
    const [key, entity, version] = [texts(keyAt), texts(entityAt), texts(versionAt)]
    const times = timeAt < 0 ? null : (chunk.columns[timeAt] as NumberValues)
    for (const { column, at } of slots) column.chunk = chunk.columns[at]!
    for (let i = 0; i < chunk.rows; i++) {
      if (times && times.valid[i] === 0) {
        if (times.odd?.[i] == null) counts.withoutTime++
        else counts.unreadableTime++
        continue
      }
      if (key && key[i] === null) {
        counts.withoutKey++
        continue
      }
      row.time = times ? times.numbers[i]! : 0
      row.key = key ? hashText(key[i]!) : 0
      row.entity = entity?.[i] == null ? 0 : hashText(entity[i]!)
      if (version) row.version = layout.versions.add(version[i] ?? fixedVersion(mapping))
      row.news.length = 0
      if (counts.rows === 0) row.news.push(...news)
      bytes.begin(row)
      row.vectorsUsed = 0
      for (let s = 0; s < slots.length; s++) slots[s]!.column.put(row, i)
      for (const { slot, at } of ages) putAge(row, slot, chunk.columns[at] as NumberValues, i)
      onRow(row)
      counts.rows++
    }
    read += chunk.rows
    options.onProgress?.(read)
  }
  return counts
}

/** Seconds from the feature's time to the row's. */
function putAge(row: Row, slot: number, { valid, numbers, odd }: NumberValues, i: number): void {
  if (valid[i] === 1) {
    row.numbers[slot] = (row.time - numbers[i]!) / 1000
    row.flags[slot] = NUMBER
  } else row.flags[slot] = odd?.[i] == null ? NULL : WRONG_TYPE
}

function fixedVersion({ version }: EventMapping): string {
  return version && 'constant' in version.source ? version.source.constant : ''
}
