import { DriftlineError } from '../core/error.js'
import type { NumberSide, PairRows, TextSide } from '../core/join/parity.js'
import type { TimeUnit } from '../core/monitor.js'
import { asNumber, asTime } from './column.js'
import { columnChunk, type NumberValues, type Selected, type TextValues } from './column-chunk.js'
import { epochUnit } from './column-facts.js'
import { Database } from './database.js'
import { keySql, type PairColumn, type PairedColumns, type PairNames, pairColumns, valueSql } from './pair-columns.js'
import { openTableIn, type Table, type TableOptions } from './table.js'

/** What became of one file's rows: rows = without a key + further ones of a key + the first of each key. */
export interface SideCounts {
  readonly rows: number
  readonly withoutKey: number
  readonly duplicates: number
  /** Columns with whole numbers beyond ±2^53, of which a double keeps 16 digits. */
  readonly inexact: readonly string[]
}

/** Some paired rows, and the values of each compared column in the order of `columns.compared`. */
export interface PairChunk {
  readonly rows: PairRows
  readonly columns: readonly (
    | { readonly kind: 'number'; readonly a: NumberSide; readonly b: NumberSide }
    | { readonly kind: 'text'; readonly a: TextSide; readonly b: TextSide }
  )[]
}

type Side = 'a' | 'b'

/** First keys of A that are looked for by the clocks of other zones. */
const KEYS_TRIED = 5000

/** Sorting and joining go to disk beyond this. */
const MEMORY = '256MB'

/** Two files joined by their key, in bounded memory: DuckDB holds what it reads, and its join, on disk where they are large. */
export class Pairs {
  private constructor(
    private readonly database: Database,
    readonly a: Table,
    readonly b: Table,
    readonly columns: PairedColumns,
    private readonly unit: TimeUnit | null,
  ) {}

  static async open(a: string, b: string, names: PairNames, options: TableOptions = {}): Promise<Pairs> {
    const database = await Database.open(options.memory ?? MEMORY)
    try {
      const [first, second] = [await openTableIn(database, a, options), await openTableIn(database, b, options)]
      return new Pairs(database, first, second, pairColumns(first, second, names), names.time?.unit ?? null)
    } catch (error) {
      await database.close()
      throw error
    }
  }

  /** Reads one file into the join: its rows are numbered in file order, and of each key the first one is kept. */
  async take(side: Side): Promise<SideCounts> {
    const table = side === 'a' ? this.a : this.b
    const { key, entity, time, compared } = this.columns
    const at = side === 'a' ? 0 : 1
    const values = compared.flatMap((column, c) => {
      const { value, odd } = valueSql(column.kind, column[side])
      const typed = column.kind === 'text' ? value : `CAST(${value} AS DOUBLE)`
      return [`${typed} AS v${c}`, ...(odd === 'NULL' ? [] : [`${odd} AS o${c}`])]
    })
    const select = [
      'row_number() OVER () AS n',
      `${key.length === 0 ? 'CAST(row_number() OVER () AS VARCHAR)' : key.map(pair => keySql(pair[at])).join(' || chr(31) || ')} AS k`,
      ...(entity === null ? [] : [`hash(${keySql(entity[at])}) AS e`]),
      ...(time === null ? [] : [`${asTime(time[at], await this.#timeUnit(side)).value} AS t`]),
      ...values,
    ]
    try {
      await this.database.run(`CREATE TABLE side_${side} AS SELECT ${select.join(', ')} FROM ${table.from}`)
    } catch (cause) {
      const what = (cause as Error).message.split('\n')[0]
      throw new DriftlineError('bad-input', `${table.source}: reading stopped (${what})`, { cause })
    }
    const [counted] = await this.database.rows(
      `SELECT count(*) AS rows, count(k) AS keyed, count(DISTINCT k) AS keys FROM side_${side}`,
    )
    const [rows, keyed, keys] = ['rows', 'keyed', 'keys'].map(name => Number(counted![name])) as [
      number,
      number,
      number,
    ]
    if (keyed > keys)
      await this.database.run(
        `DELETE FROM side_${side} WHERE k IS NOT NULL AND n NOT IN (SELECT min(n) FROM side_${side} GROUP BY k)`,
      )
    return { rows, withoutKey: rows - keyed, duplicates: keyed - keys, inexact: await this.#inexact(side) }
  }

  /**
   * All rows that have a key, of both files or one. Where there is an entity and a time, by entity and time.
   * @param keys whether to say the keys
   */
  async *scan(keys: boolean): AsyncGenerator<PairChunk> {
    const { entity, time, compared } = this.columns
    const list = ['CAST(a.n AS DOUBLE)', 'CAST(b.n AS DOUBLE)']
    const selected: Selected[] = [
      { as: 'number', value: 0, odd: -1 },
      { as: 'number', value: 1, odd: -1 },
    ]
    const push = (as: Selected['as'], sql: string): number => selected.push({ as, value: list.push(sql) - 1, odd: -1 })
    if (keys) push('text', `replace(coalesce(a.k, b.k), chr(31), ' · ')`)
    const ordered = entity !== null && time !== null
    if (ordered) {
      push('number', 'CAST(coalesce(a.e, b.e) % 9007199254740881 AS DOUBLE)')
      push('time', 'coalesce(a.t, b.t)')
    }
    const sides = compared.map((column, c) => ({
      a: this.#selected(column, 'a', c, list),
      b: this.#selected(column, 'b', c, list),
    }))
    const first = selected.length
    selected.push(...sides.flatMap(({ a, b }) => [a, b]))
    const keyed = (side: Side): string => `(SELECT * FROM side_${side} WHERE k IS NOT NULL) ${side}`
    const sql =
      `SELECT ${list.join(', ')} FROM ${keyed('a')} FULL JOIN ${keyed('b')} ON a.k = b.k` +
      (ordered ? ' ORDER BY coalesce(a.e, b.e), coalesce(a.t, b.t), a.n, b.n' : '')
    let before = Number.NaN
    const connection = await this.database.connect()
    try {
      const result = await connection.stream(sql)
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        const { rows: size, columns } = columnChunk(chunk, selected)
        const [inA, inB] = columns as NumberValues[]
        const begins = new Uint8Array(size)
        const [ids, times] = columns.slice(keys ? 3 : 2) as NumberValues[]
        for (let i = 0; ordered && i < size; i++) {
          const id = ids!.valid[i] === 1 && times!.valid[i] === 1 ? ids!.numbers[i]! : Number.NaN
          begins[i] = id === before ? 0 : 1
          before = id
        }
        yield {
          rows: {
            size,
            inA: inA!.valid,
            inB: inB!.valid,
            rowA: inA!.numbers,
            rowB: inB!.numbers,
            keys: keys ? (columns[2] as TextValues).texts : null,
            entities: ordered ? { begins, times: times!.numbers } : null,
          },
          columns: compared.map(({ kind }, c) => {
            const [a, b] = [columns[first + 2 * c], columns[first + 2 * c + 1]]
            return kind === 'text'
              ? { kind, a: (a as TextValues).texts, b: (b as TextValues).texts }
              : { kind: 'number', a: a as NumberValues, b: b as NumberValues }
          }),
        }
      }
    } finally {
      connection.closeSync()
    }
  }

