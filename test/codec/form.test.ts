import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonBytes, jsonBytesOfChecked, TO_JSON } from '../../src/codec/form.js'
import { castVerdict } from '../../src/codec/verdict.js'
import { verdict } from './events.js'

test('a verdict whose checks are written apart has the bytes of one written whole', () => {
  const texts = fc.constantFrom('≥ 1.63', '"checks":[]', '\\"checks":[]', 'ä')
  fc.assert(
    fc.property(verdict, texts, fc.double(), fc.option(fc.double()), (one, text, value, phi) => {
      const segment = { checks: text, [text]: text }
      const checks = one.checks.map(check => ({
        ...check,
        check: text,
        value,
        phi,
        because: phi === null ? null : text,
      }))
      const event = castVerdict({ ...one, id: text, series: { ...one.series, segment }, checks }, TO_JSON)
      expect(jsonBytesOfChecked(event).toString()).toBe(jsonBytes(event).toString())
    }),
  )
})
