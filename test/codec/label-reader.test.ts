import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { createTopicReader } from '../../src/codec/topic-reader.js'
import { hashBytes, textOf, utf8 } from '../../src/core/dictionary.js'
import { lowWord } from '../../src/core/join/key.js'
import { labelSlot } from '../../src/core/join/slots.js'
import type { Labels, Task } from '../../src/core/monitor.js'
import { NEEDS_SCHEMA, NOT_SELECTED, READ } from '../../src/core/ports.js'
import { Layout, NUMBER, Row } from '../../src/core/row.js'
import { monitorOf, wire } from './rows.js'

const AT = Date.UTC(2026, 0, 5)
const VALUE = ['null', 'boolean', 'double', 'string', { type: 'array', items: 'int' }]
const SCHEMA = {
  type: 'record',
  name: 'Labelled',
  fields: [
    { name: 'id', type: ['null', 'string', 'long'] },
    { name: 'what', type: 'string' },
    { name: 'at', type: ['null', 'long', 'string'] },
    { name: 'truth', type: { type: 'record', name: 'Truth', fields: [{ name: 'y', type: VALUE }] } },
  ],
}
const type = avsc.Type.forSchema(SCHEMA as avsc.Schema, { wrapUnions: false })

/** Reads labels of one format; what they say as a number or a class, or why they say nothing. */
function reading(format: 'avro' | 'json', task: Partial<Task> = {}) {
  const labels: Labels = {
    topic: 'labels',
    format,
    where: [{ path: ['what'], equals: 'label' }],
    key: ['id'],
    time: { path: ['at'], unit: 'ms' },
    value: ['truth', 'y'],
    horizonMs: 86_400_000,
  }
  const outputs = [{ name: 'main', path: ['score'] }]
  const monitor = monitorOf(
    {},
    { labels, task: { type: 'binary', positive: null, threshold: null, costs: null, outputs, ...task } },
  )
  const layout = new Layout(false, 1)
  const slot = labelSlot(monitor, layout)
  const row = new Row(layout)
  const reader = createTopicReader({
    monitors: [{ monitor, layout, side: 'labels' }],
    schemas: { get: async () => SCHEMA },
    maxBytes: 1e6,
  })
  return async (fields: { id?: unknown; what?: string; at?: unknown; y?: unknown } = {}) => {
    const { y, ...rest } = { id: 'r1', what: 'label', at: AT, y: true as unknown, ...fields }
    const event = { ...rest, truth: y === undefined ? {} : { y } }
    const bytes = format === 'json' ? Buffer.from(JSON.stringify(event)) : wire(1, type.toBuffer(event))
    let read = reader.read(bytes, 0, row)
    if (read === NEEDS_SCHEMA) {
      await reader.prepare(bytes)
      read = reader.read(bytes, 0, row)
    }
    if (read !== READ) return { says: read, row }
    const { flags, numbers, categories, bytes: space, starts, lengths } = row
    const id = categories[slot]
    const text = () => (id >= 0 ? layout.slots[slot].dictionary.values[id] : textOf(space, starts[slot], lengths[slot]))
    return { says: flags[slot] === NUMBER ? numbers[slot] : text(), row }
  }
}

describe.each(['json', 'avro'] as const)('labels in %s', format => {
  const of = async (task: Partial<Task>, values: readonly unknown[]) => {
    const read = reading(format, task)
    const said = []
    for (const y of values) said.push((await read({ y })).says)
    return said
  }

  test('of a binary task are true, false, 1 and 0, as values or as text', async () => {
    expect(await of({}, [true, false, 1, 0, 'true', 'false', '1', '0'])).toEqual([1, 0, 1, 0, 1, 0, 1, 0])
    const others = ['yes', 2, -1, 0.5, 'TRUE', '', [1]]
    expect(await of({}, others)).toEqual(others.map(() => 'label-unreadable'))
  })

  test('of a binary task with a positive class are 1 where the text is its, else 0', async () => {
    expect(await of({ positive: 'churned' }, ['churned', 'stayed', 'Churned', '', 1, true])).toEqual([1, 0, 0, 0, 0, 0])
    expect(await of({ positive: '2' }, [2, '2', 1, 2.5])).toEqual([1, 1, 0, 0])
    expect(await of({ positive: 'true' }, [true, 'true', false, 1])).toEqual([1, 1, 0, 0])
    expect(await of({ positive: 'churned' }, [[1]])).toEqual(['label-unreadable'])
  })

  test('of a regression are numbers', async () => {
    expect(await of({ type: 'regression' }, [3, -2.5, 0])).toEqual([3, -2.5, 0])
    const others = ['3', true, [1]]
    expect(await of({ type: 'regression' }, others)).toEqual(others.map(() => 'label-unreadable'))
  })

  test('of classes are any text, number, true or false', async () => {
    expect(await of({ type: 'multiclass' }, ['Rome', 'Rome', 3, 2.5, true])).toEqual([
      'Rome',
      'Rome',
      '3',
      '2.5',
      'true',
    ])
    expect(await of({ type: 'multiclass' }, ['x'.repeat(256), 'x'.repeat(257), [1]])).toEqual([
      'x'.repeat(256),
      'label-unreadable',
      'label-unreadable',
    ])
  })

  test.each(['binary', 'regression', 'multiclass'] as const)('of a %s task that are null are missing', async type => {
    expect(await of({ type }, [null, 1, null])).toEqual([
      'label-missing',
      type === 'multiclass' ? '1' : 1,
      'label-missing',
    ])
  })

  test('need a key and a time, and are selected', async () => {
    const read = reading(format)
    expect((await read({ id: null })).says).toBe('key-missing')
    expect((await read({ at: null })).says).toBe('event-time-missing')
    expect((await read({ at: 'noon' })).says).toBe('event-time-unreadable')
    expect((await read({ what: 'prediction', y: [1] })).says).toBe(NOT_SELECTED)
    const { row } = await read({ at: AT + 5 })
    expect(row.time).toBe(AT + 5)
  })

  test('have the key of the same text, whatever its type', async () => {
    const read = reading(format)
    const key = utf8('42')
    for (const id of [42, '42']) {
      const { row } = await read({ id })
      expect([row.key, row.keyLow]).toEqual([hashBytes(key, 0, 2), lowWord(key, 0, 2)])
    }
    const { row } = await read({ id: '42.0' })
    expect(row.keyLow).not.toBe(lowWord(key, 0, 2))
  })
})

test('numbers that are none are no labels', async () => {
  const values = [Number.NaN, Number.POSITIVE_INFINITY]
  for (const task of [{}, { positive: '1' }, { type: 'regression' as const }, { type: 'multiclass' as const }])
    for (const y of values) expect((await reading('avro', task)({ y })).says).toBe('label-unreadable')
})

test('a label that is absent is missing', async () => {
  expect((await reading('json')({ y: undefined })).says).toBe('label-missing')
})
