import { type ColumnType, columnSql, type FileColumn } from './column.js'
import type { Database } from './database.js'
import { leaves, parseType } from './nested-type.js'

const INTEGERS = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,0\))$/
const NUMBERS = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/
const TIMES = /^(DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$/
const TEXTS = /^(VARCHAR|UUID|ENUM\(.*\))$/

/** The columns of a relation that has types of its own, records opened to their fields. */
export async function typedColumns(database: Database, from: string): Promise<FileColumn[]> {
  const described = await database.rows(`DESCRIBE SELECT * FROM ${from}`)
  return described.flatMap(row =>
    leaves(parseType(String(row['column_type'])), [String(row['column_name'])]).map(
      ({ path, type }): FileColumn => ({
        name: path.join('.'),
        type: columnType(type),
        integer: INTEGERS.test(type),
        mixed: null,
        sql: columnSql(path),
        held: type === 'JSON' ? 'json' : 'typed',
        ...listOf(type),
      }),
    ),
  )
}

/** Lists and arrays of numbers: `FLOAT[384]`, `DOUBLE[]`. */
function listOf(type: string): Pick<FileColumn, 'list'> {
  const items = /^(.*)\[\d*\]$/.exec(type)?.[1]
  if (items === undefined) return {}
  return INTEGERS.test(items) ? { list: 'whole' } : NUMBERS.test(items) ? { list: 'fractions' } : {}
}

function columnType(type: string): ColumnType {
  if (INTEGERS.test(type) || NUMBERS.test(type)) return 'number'
  if (TEXTS.test(type)) return 'text'
  if (type === 'BOOLEAN') return 'boolean'
  return TIMES.test(type) ? 'time' : 'other'
}