  /** The key of the first row that has one. */
  async firstKey(side: Side): Promise<string> {
    const [row] = await this.database.rows(`SELECT k FROM side_${side} WHERE k IS NOT NULL ORDER BY n LIMIT 1`)
    return String(row?.['k'] ?? '')
  }

  /**
   * By how many hours A's times are later than B's, where most keys meet once that is undone: the clocks of two zones in a key that has a
   * time. Null where there is none such.
   */
  async hoursBetweenKeys(): Promise<number | null> {
    const { key } = this.columns
    const place = key.findIndex(([a, b]) => a.type === 'time' && b.type === 'time')
    if (place < 0) return null
    const part = (p: number): string => `split_part(k, chr(31), ${p + 1})`
    const moved = key.map((_, p) =>
      p === place ? `CAST(CAST(${part(p)} AS BIGINT) - h * 3600000 AS VARCHAR)` : part(p),
    )
    const tried = `(SELECT k FROM side_a WHERE k IS NOT NULL ORDER BY n LIMIT ${KEYS_TRIED})`
    const [best] = await this.database.rows(
      `SELECT h, count(*) AS hits, (SELECT count(*) FROM ${tried}) AS tried FROM ${tried}, range(-14, 15) hours(h) ` +
        `WHERE ${moved.join(' || chr(31) || ')} IN (SELECT k FROM side_b) GROUP BY h ORDER BY hits DESC, abs(h) LIMIT 1`,
    )
    if (best === undefined || 2 * Number(best['hits']) < Number(best['tried'])) return null
    return Number(best['h']) || null
  }

  async close(): Promise<void> {
    await this.database.close()
  }

  /** As told, or as the values say: numbers that are all times between 1990 and 2100. */
  async #timeUnit(side: Side): Promise<TimeUnit> {
    const column = this.columns.time![side === 'a' ? 0 : 1]
    if (this.unit !== null || column.type !== 'number') return this.unit ?? 'iso'
    const { source, from } = side === 'a' ? this.a : this.b
    const x = asNumber(column).value
    const [range] = await this.database.rows(`SELECT min(${x}) AS low, max(${x}) AS high FROM ${from}`)
    const unit = range!['low'] === null ? null : epochUnit(Number(range!['low']), Number(range!['high']))
    if (unit !== null) return unit
    throw new DriftlineError(
      'bad-input',
      `${source}: ${column.name} does not look like a time; say its unit, --time ${column.name}:s (s, ms, us or ns)`,
    )
  }

  async #inexact(side: Side): Promise<string[]> {
    const whole = [...this.columns.compared.entries()].filter(([, one]) => one.kind === 'number' && one[side].integer)
    if (whole.length === 0) return []
    const largest = whole.map(([c]) => `max(abs(v${c})) AS m${c}`)
    const [row] = await this.database.rows(`SELECT ${largest.join(', ')} FROM side_${side}`)
    return whole.filter(([c]) => Number(row![`m${c}`]) > Number.MAX_SAFE_INTEGER).map(([, { name }]) => name)
  }

  #selected(column: PairColumn, side: Side, c: number, list: string[]): Selected {
    const value = list.push(`${side}.v${c}`) - 1
    if (column.kind === 'text') return { as: 'text', value, odd: -1 }
    const odd = valueSql(column.kind, column[side]).odd === 'NULL' ? -1 : list.push(`${side}.o${c}`) - 1
    return { as: column.kind, value, odd }
  }
}
