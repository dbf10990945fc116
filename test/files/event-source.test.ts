import avro from 'avsc'
import { describe, expect, test } from 'vitest'
import type { Labels } from '../../src/core/monitor.js'
import { mixedNote } from '../../src/files/column.js'
import { type EventMapping, mapEvents } from '../../src/files/event-mapping.js'
import { eventSchema } from '../../src/files/event-schema.js'
import { type EventOptions, type FileEvent, readEvents, type Skipped } from '../../src/files/event-source.js'
import { parseFieldMap } from '../../src/files/field-map.js'
import { mapLabels } from '../../src/files/label-mapping.js'
import { openTable, type Table } from '../../src/files/table.js'
import { badInput, data, duckdb, folder, monitor } from './fixtures.js'

const { path, write } = folder()
const required = { time: true, key: 'column' } as const

async function eventsOf(
  table: Table,
  mapping: EventMapping,
  options?: EventOptions,
  skipped?: Skipped,
): Promise<FileEvent[]> {
  const all: FileEvent[] = []
  for await (const chunk of readEvents(table, mapping, options, skipped)) all.push(...chunk)
  return all
}

async function mapped(file: string, map: string[] = [], changes = {}, segments = {}) {
  const table = await openTable(file)
  return { table, mapping: mapEvents({ ...monitor(changes), ...segments }, table, parseFieldMap(map), required) }
}

test('times in another unit than is said are refused, and the right one is named', async () => {
  const { table, mapping } = await mapped(write('ms.csv', 'requestId,eventTime,x\na,1700000000000,1\n'), [
    'eventTime=eventTime:s',
  ])
  await expect(eventsOf(table, mapping)).rejects.toThrow(/ms\.csv: none of the values of eventTime .* they are in ms: /)
  await table.close()
})

test('events come in time order, equal times in file order, as the monitor reads them', async () => {
  const file = write('events.csv', 'id,when,miles,cash\nc,20,1,true\na,10,2,false\nb,10,,true\nd,,4,true\n,5,5,true\n')
  const { table, mapping } = await mapped(file, ['requestId=id', 'eventTime=when:s'])
  const skipped = { withoutKey: 0, withoutTime: 0, unreadableTime: 0 }
  const events = await eventsOf(table, mapping, {}, skipped)
  expect(events.map(({ key, time, row }) => [key, time, row])).toEqual([
    ['a', 10_000, 2],
    ['b', 10_000, 3],
    ['c', 20_000, 1],
  ])
  expect(events[1]!.value).toEqual({
    requestId: 'b',
    eventTime: 10_000,
    model: 'taxi',
    modelVersion: 'default',
    features: { miles: null, cash: true },
  })
  expect(skipped).toEqual({ withoutKey: 1, withoutTime: 1, unreadableTime: 0 })
  await table.close()
})

test('JSON numbers and texts of one column are sent as what they are, also where most are texts', async () => {
  const values = [1.5, 7, '12', 'USD 3', 'é', true, null]
  const lines = values.map((x, i) => JSON.stringify({ requestId: `r${i}`, eventTime: 1000 + i, features: { x } }))
  const { table, mapping } = await mapped(write('several.ndjson', lines.join('\n')))
  const events = await eventsOf(table, mapping)
  expect(events.map(({ value }) => (value['features'] as Record<string, unknown>)['x'])).toEqual([
    1.5,
    7,
    '12',
    'USD 3',
    'é',
    'true',
    null,
  ])
  const type = avro.Type.forSchema(eventSchema(table, mapping) as avro.Schema)
  for (const { value } of events) expect(type.isValid(value)).toBe(true)
  expect(mixedNote(table.column('features.x'))).toBe(
    'features.x: 2 of 6 values are numbers (33 %), the others are not, the first in data row 3: "12"; each counts as what it is',
  )
  await table.close()
})

test('a file without times is in its own order, at the times of a clock that is asked when the event is made', async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => `r${(i * 7919) % 5000},${i}`)
  const table = await openTable(write('untimed.csv', `requestId,miles\n${rows.join('\n')}\n,1\n`))
  const changes = { time: { path: ['at', 'event'], unit: 'iso' as const } }
  const mapping = mapEvents(monitor(changes), table, new Map(), { time: false, key: 'column' })
  const skipped = { withoutKey: 0, withoutTime: 0, unreadableTime: 0 }
  let now = 0
  const events = await eventsOf(table, mapping, { clock: () => now++ }, skipped)
  expect(events.map(({ key, row, time }) => [key, row, time])).toEqual(
    rows.map((row, i) => [row.split(',')[0], i + 1, i]),
  )
  expect(skipped).toEqual({ withoutKey: 1, withoutTime: 0, unreadableTime: 0 })
  const { value } = events[1234]!
  expect(value['at']).toEqual({ event: '1970-01-01T00:00:01.234Z' })
  const type = avro.Type.forSchema(eventSchema(table, mapping) as avro.Schema)
  expect((type.fromBuffer(type.toBuffer(value)) as typeof value)['at']).toEqual(value['at'])
  expect((await eventsOf(table, mapping, { clock: () => 0, limit: 2 })).map(({ row }) => row)).toEqual([1, 2])
  for (const options of [{}, { clock: () => 0, from: 1 }, { clock: () => 0, to: 1 }])
    expect(await badInput(() => eventsOf(table, mapping, options))).toMatch(/untimed\.csv: .* needs a time column/)
  await table.close()
})

