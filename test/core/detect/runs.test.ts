import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { begin, correct, type History, reach, remember } from '../../../src/core/detect/history.js'
import { FIXED, type Limits, limitsOf, NO_TAIL, usualOf } from '../../../src/core/detect/limits.js'
import type { Score } from '../../../src/core/detect/score.js'

const HOUR = 3_600_000
/** Of a calm series: 5 · 2.5 · 2.25, 2, 1.75. */
const CALM = limitsOf(0.003, NO_TAIL, usualOf([]))

const score = (z: number, statistic = 'high'): Score => ({ statistic, z, before: 0, now: 1, phi: 1 })
const windowAt = (hour: number) => ({ start: hour * HOUR, end: (hour + 1) * HOUR, profile: {} as never })
/** After one window an hour, each with one score. */
const after = (zs: readonly number[], limits: Limits, statistic?: string): History =>
  zs.reduce(
    (history, z, hour) => remember(history, windowAt(hour), [score(z, statistic)], 'none', 3, limits),
    begin(1, null),
  )
const next = (zs: readonly number[], z: number, limits = CALM, statistic?: string): number =>
  reach(score(z, statistic), after(zs, limits, statistic), zs.length * HOUR, limits)

describe('windows that go the same way', () => {
  it('need the less, the more they are', () => {
    expect([CALM.once, CALM.twice, ...CALM.lasting]).toEqual([5, 2.5, 2.25, 2, 1.75])
    expect(next([], 2.4)).toBeCloseTo(2.4 / 5)
    expect(next([2.4], 2.4)).toBeCloseTo(2.4 / 5)
    expect(next([2.4, 2.4], 2.4)).toBeCloseTo(2.4 / 2.25)
    expect(next([2.1, 2.1, 2.1], 2.1)).toBeCloseTo(2.1 / 2)
    expect(next([1.8, 1.8, 1.8, 1.8], 1.8)).toBeCloseTo(1.8 / 1.75)
    expect(next([1.7, 1.7, 1.7, 1.7, 1.7], 1.7)).toBeLessThan(1)
  })

  it('are counted back from the newest: one between that stood still, or went the other way, begins anew', () => {
    for (const between of [0, 1.7, -2.4]) expect(next([2.4, between, 2.4], 2.4)).toBeCloseTo(2.4 / 5)
    expect(next([-2.4, -2.4], -2.4)).toBeCloseTo(2.4 / 2.25)
  })

  it('go no farther than their limit in force, never below that of the longest run', () => {
    const zs = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { maxLength: 8 })
    fc.assert(
      fc.property(zs, fc.double({ min: 0.01, max: 9, noNaN: true }), (before, z) => {
        const limit = z / next(before, z)
        expect(limit).toBeGreaterThanOrEqual(1.75 - 1e-9)
        expect(limit).toBeLessThanOrEqual(5 + 1e-9)
      }),
    )
  })

  it('are two at most where it may be another value each time, and where limits are fixed', () => {
    expect(next([2.4, 2.4], 2.4, CALM, 'gain')).toBeCloseTo(2.4 / 5)
    expect(next([2.6], 2.6, CALM, 'gain')).toBeCloseTo(2.6 / 2.5)
    expect(next([3.4, 3.4, 3.4, 3.4], 3.4, FIXED, 'volume')).toBeCloseTo(3.4 / 6)
    expect(next([3.6], 3.6, FIXED, 'volume')).toBeCloseTo(3.6 / 3.5)
  })

  it('need less still where it is the same value each time', () => {
    const [some, other] = [
      { ...score(0, 'gain'), value: 0 },
      { ...score(0, 'gain'), value: 1.5 },
    ]
    const nextOf = (before: readonly Score[], last: Score): number => {
      const history = before.reduce(
        (one, gain, hour) => remember(one, windowAt(hour), [gain], 'none', 3, CALM),
        begin(1, null),
      )
      return Math.abs(last.z) / reach(last, history, before.length * HOUR, CALM)
    }
    const gains = (z: number, of: readonly Score[]): Score[] => of.map(one => ({ ...one, z }))
    expect(CALM.sameValue).toEqual([2, 1.75, 1.5, 1.25])
    expect(nextOf(gains(2.1, [some]), { ...some, z: 2.1 })).toBeCloseTo(2)
    expect(nextOf(gains(2.1, [other]), { ...some, z: 2.1 })).toBeCloseTo(5)
    expect(nextOf(gains(2.6, [other]), { ...some, z: 2.1 })).toBeCloseTo(2.5)
    expect(nextOf(gains(1.3, [some, some, some, some]), { ...some, z: 1.3 })).toBeCloseTo(1.25)
    expect(nextOf(gains(1.3, [some, some, other, some]), { ...some, z: 1.3 })).toBeCloseTo(5)
    expect(nextOf(gains(1.2, [some, some, some, some]), { ...some, z: 1.3 })).toBeCloseTo(5)
  })

  it('do not overlap: of hopping windows the newest one that has ended counts', () => {
    const hopping = [0, 1, 2, 3, 4].reduce(
      (history, hour) =>
        remember(history, { ...windowAt(hour), end: (hour + 2) * HOUR }, [score(2.4)], 'none', 3, CALM),
      begin(1, null),
    )
    expect(reach(score(2.4), hopping, 1 * HOUR, CALM)).toBeCloseTo(2.4 / 5)
    expect(reach(score(2.4), hopping, 5 * HOUR, CALM)).toBeCloseTo(2.4 / 2.25)
    // The window from 4 to 6 follows on that from 2 to 4, which follows on that from 0 to 2.
    expect(reach(score(2.4), hopping, 6 * HOUR, CALM)).toBeCloseTo(2.4 / 2)
  })

  it('are what late events have made of them, as far as the newest goes', () => {
    const history = after([2.4, 2.4], CALM)
    const revised = correct(history, windowAt(1), [score(0.3)], CALM)
    expect(reach(score(2.4), history, 2 * HOUR, CALM)).toBeGreaterThan(1)
    expect(reach(score(2.4), revised, 2 * HOUR, CALM)).toBeCloseTo(2.4 / 5)
  })
})
