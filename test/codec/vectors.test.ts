import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FeatureSpec, Monitor } from '../../src/core/monitor.js'
import { PanePlanner } from '../../src/core/planner.js'
import { READ } from '../../src/core/ports.js'
import {
  type FeatureKind,
  INFINITE,
  Layout,
  MISSING,
  NAN,
  NULL,
  NUMBER,
  type Row,
  TEXT,
  UNSAFE,
  WRONG_TYPE,
} from '../../src/core/row.js'
import { monitorOf, topicOf, wire } from './rows.js'

const spec = (kind: FeatureKind): FeatureSpec => ({
  kind,
  unit: null,
  importance: null,
  range: null,
  runbook: null,
  checks: {},
})

function schemaOf(features: object): object {
  return {
    type: 'record',
    name: 'Served',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'at', type: 'long' },
      { name: 'features', type: features },
      { name: 'after', type: 'string' },
    ],
  }
}

const record = (fields: object[]): object => ({ type: 'record', name: 'Features', fields })
const list = (items: unknown): object => ({ type: 'array', items })

/** What the row has of a vector: its numbers, or the flag that says why there are none. */
function vectorOf(row: Row, name: string): number[] | number {
  const slot = row.layout.indexOf(name)
  if (slot < 0) return MISSING
  const { flags, starts, lengths, vectors } = row
  return flags[slot] === NUMBER ? [...vectors.subarray(starts[slot], starts[slot] + lengths[slot])] : flags[slot]
}

async function reading(schema: object, kinds: Readonly<Record<string, FeatureKind>> = {}, more: Partial<Monitor> = {}) {
  const features = new Map(Object.entries(kinds).map(([name, kind]) => [name, spec(kind)]))
  const monitor = monitorOf({}, { features, ...more })
  const layout = new Layout(true, 100)
  // Declares the monitor's features, as in service.
  new PanePlanner(monitor, layout)
  const topic = topicOf(monitor, { 7: schema }, layout)
  const type = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false })
  const encode = (features: unknown) => wire(7, type.toBuffer({ id: 'a', at: 1e12, features, after: 'z' }))
  return { ...topic, type, encode, prepare: (bytes: Uint8Array) => topic.reader.prepare(bytes) }
}

const double = fc.double({ noNaN: true, noDefaultInfinity: true })
const vectors = fc.array(double, { minLength: 1, maxLength: 40 })

