import { DriftlineError } from '../core/error.js'
import type { TimeUnit } from '../core/monitor.js'
import { asBoolean, asNumber, asText, asTime, type Expressions, type FileColumn } from './column.js'
import type { Table } from './table.js'

/** One feature of two files: how each is read so that values can be compared. */
export interface PairColumn {
  readonly name: string
  readonly kind: 'number' | 'time' | 'text'
  readonly a: FileColumn
  readonly b: FileColumn
}

export interface PairNames {
  /** Names as A has them; what B calls otherwise is in `map`. `#` alone: the number of the row. */
  readonly key: readonly string[]
  /** Told by the values where the unit is null. */
  readonly time: { readonly column: string; readonly unit: TimeUnit | null } | null
  readonly entity: string | null
  /** Compare these only; null: all that both have. */
  readonly features: readonly string[] | null
  readonly ignore: readonly string[]
  /** Name in A → name in B. */
  readonly map: ReadonlyMap<string, string>
}

/** The key of files whose rows stand in the same order. */
const ROW_NUMBER = '#'

/** Columns of both files by name, and the names that only one has. */
export interface PairedColumns {
  /** Empty: the number of the row. */
  readonly key: readonly (readonly [FileColumn, FileColumn])[]
  readonly time: readonly [FileColumn, FileColumn] | null
  readonly entity: readonly [FileColumn, FileColumn] | null
  readonly compared: readonly PairColumn[]
  readonly onlyInA: readonly string[]
  readonly onlyInB: readonly string[]
}

/** Throws `bad-input` where a named column is not there, or nothing is left to compare. */
export function pairColumns(a: Table, b: Table, names: PairNames): PairedColumns {
  const inB = (name: string): string => names.map.get(name) ?? name
  for (const [from, to] of names.map) {
    a.column(from)
    b.column(to)
  }
  const both = (name: string): readonly [FileColumn, FileColumn] => [a.column(name), b.column(inB(name))]
  const key = names.key.join() === ROW_NUMBER ? [] : names.key.map(both)
  const entity = names.entity === null ? null : both(names.entity)
  const time = names.time === null ? null : both(names.time.column)
  const known = new Set([...names.key, ...(names.entity === null ? [] : [names.entity]), ...names.ignore])
  for (const name of names.ignore) if (!b.columns.some(column => column.name === inB(name))) a.column(name)
  const namesOfB = new Set(b.columns.map(column => column.name))
  const compared = names.features ?? a.columns.map(({ name }) => name).filter(name => namesOfB.has(inB(name)))
  const features = compared.filter(name => !known.has(name))
  if (features.length === 0)
    throw new DriftlineError(
      'bad-input',
      `${a.source} and ${b.source} have no common columns to compare beside the key; name those that are called otherwise with --map A=B`,
    )
  const usedOfB = new Set([...a.columns.map(({ name }) => inB(name)), ...names.map.values()])
  return {
    key,
    time,
    entity,
    compared: features.map(name => pairColumn(name, ...both(name))),
    onlyInA: a.columns.map(({ name }) => name).filter(name => !namesOfB.has(inB(name)) && !known.has(name)),
    onlyInB: b.columns.map(({ name }) => name).filter(name => !usedOfB.has(name) && !known.has(name)),
  }
}

function pairColumn(name: string, a: FileColumn, b: FileColumn): PairColumn {
  if (a.type === 'time' && b.type === 'time') return { name, kind: 'time', a, b }
  // A text where the other file has a number is a fault of type where files have types; CSV has none, and its codes are texts.
  const numeric = (one: FileColumn): boolean => one.type === 'number' || one.type === 'time'
  const beside = (one: FileColumn): boolean => numeric(one) || (one.type === 'text' && one.held !== 'text')
  const numbers = (numeric(a) && beside(b)) || (numeric(b) && beside(a))
  return { name, kind: numbers ? 'number' : 'text', a, b }
}

/** SQL of a column's values, of the kind that they are compared as; times are epoch ms. */
export function valueSql(kind: PairColumn['kind'], column: FileColumn): Expressions {
  if (kind === 'text')
    return column.type === 'boolean'
      ? { value: `CAST(${asBoolean(column).value} AS VARCHAR)`, odd: 'NULL' }
      : asText(column)
  return column.type === 'time' ? asTime(column, 'iso') : asNumber(column)
}

/** SQL of a key as text, the same for the same key however the file holds it; null where there is none. */
export function keySql(column: FileColumn): string {
  if (column.type === 'time') return `CAST(CAST(${asTime(column, 'iso').value} AS BIGINT) AS VARCHAR)`
  const text = asText(column).value
  if (column.type !== 'number') return text
  // 7, 7.0 and +7 are one key; whole numbers keep all their digits.
  const whole = `CASE WHEN contains(${text}, '.') OR contains(lower(${text}), 'e') THEN NULL ELSE TRY_CAST(${text} AS HUGEINT) END`
  const number = asNumber(column).value
  const rounded = `CASE WHEN ${number} = floor(${number}) AND abs(${number}) < 9e15 THEN CAST(CAST(${number} AS BIGINT) AS VARCHAR) ELSE CAST(${number} AS VARCHAR) END`
  return `coalesce(CAST(${whole} AS VARCHAR), ${rounded}, ${text})`
}