test('the clock tells nothing of a file that has times', async () => {
  const { table, mapping } = await mapped(write('timed.csv', 'requestId,eventTime,x\nb,20,1\na,10,1\nc,,1\n'))
  const skipped = { withoutKey: 0, withoutTime: 0, unreadableTime: 0 }
  const events = await eventsOf(table, mapping, { clock: () => 99 }, skipped)
  expect(events.map(({ key, time }) => [key, time])).toEqual([
    ['a', 10],
    ['b', 20],
  ])
  expect(skipped.withoutTime).toBe(1)
  await table.close()
})

test('the label beside the served values is no feature, unless it is asked for by name', async () => {
  const file = write('labelled.csv', 'requestId,eventTime,miles,tipped\na,10,2,yes\n')
  const { where, key, time, format } = monitor().serving
  const own = { topic: 'labels', format, where, key, time, value: ['tipped'], horizonMs: 1 }
  const labels = { labels: own satisfies Labels }
  const names = ({ mapping }: Awaited<ReturnType<typeof mapped>>) => mapping.features.map(({ name }) => name)
  expect(names(await mapped(file))).toEqual(['miles', 'tipped'])
  expect(names(await mapped(file, [], {}, labels))).toEqual(['miles'])
  expect(names(await mapped(file, [], { features: ['features.miles', 'features.tipped'] }, labels))).toEqual([
    'miles',
    'tipped',
  ])
})

test('fields that are named as objects name their own', async () => {
  const { table, mapping } = await mapped(
    write('own.csv', 'requestId,eventTime,at,id,__proto__,valueOf\na,2024-01-01,b,c,1,2\n'),
    ['__proto__.at=at', 'constructor.id=id'],
    { entity: ['__proto__', 'at'], version: ['constructor', 'id'] },
  )
  const [{ value }] = await eventsOf(table, mapping)
  const text = JSON.stringify(value)
  for (const part of ['"__proto__":{"at":"b"}', '"constructor":{"id":"c"}', '"__proto__":1', '"valueOf":2'])
    expect(text).toContain(part)
  await table.close()
})

test.each([
  ['s', 20],
  ['us', 20_000_000],
  ['iso', '1970-01-01T00:00:20.000Z'],
] as const)('event times in the unit of the monitor: %s', async (unit, expected) => {
  const { table, mapping } = await mapped(write('unit.csv', 'requestId,t,x\na,20,1\n'), ['eventTime=t:s'], {
    time: { path: ['eventTime'], unit },
  })
  expect((await eventsOf(table, mapping))[0]!.value['eventTime']).toBe(expected)
  await table.close()
})

describe('which columns are what', () => {
  const features = ({ features }: EventMapping) =>
    features.map(({ name, path, column }) => `${name}=${path.join('.')}<${column}`)

  test('nested records, a pattern of flat fields, ignored names, one feature mapped by hand', async () => {
    const nested = write(
      'nested.ndjson',
      '{"requestId":"a","eventTime":1,"score":0.5,"features":{"x":1,"debug_y":2},"extra":3}\n',
    )
    const one = await mapped(nested, [], { ignore: ['debug_*'], prediction: ['score'] })
    expect(features(one.mapping)).toEqual(['x=features.x<features.x'])
    expect(one.mapping.prediction).toMatchObject({ name: 'score', column: 'score' })
    await one.table.close()
    const flat = write('flat.csv', 'requestId,eventTime,f_a,f_b,other,model\na,2024-01-01,1,2,3,taxi\n')
    const two = await mapped(flat, [], { features: ['f_*'] })
    expect(features(two.mapping)).toEqual(['f_a=f_a<f_a', 'f_b=f_b<f_b'])
    await two.table.close()
    const three = await mapped(flat, ['features.renamed=f_a'])
    expect(features(three.mapping)).toContain('renamed=features.renamed<f_a')
    await three.table.close()
  })

  test('what is missing is named, with what there is', async () => {
    const file = write('missing.csv', 'created_at,x\n2024-01-01,1\n')
    expect(await badInput(() => mapped(file))).toMatch(
      /missing\.csv has no column for the event time eventTime of taxi\.yaml; name one with --map eventTime=created_at/,
    )
    expect(await badInput(() => mapped(file, ['eventTime=created_at']))).toMatch(
      /no column for the key requestId.*--map requestId=COLUMN/,
    )
    expect(await badInput(() => mapped(file, ['eventTime=created']))).toMatch(
      /has no column created; did you mean created_at\?/,
    )
    const none = write('none.csv', 'requestId,eventTime\na,2024-01-01\n')
    expect(await badInput(() => mapped(none))).toMatch(/has no column that taxi\.yaml would take as a feature/)
    for (const bad of ['x', '=y', 'a='])
      expect(await badInput(() => parseFieldMap([bad]))).toMatch(/--map .*expected field=column/)
    expect(await badInput(() => parseFieldMap(['a=b', 'a=c']))).toMatch(/names the field a twice/)
  })
})

