import avro from 'avsc'
import { expect, test } from 'vitest'
import type { FeatureTime } from '../../src/core/monitor.js'
import { Layout, NULL, NUMBER, WRONG_TYPE } from '../../src/core/row.js'
import { mapEvents } from '../../src/files/event-mapping.js'
import { eventSchema } from '../../src/files/event-schema.js'
import { readEvents } from '../../src/files/event-source.js'
import { readRows } from '../../src/files/row-source.js'
import { openTable } from '../../src/files/table.js'
import { folder, monitor } from './fixtures.js'

const { write } = folder()
const required = { time: true, key: 'column' } as const

const times: FeatureTime[] = [
  { series: 'miles.age', path: ['milesAt'], unit: 'ms', features: ['miles'], maxAgeMs: null },
  { series: 'meter.age', path: ['meter', 'at'], unit: 'iso', features: ['fare'], maxAgeMs: null },
]
const file = write(
  'aged.csv',
  [
    'requestId,eventTime,miles,fare,milesAt,meter.at',
    'a,1767614400000,1,5,1767614399500,2026-01-05T11:00:00Z',
    'b,1767614401000,2,6,,2026-01-05T12:00:02Z',
    'c,1767614402000,3,7,soon,',
  ].join('\n'),
)

test('rows of a file have the ages that its time columns tell, and these columns are no features', async () => {
  const table = await openTable(file)
  const mapping = mapEvents({ ...monitor(), times }, table, new Map(), required)
  const layout = new Layout(true, 10)
  const found: [number, number][][] = []
  await readRows(table, layout, mapping, row => {
    const at = ['miles.age', 'meter.age'].map(name => layout.indexOf(name))
    found.push(at.map(slot => [row.flags[slot], row.flags[slot] === NUMBER ? row.numbers[slot] : 0]))
  })
  await table.close()
  expect(layout.slots.map(({ name }) => name)).toEqual(['miles', 'fare', 'miles.age', 'meter.age'])
  expect(found).toEqual([
    [
      [NUMBER, 0.5],
      [NUMBER, 3600],
    ],
    [
      [NULL, 0],
      [NUMBER, -1],
    ],
    [
      [WRONG_TYPE, 0],
      [NULL, 0],
    ],
  ])
})

test('events of a file carry the times, in Avro too', async () => {
  const table = await openTable(file)
  const mapping = mapEvents({ ...monitor(), times }, table, new Map(), required)
  const type = avro.Type.forSchema(eventSchema(table, mapping) as avro.Schema)
  const events: unknown[] = []
  for await (const chunk of readEvents(table, mapping))
    for (const { value } of chunk) {
      expect(type.isValid(value)).toBe(true)
      const { milesAt, meter, features } = value
      events.push({ milesAt, meter, features })
    }
  await table.close()
  expect(events).toEqual([
    { milesAt: 1_767_614_399_500, meter: { at: '2026-01-05T11:00:00.000Z' }, features: { miles: 1, fare: 5 } },
    { milesAt: null, meter: { at: '2026-01-05T12:00:02.000Z' }, features: { miles: 2, fare: 6 } },
    { milesAt: 'soon', meter: { at: null }, features: { miles: 3, fare: 7 } },
  ])
})
