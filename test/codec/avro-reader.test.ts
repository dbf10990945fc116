import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { READ } from '../../src/core/ports.js'
import { Layout } from '../../src/core/row.js'
import { cellOf, kindOf, typeOf } from './avro-values.js'
import { cells, monitorOf, topicOf, wire } from './rows.js'

const KINDS = ['numeric', 'categorical', 'auto'] as const
const AT = Date.UTC(2026, 0, 5)

/** Five features of any type among fields that nobody reads. */
const event = fc.record({
  features: fc.array(kindOf(2), { minLength: 1, maxLength: 6 }),
  unread: fc.array(kindOf(2), { maxLength: 4 }),
  kinds: fc.array(fc.constantFrom(...KINDS), { minLength: 6, maxLength: 6 }),
  known: fc.array(fc.constantFrom('A', 'Cash', 'true', '12.5', '7'), { maxLength: 3 }),
})

const encoded = event.chain(({ features, unread, kinds, known }) => {
  const fields = [
    ...unread.map(({ schema }, i) => ({ name: `u${i}`, type: schema })),
    { name: 'id', type: 'string' },
    {
      name: 'features',
      type: {
        type: 'record',
        name: 'Features',
        fields: features.map(({ schema }, i) => ({ name: `x${i}`, type: schema })),
      },
    },
    { name: 'at', type: 'long' },
    ...unread.map(({ schema }, i) => ({ name: `v${i}`, type: typeof schema === 'string' ? schema : 'null' })),
  ]
  const schema = { type: 'record', name: 'Event', fields }
  const values = fc.record({
    ...Object.fromEntries(unread.map(({ value }, i) => [`u${i}`, value])),
    ...Object.fromEntries(
      unread.map(({ schema, value }, i) => [`v${i}`, typeof schema === 'string' ? value : fc.constant(null)]),
    ),
    id: fc.constant('r1'),
    at: fc.constant(BigInt(AT)),
    features: fc.record(Object.fromEntries(features.map(({ value }, i) => [`x${i}`, value]))),
  })
  return values.map(value => ({ schema, value, kinds, known, types: features.map(feature => feature.schema) }))
})

function layoutFor(count: number, kinds: readonly (typeof KINDS)[number][], known: readonly string[]): Layout {
  const layout = new Layout(false, 100)
  for (let i = 0; i < count; i++) {
    const { dictionary } = layout.slots[layout.add(`x${i}`, kinds[i])]
    for (const text of known) dictionary.add(text)
  }
  return layout
}

vi.setConfig({ testTimeout: 60_000 })

describe('reader of Avro records', () => {
  test('says of every feature what avsc decodes', async () => {
    await fc.assert(
      fc.asyncProperty(encoded, async ({ schema, value, kinds, known, types }) => {
        const type = typeOf(schema)
        const bytes = wire(7, type.toBuffer(value))
        const { reader, row, read } = topicOf(monitorOf(), { 7: schema }, layoutFor(types.length, kinds, known))
        await reader.prepare(bytes)
        expect(read(bytes)).toBe(READ)
        expect(row.time).toBe(AT)
        const decoded = type.fromBuffer(Buffer.from(bytes.subarray(5))) as { features: Record<string, unknown> }
        const expected = Object.fromEntries(
          types.map((t, i) => [`x${i}`, cellOf(t, decoded.features[`x${i}`], kinds[i])]),
        )
        expect(cells(row)).toEqual(expected)
      }),
      { numRuns: 400 },
    )
  })

  test('rejects what is cut off, wherever, and reads nothing beyond its end', async () => {
    await fc.assert(
      fc.asyncProperty(encoded, async ({ schema, value, kinds, types }) => {
        const whole = wire(7, typeOf(schema).toBuffer(value))
        const { reader, read } = topicOf(monitorOf(), { 7: schema }, layoutFor(types.length, kinds, []))
        await reader.prepare(whole)
        for (let length = 0; length < whole.length; length++) {
          // The rest of the record lies behind the end: who reads on, finds it complete.
          expect(read(whole.subarray(0, length))).toBe(length < 5 ? 'not-avro' : 'truncated')
        }
        expect(read(Uint8Array.from([...whole, 0]))).toBe('truncated')
      }),
      { numRuns: 150 },
    )
  })

  test('answers a word to any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(encoded, fc.uint8Array({ maxLength: 300 }), async ({ schema, kinds, types }, garbage) => {
        const { reader, read } = topicOf(monitorOf(), { 7: schema }, layoutFor(types.length, kinds, []))
        const bytes = wire(7, garbage)
        await reader.prepare(bytes)
        expect(['string', 'number']).toContain(typeof read(bytes))
      }),
      { numRuns: 300 },
    )
  })
})
