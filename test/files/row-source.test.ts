import { describe, expect, test } from 'vitest'
import { createTopicReader } from '../../src/codec/topic-reader.js'
import { textOf } from '../../src/core/dictionary.js'
import {
  type Layout,
  NULL,
  NUMBER,
  NUMERIC_TEXT,
  Row,
  Layout as Slots,
  TEXT,
  UNSAFE,
  WRONG_TYPE,
} from '../../src/core/row.js'
import { mapEvents } from '../../src/files/event-mapping.js'
import { readEvents } from '../../src/files/event-source.js'
import { parseFieldMap } from '../../src/files/field-map.js'
import { type RowOptions, readRows } from '../../src/files/row-source.js'
import { openTable } from '../../src/files/table.js'
import { data, duckdb, folder, monitor } from './fixtures.js'

const { path, write } = folder()
const taxiMap = ['eventTime=trip_start_timestamp:s', 'requestId=#', 'modelVersion:=v12']

/** What a row says of each watched slot, and of itself. */
function plain(row: Row): Record<string, unknown> {
  const values = row.layout.slots.map(({ name, dictionary }, i) => {
    const flag = row.flags[i]
    const id = row.categories[i]!
    if (flag === NUMBER) return [name, row.numbers[i]]
    if (flag !== TEXT) return [name, `flag ${flag}`]
    return [name, id >= 0 ? `#${dictionary.values[id]}` : textOf(row.bytes, row.starts[i]!, row.lengths[i]!)]
  })
  return {
    ...Object.fromEntries(values),
    time: row.time,
    key: row.key,
    version: row.layout.versions.values[row.version],
  }
}

async function rowsOf(
  file: string,
  layout: Layout,
  map: string[] = [],
  options: RowOptions = {},
  changes = {},
): Promise<Record<string, unknown>[]> {
  const table = await openTable(file)
  const mapping = mapEvents(monitor(changes), table, parseFieldMap(map), { time: false, key: 'none' })
  const rows: Record<string, unknown>[] = []
  await readRows(table, layout, mapping, row => rows.push(plain(row)), options)
  await table.close()
  return rows
}

describe('flags', () => {
  test('NDJSON: each value as the wire would have it', async () => {
    const features = [1.5, null, '12', 'twelve', true, [1], 3]
    const lines = features.map((x, i) =>
      JSON.stringify({ requestId: `r${i}`, eventTime: 1000 + i, features: { x, big: 2 ** 53 + 2, t: 'é' } }),
    )
    const layout = new Slots(true, 10)
    layout.add('x', 'numeric')
    const rows = await rowsOf(write('flags.ndjson', lines.join('\n')), layout)
    const flag = (n: number) => `flag ${n}`
    expect(rows.map(({ x }) => x)).toEqual([
      1.5,
      flag(NULL),
      flag(NUMERIC_TEXT),
      flag(WRONG_TYPE),
      flag(WRONG_TYPE),
      flag(WRONG_TYPE),
      3,
    ])
    expect(rows[0]).toMatchObject({ big: flag(UNSAFE), t: 'é', time: 1000 })
  })

  test('NDJSON: what is of no kind yet is told row by row', async () => {
    const lines = [1, 2, 'a', '3', 'b'].map((x, i) =>
      JSON.stringify({ requestId: `r${i}`, eventTime: 1000 + i, features: { x } }),
    )
    const rows = await rowsOf(write('auto.ndjson', lines.join('\n')), new Slots(true, 10))
    expect(rows.map(({ x }) => x)).toEqual([1, 2, 'a', '3', 'b'])
  })

  test('numbers of a categorical feature are categories in their shortest form; known ones have their id', async () => {
    const layout = new Slots(false, 10)
    layout.add('code', 'categorical')
    layout.slots[0]!.dictionary.add('8')
    const file = write('codes.csv', 'code,half,eventTime\n8,1.50,2024-01-01\n9,2.0,2024-01-02\n,,2024-01-03\n')
    expect((await rowsOf(file, layout)).map(({ code }) => code)).toEqual(['#8', '9', `flag ${NULL}`])
    const half = new Slots(false, 10)
    half.add('half', 'categorical')
    expect((await rowsOf(file, half)).map(row => row['half'])).toEqual(['1.5', '2', `flag ${NULL}`])
  })

  test('a layout that does not discover is told the news once', async () => {
    const layout = new Slots(false, 10)
    layout.add('a', 'numeric')
    const table = await openTable(write('news.csv', 'a,b\n1,2\n3,4\n'))
    const news: string[][] = []
    const mapping = mapEvents(monitor(), table, new Map(), { time: false, key: 'none' })
    await readRows(table, layout, mapping, row => news.push([...row.news]))
    expect(news).toEqual([['b'], []])
    await table.close()
  })

  test('rows without a key or a readable time are left out and counted', async () => {
    const table = await openTable(
      write(
        'lacking.csv',
        `requestId,eventTime,x\na,2024-01-01,1\n,2024-01-01,2\nb,,3\nc,soon,4\n${'d,2024-01-02,5\n'.repeat(20)}`,
      ),
    )
    const mapping = mapEvents(monitor(), table, new Map(), { time: true, key: 'column' })
    const counts = await readRows(table, new Slots(true, 10), mapping, () => {})
    expect(counts).toEqual({ rows: 21, withoutKey: 1, withoutTime: 1, unreadableTime: 1 })
    await table.close()
  })
})

