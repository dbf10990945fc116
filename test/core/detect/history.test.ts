import { expect, test } from 'vitest'
import { begin, type History, type Kept, reach, remember } from '../../../src/core/detect/history.js'
import { FIXED } from '../../../src/core/detect/limits.js'
import { Profile } from '../../../src/core/detect/profile.js'

const HOUR = 3_600_000
const none = new Float64Array(0)
const profile = Profile.of({
  ...{ rows: 100, count: 100, counters: none, cells: none, distinct: 1, tops: { values: none, counts: none } },
  shape: null,
})
/** A window of `hours` that begins at an hour, in which `mean` was surprising. */
function seen(history: History, hour: number, hours: number): History {
  const kept: Kept = { start: hour * HOUR, end: (hour + hours) * HOUR, profile }
  return remember(history, kept, [score], 'none', 3, FIXED)
}
const score = { statistic: 'mean', z: 4, before: 0, now: 1, phi: 1 }

test('of windows that overlap, what was surprising in them is kept once each', () => {
  let history = begin(1, null)
  for (let hour = 0; hour < 60; hour++) {
    history = seen(history, hour, 12)
    expect(history.beyond.length).toBeLessThanOrEqual(13)
  }
  const ends = history.beyond.map(({ end }) => end / HOUR)
  expect(ends).toEqual([59, ...Array.from({ length: 12 }, (_, i) => 60 + i)])
  // The window from hour 60 on follows the one that ended then.
  expect(reach(score, history, 60 * HOUR, FIXED)).toBeCloseTo(4 / FIXED.twice)
})

test('windows that come backwards do not pile up', () => {
  let history = begin(1, null)
  for (let hour = 100; hour > 0; hour--) history = seen(history, hour, 1)
  expect(history.beyond.map(({ end }) => end / HOUR)).toEqual([2])
  expect(reach(score, history, 2 * HOUR, FIXED)).toBeCloseTo(4 / FIXED.twice)
  expect(reach(score, history, HOUR, FIXED)).toBeCloseTo(4 / FIXED.once)
})
