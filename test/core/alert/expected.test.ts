import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { againstExpected, type ExpectedChange } from '../../../src/core/alert/expected.js'
import { CLEAR, type Observation } from '../../../src/core/alert/lifecycle.js'

const change: ExpectedChange = {
  ...{ key: 'v1||fare|psi', alertId: 'x', by: 'ann', note: null, ratio: 4, from: 0, to: 10, calm: 0 },
}
const seen = (outcome: Observation['outcome'], ratio: number): Observation => ({
  ...{ outcome, ratio, effect: ratio, window: { start: 10, end: 20 }, confirmed: true, over: null },
})

describe('a difference that is expected', () => {
  it('is no breach while it goes no farther, and is one beyond', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 1, max: 200, noNaN: true }),
        (was, is) => {
          const { seen: taken } = againstExpected({ ...change, ratio: was }, seen('breach', is))
          if (is <= was) expect(taken.outcome).toBe('ok')
          if (is > Math.max(was + 1, 1.25 * was)) expect(taken).toEqual(seen('breach', is))
        },
      ),
    )
    // A new feature is as far as can be from the start.
    expect(
      againstExpected({ ...change, ratio: Number.POSITIVE_INFINITY }, seen('breach', Number.POSITIVE_INFINITY)).seen
        .outcome,
    ).toBe('ok')
  })

  it('is expected until the check has been calm for as long as it takes to resolve', () => {
    const outcomes = fc.array(fc.constantFrom<Observation['outcome']>('ok', 'breach', 'insufficient-data'))
    fc.assert(
      fc.property(outcomes, windows => {
        let standing: ExpectedChange | null = change
        let calm = 0
        for (const outcome of windows) {
          standing = standing && againstExpected(standing, seen(outcome, 2)).change
          calm = outcome === 'ok' ? calm + 1 : outcome === 'breach' ? 0 : calm
          if (calm >= CLEAR) break
        }
        expect(standing === null).toBe(calm >= CLEAR)
      }),
    )
  })
})