test('labels have key, time and value', async () => {
  const table = await openTable(write('labels.csv', 'id,seen,tipped\nr1,2024-01-02,true\nr0,2024-01-01,false\n'))
  const labels = {
    where: [{ path: ['model'], equals: 'taxi' }],
    key: ['requestId'],
    time: { path: ['labelledAt'], unit: 'ms' as const },
    value: ['tipped'],
  }
  const mapping = mapLabels(labels, 'taxi.yaml', table, parseFieldMap(['requestId=id', 'labelledAt=seen']))
  expect((await eventsOf(table, mapping)).map(({ value }) => value)).toEqual([
    { requestId: 'r0', model: 'taxi', labelledAt: Date.UTC(2024, 0, 1), tipped: false },
    { requestId: 'r1', model: 'taxi', labelledAt: Date.UTC(2024, 0, 2), tipped: true },
  ])
  expect(await badInput(() => mapLabels(labels, 'taxi.yaml', table, parseFieldMap(['labelledAt=seen'])))).toMatch(
    /no column for the key requestId/,
  )
  await table.close()
})

describe('Avro', () => {
  test('every taxi event fits its schema and comes back', async () => {
    const { table, mapping } = await mapped(data('chicago_taxi.csv.gz'), [
      'eventTime=trip_start_timestamp:s',
      'requestId=#',
    ])
    const type = avro.Type.forSchema(eventSchema(table, mapping) as avro.Schema)
    for (const { value } of await eventsOf(table, mapping, { limit: 2000 })) {
      const back = type.fromBuffer(type.toBuffer(value)) as Record<string, object>
      expect({ ...back, features: { ...back['features'] } }).toEqual(value)
    }
    await table.close()
  })

  test('types: doubles from CSV, longs from typed integers, texts beside numbers in a mixed column', async () => {
    await duckdb(
      `COPY (SELECT 'a' AS "requestId", 1 AS "eventTime", 5::BIGINT AS n, 1.5 AS x, true AS b, 'q' AS t) TO '${path('t.parquet')}'`,
    )
    const typeOf = async (file: string, field: string) => {
      const { table, mapping } = await mapped(file)
      const schema = eventSchema(table, mapping) as unknown as {
        fields: { name: string; type: { fields: { name: string; type: unknown }[] } }[]
      }
      await table.close()
      return schema.fields.find(({ name }) => name === 'features')!.type.fields.find(({ name }) => name === field)!.type
    }
    expect(await typeOf(path('t.parquet'), 'n')).toEqual(['null', 'long'])
    expect(await typeOf(path('t.parquet'), 'x')).toEqual(['null', 'double'])
    expect(await typeOf(path('t.parquet'), 'b')).toEqual(['null', 'boolean'])
    expect(await typeOf(path('t.parquet'), 't')).toEqual(['null', 'string'])
    const csv = write('types.csv', `requestId,eventTime,n,mix\n${'a,2024-01-01,5,1\n'.repeat(20)}a,2024-01-01,5,oops\n`)
    expect(await typeOf(csv, 'n')).toEqual(['null', 'double'])
    expect(await typeOf(csv, 'mix')).toEqual(['null', 'double', 'string'])
  })

  test('a name that Avro does not take', async () => {
    const { table, mapping } = await mapped(write('names.csv', 'requestId,eventTime,trip miles\na,2024-01-01,1\n'))
    expect(await badInput(() => eventSchema(table, mapping))).toMatch(
      /"trip miles" cannot be the name of an Avro field; rename it with --map features\.trip_miles="trip miles", or write JSON: `format: json` where the monitor names the topic/,
    )
    await table.close()
  })
})
