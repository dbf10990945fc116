import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agree } from '../../../src/core/join/tolerance.js'

const number = fc.double({ noDefaultInfinity: false })

describe('the tolerance', () => {
  it.each([
    [1, 1, { abs: 0, rel: 0 }, true],
    [1.01, 1, { abs: 0.01, rel: 0 }, Math.abs(1.01 - 1) <= 0.01],
    [1.25, 1, { abs: 0.25, rel: 0 }, true],
    [1.2500001, 1, { abs: 0.25, rel: 0 }, false],
    [110, 100, { abs: 0, rel: 0.1 }, true],
    [100, 110, { abs: 0, rel: 0.1 }, true],
    [90, 100, { abs: 0, rel: 0.1 }, true],
    // Relative to the second value: the other way round it is too far.
    [100, 90, { abs: 0, rel: 0.1 }, false],
    [0.001, 0, { abs: 0, rel: 1 }, false],
    [0, -0, { abs: 0, rel: 0 }, true],
    [Number.NaN, Number.NaN, { abs: 0, rel: 0 }, true],
    [Number.NaN, 1, { abs: 1e300, rel: 1 }, false],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, { abs: 0, rel: 0 }, true],
    [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { abs: 1, rel: 1 }, false],
    [5, Number.POSITIVE_INFINITY, { abs: 1, rel: 1 }, false],
  ])('%s and %s within %o: %s', (a, b, tolerance, equal) => {
    expect(agree(a, b, tolerance)).toBe(equal)
  })

  it('is symmetric where only the absolute one counts, and holds for a value and itself', () => {
    fc.assert(
      fc.property(number, number, fc.double({ min: 0, max: 1e9, noNaN: true }), (a, b, abs) => {
        expect(agree(a, b, { abs, rel: 0 })).toBe(agree(b, a, { abs, rel: 0 }))
        expect(agree(a, a, { abs: 0, rel: 0 })).toBe(true)
      }),
    )
  })

  it('never takes back what a smaller one allows', () => {
    const small = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(number, number, small, small, small, (a, b, abs, rel, more) => {
        if (agree(a, b, { abs, rel })) expect(agree(a, b, { abs: abs + more, rel: rel + more })).toBe(true)
      }),
    )
  })
})
