import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openTable } from '../../src/files/table.js'
import { badInput, folder } from './fixtures.js'

const { path, write } = folder()
const csv = `a,b\n${Array.from({ length: 20_000 }, (_, i) => `${i},${randomBytes(6).toString('hex')}`).join('\n')}\n`
const gz = gzipSync(csv)
const flipped = Buffer.from(gz)
flipped[gz.length >> 1]! ^= 0xff

test.each<[string, string | Uint8Array | null, RegExp]>([
  ['absent.csv', null, /absent\.csv: no such file.*check the path/],
  ['absent-*.csv', null, /absent-\*\.csv: no such file/],
  ['empty.csv', '', /empty\.csv is empty/],
  ['empty.csv.gz', gzipSync(''), /empty\.csv\.gz has no lines/],
  ['empty.ndjson', '', /empty\.ndjson is empty/],
  ['blank.ndjson', '\n\n', /blank\.ndjson has no (JSON objects|records)/],
  ['header-only.csv', 'a,b\n', /header-only\.csv has a header but no rows/],
  [
    'no-header.csv',
    '1,2,x\n3,4,y\n',
    /no-header\.csv has no header: its first line reads 1, 2, x; write the column names/,
  ],
  ['twice.csv', 'a,b,A\n1,2,3\n', /twice\.csv: the header names the column A twice/],
  ['nameless.csv', 'a,,,b\n1,2,3,4\n', /nameless\.csv: several columns have no name/],
  ['not-gzip.csv.gz', new TextEncoder().encode('a,b\n1,2\n'), /not-gzip\.csv\.gz is named \.gz but is not gzipped/],
  ['cut.csv.gz', gz.subarray(0, gz.length >> 1), /cut\.csv\.gz: the gzip file is damaged or cut short/],
  ['flipped.csv.gz', flipped, /flipped\.csv\.gz: the gzip file is damaged or cut short/],
  ['text.parquet', 'these are no Parquet bytes at all', /text\.parquet: not a readable Parquet file/],
  ['text.parquet.gz', 'x', /gunzip it first/],
  [
    'utf-16.csv',
    Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'),
    /utf-16\.csv looks like UTF-16; export it as UTF-8, or read/,
  ],
  ['prose.ndjson', 'once upon a time\nthere was\n', /prose\.ndjson has no JSON objects; write one object a line/],
  ['data.xyz', 'a\n1\n', /data\.xyz: unknown kind of file; name it \.csv/],
  [
    'ruin.csv',
    `a,b\n${'1,2,3\n'.repeat(50)}1,2\n`,
    /ruin\.csv: 50 lines cannot be read beside 1 that can; the first is line 2, more cells than the header/,
  ],
])('%s', async (name, content, message) => {
  if (content !== null) write(name, content)
  expect(await badInput(() => openTable(path(name)))).toMatch(message)
})

test('files of a pattern with other columns', async () => {
  write('p1.csv', 'a,b\n1,2\n')
  write('p2.csv', 'b,a\n1,2\n')
  expect(await badInput(() => openTable(path('p?.csv')))).toMatch(/p2\.csv: its header differs from .*p1\.csv/)
})

test('a folder, a column that is not there', async () => {
  expect(await badInput(() => openTable(path('.')))).toMatch(/is a folder; name its files/)
  const table = await openTable(write('names.csv', 'trip_miles,fare\n1,2\n'))
  expect(await badInput(() => table.column('trip_mile'))).toMatch(/has no column trip_mile; did you mean trip_miles\?/)
  expect(await badInput(() => table.scan(['zzz']).next())).toMatch(/has no column zzz; it has trip_miles, fare/)
  await table.close()
})

test('a remote file without the extension', async () => {
  await expect(openTable('https://localhost:9/x.csv')).rejects.toMatchObject({
    code: expect.stringMatching(/infrastructure|bad-input/),
  })
})
