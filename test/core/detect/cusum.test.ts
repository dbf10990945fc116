import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cusum, largestSum, summed } from '../../../src/core/detect/cusum.js'
import { begin, type History, remember } from '../../../src/core/detect/history.js'
import { FIXED } from '../../../src/core/detect/limits.js'
import { Profile } from '../../../src/core/detect/profile.js'
import type { Score } from '../../../src/core/detect/score.js'
import { type Random, seeded } from '../../random.js'

const score = (z: number, statistic = 'mean'): Score => ({ statistic, z, before: 0, now: 0, phi: 1 })
const window = (w: number) => ({ start: w, end: w + 1 })
const after = (zs: readonly number[]): Cusum | null =>
  zs.reduce<Cusum | null>((sum, z, w) => summed(sum, [score(z)], window(w)), null)
const value = (zs: readonly number[]): number => largestSum(after(zs), { end: zs.length })?.value ?? 0

test('a sum tells how far, which way and since when', () => {
  const up = after([0, 0, 1, 1.5, 1])
  expect(largestSum(up, { end: 5 })).toEqual({ statistic: 'mean', value: 2, since: 2, through: 5 })
  expect(largestSum(after([0, -1, -2]), { end: 3 })).toEqual({ statistic: 'mean', value: -2, since: 1, through: 3 })
  // One window is no drift, however far.
  expect(value([40])).toBe(3.5)
  expect(largestSum(after([0, 0.5]), { end: 2 })).toBeNull()
  // A revision of the third window is not told what the fifth added.
  expect(largestSum(up, { end: 3 })).toBeNull()
})

test('a sum is the largest of all stretches that end now', () => {
  const quarters = fc.array(
    fc.integer({ min: -16, max: 16 }).map(x => x / 4),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(quarters, zs => {
      const best = (sign: number): number =>
        Math.max(0, ...zs.map((_, j) => zs.slice(j).reduce((sum, z) => sum + sign * z - 0.5, 0)))
      expect(Math.abs(value(zs))).toBe(Math.max(best(1), best(-1)))
    }),
  )
})

test('windows that overlap what is summed up add nothing; a statistic without a score begins anew', () => {
  const first = summed(null, [score(2), score(3, 'psi')], { start: 0, end: 4 })
  expect(summed(first, [score(2)], { start: 1, end: 5 })).toBe(first)
  expect(summed(first, [], { start: 4, end: 8 })).toBe(first)
  const next = summed(first, [score(2)], { start: 4, end: 8 })
  expect(next?.sums.map(({ statistic, sum }) => [statistic, sum])).toEqual([['mean', 3]])
})

/** Windows until a sum is beyond 5, both ways looked at. */
function run(shift: number, random: Random): number {
  let sum: Cusum | null = null
  for (let w = 0; ; w++) {
    sum = summed(sum, [score(shift + random.normal())], window(w))
    if ((sum?.sums[0]?.sum ?? 0) > 5) return w + 1
  }
}

test('runs until 5 are as long as the tables say: 465 without a shift, 10.4 for one of 1 σ, 4.0 for 2 σ', () => {
  const random = seeded(11)
  const mean = (shift: number, runs: number): number =>
    Array.from({ length: runs }, () => run(shift, random)).reduce((a, b) => a + b) / runs
  // Montgomery, Statistical Quality Control, table of ARL for k = ½, h = 5. Runs are nearly exponential: mean ± 4 of its errors.
  expect(Math.abs(mean(0, 1000) - 465)).toBeLessThan((4 * 465) / Math.sqrt(1000))
  expect(mean(1, 1000)).toBeGreaterThan(9.7)
  expect(mean(1, 1000)).toBeLessThan(11.1)
  expect(mean(2, 1000)).toBeGreaterThan(3.8)
  expect(mean(2, 1000)).toBeLessThan(4.3)
})

test('sums of a series begin anew with an alert, and with another reference', () => {
  const none = new Float64Array(0)
  const profile = Profile.of({
    ...{ rows: 100, count: 100, counters: none, cells: none, distinct: 1, tops: { values: none, counts: none } },
    shape: null,
  })
  const step = (history: History, w: number, alert: 'none' | 'firing' | 'standing'): History =>
    remember(history, { ...window(w), profile }, [score(2)], alert, 3, FIXED)
  const grown = step(step(begin(1, null), 0, 'none'), 1, 'none')
  expect(largestSum(grown.cusum!, { end: 2 })?.value).toBe(3)
  expect(step(grown, 2, 'firing').cusum).toBeNull()
  expect(step(grown, 2, 'standing').cusum).toBeNull()
})
