import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonBytes, TO_JSON } from '../../src/codec/form.js'
import { castVerdict, verdictBytes } from '../../src/codec/verdict.js'
import { verdict } from './events.js'

test('a verdict written piece by piece says what one written whole does', () => {
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
      const distances = { ...one.distances, kl: value }
      const event = { ...one, id: text, because: text, series: { ...one.series, segment }, checks, distances }
      const whole = JSON.parse(jsonBytes(castVerdict(event, TO_JSON)).toString())
      // The second time the texts of what verdicts have in common are known.
      for (let i = 0; i < 2; i++) expect(JSON.parse(verdictBytes(event).toString())).toEqual(whole)
    }),
  )
})
