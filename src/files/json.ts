import { DriftlineError } from '../core/error.js'
import { type FileColumn, isJsonNumber, type Mixed, textAsTime } from './column.js'
import { firstLines } from './csv-header.js'
import { type Database, identifier, literal } from './database.js'
import type { InputFiles } from './input-files.js'
import { formatType, parseType } from './nested-type.js'
import type { Relation, Unreadable } from './relation.js'
import { typedColumns } from './typed-columns.js'

/** Types that DuckDB finds in texts; it drops the offset of a time. The texts are kept. */
const FOUND_IN_TEXT = /^(DATE|TIME|UUID|TIMESTAMP.*)$/

/** NDJSON, or one JSON array. Types are decided on all records. */
export async function readJson(database: Database, files: InputFiles): Promise<Relation> {
  const [start = ''] = await firstLines(database, files, files.paths[0]!, 'utf-8')
  const format = start.trimStart().startsWith('[') ? 'array' : 'newline_delimited'
  const common = [`format = '${format}'`, `compression = '${files.gzip ? 'gzip' : 'uncompressed'}'`]
  const read = (more: readonly string[]) =>
    `read_json([${files.paths.map(literal).join(', ')}], ${[...common, ...more].join(', ')})`
  const sniff = ['sample_size = -1', 'maximum_depth = 4', 'map_inference_threshold = -1', 'union_by_name = true']
  let ignore: string[] = []
  try {
    let unreadable: Unreadable | null = null
    const described = await database.rows(`DESCRIBE SELECT * FROM ${read(sniff)}`).catch(async cause => {
      ignore = ['ignore_errors = true']
      unreadable = await malformed(database, read(['records = false', `columns = {record: 'JSON'}`, ...ignore]), cause)
      return database.rows(`DESCRIBE SELECT * FROM ${read([...sniff, ...ignore])}`)
    })
    if (described.length === 1 && described[0]!['column_type'] === 'JSON' && described[0]!['column_name'] === 'json')
      throw new DriftlineError(
        'bad-input',
        `${files.asked} has no JSON objects; write one object a line, with one field a feature`,
      )
    const columns = described.map(row => {
      const type = formatType(parseType(String(row['column_type'])), leaf =>
        FOUND_IN_TEXT.test(leaf) ? 'VARCHAR' : leaf,
      )
      return `${literal(String(row['column_name']))}: ${literal(type)}`
    })
    const from = read([`columns = {${columns.join(', ')}}`, ...ignore])
    const where = unreadable
      ? `NOT (${described.map(row => `${identifier(String(row['column_name']))} IS NULL`).join(' AND ')})`
      : 'true'
    const { rows, decided } = await decideTexts(database, from, where, await typedColumns(database, from))
    if (rows === 0) throw new DriftlineError('bad-input', `${files.asked} has no records; was its export cut short?`)
    return { from, where, columns: decided, unreadable, rowCount: rows }
  } catch (cause) {
    if (cause instanceof DriftlineError) throw cause
    const what = (cause as Error).message.split('\n')[0]
    throw new DriftlineError('bad-input', `${files.asked}: cannot be read as JSON (${what}); write one object a line`, {
      cause,
    })
  }
}

async function malformed(database: Database, from: string, cause: Error): Promise<Unreadable> {
  const [row] = await database.rows(`SELECT count(*) AS lines, count(record) AS good FROM ${from}`)
  const count = Number(row!['lines']) - Number(row!['good'])
  const reason = cause.message.split('\n')[0]!
  if (count === 0 || count > Math.max(10, Number(row!['good']) / 10)) throw cause
  await database.inOrder()
  const [bad] = await database.rows(
    `SELECT n FROM (SELECT row_number() OVER () AS n, record FROM ${from}) WHERE record IS NULL LIMIT 1`,
  )
  const line = Number(bad!['n'])
  return { count, exact: true, line, text: '', reason: `not JSON (${reason.replace(/^.*?line \d+: /, '')})` }
}

/** Texts that are all times are times; JSON values of several types are numbers if nearly all are, else each is what it is. */
async function decideTexts(
  database: Database,
  from: string,
  where: string,
  columns: readonly FileColumn[],
): Promise<{ rows: number; decided: FileColumn[] }> {
  const counts = columns.flatMap(({ sql, type, held }, i) => {
    if (held === 'json')
      return [
        `count(*) FILTER (json_type(${sql}) != 'NULL') AS values${i}`,
        `count(*) FILTER (${isJsonNumber(sql)}) AS numbers${i}`,
        `count(*) FILTER (json_type(${sql}) IN ('OBJECT', 'ARRAY')) AS nested${i}`,
      ]
    if (type !== 'text') return []
    const time = `regexp_matches(${sql}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') AND ${textAsTime(sql)} IS NOT NULL`
    return [`count(${sql}) AS values${i}`, `count(*) FILTER (${time}) AS times${i}`]
  })
  const [row] = await database.rows(`SELECT ${['count(*) AS rows', ...counts].join(', ')} FROM ${from} WHERE ${where}`)
  const decided: FileColumn[] = []
  for (const [i, column] of columns.entries()) {
    const n = (key: string) => Number(row![`${key}${i}`] ?? 0)
    if (column.held === 'json') {
      const mostly = n('numbers') >= 0.9 * n('values') && n('values') > 0
      const type = mostly ? 'number' : n('nested') > 0 ? 'other' : 'text'
      const isMixed = type !== 'other' && n('numbers') > 0
      const mixed = isMixed ? await firstOdd(database, from, where, column.sql, n('values'), n('numbers')) : null
      decided.push({ ...column, type, mixed })
    } else if (column.type === 'text' && n('values') > 0 && n('times') === n('values'))
      decided.push({ ...column, type: 'time', held: 'text' })
    else decided.push(column)
  }
  return { rows: Number(row!['rows']), decided }
}

async function firstOdd(
  database: Database,
  from: string,
  where: string,
  sql: string,
  values: number,
  numbers: number,
): Promise<Mixed | null> {
  if (values === numbers) return null
  const n = identifier('driftline row')
  await database.inOrder()
  const [found] = await database.rows(
    `SELECT ${n} AS n, CAST(${sql} AS VARCHAR) AS v FROM (SELECT row_number() OVER () AS ${n}, * FROM ${from} WHERE ${where}) ` +
      `WHERE json_type(${sql}) != 'NULL' AND NOT (${isJsonNumber(sql)}) LIMIT 1`,
  )
  return {
    values,
    odd: values - numbers,
    row: Number(found?.['n'] ?? 0),
    value: String(found?.['v'] ?? '').slice(0, 120),
  }
}
