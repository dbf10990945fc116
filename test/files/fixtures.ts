import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll } from 'vitest'
import { DriftlineError } from '../../src/core/error.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { ColumnChunk } from '../../src/files/column-chunk.js'
import type { ScanColumn, ScanOptions, Table } from '../../src/files/table.js'
import { plainMonitor } from '../monitors.js'

export { data } from '../shared-data.js'

/** A folder of this test file's own, gone at its end. */
export function folder(): {
  path: (name: string) => string
  write: (name: string, content: string | Uint8Array) => string
} {
  const root = mkdtempSync(join(tmpdir(), 'driftline-test-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const path = (name: string) => join(root, name)
  return {
    path,
    write: (name, content) => {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      writeFileSync(path(name), name.endsWith('.gz') && typeof content === 'string' ? gzipSync(bytes) : bytes)
      return path(name)
    },
  }
}

/** Runs statements in a DuckDB of its own: writes Parquet by COPY. */
export async function duckdb(...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
}

/** All rows as plain values; an odd text as { odd }. */
export async function rowsOf(
  table: Table,
  columns?: (string | ScanColumn)[],
  options?: ScanOptions,
): Promise<unknown[][]> {
  const rows: unknown[][] = []
  for await (const chunk of table.scan(columns ?? table.columns.map(({ name }) => name), options))
    for (let i = 0; i < chunk.rows; i++) rows.push(chunk.columns.map(column => cell(column, i)))
  return rows
}

function cell(column: ColumnChunk['columns'][number], i: number): unknown {
  if (column.as === 'text') return column.texts[i]
  if (column.as === 'vector') {
    const [start, length] = [column.starts[i]!, column.lengths[i]!]
    if (length >= 0) return [...column.numbers.subarray(start, start + length)]
  } else if (column.valid[i] === 1) return column.numbers[i]
  const odd = column.odd?.[i] ?? null
  return odd === null ? null : { odd }
}

/** The message of the `bad-input` error that it must throw. */
export async function badInput(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (error instanceof DriftlineError && error.code === 'bad-input') return error.message
    throw error
  }
  throw new Error('expected a DriftlineError(bad-input), nothing was thrown')
}

export function monitor(changes: Partial<Monitor['serving']> = {}, segments: Monitor['segments'] = []): Monitor {
  const usual = { where: [{ path: ['model'], equals: 'taxi' }], version: ['modelVersion'] }
  return plainMonitor({ model: 'taxi', file: 'taxi.yaml', serving: { ...usual, ...changes }, segments })
}
