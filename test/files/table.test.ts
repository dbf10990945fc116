import { describe, expect, test } from 'vitest'
import { openTable } from '../../src/files/table.js'
import { data, duckdb, folder, rowsOf } from './fixtures.js'

const { path, write } = folder()
const types = async (file: string): Promise<string> => {
  const table = await openTable(file)
  await table.close()
  return table.columns.map(({ name, type, integer }) => `${name}:${type}${integer ? '*' : ''}`).join(' ')
}

describe('one content, five formats', async () => {
  const csv =
    'id,miles,cash,note,at\n1,0.5,true,"a, b",2024-01-01T00:00:00Z\n2,,False,,2024-01-01T01:00:00+01:00\n3,NaN,TRUE,"say ""x""",\n'
  const ndjson =
    '{"id":1,"miles":0.5,"cash":true,"note":"a, b","at":"2024-01-01T00:00:00Z"}\n' +
    '{"id":2,"cash":false,"at":"2024-01-01T01:00:00+01:00"}\n{"id":3,"miles":NaN,"cash":true,"note":"say \\"x\\"","at":null}\n'
  const midnight = Date.UTC(2024, 0)
  const expected = [
    [1, 0.5, 1, 'a, b', midnight],
    [2, null, 0, null, midnight],
    [3, Number.NaN, 1, 'say "x"', null],
  ]
  const parquet = path('five.parquet')
  await duckdb(
    `COPY (SELECT 1 AS id, 0.5::DOUBLE AS miles, true AS cash, 'a, b' AS note, TIMESTAMPTZ '2024-01-01 00:00:00Z' AS at
       UNION ALL SELECT 2, NULL, false, NULL, TIMESTAMPTZ '2024-01-01 00:00:00Z'
       UNION ALL SELECT 3, 'NaN'::DOUBLE, true, 'say "x"', NULL) TO '${parquet}'`,
  )
  const files = [
    write('a.csv', csv),
    write('a.csv.gz', csv),
    write('a.tsv', csv.replaceAll(/,(?! )/g, '\t')),
    write('a.ndjson', ndjson),
    write('a.ndjson.gz', ndjson),
    parquet,
  ]
  test.each(files)('%s', async file => {
    const table = await openTable(file)
    expect(table.columns.map(({ type }) => type)).toEqual(['number', 'number', 'boolean', 'text', 'time'])
    expect(await table.rowCount()).toBe(3)
    expect(await rowsOf(table)).toEqual(expected)
    await table.close()
  })
})

