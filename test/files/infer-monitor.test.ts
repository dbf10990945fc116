import { describe, expect, test } from 'vitest'
import { parseMonitor } from '../../src/config/monitor.js'
import { type InferOptions, inferMonitor } from '../../src/files/infer-monitor.js'
import { monitorText } from '../../src/files/monitor-text.js'
import { openTable } from '../../src/files/table.js'
import { badInput, data, folder } from './fixtures.js'

const { write } = folder()

async function infer(file: string, options: Partial<InferOptions> = {}) {
  const table = await openTable(file)
  try {
    const inferred = await inferMonitor(table, { model: 'm', topic: 't', labels: [], ...options })
    const text = monitorText(inferred)
    const { monitors, faults } = parseMonitor(text, 'inferred.yaml')
    expect(faults).toEqual([])
    return { inferred, text, monitor: monitors[0]! }
  } finally {
    await table.close()
  }
}

const kinds = ({ features }: { features: readonly { name: string; kind: string }[] }) =>
  Object.fromEntries(features.map(({ name, kind }) => [name, kind]))

test('columns that Avro cannot name are written as JSON', async () => {
  const { monitor, text } = await infer(write('names.csv', `at,Sci-Fi\n${'2024-01-01T00:00:00Z,1\n'.repeat(30)}`))
  expect(monitor.serving.format).toBe('json')
  expect(text).toMatch(/^ {2}format: json {2}# "Sci-Fi" cannot be the name of an Avro field$/m)
  const plain = await infer(write('plain.csv', `at,sci_fi\n${'2024-01-01T00:00:00Z,1\n'.repeat(30)}`))
  expect(plain.monitor.serving.format).toBe('avro')
})

test('whole numbers that name something are no amounts', async () => {
  const rows = Array.from({ length: 400 }, (_, i) => `2024-01-01T00:00:00Z,${i % 40},${10_000 + (i % 90)},${i % 50}`)
  const file = write('codes.csv', `at,PULocationID,Postal Code,stops\n${rows.join('\n')}\n`)
  const { inferred, text } = await infer(file)
  expect(kinds(inferred)).toEqual({ PULocationID: 'categorical', 'Postal Code': 'categorical', stops: 'numeric' })
  expect(text).toMatch(/PULocationID: \{ kind: categorical \} {2}# 40 whole numbers, codes by their name/)
})

describe('the shared data sets', () => {
  test('taxi: unix seconds, no key, windows of 30 days, payment_type as segments', async () => {
    const { inferred, monitor, text } = await infer(data('chicago_taxi.csv.gz'))
    expect(monitor.serving.time).toEqual({ path: ['trip_start_timestamp'], unit: 's' })
    expect(inferred.key).toMatchObject({ path: 'requestId' })
    expect(monitor.window.sizeMs).toBe(30 * 86_400_000)
    expect(kinds(inferred)).toMatchObject({
      trip_miles: 'numeric',
      payment_type: 'categorical',
      trip_start_month: 'numeric',
    })
    expect(inferred.ignored.map(({ name }) => name)).toEqual(['pickup_census_tract'])
    expect(text).toMatch(/# segments: \{ payment_type: \{ top: 7 \} \}/)
    expect(text).toMatch(/trip_start_month: .*12 whole numbers: if they are codes, make it categorical/)
  })

  test('bike sharing: ISO dates, unique instant', async () => {
    const { inferred, monitor } = await infer(data('bike_sharing_hour.csv.gz'))
    expect(monitor.serving.time).toEqual({ path: ['dteday'], unit: 'iso' })
    expect(monitor.serving.key).toEqual(['instant'])
    expect(inferred.features).toHaveLength(15)
  })

  test('california housing: prediction by name, label by flag', async () => {
    const file = data('california_housing_reference.csv.gz')
    const { inferred, monitor } = await infer(file)
    expect(monitor.serving).toMatchObject({
      key: ['id'],
      time: { path: ['timestamp'], unit: 'iso' },
      prediction: ['y_pred_proba'],
    })
    expect(inferred.notes).toContain('clf_target looks like a label; if it is one, add --label clf_target')
    const flagged = await infer(file, { labels: ['clf_target'] })
    expect(flagged.inferred.ignored).toEqual([{ name: 'clf_target', why: 'the label (--label)' }])
    expect(flagged.monitor.serving.ignore).toEqual(['clf_target'])
  })
})

describe('rules', () => {
  const lines = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join('\n')

  test('ids, free text, empty columns, lists and times are ignored, and why', async () => {
    const body = lines(
      400,
      i =>
        `{"requestId":"r${i}","features":{"order_id":"o${i}","empty":null,"tags":[1],"seen":"2024-01-01T00:00:0${i % 10}Z","x":${i / 7},"on":${i % 2 === 0}},"eventTime":${1_700_000_000_000 + i * 1000}}`,
    )
    const { inferred, monitor } = await infer(write('rules.ndjson', body))
    expect(Object.fromEntries(inferred.ignored.map(({ name, why }) => [name, why]))).toEqual({
      order_id: 'an id: every value is unique',
      empty: 'always empty',
      tags: 'a list of whole numbers: ids, or an embedding if you say so',
      seen: 'a time',
    })
    expect(monitor.serving).toMatchObject({
      features: ['features.*'],
      key: ['requestId'],
      time: { path: ['eventTime'], unit: 'ms' },
    })
    expect(kinds(inferred)).toEqual({ x: 'numeric', on: 'boolean' })
    // 60 rows a minute: five minutes hold 300.
    expect(monitor.window.sizeMs).toBe(5 * 60_000)
  })

  test('whole numbers that are ids are no numeric features, and what is estimated is told so', async () => {
    const row = (i: number) =>
      `r${i},${i % 33 === 0 ? 7 : 90_000 + i},${9_100_000_000_000_000 + (i % 150) * 64},${(i * i) % 1000},c${(i * 7) % 800},${i / 7}`
    const file = write('ids.csv', `requestId,order,account,cents,street,fare\n${lines(6000, row)}\n`)
    const { inferred, text } = await infer(file)
    expect(inferred.ignored).toEqual([
      {
        name: 'order',
        why: 'an id: 96.9 % of its whole numbers are different; if they are amounts, take this line out',
      },
    ])
    expect(kinds(inferred)).toEqual({
      account: 'categorical',
      cents: 'numeric',
      street: 'categorical',
      fare: 'numeric',
    })
    expect(text).toMatch(
      /account: \{ kind: categorical \} {2}# 150 whole numbers, some beyond 2\^53: names, not amounts/,
    )
    expect(text).toMatch(/street: .*# about [78]\d0 values/)
  })

  test('few rows a day: windows of a day, where a week would leave no history', async () => {
    const daily = (days: number): string =>
      `id,applied_at,income\n${Array.from({ length: 200 * days }, (_, i) => `${i},${Date.UTC(2026, 0, 1) + i * 432_000},${(i * 37) % 9000}\n`).join('')}`
    const short = await infer(await write('short.csv', daily(100)))
    expect(short.monitor.window.sizeMs).toBe(86_400_000)
    const long = await infer(await write('long.csv', daily(150)))
    expect(long.monitor.window.sizeMs).toBe(7 * 86_400_000)
  })

  test('a key is found where the estimate of its distinct values is a quarter short', async () => {
    // DuckDB 1.5 estimates 15,476 of these 20,000.
    const file = write('keys.csv', `rideRef,fare\n${lines(20_000, i => `r${i},${i / 7}`)}\n`)
    expect((await infer(file)).inferred.key).toEqual({ path: 'rideRef', comment: 'unique in every row' })
  })

  test('a unit of time that makes no time of any value, where another does', async () => {
    const file = write('units.csv', `at,x\n${lines(10, i => `${1_700_000_000_000 + i},${i}`)}\n`)
    expect(await badInput(() => infer(file, { time: { column: 'at', unit: 's' } }))).toMatch(
      /none of the values of at \(1700000000000 to 1700000000009\) is a time .* in s; they are in ms: name the column as at:ms/,
    )
  })

  test('vectors and prose are features of their own kinds', async () => {
    const body = lines(
      300,
      i =>
        `{"id":"r${i}","v":[${i / 7},1.5],"review":"the ride ${i} was rather long","code":"c ${i % 5}","short":"id ${i}"}`,
    )
    const { inferred, text } = await infer(write('prose.ndjson', body))
    expect(kinds(inferred)).toEqual({ v: 'embedding', review: 'text', code: 'categorical' })
    expect(inferred.ignored.map(({ name }) => name)).toEqual(['short'])
    expect(text).toMatch(/review: \{ kind: text \} {2}# texts of \d+ characters, 6 words/)
  })

  test('names and words that YAML would read otherwise', async () => {
    const { monitor } = await infer(
      write('yaml.csv', 'id,at,yes,a: b,#c,"q""r"\n1,2024-01-01,1,2,3,x\n2,2024-01-02,2,3,4,y\n'),
    )
    expect([...monitor.features.keys()].sort()).toEqual(['#c', 'a: b', 'q"r', 'yes'])
  })

  test('what the user says goes before what is guessed', async () => {
    const file = write('said.csv', 'a,b,t\n1,1700000000,1\n2,1700000060,2\n')
    expect(await badInput(() => infer(file, { time: { column: 't', unit: null } }))).toMatch(
      /--time t: its values are no times/,
    )
    const { monitor } = await infer(file, { time: { column: 'b', unit: null }, key: 'a', window: '2h' })
    expect(monitor.serving).toMatchObject({ key: ['a'], time: { path: ['b'], unit: 's' } })
    expect(monitor.window.sizeMs).toBe(7_200_000)
    expect(await badInput(() => infer(file, { labels: ['c'] }))).toMatch(/has no column c/)
  })

  test('odd values are told in the file', async () => {
    const { text } = await infer(
      write('told.csv', `id,at,fare\n${lines(50, i => `${i},2024-01-01,${i}`)}\n51,2024-01-02,free\n`),
    )
    expect(text).toMatch(/# Look at: fare: 1 of 51 values are no numbers, the first in data row 51: free/)
  })
})
