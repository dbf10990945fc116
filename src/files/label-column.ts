import type { LabelKind } from '../core/baseline/leakage.js'
import { DriftlineError } from '../core/error.js'
import { asBoolean, asNumber, asText } from './column.js'
import type { Table } from './table.js'

/** Labels with more different values than this are numbers, or none. */
const MOST_CLASSES = 20
const CUTS = 99

/** Looks at a column that is said to be the label: classes, or numbers and their quantiles (a t-digest's). */
export async function labelKind(table: Table, name: string): Promise<LabelKind> {
  const column = table.column(name)
  // As rows say it: whole numbers with all their digits, others as a double is written.
  const asWritten = column.type === 'number' && !column.integer
  const value = asWritten
    ? asNumber(column).value
    : column.type === 'boolean'
      ? `CAST(${asBoolean(column).value} AS VARCHAR)`
      : asText(column).value
  const found = await table.database.rows(
    `SELECT ${value} AS v, count(*) AS n FROM ${table.from} WHERE ${value} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MOST_CLASSES + 1}`,
  )
  if (found.length < 2)
    throw new DriftlineError(
      'bad-input',
      `${table.source}: the label ${name} has ${found.length === 0 ? 'no' : 'one'} value; name another --label`,
    )
  if (found.length <= MOST_CLASSES) return { kind: 'classes', values: found.map(row => String(row['v'])) }
  if (column.type !== 'number')
    throw new DriftlineError(
      'bad-input',
      `${table.source}: the label ${name} has more than ${MOST_CLASSES} different texts; a label is numbers or at most ${MOST_CLASSES} classes`,
    )
  const levels = Array.from({ length: CUTS }, (_, i) => (i + 1) / (CUTS + 1))
  const [row] = await table.database.rows(
    `SELECT approx_quantile(${asNumber(column).value}, [${levels.join(', ')}]) AS q FROM ${table.from}`,
  )
  return { kind: 'number', cuts: Float64Array.from(row!['q'] as number[], Number).sort() }
}