describe('what columns are is decided on all rows', () => {
  test('a text in the last of 100,000 rows of numbers is reported and read as odd', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `${i},${i / 8}`)
    lines[99_998] = '99998,n.a.'
    const table = await openTable(write('mixed.csv', `id,fare\n${lines.join('\n')}\n`))
    expect(table.column('fare')).toMatchObject({
      type: 'number',
      mixed: { values: 100_000, odd: 1, row: 99_999, value: 'n.a.' },
    })
    const rows = await rowsOf(table, ['fare'])
    expect(rows.slice(-2)).toEqual([[{ odd: 'n.a.' }], [99_999 / 8]])
    await table.close()
  })

  test('a quote that comes late is still a quote', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i},x`)
    const table = await openTable(write('late.csv', `id,name\n${lines.join('\n')}\n50000,"a,b"\n`))
    expect((await rowsOf(table)).at(-1)).toEqual([50_000, 'a,b'])
    await table.close()
  })

  test('codes with leading zeros stay text, null words are null, DuckDB’s own numbers are none', async () => {
    const file = write('odd.csv', 'zip,n,under\n01234,1,1_000\n99999,NA,2_000\n00001,3,x\n')
    expect(await types(file)).toBe('zip:text n:number* under:text')
    const table = await openTable(file)
    expect(await rowsOf(table, ['zip', 'n'])).toEqual([
      ['01234', 1],
      ['99999', null],
      ['00001', 3],
    ])
    await table.close()
  })

  test('NDJSON: values of several types keep what they are', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => `{"f":{"x":${i}}}`)
    const table = await openTable(
      write('several.ndjson', `${lines.join('\n')}\n{"f":{"x":"12"}}\n{"f":{"x":null}}\n{}\n`),
    )
    expect(table.column('f.x')).toMatchObject({ type: 'number', mixed: { values: 21, odd: 1, row: 21, value: '"12"' } })
    expect((await rowsOf(table, ['f.x'])).slice(-4)).toEqual([[19], [{ odd: '"12"' }], [null], [null]])
    await table.close()
  })

  test('line ends within cells, and of two kinds', async () => {
    const table = await openTable(write('ends.csv', 'a,b\r\n1,"x\ny"\n2,z\r\n'))
    expect(await rowsOf(table)).toEqual([
      [1, 'x\ny'],
      [2, 'z'],
    ])
    await table.close()
  })
})

describe('lines that are no rows are left out, counted and told', () => {
  test('CSV: a cell too many, another encoding', async () => {
    const lines = Array.from({ length: 50 }, (_, i) => `${i},x`)
    lines[9] = '9,x,surplus'
    const bytes = Buffer.concat([Buffer.from(`a,b\n${lines.join('\n')}\n`), Buffer.from([0x31, 0x2c, 0xff, 0x0a])])
    const table = await openTable(write('torn.csv', bytes))
    expect(table.unreadable).toMatchObject({ count: 2, line: 11, reason: 'more cells than the header' })
    expect(await table.rowCount()).toBe(49)
    expect(await rowsOf(table, ['a'])).toHaveLength(49)
    await table.close()
    const latin = await openTable(write('latin.csv', Buffer.from('a,b\n1,\xe9\n', 'latin1')), { encoding: 'latin-1' })
    expect(await rowsOf(latin)).toEqual([[1, 'é']])
    await latin.close()
  })

  test('NDJSON: a line that is no JSON', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => (i === 99 ? '{"a": 1' : `{"a":${i}}`))
    const table = await openTable(write('torn.ndjson', lines.join('\n')))
    expect(table.unreadable).toMatchObject({ count: 1, line: 100 })
    expect(await rowsOf(table)).toHaveLength(199)
    await table.close()
  })
})

describe('scans', () => {
  test('keep the order of the file, number its rows, sort, choose and limit', async () => {
    const file = path('order.parquet')
    await duckdb(
      `COPY (SELECT i, (i * 7919) % 100003 AS t FROM range(300000) r(i)) TO '${file}' (ROW_GROUP_SIZE 20000)`,
    )
    const table = await openTable(file)
    const rows = (await rowsOf(table, ['#', 'i'])) as number[][]
    expect(rows.every(([number, i], at) => number === at + 1 && i === at)).toBe(true)
    const time = { name: 't', as: 'time', unit: 's' } as const
    const sorted = (await rowsOf(table, ['t', '#'], {
      orderBy: time,
      where: [{ column: time, is: '>=', value: 50_000_000 }],
    })) as number[][]
    expect(sorted[0]![0]).toBe(50_000)
    expect(
      sorted.every(
        ([t, n], at) => at === 0 || t! > sorted[at - 1]![0]! || (t === sorted[at - 1]![0] && n! > sorted[at - 1]![1]!),
      ),
    ).toBe(true)
    expect(await rowsOf(table, ['i'], { limit: 2 })).toEqual([[0], [1]])
    for await (const _ of table.scan(['i'])) break
    await table.close()
  })

  test.each([
    ['s', '1400269500', 1_400_269_500_000],
    ['s', '1400269500.001', 1_400_269_500_001],
    ['ms', '1400269500123', 1_400_269_500_123],
    ['us', '1400269500123999', 1_400_269_500_123],
    ['ns', '1400269500123999999', 1_400_269_500_123],
    ['iso', '2014-05-16T19:45:00+02:00', Date.UTC(2014, 4, 16, 17, 45)],
    ['iso', '2014-05-16 19:45:00.5', Date.UTC(2014, 4, 16, 19, 45, 0, 500)],
  ] as const)('times in %s: %s', async (unit, text, ms) => {
    const table = await openTable(write(`time-${text.length}-${unit}.csv`, `t\n${text}\n`))
    expect(await rowsOf(table, [{ name: 't', as: 'time', unit }])).toEqual([[ms]])
    await table.close()
  })

  test('a pattern reads its files in name order', async () => {
    write('part-2.csv', 'a\n3\n')
    write('part-1.csv', 'a\n1\n2\n')
    const table = await openTable(path('part-*.csv'))
    expect(await rowsOf(table)).toEqual([[1], [2], [3]])
    await table.close()
  })

  test('the taxi file', async () => {
    const table = await openTable(data('chicago_taxi.csv.gz'))
    expect(await table.rowCount()).toBe(15_002)
    expect(table.columns.filter(({ type }) => type === 'text').map(({ name }) => name)).toEqual([
      'payment_type',
      'company',
    ])
    expect(table.columns.every(({ mixed }) => mixed === null)).toBe(true)
    await table.close()
  })
})
