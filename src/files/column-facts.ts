import { DriftlineError } from '../core/error.js'
import type { TimeUnit } from '../core/monitor.js'
import { asNumber, asText, asTime, type FileColumn } from './column.js'
import type { Table } from './table.js'

/** What is known of a column's values, of all rows. */
export interface ColumnFacts {
  readonly column: FileColumn
  readonly rows: number
  readonly values: number
  /** Exact where it matters (few, or as many as there are values), else an estimate. */
  readonly distinct: number
  readonly estimated: boolean
  /** Every value is there once; not looked into for fractions. */
  readonly unique: boolean
  /** Of numbers. */
  readonly min: number | null
  readonly max: number | null
  /** Of texts. */
  readonly meanLength: number
  /** Of texts: spaces in one, on average. */
  readonly meanSpaces: number
  /** The unit in which all numbers are times between 1990 and 2100; `iso` of columns of times; null: no time. */
  readonly timeUnit: TimeUnit | null
}

export async function columnFacts(table: Table): Promise<ColumnFacts[]> {
  const parts = table.columns.map((column, i) => {
    const text = asText(column).value
    const list = [`count(${text}) AS values${i}`, `approx_count_distinct(${text}) AS distinct${i}`]
    if (column.type === 'number')
      list.push(`min(${asNumber(column).value}) AS min${i}`, `max(${asNumber(column).value}) AS max${i}`)
    if (column.type === 'text')
      list.push(
        `avg(length(${text})) AS length${i}`,
        `avg(length(${text}) - length(replace(${text}, ' ', ''))) AS spaces${i}`,
      )
    return list.join(', ')
  })
  const [row] = await table.database.rows(`SELECT count(*) AS rows, ${parts.join(', ')} FROM ${table.from}`)
  const facts: ColumnFacts[] = []
  for (const [i, column] of table.columns.entries()) {
    const number = (key: string) =>
      row![`${key}${i}`] === null || row![`${key}${i}`] === undefined ? null : Number(row![`${key}${i}`])
    const values = number('values')!
    let distinct = Math.min(number('distinct')!, values)
    // The estimate is some 14 % off, seldom 45: what is decided on is counted.
    const countable = column.type === 'text' || column.integer
    const exact = distinct < 200 || (countable && distinct > 0.4 * values)
    if (exact) distinct = await countDistinct(table, column)
    const [min, max] = [number('min'), number('max')]
    facts.push({
      column,
      rows: Number(row!['rows']),
      values,
      distinct,
      estimated: !exact,
      unique: values > 0 && distinct === values && exact,
      min,
      max,
      meanLength: number('length') ?? 0,
      meanSpaces: number('spaces') ?? 0,
      timeUnit: column.type === 'time' ? 'iso' : epochUnit(min, max),
    })
  }
  return facts
}

async function countDistinct(table: Table, column: FileColumn): Promise<number> {
  const [row] = await table.database.rows(`SELECT count(DISTINCT ${asText(column).value}) AS n FROM ${table.from}`)
  return Number(row!['n'])
}

const FROM_S = Date.UTC(1990, 0) / 1000
const TO_S = Date.UTC(2100, 0) / 1000

const PER_S = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 } as const

/** The unit in which both are times between 1990 and 2100. */
export function epochUnit(min: number | null, max: number | null): TimeUnit | null {
  if (min === null || max === null) return null
  for (const [unit, per] of Object.entries(PER_S)) if (min >= FROM_S * per && max < TO_S * per) return unit as TimeUnit
  return null
}

/** Throws `bad-input` where no number of a column is a time between 1990 and 2100 in its unit, and all are in another one. */
export async function refuseOtherUnit(table: Table, column: string, unit: TimeUnit): Promise<void> {
  if (unit === 'iso') return
  const { value } = asNumber(table.column(column))
  const [row] = await table.database.rows(`SELECT min(${value}) AS lo, max(${value}) AS hi FROM ${table.from}`)
  if (row!['lo'] === null) return
  const [lo, hi] = [Number(row!['lo']), Number(row!['hi'])]
  const meant = epochUnit(lo, hi)
  if (meant === null || (hi >= FROM_S * PER_S[unit] && lo < TO_S * PER_S[unit])) return
  throw new DriftlineError(
    'bad-input',
    `${table.source}: none of the values of ${column} (${lo} to ${hi}) is a time between 1990 and 2100 in ${unit}; ` +
      `they are in ${meant}: name the column as ${column}:${meant}, or write unit: ${meant} into the monitor`,
  )
}

/** First and last event time of a column, epoch ms. */
export async function timeRange(
  table: Table,
  name: string,
  unit: TimeUnit,
): Promise<{ from: number; to: number } | null> {
  const { value } = asTime(table.column(name), unit)
  const [row] = await table.database.rows(`SELECT min(${value}) AS lo, max(${value}) AS hi FROM ${table.from}`)
  return row!['lo'] === null ? null : { from: Number(row!['lo']), to: Number(row!['hi']) }
}
