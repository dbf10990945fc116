import { describe, expect, it } from 'vitest'
import { conceptDrift, TOLERATED } from '../../../src/core/performance/concept-drift.js'
import { decide, decisionsOf } from '../../../src/core/performance/decide.js'
import { measure, measuresOf } from '../../../src/core/performance/measure.js'
import type { ScoreState } from '../../../src/core/performance/score-state.js'
import { differenceInterval, wilson } from '../../../src/core/statistic/intervals.js'
import { type Random, seeded } from '../../random.js'
import { binaryRows, classRows, numberRows } from './laws.js'
import { BINARY, CLASSES, counted, type Kind, NUMBER, type Scored } from './scored.js'

it('interval of a difference: that of Newcombe’s method 10 for shares (1998): 56 of 70 against 48 of 80', () => {
  const of = (x: number, n: number) => ({ value: x / n, ...wilson(x, n) })
  const found = differenceInterval(of(56, 70), of(48, 80))
  expect(found.value).toBeCloseTo(0.2, 12)
  expect(found.low).toBeCloseTo(0.0524, 4)
  expect(found.high).toBeCloseTo(0.3339, 4)
})

describe('decisions', () => {
  const auc = (value: number, half: number, n = 1000) =>
    measure('auc', value, { low: value - half, high: value + half }, n)
  it('breach, ok, or not to be told', () => {
    const before = auc(0.9, 0.01)
    expect(decide(auc(0.8, 0.02), before, 0.03)).toMatchObject({ verdict: 'breach', before: 0.9, value: 0.8, n: 1000 })
    expect(decide(auc(0.86, 0.02), before, 0.03).verdict).toBe('ok')
    expect(decide(auc(0.95, 0.02), before, 0.03).verdict).toBe('ok')
    expect(decide(auc(0.8, 0.02, 20), before, 0.03).verdict).toBe('insufficient')
    expect(decide(auc(0.85, 0.2), before, 0.03).verdict).toBe('insufficient')
    const { worse, low, high } = decide(auc(0.8, 0.02), before, 0.03)
    expect(worse).toBeCloseTo(0.1, 12)
    expect(low).toBeCloseTo(0.1 - Math.hypot(0.02, 0.01), 12)
    expect(high).toBeCloseTo(0.1 + Math.hypot(0.02, 0.01), 12)
  })

  it('where less is better, and where neither is', () => {
    const mae = (value: number) => measure('mae', value, { low: value - 0.01, high: value + 0.01 }, 500)
    const bias = (value: number) => measure('bias', value, { low: value - 0.01, high: value + 0.01 }, 500)
    const before = [mae(1), bias(0)]
    const verdicts = (...now: Parameters<typeof decisionsOf>[0]) =>
      decisionsOf(now, before).map(({ verdict }) => verdict)
    expect(verdicts(mae(1.2), bias(-0.2))).toEqual(['breach', 'breach'])
    expect(verdicts(mae(0.8), bias(0.05))).toEqual(['ok', 'ok'])
    expect(decisionsOf([mae(1.2)], before, { mae: { relative: 0.5 } })[0]!.verdict).toBe('ok')
    expect(decisionsOf([measure('r2', 1, { low: 1, high: 1 }, 500)], before)).toEqual([])
  })
})

type Draw = (random: Random, n: number) => Scored[]
const LAWS: readonly (readonly [Kind, Draw, Draw])[] = [
  [BINARY, binaryRows, (random, n) => binaryRows(random, n, { unknown: 4 })],
  [NUMBER, numberRows, (random, n) => numberRows(random, n, { scale: 1.5 })],
  [CLASSES, classRows, (random, n) => classRows(random, n, { right: 0.6 })],
]

