import type { Json } from '@duckdb/node-api'
import { type FileColumn, isNullWord, type Mixed, textAsNumber, textAsTime } from './column.js'
import { type Database, identifier } from './database.js'

/** Share of the values that must be numbers for a column to be one of numbers with odd values. */
const MOSTLY = 0.9

/**
 * What columns of texts hold: numbers, booleans (true/false in any case), times (ISO 8601), or texts. Decided on every row. Whole numbers
 * with leading zeros are codes and stay text.
 */
export async function typesOfTexts(
  database: Database,
  from: string,
  where: string,
  columns: readonly FileColumn[],
): Promise<FileColumn[]> {
  const candidates = await guess(database, from, where, columns)
  const counts = columns.map((column, i) => aggregate(column.sql, i, candidates[i]!)).join(', ')
  const [row] = await database.rows(`SELECT ${counts} FROM ${from} WHERE ${where}`)
  const decided: FileColumn[] = []
  for (const [i, column] of columns.entries()) decided.push(await decide(database, from, where, column, i, row!))
  return decided
}

type Candidate = 'any' | 'number' | 'boolean' | 'time' | 'text'

/** From the first rows, so that the whole file is tried for one type only; `any` where these rows say nothing. */
async function guess(
  database: Database,
  from: string,
  where: string,
  columns: readonly FileColumn[],
): Promise<Candidate[]> {
  const counts = columns.map((column, i) => aggregate(column.sql, i, 'any')).join(', ')
  const [row] = await database.rows(`SELECT ${counts} FROM (SELECT * FROM ${from} WHERE ${where} LIMIT 2048)`)
  return columns.map((_, i) => {
    const n = (key: string) => Number(row![`${key}${i}`])
    if (n('values') === 0) return 'any'
    if (n('numbers') > n('values') / 2) return 'number'
    if (n('booleans') > n('values') / 2) return 'boolean'
    if (n('times') > n('values') / 2) return 'time'
    return n('values') < 20 ? 'any' : 'text'
  })
}

function aggregate(c: string, i: number, candidate: Candidate): string {
  const wanted = (type: Candidate) => candidate === type || candidate === 'any'
  const number = textAsNumber(c)
  const parts = [`count(${c}) FILTER (NOT (${isNullWord(c)})) AS values${i}`]
  if (wanted('number'))
    parts.push(
      `count(${number}) AS numbers${i}`,
      `count(*) FILTER (TRY_CAST(${c} AS HUGEINT) IS NOT NULL AND NOT contains(${c}, '.')) AS integers${i}`,
      `count(*) FILTER (regexp_matches(${c}, '^[+-]?0[0-9]+$')) AS codes${i}`,
    )
  if (wanted('boolean')) parts.push(`count(*) FILTER (lower(${c}) IN ('true', 'false')) AS booleans${i}`)
  if (wanted('time'))
    parts.push(
      `count(*) FILTER (regexp_matches(${c}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') AND ${textAsTime(c)} IS NOT NULL) AS times${i}`,
    )
  return parts.join(', ')
}

async function decide(
  database: Database,
  from: string,
  where: string,
  column: FileColumn,
  i: number,
  row: Record<string, Json>,
): Promise<FileColumn> {
  const n = (key: string) => Number(row[`${key}${i}`] ?? 0)
  const values = n('values')
  const mixed = async (fits: number, sql: string): Promise<Mixed | null> =>
    fits === values ? null : { values, odd: values - fits, ...(await firstOdd(database, from, where, column.sql, sql)) }
  if (values === 0) return column
  if (n('numbers') >= MOSTLY * values && n('codes') === 0)
    return {
      ...column,
      type: 'number',
      integer: n('integers') === n('numbers'),
      mixed: await mixed(n('numbers'), textAsNumber(column.sql)),
    }
  if (n('booleans') === values) return { ...column, type: 'boolean' }
  if (n('times') >= MOSTLY * values)
    return { ...column, type: 'time', mixed: await mixed(n('times'), textAsTime(column.sql)) }
  return column
}

async function firstOdd(
  database: Database,
  from: string,
  where: string,
  text: string,
  value: string,
): Promise<{ row: number; value: string }> {
  const n = identifier('driftline row')
  await database.inOrder()
  const [found] = await database.rows(
    `SELECT ${n} AS n, ${text} AS v FROM (SELECT row_number() OVER () AS ${n}, * FROM ${from} WHERE ${where}) ` +
      `WHERE ${text} IS NOT NULL AND NOT (${isNullWord(text)}) AND (${value}) IS NULL LIMIT 1`,
  )
  return { row: Number(found?.['n'] ?? 0), value: String(found?.['v'] ?? '').slice(0, 120) }
}
