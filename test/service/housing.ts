import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Monitor } from '../../src/core/monitor.js'
import { parseFieldMap } from '../../src/files/field-map.js'
import { openTable, type Table } from '../../src/files/table.js'
import { buildBaseline } from '../../src/service/build-baseline.js'
import { data } from '../files/fixtures.js'

/** California housing as a training file: its path, its columns' names, its rows. */
export const FILE = data('california_housing_reference.csv.gz')
const [head, ...lines] = gunzipSync(readFileSync(FILE)).toString().trim().split('\n')
export const names = head!.split(',')
export const rows = lines.map(line => line.split(','))

export const column = (name: string): string[] => rows.map(row => row[names.indexOf(name)]!)

/** The monitor's baseline of a file, with what `more` finds in it besides. */
export async function loadedBaseline(
  monitor: Monitor,
  file: string,
  more: (baseline: Baseline, table: Table) => Promise<Baseline>,
): Promise<Baseline> {
  const table = await openTable(file)
  try {
    const provenance = { version: 1, modelVersion: null, source: file, loadedAt: 0, from: null }
    return await more(await buildBaseline(monitor, table, { map: parseFieldMap([]), provenance }), table)
  } finally {
    await table.close()
  }
}
