import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AvroWriter, JsonWriter } from '../../src/client/value-writer.js'
import { GivenSchema, GrowingSchema, type WriterSchema } from '../../src/client/writer-schema.js'

const name = fc.constantFrom('a', 'b', 'c', 'd_1')
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string(),
  // A whole number's field knows no −0.
  fc.double().map(x => x + 0),
  fc.maxSafeInteger(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
)
const event = fc.record({
  requestId: fc.string({ minLength: 1 }),
  features: fc.dictionary(name, scalar),
  score: scalar,
})

function read(value: Buffer, { type }: WriterSchema): Record<string, unknown> {
  return type.decode(value, 5).value as Record<string, unknown>
}

/** Null and absent are one in Avro. */
function filled(features: object): object {
  return Object.fromEntries(Object.entries(features).filter(([, value]) => value !== null && value !== undefined))
}

describe('schemas inferred from events', () => {
  it('carry every event, and each new version reads what the ones before wrote', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), events => {
        const writer = new AvroWriter(new GrowingSchema('served', ['requestId']))
        const written = events.map(one => ({ event: one, ...writer.write(one) }))
        const last = written.at(-1)!.schema.type
        for (const { event: given, value, schema } of written) {
          const back = read(value, schema)
          expect(back['requestId']).toBe(given.requestId)
          expect(filled(back['features'] as object)).toEqual(filled(given.features))
          const resolver = last.createResolver(schema.type)
          expect((last.decode(value, 5, resolver).value as { requestId: string }).requestId).toBe(given.requestId)
        }
      }),
    )
  })

  it('settle: the same fields and types make no new version', () => {
    const schemas = new GrowingSchema('served', ['requestId'])
    const first = schemas.schemaFor({ requestId: 'a', features: { x: 1, country: 'DE' } })
    expect(schemas.schemaFor({ requestId: 'b', features: { x: 2.5, country: null } })).toBe(first)
    expect(schemas.schemaFor({ requestId: 'c', features: { country: 'FR' } })).toBe(first)
    const second = schemas.schemaFor({ requestId: 'd', features: { x: 1, y: true } })
    expect(second).not.toBe(first)
    expect(schemas.schemaFor({ requestId: 'e', features: { x: 1, country: 'DE', y: false } })).toBe(second)
  })

  it('put names that Avro forbids into a map', () => {
    const writer = new AvroWriter(new GrowingSchema('served', ['requestId']))
    const { value, schema } = writer.write({ requestId: 'a', features: { 'trip-miles': 1.5, 'zip code': '60601' } })
    expect({ ...(read(value, schema)['features'] as object) }).toEqual({ 'trip-miles': 1.5, 'zip code': '60601' })
  })

  it('are readable: times are longs, measurements nullable doubles', () => {
    const schema = new GrowingSchema('served', ['requestId']).schemaFor({
      requestId: 'a',
      eventTime: 1.7e12,
      features: { x: 1 },
    })
    expect(schema.definition).toMatchObject({
      fields: [
        { name: 'requestId', type: 'string' },
        { name: 'eventTime', type: ['null', 'long'], default: null },
        { name: 'features', type: ['null', { fields: [{ name: 'x', type: ['null', 'double'], default: null }] }] },
      ],
    })
  })

  it.each([
    ['a Date', { requestId: 'a', at: new Date() }, /field "at": Avro has no Date/],
    ['a bigint', { requestId: 'a', features: { n: 1n } }, /field "features.n": Avro has no bigint/],
    ['a typed array', { requestId: 'a', e: new Float32Array(2) }, /field "e": Avro has no Float32Array/],
  ])('refuse %s, by its field', (_, one, message) => {
    expect(() => new GrowingSchema('served', ['requestId']).schemaFor(one)).toThrow(message)
  })

  it('refuse what was a record and is a text, and stay as they were', () => {
    const schemas = new GrowingSchema('served', ['requestId'])
    const first = schemas.schemaFor({ requestId: 'a', features: { x: 1 } })
    expect(() => schemas.schemaFor({ requestId: 'b', features: 'x=1' })).toThrow(/field "features": was a record/)
    expect(schemas.schemaFor({ requestId: 'c', features: { x: 2 } })).toBe(first)
  })
})

describe('a schema of the caller', () => {
  const schemas = new GivenSchema({
    type: 'record',
    name: 'S',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'x', type: 'double' },
    ],
  })

  it('refuses fields that would vanish, and values of another type', () => {
    expect(() => schemas.schemaFor({ id: 'a', x: 1, y: 2 })).toThrow(/schema does not have/)
    expect(() => schemas.schemaFor({ id: 'a', x: 'one' })).toThrow(/field "x" is "one", expected "?double/)
  })
})

it('events are written at once: a later change of the object changes nothing', () => {
  const one = { requestId: 'a', features: { x: 1 } }
  const values = [new JsonWriter().write(one).value]
  one.features.x = 2
  expect(JSON.parse(values[0]!.toString())).toEqual({ requestId: 'a', features: { x: 1 } })
})

it('events larger than the first buffer are written whole', () => {
  const writer = new AvroWriter(new GrowingSchema('served', ['requestId']))
  const text = 'x'.repeat(200_000)
  const { value, schema } = writer.write({ requestId: 'a', text })
  expect(read(value, schema)['text']).toBe(text)
})
