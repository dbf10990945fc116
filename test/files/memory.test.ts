import { expect, test } from 'vitest'
import { openTable } from '../../src/files/table.js'
import { duckdb, folder } from './fixtures.js'

const { path } = folder()

/** Peak of the resident set while it runs, above what it was before. */
async function growth(run: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss()
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 10)
  await run()
  clearInterval(timer)
  return (peak - before) / 1e6
}

test('2 million rows are scanned, and sorted, in bounded memory', { timeout: 120_000 }, async () => {
  const select = `SELECT 1600000000000 + (hash(i) % 2000000) * 100 AS ts, hash(i * 7) % 1000 / 8.0 AS fare, hash(i * 5) % 24 AS hour,
    'payment ' || (hash(i * 13) % 5) AS payment, 'company ' || (hash(i * 17) % 500) AS company, i::DOUBLE AS x FROM range(2000000) r(i)`
  await duckdb(
    `SET memory_limit = '300MB'`,
    `COPY (${select}) TO '${path('two.parquet')}'`,
    `COPY (${select}) TO '${path('two.csv')}' (HEADER)`,
  )
  for (const file of ['two.parquet', 'two.csv']) {
    const grown = await growth(async () => {
      const table = await openTable(path(file))
      let rows = 0
      for await (const chunk of table.scan(['ts', 'fare', 'hour', 'payment', 'company', 'x'])) rows += chunk.rows
      expect(rows).toBe(2_000_000)
      let last = 0
      let ordered = true
      for await (const chunk of table.scan(['ts', 'payment'], { orderBy: { name: 'ts', as: 'time', unit: 'ms' } })) {
        const [ts] = chunk.columns
        for (let i = 0; i < chunk.rows && ts!.as !== 'text'; i++) {
          ordered &&= ts.numbers[i]! >= last
          last = ts.numbers[i]!
        }
      }
      expect(ordered).toBe(true)
      await table.close()
    })
    expect(grown, `resident set growth of ${file} in MB`).toBeLessThan(300)
  }
})