describe.each(LAWS)('windows of 1000 labels of %o', (kind, clean, worse) => {
  const random = seeded(41)
  const references = Array.from({ length: 20 }, () => counted(kind, clean(random, 6000)))
  const count = (draw: Draw, tells: (now: ScoreState, reference: ScoreState) => boolean): number =>
    Array.from({ length: 5 }, () => references)
      .flat()
      .filter(reference => tells(counted(kind, draw(random, 1000)), reference)).length
  const fallen = (now: ScoreState, reference: ScoreState): boolean =>
    decisionsOf(measuresOf(now), measuresOf(reference)).some(({ verdict }) => verdict === 'breach')
  const drifts = (now: ScoreState, reference: ScoreState): boolean => conceptDrift(now, reference)!.drifts

  it('ring by chance in at most 1 of 100, whether measure or outcome at a score', () => {
    expect(count(clean, fallen)).toBeLessThanOrEqual(1)
    expect(count(clean, drifts)).toBeLessThanOrEqual(1)
  })

  it('are told where the model got worse', () => {
    expect(count(worse, fallen)).toBeGreaterThanOrEqual(95)
    expect(count(worse, drifts)).toBeGreaterThanOrEqual(90)
  })
})

describe('concept drift', () => {
  it('χ² of windows like the reference has its degrees of freedom as mean', () => {
    const random = seeded(51)
    for (const [kind, clean] of LAWS) {
      const found = Array.from(
        { length: 150 },
        () => conceptDrift(counted(kind, clean(random, 1000)), counted(kind, clean(random, 3000)))!,
      )
      const ratio = found.reduce((sum, { chi2, degrees }) => sum + chi2 / degrees, 0) / found.length
      expect(ratio, kind.type).toBeGreaterThan(0.75)
      expect(ratio, kind.type).toBeLessThan(1.25)
    }
  })

  it('is not told where only the scores moved, nor where both did', () => {
    const random = seeded(52)
    const before = counted(BINARY, binaryRows(random, 6000))
    const test = (law: Parameters<typeof binaryRows>[2]) =>
      conceptDrift(counted(BINARY, binaryRows(random, 5000, law)), before)!
    expect(test({ mean: 0.5 })).toMatchObject({ drifts: false, scores: { quiet: false } })
    expect(test({ mean: 0.5 }).effect).toBeLessThan(0.1)
    expect(test({ mean: 0.5, shift: 1 })).toMatchObject({ drifts: false, scores: { quiet: false } })
    const told = test({ shift: 1 })
    expect(told).toMatchObject({ drifts: true, scores: { quiet: true } })
    expect(told.low).toBeGreaterThan(TOLERATED)
    expect(told.low).toBeLessThan(told.effect)
    expect(told.high).toBeGreaterThan(told.effect)
    // Of a share of .3 on average, a logit of 1 more.
    expect(told.change).toBeGreaterThan(0.1)
    expect(told.change).toBeLessThan(0.2)
  })

  it('knows a reference that was counted at another threshold', () => {
    const random = seeded(54)
    const rows = [binaryRows(random, 3000), binaryRows(random, 3000)] as const
    const [now, before] = rows.map(some => counted(BINARY, some))
    const other = counted({ type: 'binary', threshold: 0.3 }, rows[1])
    const [same, moved] = [conceptDrift(now!, before!)!, conceptDrift(now!, other)!]
    expect(Math.abs(moved.chi2 - same.chi2)).toBeLessThan(4)
    expect(Math.abs(moved.scores!.psi - same.scores!.psi)).toBeLessThan(0.01)
    expect(moved.drifts).toBe(false)
  })

  it('φ takes back what windows vary by anyway; few labels tell nothing', () => {
    const random = seeded(53)
    const before = counted(BINARY, binaryRows(random, 6000))
    const now = counted(BINARY, binaryRows(random, 3000, { shift: 0.6 }))
    expect(conceptDrift(now, before)!.drifts).toBe(true)
    expect(conceptDrift(now, before, 20)!.drifts).toBe(false)
    expect(conceptDrift(counted(BINARY, binaryRows(random, 29)), before)).toBeNull()
  })
})