describe('vectors in Avro', () => {
  test.each([
    ['double', 'double', false],
    ['float', 'float', false],
    ['nullable doubles', ['null', 'double'], true],
    ['int', 'int', true],
    ['long', 'long', true],
  ])('of %s items are read as they were written', async (_, items, declared) => {
    const nullable = ['null', list(items)]
    const schema = schemaOf(
      record([
        { name: 'x', type: 'double' },
        { name: 'v', type: nullable },
        { name: 'w', type: list(items) },
      ]),
    )
    const { read, encode, prepare, row } = await reading(schema, declared ? { v: 'embedding', w: 'embedding' } : {})
    const whole = items === 'int' || items === 'long'
    const as = (x: number): number => (whole ? Math.trunc(x % 1e6) + 0 : items === 'float' ? Math.fround(x / 1e300) : x)
    await prepare(encode({ x: 1, v: null, w: [] }))
    fc.assert(
      fc.property(fc.option(vectors), vectors, (v, w) => {
        const [first, second] = [v?.map(as), w.map(as)]
        expect(read(encode({ x: 5, v: first ?? null, w: second }))).toBe(READ)
        expect(row.numbers[row.layout.indexOf('x')]).toBe(5)
        expect(vectorOf(row, 'v')).toEqual(first ?? NULL)
        expect(vectorOf(row, 'w')).toEqual(second)
      }),
    )
  })

  test('may come in several blocks, with or without their size', async () => {
    const schema = schemaOf(record([{ name: 'v', type: list('double') }]))
    const { read, encode, prepare, row } = await reading(schema)
    const plain = encode({ v: [] })
    await prepare(plain)
    const zigzag = (n: number): number[] => [n < 0 ? -2 * n - 1 : 2 * n]
    const doubles = (...xs: number[]): Buffer => Buffer.from(Float64Array.from(xs).buffer)
    // The empty array is the byte before the text "z" (its length and itself).
    const at = plain.length - 3
    const blocks = Buffer.concat([
      Buffer.from(zigzag(2)),
      doubles(1, 2),
      Buffer.from([...zigzag(-3), ...zigzag(24)]),
      doubles(3, 4, 5),
      Buffer.from([0]),
    ])
    expect(plain[at]).toBe(0)
    const bytes = Buffer.concat([plain.subarray(0, at), blocks, plain.subarray(at + 1)])
    expect(read(bytes)).toBe(READ)
    expect(vectorOf(row, 'v')).toEqual([1, 2, 3, 4, 5])
    for (let length = at; length < bytes.length; length++) expect(read(bytes.subarray(0, length))).toBe('truncated')
    const lying = Buffer.from(bytes)
    lying[at] = 126
    expect(read(lying)).toBe('truncated')
  })

  test('that are empty, too long, or hold what is no usable number say so', async () => {
    const schema = schemaOf(
      record([
        { name: 'v', type: list('double') },
        { name: 'l', type: list(['null', 'long', 'string']) },
      ]),
    )
    const { encode, prepare, row, read } = await reading(
      schema,
      { v: 'embedding', l: 'embedding' },
      {
        limits: { series: 2000, segments: 50, dimension: 5 },
      },
    )
    await prepare(encode({ v: [], l: [] }))
    const flags = (v: number[], l: unknown[]) => {
      expect(read(encode({ v, l }))).toBe(READ)
      return [vectorOf(row, 'v'), vectorOf(row, 'l')]
    }
    expect(flags([], [1, 2])).toEqual([WRONG_TYPE, [1, 2]])
    expect(flags([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6])).toEqual([[1, 2, 3, 4, 5], WRONG_TYPE])
    expect(flags([1, 2, 3, 4, 5, 6], [1])).toEqual([WRONG_TYPE, [1]])
    expect(flags([1, Number.NaN], [1, null])).toEqual([NAN, NAN])
    expect(flags([1, Number.NEGATIVE_INFINITY, 2], [1, 'x'])).toEqual([INFINITE, WRONG_TYPE])
    expect(flags([1], [1])).toEqual([[1], [1]])
  })

  test('are found without being declared where items are floats or doubles, in records and in maps', async () => {
    const fields = record([
      { name: 'v', type: ['null', list('float')] },
      { name: 'ids', type: list('long') },
      { name: 'x', type: 'double' },
    ])
    const inRecord = await reading(schemaOf(fields))
    await inRecord.prepare(inRecord.encode({ v: null, ids: [], x: 1 }))
    expect(inRecord.read(inRecord.encode({ v: [0.5, 2], ids: [1, 2], x: 1 }))).toBe(READ)
    expect(vectorOf(inRecord.row, 'v')).toEqual([0.5, 2])
    expect(inRecord.layout.slots.map(({ name, kind, watched }) => [name, kind, watched])).toEqual([
      ['v', 'embedding', false],
      ['x', 'auto', true],
    ])
    const inMap = await reading(schemaOf({ type: 'map', values: list('double') }))
    await inMap.prepare(inMap.encode({}))
    expect(inMap.read(inMap.encode({ a: [1, 2], b: [3] }))).toBe(READ)
    expect([vectorOf(inMap.row, 'a'), vectorOf(inMap.row, 'b')]).toEqual([[1, 2], [3]])
    expect(inMap.read(inMap.encode({ b: [4, 5, 6] }))).toBe(READ)
    expect([vectorOf(inMap.row, 'a'), vectorOf(inMap.row, 'b')]).toEqual([MISSING, [4, 5, 6]])
    const mixed = await reading(schemaOf({ type: 'map', values: [list('double'), 'double', 'null'] }), {
      a: 'embedding',
      n: 'numeric',
    })
    await mixed.prepare(mixed.encode({}))
    expect(mixed.read(mixed.encode({ a: [1, 2], n: 3 }))).toBe(READ)
    expect(vectorOf(mixed.row, 'a')).toEqual([1, 2])
    expect(mixed.read(mixed.encode({ a: 3, n: [1] }))).toBe(READ)
    expect([vectorOf(mixed.row, 'a'), mixed.row.flags[mixed.layout.indexOf('n')]]).toEqual([WRONG_TYPE, WRONG_TYPE])
  })

  test('an array where a number, a category or a text is wanted is of the wrong type', async () => {
    const names = ['n', 'c', 't'] as const
    const schema = schemaOf(record(names.map(name => ({ name, type: list('double') }))))
    const { read, encode, prepare, row } = await reading(schema, { n: 'numeric', c: 'categorical', t: 'text' })
    const bytes = encode({ n: [1], c: [2], t: [3] })
    await prepare(bytes)
    expect(read(bytes)).toBe(READ)
    for (const name of names) expect(row.flags[row.layout.indexOf(name)]).toBe(WRONG_TYPE)
  })
})

