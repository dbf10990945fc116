import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { DuckDBInstance } from '@duckdb/node-api'

/**
 * Time, peak resident memory and temporary disk of `driftline compare` on a million rows × 24 columns: 18 numbers, 5 labels, a time, and a text as
 * key, the second file in another order with three faults. `npx tsx test/bench/compare.ts [parquet|csv.gz] [rows]`
 */
const [format = 'parquet', rows = '1000000'] = process.argv.slice(2)
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'driftline-bench-'))

async function write(): Promise<void> {
  const numbers = Array.from({ length: 18 }, (_, c) => `round((hash(i * ${2 * c + 3}) % 100000) / 100.0, 2) AS x${c}`)
  const labels = Array.from({ length: 5 }, (_, c) => `'label ' || (hash(i * ${2 * c + 101}) % 40) AS c${c}`)
  const served =
    `SELECT 'id-' || lpad(CAST(hash(i) % 100000000000 AS VARCHAR), 12, '0') || i AS id, ${[...numbers, ...labels].join(', ')}, ` +
    `TIMESTAMP '2024-01-01' + INTERVAL (i % 100000) MINUTE AS at FROM range(${rows}) r(i)`
  const offline =
    'SELECT * REPLACE (CASE WHEN hash(id) % 100 < 10 THEN trunc(x0) ELSE x0 END AS x0, x1 * 1.609344 AS x1, ' +
    `CASE WHEN hash(id) % 10 = 3 THEN upper(c0) ELSE c0 END AS c0) FROM (${served}) ORDER BY hash(id)`
  const options = format === 'parquet' ? 'FORMAT parquet' : 'HEADER, COMPRESSION gzip'
  const connection = await (await DuckDBInstance.create(':memory:', { memory_limit: '1GB' })).connect()
  for (const [name, sql] of Object.entries({ a: served, b: offline }))
    await connection.run(`COPY (${sql}) TO '${join(folder, name)}.${format}' (${options})`)
  connection.closeSync()
}

/** MB in use on the disk of temporary files. */
function used(): number {
  const { blocks, bfree, bsize } = statfsSync(tmpdir())
  return ((blocks - bfree) * bsize) / 1e6
}

await write()
const before = used()
const begin = performance.now()
const files = ['a', 'b'].map(name => join(folder, `${name}.${format}`))
const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'compare', ...files, '--key', 'id'], {
  stdio: ['ignore', 'inherit', 'inherit'],
})
let [memory, disk] = [0, 0]
const timer = setInterval(() => {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    memory = Math.max(memory, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
  } catch {
    // It has just ended.
  }
  disk = Math.max(disk, used() - before)
}, 200)
const code = await new Promise(resolve => child.on('exit', resolve))
clearInterval(timer)
rmSync(folder, { recursive: true, force: true })
console.log(
  `${rows} rows, ${format}: ${((performance.now() - begin) / 1000).toFixed(0)} s, ${memory.toFixed(0)} MB resident, ` +
    `${disk.toFixed(0)} MB of temporary disk, exit ${code}`,
)
