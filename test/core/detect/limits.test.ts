import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AlertStep, begin, remember } from '../../../src/core/detect/history.js'
import { budgetOf, grown, limitsOf, NO_TAIL, type Tail, usualOf } from '../../../src/core/detect/limits.js'
import { ALPHA } from '../../../src/core/statistic/thresholds.js'
import { seeded } from '../../random.js'

const HOUR = 3_600_000
const tailOf = (peaks: Iterable<number>): Tail => [...peaks].reduce(grown, NO_TAIL)
const tails = fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { maxLength: 80 }).map(tailOf)
const budgets = fc.double({ min: 1e-5, max: 0.1, noNaN: true })
const many = fc.array(tails, { minLength: 1, maxLength: 12 })

/** Largest |z| of so many normal scores, with tails of another mean excess beyond 3. */
function* peaksOf(seed: number, windows: number, scores: number, wider = 1): Generator<number> {
  const random = seeded(seed)
  for (let w = 0; w < windows; w++) {
    let peak = 0
    for (let s = 0; s < scores; s++) peak = Math.max(peak, wider * Math.abs(random.normal()))
    yield peak
  }
}

describe('limits of a series', () => {
  it('are never raised by a larger budget', () => {
    fc.assert(
      fc.property(budgets, budgets, many, (a, b, all) => {
        const small = limitsOf(Math.min(a, b), all[0]!, usualOf(all))
        const large = limitsOf(Math.max(a, b), all[0]!, usualOf(all))
        expect(large.once).toBeLessThanOrEqual(small.once)
        expect(large.twice).toBeLessThanOrEqual(small.twice)
      }),
    )
  })

  it('lie within bounds, and are not lowered by more series of the same kind nor by a window that went far', () => {
    fc.assert(
      fc.property(budgets, tails, many, (budget, own, all) => {
        const { once, twice } = limitsOf(budget, own, usualOf(all))
        expect(once).toBeGreaterThanOrEqual(5)
        expect(once).toBeLessThanOrEqual(8)
        expect(twice).toBe(once / 2)
        const usual = usualOf(all)
        expect(limitsOf(budget, own, { ...usual, series: 2 * usual.series }).once).toBeGreaterThanOrEqual(once)
        const next = (peak: number): number => limitsOf(budget, grown(own, peak), usualOf(all)).once
        expect(next(20)).toBeGreaterThanOrEqual(next(0))
      }),
    )
  })

  it('stay where faults are seen in a model of 200 calm features', () => {
    const own = Array.from({ length: 200 }, (_, f) => tailOf(peaksOf(f, 60, 15)))
    for (const tail of own) expect(limitsOf(0.003, tail, usualOf(own)).once).toBeLessThan(7.5)
  })

  it('are those of the calmest where history is calm, and highest where a series is restless among calm ones', () => {
    const calm = Array.from({ length: 9 }, (_, f) => tailOf(peaksOf(f, 60, 15)))
    const restless = tailOf(peaksOf(99, 60, 15, 2))
    const usual = usualOf([...calm, restless])
    expect(limitsOf(0.003, NO_TAIL, usualOf([])).once).toBe(5)
    for (const tail of calm) expect(limitsOf(0.003, tail, usualOf(calm)).once).toBeLessThan(6.5)
    expect(limitsOf(0.003, restless, usual).once).toBe(8)
  })

  it('keep the budget: a series whose peaks have the assumed shape goes beyond once as often as is told', () => {
    // Exponential excesses of mean .7 in 4 % of the windows, beyond where tails begin.
    const random = seeded(7)
    const peak = (): number => (random.chance(0.04) ? 3 - 0.7 * Math.log(1 - random.next()) : 1)
    const tail = tailOf(Array.from({ length: 3000 }, peak))
    const limits = limitsOf(0.0005, tail, usualOf([tail]))
    const windows = 200_000
    const beyond = Array.from({ length: windows }, peak).filter(one => one > limits.once).length
    expect(limits.once).toBeGreaterThan(5)
    expect(limits.alpha).toBeCloseTo(0.00025, 6)
    // The tail remembers 300 windows, a dozen peaks: its rate and mean are that uncertain.
    expect(beyond / windows).toBeGreaterThan(0.00005)
    expect(beyond / windows).toBeLessThan(0.00125)
    const floor = Array.from({ length: windows }, peak).filter(one => one > limits.floor).length
    expect(floor / windows).toBeGreaterThan(ALPHA / 4)
    expect(floor / windows).toBeLessThan(ALPHA * 4)
  })

  it('forget: a restless time weighs less the longer it is past', () => {
    const restless = tailOf(peaksOf(1, 50, 15, 2.5))
    const limit = (tail: Tail): number => limitsOf(0.003, tail, usualOf([tail])).once
    const later = Array.from({ length: 1500 }, () => 1).reduce(grown, restless)
    expect(limit(restless)).toBe(8)
    expect(limit(later)).toBe(5)
  })
})

it('the windows of an alert say nothing of what is usual, all others do', () => {
  const kept = { start: 0, end: HOUR, profile: {} as never }
  const scores = [{ statistic: 'mean', z: -4, before: 0, now: 1, phi: 1 }]
  const limits = limitsOf(0.003, NO_TAIL, usualOf([]))
  const after = (alert: AlertStep): Tail | undefined => remember(begin(1, null), kept, scores, alert, 3, limits).tail
  expect(after('none')).toEqual({ windows: 1, peaks: 1, excess: 1 })
  expect([after('firing'), after('calmed'), after('standing')]).toEqual([undefined, undefined, undefined])
})

it('a budget is for each window the part of a week that it is, at most 3 in 1000 for one a week', () => {
  const budget = (falseIncidents: number, advanceMs: number): number =>
    budgetOf({ falseIncidents, window: { advanceMs } as never })
  expect(budget(1, HOUR / 4)).toBeCloseTo(1 / 672, 12)
  expect(budget(1, 24 * HOUR)).toBe(0.003)
  expect(budget(2, 24 * HOUR)).toBe(0.006)
})