describe('vectors in JSON', () => {
  const json = (features: unknown) => Buffer.from(JSON.stringify({ id: 'a', at: 1e12, features }))
  const reader = (kinds: Readonly<Record<string, FeatureKind>>) => {
    const features = new Map(Object.entries(kinds).map(([name, kind]) => [name, spec(kind)]))
    const layout = new Layout(true, 100)
    const monitor = monitorOf({ format: 'json' }, { features })
    new PanePlanner(monitor, layout)
    return topicOf(monitor, {}, layout)
  }

  test('are read as they were written; what holds something else says so', () => {
    const { read, row } = reader({ v: 'embedding', w: 'embedding' })
    // Whole numbers from 2^53 on are not what JSON says they are.
    const some = fc.array(fc.double({ min: -1e15, max: 1e15, noNaN: true }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(some, fc.option(some), (v, w) => {
        expect(read(json({ v, w }))).toBe(READ)
        expect(vectorOf(row, 'v')).toEqual(v.map(x => (Object.is(x, -0) ? 0 : x)))
        expect(vectorOf(row, 'w')).toEqual(w === null ? NULL : w.map(x => (Object.is(x, -0) ? 0 : x)))
      }),
    )
    const flag = (v: unknown) => {
      expect(read(json({ v }))).toBe(READ)
      return vectorOf(row, 'v')
    }
    expect(flag([])).toBe(WRONG_TYPE)
    expect(flag([1, null])).toBe(NAN)
    expect(flag([1, [2]])).toBe(WRONG_TYPE)
    expect(flag([1, '2'])).toBe(WRONG_TYPE)
    expect(flag([1, 2 ** 60])).toBe(UNSAFE)
    for (const v of [1, 'x', true, { a: 1 }]) expect(flag(v)).toBe(WRONG_TYPE)
    expect(flag(undefined)).toBe(MISSING)
    expect(flag([1, 2])).toEqual([1, 2])
  })

  test('are found without being declared from eight numbers on, a fraction among them', () => {
    const { read, row, layout } = reader({})
    const long = [0.5, 1, 2, 3, 4, 5, 6, 7]
    expect(read(json({ v: long, ids: [1, 2, 3, 4, 5, 6, 7, 8], few: [0.5, 1], words: ['a'], x: 1 }))).toBe(READ)
    expect(vectorOf(row, 'v')).toEqual(long)
    expect(layout.slots.map(({ name }) => name)).toEqual(['v', 'x'])
    layout.discover = false
    expect(read(json({ v: long, u: long }))).toBe(READ)
    expect(row.news).toEqual([])
  })
})

describe('texts', () => {
  test('are read by their place; what is no text is of the wrong type', async () => {
    const type = ['null', 'string', 'double', 'boolean', 'bytes']
    const schema = schemaOf(record([{ name: 't', type }]))
    const { read, encode, prepare, row } = await reading(schema, { t: 'text' })
    await prepare(encode({ t: null }))
    const slot = row.layout.indexOf('t')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), t => {
        expect(read(encode({ t }))).toBe(READ)
        expect(row.flags[slot]).toBe(TEXT)
        expect(Buffer.from(row.bytes.subarray(row.starts[slot], row.starts[slot] + row.lengths[slot])).toString()).toBe(
          t,
        )
        expect(row.categories[slot]).toBe(-1)
      }),
    )
    for (const [t, flag] of [
      [null, NULL],
      [1.5, WRONG_TYPE],
      [true, WRONG_TYPE],
      [Buffer.of(1), WRONG_TYPE],
    ] as const) {
      expect(read(encode({ t }))).toBe(READ)
      expect(row.flags[slot]).toBe(flag)
    }
  })
})
