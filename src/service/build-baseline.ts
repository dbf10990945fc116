import type { Baseline } from '../core/baseline/baseline.js'
import { BaselineBuilder, type Provenance } from '../core/baseline/build.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { type Hashing, hashedSlots } from '../core/privacy.js'
import { Layout, type Row } from '../core/row.js'
import { refuseOtherUnit } from '../files/column-facts.js'
import { digestRows } from '../files/digest-rows.js'
import type { FieldMap } from '../files/field-map.js'
import type { Table } from '../files/table.js'
import { readDigestDump } from '../files/tdigest-dump.js'
import { contentHash } from './content-hash.js'
import { hashingOf } from './keyed-hash.js'
import { scanRows, trainingRows } from './scan-rows.js'

/** Columns that a training file may have. */
const MOST_COLUMNS = 5000

export interface BuildOptions {
  readonly map: FieldMap
  readonly provenance: Provenance
  /** Of the features that the monitor wants hashed; see `hashingOf`. */
  readonly privacyKey?: string | null
  /** Only rows with event times in [from, to); epoch ms. */
  readonly from?: number
  readonly to?: number
  /** Told the share done of both passes, 0 to 1, and the rows read. */
  readonly onProgress?: (done: number, rows: number) => void
}

/**
 * A baseline from the rows of a file, read twice: once to find where to cut, once to count; once more in the order of time for their history, if
 * the file is in another. Memory does not grow with the rows.
 */
export async function buildBaseline(monitor: Monitor, table: Table, options: BuildOptions): Promise<Baseline> {
  const { provenance, privacyKey = null } = options
  const hashing = hashingOf(monitor, privacyKey)
  const mapping = trainingRows(monitor, table, options)
  if (mapping.time.column !== null) await refuseOtherUnit(table, mapping.time.column, mapping.time.unit)
  return build(monitor, hashing, provenance, table.source, (layout, onRow, pass, sorted) =>
    scanRows(table, layout, mapping, onRow, options, { pass, passes: 2, sorted }),
  )
}

/** A baseline from dumps of npm `tdigest`, for who sketches with it already: numeric features only, and no segments. */
export async function buildFromDigests(monitor: Monitor, path: string, provenance: Provenance): Promise<Baseline> {
  const dumps = await readDigestDump(path)
  // Rows made up of single features' digests say nothing of how the features go together.
  const apart: Monitor = { ...monitor, joint: 'none' }
  const hashed = dumps.find(({ feature }) => hashedSlots(monitor).has(feature))
  if (hashed !== undefined)
    throw new DriftlineError(
      'bad-input',
      `${path}: has a digest of ${hashed.feature}, which ${monitor.file} wants hashed (privacy.hash); take it out of one of them`,
    )
  return build(apart, null, provenance, path, async (layout, onRow) => digestRows(dumps, layout, onRow))
}

/** @param read hands over the same rows at each pass, and returns how many */
async function build(
  monitor: Monitor,
  hashing: Hashing | null,
  provenance: Provenance,
  source: string,
  read: (layout: Layout, onRow: (row: Row) => void, pass: number, sorted: boolean) => Promise<number>,
): Promise<Baseline> {
  const layout = new Layout(true, MOST_COLUMNS, hashing)
  const builder = new BaselineBuilder(monitor, layout, provenance)
  const take = (row: Row): void => builder.observe(row)
  if ((await read(layout, take, 0, false)) === 0)
    throw new DriftlineError(
      'bad-input',
      `${source}: none of its rows can be used; is the time column, or the range asked for, right?`,
    )
  builder.freeze()
  await read(layout, take, 1, false)
  let place = 0
  if (builder.wantsOrder) await read(layout, row => builder.observeInOrder(row, place++), 2, true)
  return builder.finish(contentHash)
}
