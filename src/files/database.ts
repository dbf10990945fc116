import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type Json } from '@duckdb/node-api'

/**
 * DuckDB in memory as a reader of files, with a bound: what exceeds it (sorting) goes to a folder of its own that `close` removes.
 */
export class Database {
  #closed = false
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #spill: string

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, spill: string) {
    this.#instance = instance
    this.#connection = connection
    this.#spill = spill
  }

  /** @param memory DuckDB's own notation, `256MB` */
  static async open(memory = '256MB'): Promise<Database> {
    const spill = await mkdtemp(join(tmpdir(), 'driftline-'))
    // Extensions are never fetched behind the user's back: a remote file needs httpfs installed beforehand.
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: memory,
      temp_directory: spill,
      threads: '2',
      preserve_insertion_order: 'true',
      autoinstall_known_extensions: 'false',
    })
    const connection = await instance.connect()
    // Times without a zone are UTC on every machine.
    await connection.run(`SET TimeZone = 'UTC'`)
    return new Database(instance, connection, spill)
  }

  /** All rows of a small result. Integers of 64 bits come as text. */
  async rows(sql: string): Promise<Record<string, Json>[]> {
    return (await this.#connection.runAndReadAll(sql)).getRowObjectsJson()
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql)
  }

  /**
   * From here on results come in the order of the file, which DuckDB's parallel scans do not keep when they are streamed. Aggregates
   * before it use both threads.
   */
  async inOrder(): Promise<void> {
    await this.run('SET threads = 1')
  }

  /** A connection for one streamed result; the caller closes it. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect()
    await connection.run(`SET TimeZone = 'UTC'`)
    return connection
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#connection.closeSync()
    this.#instance.closeSync()
    await rm(this.#spill, { recursive: true, force: true })
  }
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
