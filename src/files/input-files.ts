import { createReadStream, existsSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { DriftlineError } from '../core/error.js'
import { type Database, literal } from './database.js'

export type FileFormat = 'csv' | 'json' | 'parquet'

export interface InputFiles {
  /** As the user wrote it, for messages. */
  readonly asked: string
  /** In name order, so that a pattern is read in the same order everywhere. */
  readonly paths: readonly string[]
  readonly format: FileFormat
  readonly gzip: boolean
}

/** Finds the files of a path or pattern, and what they are, before anything of them is believed. */
export async function findFiles(database: Database, asked: string, format?: FileFormat): Promise<InputFiles> {
  const remote = /^(https?|s3|gs|gcs|r2|az|hf):\/\//.test(asked)
  if (remote) await loadRemote(database, asked)
  const paths = remote && !/[*?[]/.test(asked) ? [asked] : await localPaths(database, asked)
  const kind = format ?? formatOf(paths[0]!)
  if (!kind)
    throw new DriftlineError(
      'bad-input',
      `${asked}: unknown kind of file; name it .csv, .csv.gz, .ndjson, .ndjson.gz or .parquet, or say which with --file-format`,
    )
  const gzipped = await Promise.all(paths.map(path => (remote ? path.endsWith('.gz') : checkedGzip(path))))
  if (new Set(gzipped).size > 1)
    throw new DriftlineError('bad-input', `${asked}: some files are gzipped and some are not; read them one by one`)
  if (kind === 'parquet' && gzipped[0])
    throw new DriftlineError('bad-input', `${asked}: a gzipped Parquet file cannot be read in place; gunzip it first`)
  return { asked, paths, format: kind, gzip: gzipped[0]! }
}

/** What a file's name says of it; null: nothing. */
export function formatOf(path: string): FileFormat | null {
  const name = path
    .toLowerCase()
    .replace(/[?#].*$/, '')
    .replace(/\.gz$/, '')
  if (/\.(csv|tsv|txt)$/.test(name)) return 'csv'
  if (/\.(ndjson|jsonl|json)$/.test(name)) return 'json'
  return /\.(parquet|pq)$/.test(name) ? 'parquet' : null
}

async function localPaths(database: Database, asked: string): Promise<string[]> {
  if (existsSync(asked)) {
    const is = await stat(asked)
    if (is.isDirectory())
      throw new DriftlineError(
        'bad-input',
        `${asked} is a folder; name its files with a pattern, such as '${asked}/*.parquet'`,
      )
    if (is.isFile() && is.size === 0)
      throw new DriftlineError('bad-input', `${asked} is empty (0 bytes); was its export cut short?`)
    return [asked]
  }
  const found = (await database.rows(`SELECT file FROM glob(${literal(asked)}) ORDER BY file`)).map(row =>
    String(row['file']),
  )
  if (found.length === 0)
    throw new DriftlineError(
      'bad-input',
      `${asked}: no such file (looked for ${resolve(asked)}); check the path or pattern`,
    )
  return found
}

async function loadRemote(database: Database, asked: string): Promise<void> {
  try {
    await database.run('LOAD httpfs')
  } catch (cause) {
    throw new DriftlineError(
      'infrastructure',
      `${asked}: reading remote files needs DuckDB's httpfs extension, which is not installed here; copy the file to this machine, ` +
        'or run `INSTALL httpfs` once in a DuckDB of the same version with network access',
      { cause },
    )
  }
}

/**
 * Whether the file is gzipped, by its first bytes. Such a file is unpacked once here for nothing but the check: DuckDB reads a
 * truncated one to where it ends and a damaged one with its damage, and says nothing of either.
 */
async function checkedGzip(path: string): Promise<boolean> {
  const file = await open(path)
  const head = Buffer.alloc(2)
  try {
    await file.read(head, 0, 2, 0)
  } finally {
    await file.close()
  }
  const gzip = head[0] === 0x1f && head[1] === 0x8b
  if (!gzip) {
    if (path.endsWith('.gz'))
      throw new DriftlineError('bad-input', `${path} is named .gz but is not gzipped; rename it, or export it again`)
    return false
  }
  try {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), createGunzip({ chunkSize: 1 << 18 }), nowhere)
  } catch (cause) {
    const what = (cause as Error).message
    throw new DriftlineError(
      'bad-input',
      `${path}: the gzip file is damaged or cut short (${what}); copy or export it again`,
      { cause },
    )
  }
  return true
}
