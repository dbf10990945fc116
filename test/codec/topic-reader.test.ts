import avsc from 'avsc'
import { describe, expect, test, vi } from 'vitest'
import { createTopicReader } from '../../src/codec/topic-reader.js'
import type { Serving } from '../../src/core/monitor.js'
import { NEEDS_SCHEMA, NOT_SELECTED, READ } from '../../src/core/ports.js'
import {
  Layout,
  MISSING,
  NAN,
  NULL,
  NUMBER,
  NUMERIC_TEXT,
  Row,
  TEXT,
  UNNAMED,
  UNSAFE,
  WRONG_TYPE,
} from '../../src/core/row.js'
import { cells, monitorOf, topicOf, wire } from './rows.js'

const AT = Date.UTC(2026, 0, 5)
const SCHEMA = {
  type: 'record',
  name: 'Served',
  fields: [
    { name: 'id', type: ['null', 'string', 'long'] },
    { name: 'model', type: { type: 'enum', name: 'Model', symbols: ['taxi', 'credit'] } },
    { name: 'version', type: ['string', 'null', 'int'] },
    { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }, 'string'] },
    { name: 'features', type: { type: 'map', values: ['null', 'double', 'string', 'boolean'] } },
    { name: 'f_flat', type: ['null', 'float'], default: null },
    { name: 'debug_x', type: 'double', default: 0 },
    { name: 'meta', type: { type: 'map', values: 'string' }, default: {} },
  ],
}
const type = avsc.Type.forSchema(SCHEMA as avsc.Schema, { wrapUnions: false })
const served = {
  id: 'r1',
  model: 'taxi',
  version: 'v1',
  at: AT * 1000 + 999,
  features: {},
  f_flat: null,
  debug_x: 0,
  meta: {},
}
const avro = (event: object) => wire(7, type.toBuffer({ ...served, ...event }))
const json = (event: unknown) => Buffer.from(typeof event === 'string' ? event : JSON.stringify(event))

async function reading(serving: Partial<Serving> = {}, layout = new Layout(true, 100)) {
  const topic = topicOf(monitorOf(serving), { 7: SCHEMA }, layout)
  await topic.reader.prepare(avro({}))
  return topic
}

