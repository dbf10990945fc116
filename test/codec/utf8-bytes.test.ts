import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8Bytes } from '../../src/codec/utf8-bytes.js'

test('bytes are those of the text, and stay so while others are written', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.constantFrom('a', 'ü', '≥', '😀'), fc.nat(200_000)).map(([one, times]) => one.repeat(times)),
  )
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), texts => {
      const written = texts.map(one => utf8Bytes(one))
      expect(utf8Bytes(...texts).equals(Buffer.from(texts.join('')))).toBe(true)
      for (const [i, one] of texts.entries()) expect(written[i].equals(Buffer.from(one))).toBe(true)
    }),
    { numRuns: 50 },
  )
})
