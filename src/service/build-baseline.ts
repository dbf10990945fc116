import type { Baseline } from '../core/baseline/baseline.js'
import { BaselineBuilder, type Provenance } from '../core/baseline/build.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { Layout } from '../core/row.js'
import { mapEvents } from '../files/event-mapping.js'
import type { FieldMap } from '../files/field-map.js'
import { type RowCounts, readRows } from '../files/row-source.js'
import type { Table } from '../files/table.js'
import { contentHash } from './content-hash.js'

/** Columns that a training file may have. */
const MOST_COLUMNS = 5000

export interface BuildOptions {
  readonly map: FieldMap
  readonly provenance: Provenance
  /** Only rows with event times in [from, to); epoch ms. */
  readonly from?: number
  readonly to?: number
  /** Told the share done of both passes, 0 to 1, and the rows read. */
  readonly onProgress?: (done: number, rows: number) => void
}

export interface Built {
  readonly baseline: Baseline
  readonly counts: RowCounts
}

/** A baseline from the rows of a file, read twice: once to find where to cut, once to count. Memory does not grow with the rows. */
export async function buildBaseline(monitor: Monitor, table: Table, options: BuildOptions): Promise<Built> {
  const { map, provenance, from, to, onProgress } = options
  const mapping = mapEvents(monitor, table, map, { time: from !== undefined || to !== undefined, key: 'none' })
  const layout = new Layout(true, MOST_COLUMNS)
  const builder = new BaselineBuilder(monitor, layout, provenance)
  const total = (await table.rowCount()) ?? 0
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  const read = (pass: number): Promise<RowCounts> =>
    readRows(table, layout, mapping, row => builder.observe(row), {
      ...range,
      onProgress: rows => onProgress?.(total > 0 ? Math.min(1, (pass + rows / total) / 2) : 0, pass * total + rows),
    })
  const first = await read(0)
  if (first.rows === 0)
    throw new DriftlineError(
      'bad-input',
      `${table.source}: none of its rows can be used; is the time column, or the range asked for, right?`,
    )
  builder.freeze()
  const counts = await read(1)
  const baseline = builder.finish(contentHash)
  return { baseline, counts }
}
