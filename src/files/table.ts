import { DriftlineError } from '../core/error.js'
import type { TimeUnit } from '../core/monitor.js'
import { asBoolean, asNumber, asText, asTime, asVector, type FileColumn } from './column.js'
import { type ColumnChunk, columnChunk, type Selected } from './column-chunk.js'
import { readCsv } from './csv.js'
import { Database, identifier, literal } from './database.js'
import { type FileFormat, findFiles } from './input-files.js'
import { readJson } from './json.js'
import { nearest } from './nearest.js'
import { readParquet } from './parquet.js'
import type { Relation, Unreadable } from './relation.js'

export interface TableOptions {
  /** Told by the name where absent. */
  readonly format?: FileFormat
  /** Of CSV files: `utf-8` unless told, `latin-1`, `utf-16`. */
  readonly encoding?: string
  /** What DuckDB may hold in memory: `256MB` unless told. */
  readonly memory?: string
}

/** A column to scan; `#` is the number of the data row, from 1. */
export interface ScanColumn {
  readonly name: string
  /** By the column's type where absent: numbers, booleans, times in the file's own type, else text. */
  readonly as?: 'number' | 'boolean' | 'text' | 'time' | 'vector'
  /** Of a time; `iso` where absent. */
  readonly unit?: TimeUnit
}

export interface ScanOptions {
  /** Ascending, rows without a value last, equal ones in file order. Sorting spills to disk. */
  readonly orderBy?: ScanColumn
  /** All must hold. */
  readonly where?: readonly {
    readonly column: ScanColumn
    readonly is: '<' | '>=' | '='
    readonly value: number | string
  }[]
  readonly limit?: number
}

/** Rows of files, whatever their format. */
export class Table {
  readonly #relation: Relation
  constructor(
    /** As the user named it. */
    readonly source: string,
    readonly format: FileFormat,
    readonly database: Database,
    relation: Relation,
  ) {
    this.#relation = relation
  }

  get columns(): readonly FileColumn[] {
    return this.#relation.columns
  }

  /** Lines that were left out because they are no rows. */
  get unreadable(): Unreadable | null {
    return this.#relation.unreadable
  }

  /** SQL of all rows, for aggregates over them. */
  get from(): string {
    return `(SELECT * FROM ${this.#relation.from} WHERE ${this.#relation.where})`
  }

  async rowCount(): Promise<number | null> {
    return this.#relation.rowCount
  }

  /** Throws `bad-input` with the nearest names where the file has no such column. */
  column(name: string): FileColumn {
    const found = this.columns.find(column => column.name === name)
    if (found) return found
    const names = this.columns.map(column => column.name)
    const near = nearest(name, names)
    const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `it has ${names.slice(0, 30).join(', ')}`
    throw new DriftlineError('bad-input', `${this.source} has no column ${name}; ${hint}`)
  }

  /** Rows in file order (or as `orderBy` says), column by column, in bounded memory. */
  async *scan(columns: readonly (string | ScanColumn)[], options: ScanOptions = {}): AsyncGenerator<ColumnChunk> {
    const { sql, selected } = this.#select(
      columns.map(column => (typeof column === 'string' ? { name: column } : column)),
      options,
    )
    const connection = await this.database.connect()
    let ahead: Promise<unknown> = Promise.resolve()
    try {
      const result = await connection.stream(sql)
      let next = result.fetchChunk()
      for (let chunk = await next; chunk && chunk.rowCount > 0; chunk = await next) {
        const columns = columnChunk(chunk, selected)
        // DuckDB works on the next chunk while the caller does on this one.
        next = result.fetchChunk()
        ahead = next.catch(() => null)
        yield columns
      }
    } catch (cause) {
      if (cause instanceof DriftlineError) throw cause
      const what = (cause as Error).message.split('\n')[0]
      throw new DriftlineError(
        'bad-input',
        `${this.source}: reading stopped (${what}); was it changed or cut while it was read?`,
        { cause },
      )
    } finally {
      await ahead
      connection.closeSync()
    }
  }

  async close(): Promise<void> {
    await this.database.close()
  }

  #select(columns: readonly ScanColumn[], options: ScanOptions): { sql: string; selected: Selected[] } {
    const list: string[] = []
    const selected = columns.map((column): Selected => {
      const { as, value, odd } = this.#expressions(column)
      const at = list.push(as === 'text' || as === 'vector' ? value : `CAST(${value} AS DOUBLE)`) - 1
      return { as, value: at, odd: odd === 'NULL' ? -1 : list.push(odd) - 1 }
    })
    const conditions = (options.where ?? []).map(({ column, is, value }) => {
      const asked = typeof value === 'string' && !column.as ? { ...column, as: 'text' as const } : column
      return `${this.#expressions(asked).value} ${is} ${typeof value === 'string' ? literal(value) : value}`
    })
    const numbered = options.orderBy || columns.some(column => column.name === '#')
    let sql = `SELECT ${list.length > 0 ? list.join(', ') : '1'} FROM ${numbered ? this.#numbered : this.from}`
    if (conditions.length > 0) sql += ` WHERE ${conditions.join(' AND ')}`
    if (options.orderBy) sql += ` ORDER BY ${this.#expressions(options.orderBy).value} ASC NULLS LAST, ${ROW}`
    if (options.limit !== undefined) sql += ` LIMIT ${options.limit}`
    return { sql, selected }
  }

  get #numbered(): string {
    return `(SELECT row_number() OVER () AS ${ROW}, * FROM ${this.from})`
  }

  #expressions(asked: ScanColumn): { as: Selected['as']; value: string; odd: string } {
    if (asked.name === '#')
      return asked.as === 'text'
        ? { as: 'text', value: `CAST(${ROW} AS VARCHAR)`, odd: 'NULL' }
        : { as: 'number', value: ROW, odd: 'NULL' }
    const column = this.column(asked.name)
    const as = asked.as ?? (column.type === 'other' ? 'text' : column.type)
    if (as === 'number') return { as, ...asNumber(column) }
    if (as === 'boolean') return { as, ...asBoolean(column) }
    if (as === 'vector') return { as, ...asVector(column) }
    return as === 'time' ? { as, ...asTime(column, asked.unit ?? 'iso') } : { as, ...asText(column) }
  }
}

const ROW = identifier('driftline row number')

/**
 * Opens CSV, NDJSON (both also gzipped) or Parquet, one file or a pattern. Every fault of the files is a `DriftlineError('bad-input')`
 * that names file and remedy; values that do not fit their column are none.
 */
export async function openTable(path: string, options: TableOptions = {}): Promise<Table> {
  const database = await Database.open(options.memory)
  try {
    return await openTableIn(database, path, options)
  } catch (error) {
    await database.close()
    throw error
  }
}

/** The same in a database that holds other tables, too. */
export async function openTableIn(database: Database, path: string, options: TableOptions): Promise<Table> {
  const files = await findFiles(database, path, options.format)
  const relation =
    files.format === 'csv'
      ? await readCsv(database, files, options.encoding ?? 'utf-8')
      : files.format === 'json'
        ? await readJson(database, files)
        : await readParquet(database, files)
  await database.inOrder()
  return new Table(path, files.format, database, relation)
}
