import { describe, expect, test } from 'vitest'
import type { Baseline, Trained } from '../../../src/core/baseline/baseline.js'
import { boundOfSwing, swingOf, usualSwing } from '../../../src/core/detect/swings.js'
import { shareNoise } from '../../../src/core/statistic/thresholds.js'
import { type Random, seeded } from '../../random.js'
import { HOUR, monitorOf, T0, trained, usual } from '../../service/rides.js'

const monitor = monitorOf()
const PER_HOUR = 400

/** Fares that go with the hour; a third of the rows have no stops in the third hour before the end; every hour has a driver of its own. */
function byHour(random: Random, time: number): Record<string, unknown> {
  const hour = Math.floor((T0 - time - 1) / HOUR)
  const features = usual(random)
  return {
    ...features,
    fare: (features['fare'] as number) + 10 * hour,
    stops: hour === 2 && random.chance(1 / 3) ? null : features['stops'],
    driver: random.chance(0.25) ? `d${hour}` : 'any',
  }
}

const learnt = (hours: number, dated = true): Baseline =>
  trained(monitor, { features: byHour, rows: hours * PER_HOUR, perHour: PER_HOUR, dated })

const of = ({ features }: Baseline, name: string, segment = ''): Trained =>
  features.find(feature => feature.name === name)!.segments.get(segment)!

describe('training with windows, but too few for a history', () => {
  const baseline = learnt(6)

  test('keeps by check how far the farthest window lay from the others', () => {
    const { rows, sketch, swings, history } = of(baseline, 'stops')
    expect(history).toBeUndefined()
    expect(swings!.sizeMs).toBe(HOUR)
    // All nulls are in one window, none in the others: what they come to in the whole says nothing of it.
    expect(rows).toBe(6 * PER_HOUR)
    const nulls = rows - sketch.numeric!.count
    const noise = shareNoise(nulls / PER_HOUR, PER_HOUR, 0, 5 * PER_HOUR)
    expect(swings!.checks.get('null')!.windows).toBe(6)
    expect(swings!.checks.get('null')!.largest ** 2).toBeCloseTo((nulls / PER_HOUR) ** 2 - noise ** 2, 12)
    // Hour by hour ten more: the first and the last are three steps and more from the middle of the others.
    const { numeric } = baseline.features.find(({ name }) => name === 'fare')!
    const { windows, largest } = of(baseline, 'fare').swings!.checks.get('w1')!
    expect(windows).toBe(6)
    expect(largest * numeric!.sigma).toBeGreaterThan(28)
    expect(largest * numeric!.sigma).toBeLessThan(32)
  })

  test('counts values of one window only as values that training never saw', () => {
    const { windows, largest } = of(baseline, 'driver').swings!.checks.get('unseen')!
    expect(windows).toBe(6)
    expect(largest).toBeGreaterThan(0.2)
    expect(largest).toBeLessThan(0.32)
    expect(of(baseline, 'payment').swings?.checks.get('unseen')).toBeUndefined()
  })

  test('does so by segment, and only from windows with rows enough for a check', () => {
    expect(of(baseline, 'fare', 'payment=cash').swings!.checks.get('w1')!.windows).toBe(6)
    // A sixth of 400 rows an hour: under the 100 usable ones that the monitor asks for.
    expect([...of(baseline, 'stops', 'payment=other').swings!.checks.keys()]).toEqual(['null'])
  })

  test('has none where there are fewer than three windows, no times, or a history', () => {
    expect(of(learnt(2), 'fare').swings).toBeUndefined()
    expect(of(learnt(6, false), 'fare').swings).toBeUndefined()
    const long = of(learnt(20), 'fare')
    expect(long.history!.past).toHaveLength(20)
    expect(long.swings).toBeUndefined()
    expect(of(learnt(19), 'fare').swings!.checks.get('w1')!.windows).toBe(19)
  })
})

test.each([
  [3, 0.06, 0.14],
  [8, 0, 0.03],
  [19, 0, 0.01],
])('of series that go on as they were in %i windows few ring in 20 more', (windows, least, most) => {
  const random = seeded(windows)
  const series = 2000
  let rang = 0
  for (let s = 0; s < series; s++) {
    const levels = Array.from({ length: windows }, () => random.normal())
    const sum = levels.reduce((a, b) => a + b, 0)
    const largest = Math.max(...levels.map(level => Math.abs(level - (sum - level) / (windows - 1))))
    const limit = usualSwing({ sizeMs: HOUR, checks: new Map([['w1', { windows, largest }]]) }, 'w1')
    const served = Array.from({ length: 20 }, () => Math.abs(random.normal() - sum / windows) / limit)
    if (served.some((ratio, w) => ratio >= 2 || (ratio >= 1 && served[w + 1] >= 1))) rang++
  }
  expect(rang / series).toBeGreaterThanOrEqual(least)
  expect(rang / series).toBeLessThanOrEqual(most)
})

test('what counting explains is no swing, and comes on top of one', () => {
  expect(swingOf('null', 0.05, 0.03)).toBeCloseTo(0.04, 12)
  expect(swingOf('null', 0.02, 0.03)).toBe(0)
  expect(swingOf('psi', 0.05, 0.03)).toBeCloseTo(0.02, 12)
  expect(boundOfSwing(0.04, 0.03)).toBeCloseTo(0.05, 12)
  expect(boundOfSwing(0, 0.03)).toBe(0)
})

test('fewer windows are given more room; PSI goes with the square of a move', () => {
  const swings = (windows: number) => ({
    sizeMs: HOUR,
    checks: new Map(['w1', 'psi'].map(check => [check, { windows, largest: 0.2 }])),
  })
  expect(usualSwing(swings(3), 'w1')).toBeCloseTo(0.6, 12)
  expect(usualSwing(swings(18), 'w1')).toBeCloseTo(0.35, 12)
  expect(usualSwing(swings(3), 'psi')).toBeCloseTo(1.8, 12)
  expect(usualSwing(swings(3), 'null')).toBe(0)
  expect(usualSwing(null, 'w1')).toBe(0)
})
