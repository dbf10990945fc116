import { DriftlineError } from '../core/error.js'
import type { EventMapping } from './event-mapping.js'
import type { ScanColumn, ScanOptions, Table } from './table.js'

/** The column of event times; null where the file has none. */
export function timeScan({ time }: EventMapping): ScanColumn | null {
  return time.column === null ? null : { name: time.column, as: 'time', unit: time.unit }
}

/**
 * Rows of event times from, and before, the ends of a range (epoch ms); in the order of their times where `sorted`. Throws `bad-input` where
 * any of it is asked of a file without times.
 */
export function scanByTime(
  table: Table,
  time: ScanColumn | null,
  { from, to, sorted }: { readonly from?: number; readonly to?: number; readonly sorted?: boolean },
): ScanOptions {
  if (!time) {
    if (from !== undefined || to !== undefined || sorted)
      throw new DriftlineError(
        'bad-input',
        `${table.source}: choosing rows by time needs a time column; name it with --map FIELD=COLUMN:UNIT`,
      )
    return {}
  }
  return {
    ...(sorted ? { orderBy: time } : {}),
    where: [
      ...(from === undefined ? [] : [{ column: time, is: '>=' as const, value: from }]),
      ...(to === undefined ? [] : [{ column: time, is: '<' as const, value: to }]),
    ],
  }
}