describe('the taxi file', () => {
  const range = { from: Date.UTC(2013, 0), to: Date.UTC(2014, 0) }

  test('2013, as SOURCES.md tells it: 4,388 rows, 41 to 49 % zeros', async () => {
    const rows = await rowsOf(data('chicago_taxi.csv.gz'), new Slots(true, 40), taxiMap, range)
    expect(rows).toHaveLength(4388)
    const zeros = rows.filter(row => row['trip_miles'] === 0).length / rows.length
    expect(zeros).toBeGreaterThan(0.41)
    expect(zeros).toBeLessThan(0.49)
  })

  test('gives the same rows as CSV, NDJSON and Parquet', async () => {
    const csv = data('chicago_taxi.csv.gz')
    await duckdb(
      `COPY (FROM '${csv}') TO '${path('taxi.parquet')}'`,
      `COPY (FROM '${csv}') TO '${path('taxi.ndjson')}'`,
    )
    const [first, ...others] = await Promise.all(
      [csv, path('taxi.parquet'), path('taxi.ndjson')].map(file =>
        rowsOf(file, new Slots(true, 40), taxiMap, { ...range, sorted: true }),
      ),
    )
    for (const other of others) expect(other).toEqual(first)
  })

  test('row = row of the event that is made of it', async () => {
    const spec = { ...monitor({ format: 'json' }) }
    const slots = () => {
      const layout = new Slots(true, 40)
      layout.add('trip_start_month', 'categorical')
      layout.add('payment_type', 'categorical')
      layout.slots[1]!.dictionary.add('Cash')
      return layout
    }
    const direct = await rowsOf(data('chicago_taxi.csv.gz'), slots(), taxiMap, { ...range, sorted: true })
    const layout = slots()
    const reader = createTopicReader({ monitors: [{ monitor: spec, layout }], schemas: null, maxBytes: 1e6 })
    const row = new Row(layout)
    const table = await openTable(data('chicago_taxi.csv.gz'))
    const mapping = mapEvents(spec, table, parseFieldMap(taxiMap), { time: true, key: 'column' })
    const wired: Record<string, unknown>[] = []
    for await (const events of readEvents(table, mapping, range))
      for (const { value } of events) {
        expect(reader.read(Buffer.from(JSON.stringify(value)), 0, row)).toBe(0)
        wired.push(plain(row))
      }
    await table.close()
    expect(wired).toEqual(direct)
  })
})
