import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reweighted } from '../../../src/core/performance/early-labels.js'
import { feedbackLoop } from '../../../src/core/performance/feedback-loop.js'
import { labelCoverage } from '../../../src/core/performance/label-coverage.js'
import { type MeasureName, measuresOf } from '../../../src/core/performance/measure.js'
import { measured } from '../../../src/core/performance/measured.js'
import type { ScoreState } from '../../../src/core/performance/score-state.js'
import { trendZ } from '../../../src/core/statistic/trend.js'
import { seeded } from '../../random.js'
import { binaryRows, classRows, numberRows } from './laws.js'
import { BINARY, CLASSES, counted, type Kind, NUMBER, type Scored } from './scored.js'

const measureOf = (state: ScoreState, name: MeasureName): number =>
  measuresOf(state).find(measure => measure.name === name)!.value

/** Rows that keep their label with a probability by their prediction. */
function kept(rows: readonly Required<Scored>[], chance: (value: number) => number, seed: number): Scored[] {
  const random = seeded(seed)
  return rows.map(({ value, label }) => (random.chance(chance(value)) ? { value, label } : { value }))
}

describe('coverage by score', () => {
  it('trend: Cochran and Armitage’s z of a small table, turned around with the groups', () => {
    // Middle ranks 5, 15, 25 of 30 stand for −1, 0, 1: z = (8 − 2)/√(½·½·20).
    expect(trendZ([2, 5, 8], [10, 10, 10])).toBeCloseTo(6 / Math.sqrt(5), 12)
    expect(trendZ([8, 5, 2], [10, 10, 10])).toBeCloseTo(-6 / Math.sqrt(5), 12)
    expect(trendZ([10, 10], [10, 10])).toBe(0)
  })

  it('of labels by chance: trend a standard normal, differences told once in a thousand', () => {
    const random = seeded(2)
    const found = Array.from({ length: 150 }, (_, i) =>
      labelCoverage(
        counted(
          BINARY,
          kept(binaryRows(random, 600), () => 0.6, i),
        ),
      ),
    )
    const squares = found.reduce((sum, { z }) => sum + z * z, 0) / found.length
    expect(squares).toBeGreaterThan(0.75)
    expect(squares).toBeLessThan(1.3)
    expect(found.filter(({ varies }) => varies).length).toBeLessThan(4)
  })

  it('finds the score from which on labels exist', () => {
    const { coverage, selective } = feedbackLoop(
      counted(
        BINARY,
        kept(binaryRows(seeded(3), 5000), p => (p > 0.7 ? 0.9 : 0), 3),
      ),
      null,
    )
    expect(selective).toBe(true)
    expect(coverage.z).toBeGreaterThan(20)
    const { group, below, above } = coverage.split!
    expect(coverage.groups[group]!.to).toBeGreaterThan(0.7)
    expect(coverage.groups[group - 1]!.from).toBeLessThan(0.7)
    expect(below).toBeLessThan(0.15)
    expect(above).toBeGreaterThan(0.6)
  })

  it('groups add up to all predictions, whatever the scores', () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 500, size: 'max' })
    fc.assert(
      fc.property(scores, all => {
        const { groups } = labelCoverage(
          counted(
            BINARY,
            all.map(value => ({ value, label: 1 })),
          ),
        )
        expect(groups.reduce((sum, { predictions }) => sum + predictions, 0)).toBe(all.length)
        expect(groups.reduce((sum, { labelled }) => sum + labelled, 0)).toBe(all.length)
        for (const { from, to } of groups) expect(from).toBeLessThanOrEqual(to)
      }),
      { numRuns: 50 },
    )
  })

  it('classes whose labels stay away', () => {
    const { coverage, selective } = feedbackLoop(
      counted(
        CLASSES,
        kept(classRows(seeded(4), 3000), value => (value === 1 ? 0.1 : 0.8), 4),
      ),
      null,
    )
    expect(selective).toBe(true)
    expect(coverage.groups[0]!.class).toBe('dog')
    expect(coverage.split!.group).toBe(1)
  })

  it('narrowing scores are told, as spread as the reference’s are not', () => {
    const random = seeded(5)
    const before = counted(BINARY, binaryRows(random, 6000))
    const found = [1, 0.9, 0.5].map(by =>
      feedbackLoop(counted(BINARY, binaryRows(random, 2000, { spread: 1.5 * by })), before),
    )
    expect(found.map(({ narrowing }) => narrowing)).toEqual([false, false, true])
    for (const [i, by] of [1, 0.9, 0.5].entries()) {
      expect(found[i]!.spread!.low).toBeLessThan(by)
      expect(found[i]!.spread!.high).toBeGreaterThan(by)
    }
  })
})

describe('early labels', () => {
  const worlds: readonly (readonly [Kind, readonly Required<Scored>[], (value: number) => number, MeasureName[]])[] = [
    [
      BINARY,
      binaryRows(seeded(7), 20_000),
      p => 0.1 + 0.8 * p,
      ['auc', 'log-loss', 'brier', 'accuracy', 'base-rate', 'recall'],
    ],
    [NUMBER, numberRows(seeded(8), 20_000), x => (x > 100 ? 0.8 : 0.2), ['mae', 'rmse', 'r2']],
    [CLASSES, classRows(seeded(9), 20_000, { right: 0.7 }), c => 0.2 + 0.2 * c, ['accuracy', 'macro-f1']],
  ]
  it.each(worlds)('of %o, reweighted, say what all labels would', (kind, rows, chance, names) => {
    const whole = counted(kind, rows)
    const part = counted(kind, kept(rows, chance, 10))
    const { measures, corrected } = measured(part)
    expect(corrected!.designEffect).toBeGreaterThan(1.05)
    expect(corrected!.unsupported).toBe(0)
    let righted = 0
    for (const name of names) {
      const { low, high, value } = measures.find(measure => measure.name === name)!
      const [truth, raw] = [measureOf(whole, name), measureOf(part, name)]
      expect(low, name).toBeLessThan(truth)
      expect(high, name).toBeGreaterThan(truth)
      // What is wrong by more than chance without weights is nearer with them.
      if (Math.abs(raw - truth) <= high - low) continue
      righted++
      expect(Math.abs(value - truth), name).toBeLessThan(Math.abs(raw - truth) / 2)
    }
    expect(righted).toBeGreaterThan(0)
  })

  it('keep the number of labels, and leave even ones alone', () => {
    const rows = binaryRows(seeded(12), 3000)
    const part = counted(
      BINARY,
      kept(rows, p => 0.2 + 0.6 * p, 12),
    )
    const { state } = reweighted(part)
    if (state.type !== 'binary' || part.type !== 'binary') throw new TypeError('binary')
    const sum = (column: Float64Array): number => column.reduce((total, x) => total + x, 0)
    expect(sum(state.labelled)).toBeCloseTo(sum(part.labelled), 6)
    for (const [b, x] of state.positive.entries()) expect(x).toBeLessThanOrEqual(state.labelled[b]! + 1e-9)
    const all = counted(BINARY, rows)
    const same = reweighted(all)
    expect(same).toMatchObject({ designEffect: 1, unsupported: 0 })
    for (const { name, value } of measuresOf(same.state)) expect(value).toBeCloseTo(measureOf(all, name), 9)
  })

  it('nothing stands for scores that have no labels', () => {
    const part = counted(
      BINARY,
      kept(binaryRows(seeded(13), 5000), p => (p > 0.5 ? 1 : 0), 13),
    )
    expect(measured(part).corrected!.unsupported).toBeGreaterThan(0.5)
  })
})