describe('reader of a topic', () => {
  test('compiles once for a schema, and once more when the layout has got a slot', async () => {
    const { read, layout } = await reading()
    const compiled = vi.fn()
    vi.stubGlobal(
      'Function',
      new Proxy(Function, {
        construct: (target, parts) => {
          compiled()
          return Reflect.construct(target, parts)
        },
      }),
    )
    for (let i = 0; i < 5; i++) expect(read(avro({}))).toBe(READ)
    expect(compiled).toHaveBeenCalledTimes(1)
    layout.add('later', 'numeric')
    for (let i = 0; i < 5; i++) expect(read(avro({}))).toBe(READ)
    expect(compiled).toHaveBeenCalledTimes(2)
    vi.unstubAllGlobals()
  })

  test('asks for a schema once, and knows for a while that there is none', async () => {
    let now = 0
    const asked: number[] = []
    const schemas = {
      get: async (id: number) => {
        asked.push(id)
        return id === 7 ? SCHEMA : null
      },
    }
    const layout = new Layout(true, 100)
    const reader = createTopicReader({
      monitors: [{ monitor: monitorOf(), layout }],
      schemas,
      maxBytes: 1000,
      now: () => now,
    })
    const row = new Row(layout)
    expect(reader.read(avro({}), 0, row)).toBe(NEEDS_SCHEMA)
    await reader.prepare(avro({}))
    expect(reader.read(avro({}), 0, row)).toBe(READ)
    const unknown = wire(8, new Uint8Array(4))
    expect(reader.read(unknown, 0, row)).toBe(NEEDS_SCHEMA)
    await reader.prepare(unknown)
    expect(reader.read(unknown, 0, row)).toBe('schema-unknown')
    now = 31_000
    expect(reader.read(unknown, 0, row)).toBe(NEEDS_SCHEMA)
    expect(asked).toEqual([7, 8])
    expect(reader.read(new Uint8Array(1001), 0, row)).toBe('too-large')
    expect(reader.read(Uint8Array.of(1, 2, 3, 4, 5, 6), 0, row)).toBe('not-avro')
    expect(reader.read(new Uint8Array(0), 0, row)).toBe('not-avro')
  })

  test('rejects what has no key or time, and schemas that cannot have them', async () => {
    const { read } = await reading()
    expect(read(avro({ id: null }))).toBe('key-missing')
    expect(read(avro({ at: null }))).toBe('event-time-missing')
    expect(read(avro({ at: 'yesterday' }))).toBe('event-time-unreadable')
    for (const path of [['nowhere'], ['features', 'a', 'b'], ['features']]) {
      const { read: unfit } = await reading({ key: path })
      expect(unfit(avro({}))).toBe('schema-unfit')
    }
  })

  test('gives a key the same hash whatever its type', async () => {
    const { read, row } = await reading()
    const hashes = ['42', 42].map(id => {
      expect(read(avro({ id }))).toBe(READ)
      return row.key
    })
    expect(hashes[0]).toBe(hashes[1])
    expect(read(avro({ id: 43 }))).toBe(READ)
    expect(row.key).not.toBe(hashes[0])
  })

  test('selects by where, before anything else can be wrong', async () => {
    const { read } = await reading({
      where: [
        { path: ['model'], equals: 'taxi' },
        { path: ['meta', 'stage'], equals: 'prod' },
      ],
    })
    expect(read(avro({ meta: { stage: 'prod' } }))).toBe(READ)
    expect(read(avro({ meta: { stage: 'test' } }))).toBe(NOT_SELECTED)
    expect(read(avro({ id: null }))).toBe(NOT_SELECTED)
    expect(read(avro({ model: 'credit', meta: { stage: 'prod' }, at: null }))).toBe(NOT_SELECTED)
  })

  test('finds features in a map by name, and makes room for new ones until there is a baseline', async () => {
    const { read, row, layout } = await reading({ ignore: ['debug_*'] })
    const event = { features: { miles: 1.5, paid: 'Cash', night: true, none: null, debug_1: 3 } }
    expect(read(avro(event))).toBe(READ)
    const seen = { miles: [NUMBER, 1.5], paid: [TEXT, 'Cash'], night: [TEXT, 'true'], none: [NULL] }
    expect(cells(row)).toEqual(seen)
    layout.discover = false
    for (let i = 0; i < 2; i++) {
      expect(read(avro({ features: { miles: Number.NaN, tip: 1, toll: 'x' } }))).toBe(READ)
      expect(row.news).toEqual(['tip', 'toll'])
      expect(cells(row)).toEqual({ miles: [NAN], paid: [MISSING], night: [MISSING], none: [MISSING] })
    }
    expect(read(avro({}))).toBe(READ)
    expect(row.news).toEqual([])
  })

  test('tells fields of a record that the baseline does not have', async () => {
    const layout = new Layout(false, 100)
    layout.add('f_flat', 'numeric')
    const { read, row } = await reading({ features: ['f_*', 'debug_*', '*'], version: ['version'] }, layout)
    expect(read(avro({ f_flat: 2 }))).toBe(READ)
    expect(cells(row)).toEqual({ f_flat: [NUMBER, 2] })
    // Neither what the monitor maps already nor what cannot be a feature.
    expect(row.news).toEqual(['model', 'debug_x'])
  })

  test('follows a layout whose slots get a kind and whose dictionaries grow', async () => {
    const { read, row, layout } = await reading({ features: ['features.*', 'model'] })
    expect(read(avro({ features: { x: 7, y: '7' } }))).toBe(READ)
    expect(cells(row)).toEqual({ x: [NUMBER, 7], y: [TEXT, '7'], model: [TEXT, 'taxi'] })
    layout.add('x', 'categorical')
    layout.add('y', 'numeric')
    expect(read(avro({ features: { x: 7, y: '7' } }))).toBe(READ)
    expect(cells(row)).toEqual({ x: [TEXT, '7'], y: [NUMERIC_TEXT], model: [TEXT, 'taxi'] })
    const model = layout.indexOf('model')
    expect(row.categories[model]).toBe(-1)
    layout.slots[model].dictionary.add('taxi')
    layout.slots[layout.indexOf('x')].dictionary.add('7')
    expect(read(avro({ features: { x: 7 } }))).toBe(READ)
    expect([row.categories[model], row.categories[layout.indexOf('x')]]).toEqual([0, 0])
  })

  test('takes versions by their text, and gives late ones no name of their own', async () => {
    const { read, row, layout } = await reading({ version: ['version'] })
    const name = (version: unknown) => {
      expect(read(avro({ version }))).toBe(READ)
      return row.version === UNNAMED ? null : layout.versions.values[row.version]
    }
    expect([name('v1'), name(3), name('v1'), name(null)]).toEqual(['v1', '3', 'v1', 'unversioned'])
    for (let i = 0; i < 5000; i++) name(`w${i}`)
    expect([name('w4999'), name('w2'), name('x'.repeat(300))]).toEqual([null, 'w2', null])
    expect(layout.versions.size).toBe(4096)
  })

  test('reads a segment dimension and the prediction into columns of their own', async () => {
    const monitor = monitorOf(
      { features: ['features.*'], prediction: ['f_flat'] },
      { segments: [{ name: 'city', path: ['meta', 'city'], values: null, top: 8 }] },
    )
    const { reader, read, row, layout } = topicOf(monitor, { 7: SCHEMA })
    await reader.prepare(avro({}))
    expect(read(avro({ f_flat: 0.5, features: { city: 'Bonn' }, meta: { city: 'Köln' } }))).toBe(READ)
    expect(cells(row)).toEqual({ f_flat: [NUMBER, 0.5], '#city': [TEXT, 'Köln'], city: [TEXT, 'Bonn'] })
    expect(layout.slots.map(({ watched }) => watched)).toEqual([true, false, true])
  })

  test('takes decimals for the numbers they are', async () => {
    const decimal = { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }
    const fixed = { type: 'fixed', name: 'Cents', size: 3, logicalType: 'decimal', precision: 6, scale: 2 }
    const fields = [
      { name: 'fare', type: decimal },
      { name: 'tip', type: fixed },
    ]
    const schema = {
      ...SCHEMA,
      name: 'Paid',
      fields: [{ name: 'id', type: 'string' }, { name: 'at', type: 'long' }, ...fields],
    }
    const paid = avsc.Type.forSchema(schema as avsc.Schema)
    const bytes = wire(
      7,
      paid.toBuffer({ id: 'r', at: AT, fare: Buffer.of(0x04, 0xd2), tip: Buffer.of(0xff, 0xff, 0x9c) }),
    )
    const { reader, read, row } = topicOf(monitorOf({ features: ['fare', 'tip'] }), { 7: schema })
    await reader.prepare(bytes)
    expect(read(bytes)).toBe(READ)
    expect(cells(row)).toEqual({ fare: [NUMBER, 12.34], tip: [NUMBER, -1] })
  })

  test('survives a text of 900 kB', async () => {
    const { read, row } = await reading()
    expect(read(avro({ features: { x: 'y'.repeat(900_000) } }))).toBe(READ)
    expect(row.lengths[0]).toBe(900_000)
  })

  test('follows types that contain themselves', async () => {
    const schema = {
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'next', type: ['null', 'Node'] },
        { name: 'id', type: 'string' },
        { name: 'at', type: 'long' },
        { name: 'features', type: { type: 'map', values: 'double' } },
      ],
    }
    const nested = (depth: number): object => ({
      id: 'r',
      at: AT,
      features: { x: depth },
      next: depth === 0 ? null : nested(depth - 1),
    })
    const node = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false })
    const { reader, read, row } = topicOf(monitorOf({ features: ['features.*', 'next.next.features.*'] }), {
      7: schema,
    })
    const bytes = wire(7, node.toBuffer(nested(5)))
    await reader.prepare(bytes)
    expect(read(bytes)).toBe(READ)
    expect(cells(row)).toEqual({ x: [NUMBER, 3], 'features.x': [NUMBER, 5] })
    expect(read(wire(7, new Uint8Array(900_000).fill(2)))).toBe('truncated')
  })
})

