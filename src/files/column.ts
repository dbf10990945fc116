import { percent } from '../core/alert/words.js'
import type { TimeUnit } from '../core/monitor.js'
import { identifier, literal } from './database.js'

export type ColumnType = 'number' | 'text' | 'boolean' | 'time' | 'other'

/** Values of a column that are not what the rest of it is. They are read as odd values, never lost and never an error. */
export interface Mixed {
  /** Non-null values, and those of them that do not fit the column's type; of texts in JSON (`isPerRow`), those that are no numbers. */
  readonly values: number
  readonly odd: number
  /** Data row (from 1) of the first odd value, and the value. */
  readonly row: number
  readonly value: string
}

export interface FileColumn {
  /** Nested fields as `features.trip_miles`. */
  readonly name: string
  readonly type: ColumnType
  /** Numbers: every value is an integer (by the file's type, or by its text). */
  readonly integer: boolean
  readonly mixed: Mixed | null
  /** SQL of the value as the file has it. */
  readonly sql: string
  /** Of type `other`, lists of numbers: fractions (vectors, as far as one can tell), or whole numbers only (which may be ids). */
  readonly list?: 'fractions' | 'whole'
  /** How the file holds it: `text` is CSV's (no types), `json` a JSON value of mixed type, `typed` DuckDB's own type. */
  readonly held: 'text' | 'json' | 'typed'
}

/** Whether the column has JSON numbers beside texts: which of the two a value is, is told row by row. */
export function isPerRow({ type, mixed, held }: Pick<FileColumn, 'type' | 'mixed' | 'held'>): boolean {
  return held === 'json' && type === 'text' && mixed !== null
}

/** What is odd about a column, for people; null where nothing is. */
export function mixedNote({ name, type, mixed, held }: FileColumn): string | null {
  if (!mixed) return null
  const { values, odd, row, value } = mixed
  if (isPerRow({ type, mixed, held }))
    return `${name}: ${values - odd} of ${values} values are numbers (${percent((values - odd) / values)}), the others are not, the first in data row ${row}: ${value}; each counts as what it is`
  const types = type === 'number' ? 'numbers' : 'times'
  return `${name}: ${odd} of ${values} values are no ${types}, the first in data row ${row}: ${value}; they count as wrong type`
}

/** Texts that stand for "no value" in columns of numbers. */
const NULL_WORDS = ['NA', 'N/A', 'null', 'NULL', 'None', '<NA>']

export const isNullWord = (sql: string): string => `${sql} IN (${NULL_WORDS.map(literal).join(', ')})`

/** SQL of a text as DOUBLE; null where it is not a number. `1_000` is DuckDB's own idea of a number and none of ours. */
export const textAsNumber = (sql: string): string =>
  `CASE WHEN contains(${sql}, '_') THEN NULL ELSE TRY_CAST(${sql} AS DOUBLE) END`
export const textAsTime = (sql: string): string => `TRY_CAST(${sql} AS TIMESTAMPTZ)`
export const isJsonNumber = (sql: string): string =>
  `json_type(${sql}) IN ('UBIGINT', 'BIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT')`

/** What a scan hands over: a value, and the text of what could not become one (SQL `NULL` where that cannot happen). */
export interface Expressions {
  readonly value: string
  readonly odd: string
}

export function asNumber(column: FileColumn): Expressions {
  const c = column.sql
  if (column.held === 'text') {
    const value = textAsNumber(c)
    return { value, odd: column.type === 'number' && !column.mixed ? 'NULL' : oddText(c, value) }
  }
  if (column.held === 'json') {
    const isNumber = isJsonNumber(c)
    return {
      value: `CASE WHEN ${isNumber} THEN TRY_CAST(${c} ->> '$' AS DOUBLE) END`,
      odd: `CASE WHEN NOT (${isNumber} OR json_type(${c}) = 'NULL') THEN CAST(${c} AS VARCHAR) END`,
    }
  }
  if (column.type === 'number') return { value: `CAST(${c} AS DOUBLE)`, odd: 'NULL' }
  return { value: 'CAST(NULL AS DOUBLE)', odd: column.type === 'text' ? quoted(c) : `CAST(${c} AS VARCHAR)` }
}

export function asBoolean(column: FileColumn): Expressions {
  const c = column.sql
  if (column.held === 'typed' && column.type === 'boolean') return { value: `CAST(${c} AS BOOLEAN)`, odd: 'NULL' }
  const text = asText(column).value
  const value = `CASE lower(${text}) WHEN 'true' THEN true WHEN 'false' THEN false END`
  return { value, odd: column.type === 'boolean' && !column.mixed ? 'NULL' : oddText(text, value) }
}

export function asText(column: FileColumn): Expressions {
  const c = column.sql
  if (column.held === 'json') return { value: `${c} ->> '$'`, odd: 'NULL' }
  return { value: column.held === 'text' ? c : `CAST(${c} AS VARCHAR)`, odd: 'NULL' }
}

/** A list of numbers; null elements and all stay. A text may be one: `[0.5, 2]`. */
export function asVector(column: FileColumn): Expressions {
  const c = column.sql
  if (column.list !== undefined) return { value: `CAST(${c} AS DOUBLE[])`, odd: 'NULL' }
  const text = asText(column).value
  if (column.held === 'typed' && column.type !== 'text') return { value: 'CAST(NULL AS DOUBLE[])', odd: text }
  const value = `TRY_CAST(${c} AS DOUBLE[])`
  return { value, odd: oddText(text, value) }
}

/** Epoch milliseconds, downwards; `iso` also reads the file's own time types. */
export function asTime(column: FileColumn, unit: TimeUnit): Expressions {
  const c = column.sql
  if (column.held === 'typed' && column.type === 'time')
    return { value: `CAST(epoch_ms(CAST(${c} AS TIMESTAMPTZ)) AS DOUBLE)`, odd: 'NULL' }
  const text = asText(column).value
  if (unit === 'iso') {
    const value = `CAST(epoch_ms(${textAsTime(text)}) AS DOUBLE)`
    return { value, odd: oddText(text, value) }
  }
  // Seconds with a fraction are decimals that a double only comes near: rounded to microseconds first.
  const x = `(${asNumber(column).value})`
  const inexact = {
    s: `floor(round(${x} * 1e6) / 1e3)`,
    ms: `floor(${x})`,
    us: `floor(${x} / 1e3)`,
    ns: `floor(${x} / 1e6)`,
  }[unit]
  // Whole numbers stay integers until they are milliseconds: 1.4e18 ns has more digits than a double.
  const whole = { s: '* 1000', ms: '', us: '// 1000', ns: '// 1000000' }[unit]
  const isWhole = `regexp_full_match(${text}, '[0-9]{1,19}')`
  const value = `CASE WHEN ${isWhole} THEN CAST(TRY_CAST(${text} AS BIGINT) ${whole} AS DOUBLE) ELSE ${inexact} END`
  return { value, odd: oddText(text, value) }
}

function oddText(text: string, value: string): string {
  return `CASE WHEN (${value}) IS NULL AND NOT (${isNullWord(text)}) THEN ${text} END`
}

/** A text that stands where a number should: in JSON's quotes, so that the reader tells `"12"` (a text) from `true` (not one). */
const quoted = (sql: string): string => `CAST(to_json(CAST(${sql} AS VARCHAR)) AS VARCHAR)`

export const columnSql = (path: readonly string[]): string => path.map(identifier).join('.')
