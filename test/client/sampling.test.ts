import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fraction, isSampled } from '../../src/client/sampling.js'

const rates = fc.double({ min: 0, max: 1, noNaN: true })

describe('sampling by request id', () => {
  it('keeps a lower rate’s sample within every higher rate’s', () => {
    fc.assert(
      fc.property(fc.string(), rates, rates, (id, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        expect(isSampled(id, low) && !isSampled(id, high)).toBe(false)
      }),
    )
  })

  it('takes all at rate 1 and none at rate 0', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), id => {
        expect(isSampled(id, 1)).toBe(true)
        expect(isSampled(id, 0)).toBe(false)
      }),
    )
  })

  it.each(['request-', '', 'ffffffff-0000-4000-8000-'])(
    'takes its share of ids that only count up after "%s"',
    prefix => {
      const n = 50_000
      for (const rate of [0.01, 0.1, 0.5, 0.9]) {
        let taken = 0
        for (let i = 0; i < n; i++) if (isSampled(prefix + i, rate)) taken++
        // Five standard deviations of a fair draw.
        expect(Math.abs(taken / n - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / n))
      }
    },
  )

  it('has these values for good: other languages sample alike', () => {
    expect(['', 'request-1', 'é'].map(id => fraction(id).toFixed(6))).toMatchInlineSnapshot(`
      [
        "0.668922",
        "0.145993",
        "0.555776",
      ]
    `)
  })
})