describe('reader of JSON', () => {
  const event = {
    id: 'r1',
    at: '2026-01-05',
    features: { n: 1.5, t: 'Cash', b: false, z: null, a: [1], o: {}, big: 2 ** 60, huge: 1e300 },
  }

  test('fills the same rows', async () => {
    const { read, row, layout } = await reading({ format: 'json', time: { path: ['at'], unit: 'iso' } })
    layout.add('a', 'numeric')
    layout.add('t', 'numeric')
    expect(read(json(event))).toBe(READ)
    expect(row.time).toBe(AT)
    expect(cells(row)).toEqual({
      n: [NUMBER, 1.5],
      t: [WRONG_TYPE],
      b: [TEXT, 'false'],
      z: [NULL],
      a: [WRONG_TYPE],
      big: [UNSAFE],
      huge: [NUMBER, 1e300],
    })
    layout.discover = false
    expect(read(json({ ...event, features: { u: 1, b: true } }))).toBe(READ)
    expect(row.news).toEqual(['u'])
    expect(cells(row)).toMatchObject({ n: [MISSING], b: [TEXT, 'true'] })
  })

  test('rejects what is no object', async () => {
    const { read } = await reading({ format: 'json' })
    for (const text of ['', 'x', '[]', '1', 'null', '"a"', '{"id":']) expect(read(json(text))).toBe('not-json')
    expect(read(Uint8Array.of(0x22, 0xff, 0x22))).toBe('not-json')
    expect(read(json({ ...event, id: undefined }))).toBe('key-missing')
    expect(read(json({ ...event, at: 1e300 }))).toBe('event-time-implausible')
    expect(read(json({ ...event, at: {} }))).toBe('event-time-unreadable')
  })

  test('understands the NaN and Infinity that Python writes', async () => {
    const { read, row } = await reading({ format: 'json' })
    expect(
      read(json('{"id":"NaN", "at":1767571200000, "features":{"x":NaN,"y":-Infinity,"t":"a NaN \\" Infinity"}}')),
    ).toBe(READ)
    expect(cells(row)).toEqual({ x: [NAN], y: [5], t: [TEXT, 'a NaN " Infinity'] })
  })

  test('does not take what objects inherit for fields', async () => {
    const { read, row } = await reading({
      format: 'json',
      features: ['toString', 'features.*'],
    })
    expect(read(json('{"id":"r","at":1767571200000,"features":{"__proto__":1,"constructor":2}}'))).toBe(READ)
    expect(cells(row)).toEqual({ ['__proto__']: [NUMBER, 1], constructor: [NUMBER, 2] })
  })
})
