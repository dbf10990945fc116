import type { Monitor } from '../core/monitor.js'
import type { Layout, Row } from '../core/row.js'
import { type EventMapping, mapEvents } from '../files/event-mapping.js'
import { readRows } from '../files/row-source.js'
import type { Table } from '../files/table.js'
import type { BuildOptions } from './build-baseline.js'

/** The training rows as events; their times are only asked for where a range is. */
export function trainingRows(
  monitor: Monitor,
  table: Table,
  { map, from, to }: Pick<BuildOptions, 'map' | 'from' | 'to'>,
): EventMapping {
  return mapEvents(monitor, table, map, { time: from !== undefined || to !== undefined, key: 'none' })
}

/**
 * One pass over the rows of the range.
 * @param pass which of how many it is, for the progress; the rows in the order of time where `sorted`
 * @returns rows
 */
export async function scanRows(
  table: Table,
  layout: Layout,
  mapping: EventMapping,
  onRow: (row: Row) => void,
  { from, to, onProgress }: Pick<BuildOptions, 'from' | 'to' | 'onProgress'>,
  { pass, passes, sorted } = { pass: 0, passes: 1, sorted: false },
): Promise<number> {
  const total = (await table.rowCount()) ?? 0
  const { rows } = await readRows(table, layout, mapping, onRow, {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    sorted,
    keys: false,
    onProgress: read => onProgress?.(total > 0 ? Math.min(1, (pass + read / total) / passes) : 0, pass * total + read),
  })
  return rows
}
