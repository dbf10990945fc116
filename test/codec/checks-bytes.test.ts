import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checksBytes } from '../../src/codec/checks-bytes.js'
import type { Evidence } from '../../src/core/alert/event.js'

const number = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constant(-Number.MAX_VALUE),
  fc.nat(),
  fc.constant(-0),
)
/** Few names and sizes, so that many checks share their texts with the one before. */
const name = fc.constantFrom('psi', 'w1', '=é', '=≥ 5', '="\n', '=😀')
const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    against: fc.constantFrom('training' as const, 'history' as const),
    check: name,
    statistic: fc.constantFrom('z', 'psi'),
    value: number,
    threshold: number,
    thresholdFrom: fc.constantFrom('effect' as const, 'history' as const),
    noiseFloor: number,
    alpha: fc.constantFrom(0.001, 0),
    phi: fc.option(number),
    calibrated: fc.boolean(),
    n: fc.constantFrom(0, 1000),
    m: fc.constantFrom(50, 20_000),
    outcome: fc.constantFrom('ok' as const, 'breach' as const, 'insufficient-data' as const),
    because: fc.constantFrom(null, 'too-few-rows'),
    decides: fc.boolean(),
  })
  // In the order of the schema, as the core makes them.
  .map(one => one as Evidence)

// First, before the memory has grown.
test('there is room for the longest numbers, wherever memory ends', () => {
  const longest = -Number.MAX_VALUE
  const numbers = { value: longest, threshold: longest, noiseFloor: longest, phi: longest }
  const [one] = fc.sample(evidence, 1)
  for (let length = 0; length < 1000; length += 40) {
    const checks = ['psi', 'x'.repeat(length)].map(check => ({ ...one!, check, ...numbers }))
    expect(Buffer.from(checksBytes(checks)).toString()).toBe(JSON.stringify(checks))
  }
})

test('checks are written as JSON has them, however many there are', () => {
  fc.assert(
    fc.property(fc.array(evidence, { maxLength: 60 }), checks => {
      expect(Buffer.from(checksBytes(checks)).toString()).toBe(JSON.stringify(checks))
    }),
    { numRuns: 200 },
  )
})
