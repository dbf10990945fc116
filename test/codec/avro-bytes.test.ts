import avsc from 'avsc'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { avroBytes } from '../../src/codec/avro-bytes.js'

const type = avsc.Type.forSchema({
  type: 'record',
  name: 'Any',
  fields: [
    { name: 'text', type: 'string' },
    { name: 'numbers', type: { type: 'array', items: 'double' } },
    { name: 'bytes', type: ['null', 'bytes'] },
  ],
})
const value = fc.record({
  text: fc.string({ maxLength: 2000 }),
  numbers: fc.array(fc.double({ noNaN: true }), { maxLength: 20 }),
  bytes: fc.option(fc.nat(300_000).map(size => Buffer.alloc(size, 7))),
})

it('writes what avsc writes, after the prefix, whatever the size', () => {
  const written: [Buffer, Buffer][] = []
  fc.assert(
    fc.property(value, fc.uint8Array({ maxLength: 5 }), (one, prefix) => {
      const bytes = avroBytes(type, one, prefix)
      const expected = Buffer.concat([prefix, type.toBuffer(one)])
      expect(bytes.equals(expected)).toBe(true)
      written.push([bytes, expected])
    }),
    { numRuns: 50 },
  )
  // None lies where a later one was written.
  for (const [bytes, expected] of written) expect(bytes.equals(expected)).toBe(true)
})

it('throws where the value is of another type', () => {
  expect(() => avroBytes(type, { text: 3, numbers: [], bytes: null })).toThrow()
})
