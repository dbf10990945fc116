import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import type { FeatureTime, Serving } from '../../src/core/monitor.js'
import { READ } from '../../src/core/ports.js'
import { MISSING, NULL, NUMBER, WRONG_TYPE } from '../../src/core/row.js'
import { cells, monitorOf, topicOf, wire } from './rows.js'

const AT = Date.UTC(2026, 0, 5, 12)
const times: FeatureTime[] = [
  { series: 'miles.age', path: ['features', 'milesAt'], unit: 'ms', features: ['miles'], maxAgeMs: null },
  { series: 'meter.age', path: ['meterAt'], unit: 's', features: ['fare', 'tolls'], maxAgeMs: 60_000 },
]
const SCHEMA = {
  type: 'record',
  name: 'Served',
  fields: [
    // Before the event's own time: the age is known at the end only.
    { name: 'meterAt', type: ['null', 'double', 'string'] },
    {
      name: 'features',
      type: {
        type: 'record',
        name: 'Features',
        fields: [
          { name: 'miles', type: 'double' },
          { name: 'milesAt', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] },
        ],
      },
    },
    { name: 'id', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
}
const type = avsc.Type.forSchema(SCHEMA as avsc.Schema, { wrapUnions: false })

interface Event {
  readonly meterAt?: number | string | boolean | null
  readonly milesAt?: number | string | null
}

async function ages(format: Serving['format'], { meterAt, milesAt }: Event) {
  const topic = topicOf(monitorOf({ format }, { times }), { 7: SCHEMA })
  const features = { miles: 3, ...(milesAt === undefined ? {} : { milesAt }) }
  const event = { id: 'r1', at: AT, features, ...(meterAt === undefined ? {} : { meterAt }) }
  const bytes = format === 'avro' ? wire(7, type.toBuffer(event)) : Buffer.from(JSON.stringify(event))
  if (format === 'avro') await topic.reader.prepare(bytes)
  // The row is used again and again: what an earlier record left must not show.
  topic.row.fit()
  topic.row.flags.fill(NUMBER)
  expect(topic.read(bytes)).toBe(READ)
  const { 'miles.age': miles, 'meter.age': meter, ...others } = cells(topic.row)
  expect(Object.keys(others)).toEqual(['miles'])
  return { miles, meter }
}

const seconds = (age: number) => [NUMBER, age]

describe('the age of a feature is the event’s time less its own, in seconds', () => {
  test('Avro: in the unit of the schema, or else of the monitor', async () => {
    expect(await ages('avro', { milesAt: (AT - 90_500) * 1000, meterAt: AT / 1000 - 60.25 })).toEqual({
      miles: seconds(90.5),
      meter: seconds(60.25),
    })
  })

  test('JSON: numbers in the monitor’s unit, and ISO texts', async () => {
    expect(await ages('json', { milesAt: '2026-01-05T11:59:00Z', meterAt: AT / 1000 })).toEqual({
      miles: seconds(60),
      meter: seconds(0),
    })
  })

  test('a value from after the prediction has a negative age', async () => {
    for (const format of ['avro', 'json'] as const)
      expect((await ages(format, { milesAt: null, meterAt: AT / 1000 + 5 })).meter).toEqual(seconds(-5))
  })

  test('null, missing and what is no time are told apart', async () => {
    expect(await ages('avro', { milesAt: null, meterAt: 'noon' })).toEqual({ miles: [NULL], meter: [WRONG_TYPE] })
    expect(await ages('json', { meterAt: true })).toEqual({ miles: [MISSING], meter: [WRONG_TYPE] })
    expect(await ages('json', { milesAt: null })).toEqual({ miles: [NULL], meter: [MISSING] })
  })

  test('a field that has the name of the series does not write into it', async () => {
    const topic = topicOf(monitorOf({ format: 'json' }, { times }))
    const event = { id: 'r1', at: AT, meterAt: AT / 1000 - 7, features: { 'meter.age': 99 } }
    expect(topic.read(Buffer.from(JSON.stringify(event)))).toBe(READ)
    expect(cells(topic.row)['meter.age']).toEqual(seconds(7))
  })
})
