import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrate, rateAt } from '../../../src/core/performance/calibration.js'
import { estimatesOf } from '../../../src/core/performance/estimate.js'
import { estimatedLabelShift, labelShift } from '../../../src/core/performance/label-shift.js'
import { type Measure, type MeasureName, measuresOf } from '../../../src/core/performance/measure.js'
import type { BinaryScores } from '../../../src/core/performance/score-state.js'
import { isotonic } from '../../../src/core/statistic/isotonic.js'
import { solve } from '../../../src/core/statistic/linear.js'
import { type Random, seeded } from '../../random.js'
import { binaryRows, classRows, numberRows } from './laws.js'
import { BINARY, CLASSES, counted, type Kind, NUMBER, type Scored } from './scored.js'

const find = (measures: readonly Measure[], name: MeasureName): Measure => measures.find(m => m.name === name)!
const unlabelled = (rows: readonly Scored[]): Scored[] => rows.map(({ value }) => ({ value }))

describe('isotonic', () => {
  it('pools what falls: 1, 3, 2, 2 of weights 1, 1, 1, 2', () => {
    expect([...isotonic([1, 3, 2, 2], [1, 1, 1, 2])]).toEqual([1, 2.25, 2.25, 2.25])
    expect([...isotonic([3, 2, 1], [1, 1, 1])]).toEqual([2, 2, 2])
  })

  it('never falls, keeps the weighted mean, leaves alone what rises', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
    })
    fc.assert(
      fc.property(pairs, all => {
        const [values, weights] = [all.map(([v]) => v), all.map(([, w]) => w)]
        const fit = isotonic(values, weights)
        for (let i = 1; i < fit.length; i++) expect(fit[i]).toBeGreaterThanOrEqual(fit[i - 1]!)
        const sum = (of: Iterable<number>): number => [...of].reduce((total, x, i) => total + x * weights[i]!, 0)
        expect(sum(fit)).toBeCloseTo(sum(values), 8)
        const sorted = [...values].sort((a, b) => a - b)
        expect([...isotonic(sorted, weights)]).toEqual(sorted)
      }),
    )
  })
})

it('solve: three equations; none where they are not independent', () => {
  const found = solve([
    [0, 2, 1, 7],
    [1, 0, 0, 1],
    [1, 1, 1, 6],
  ])
  for (const [i, x] of [1, 2, 3].entries()) expect(found[i]).toBeCloseTo(x, 12)
  expect(
    solve([
      [1, 2, 1],
      [2, 4, 3],
    ]).some(Number.isFinite),
  ).toBe(false)
})

it('calibration never falls and holds its ends', () => {
  const calibration = calibrate(counted(BINARY, binaryRows(seeded(1), 3000, { shift: 0.7 })) as BinaryScores)!
  const rates = Array.from({ length: 101 }, (_, i) => rateAt(calibration, i / 100))
  for (let i = 1; i < rates.length; i++) expect(rates[i]).toBeGreaterThanOrEqual(rates[i - 1]!)
  expect(rates[0]).toBe(calibration.rates[0])
  expect(rates[100]).toBe(calibration.rates.at(-1))
  // Labels came true more often than the scores said.
  expect(rateAt(calibration, 0.5)).toBeGreaterThan(0.58)
  expect(calibrate(counted(BINARY, [{ value: 0.5 }]) as BinaryScores)).toBeNull()
})

describe('estimates without labels', () => {
  const moved: readonly (readonly [Kind, (r: Random, n: number) => Scored[], (r: Random, n: number) => Scored[]])[] = [
    [BINARY, binaryRows, (r, n) => binaryRows(r, n, { mean: 0.5, spread: 1 })],
    [NUMBER, numberRows, (r, n) => numberRows(r, n, { mean: 110 })],
    [CLASSES, classRows, (r, n) => classRows(r, n, { shares: [0.5, 0.3, 0.15, 0.05] })],
  ]
  it.each(moved)('of %o hold the measures in about 95 of 100 windows whose predictions moved', (kind, clean, other) => {
    const random = seeded(21)
    const held: Record<string, number> = {}
    const trials = 100
    for (let trial = 0; trial < trials; trial++) {
      const rows = other(random, 800)
      const real = measuresOf(counted(kind, rows))
      const estimates = estimatesOf(counted(kind, unlabelled(rows)), counted(kind, clean(random, 4000)))
      for (const { name, class: of, value } of real) {
        const estimate = estimates.find(e => e.name === name && e.class === of)!
        held[`${name} ${of}`] = (held[`${name} ${of}`] ?? 0) + (estimate.low <= value && value <= estimate.high ? 1 : 0)
      }
    }
    expect(Object.keys(held).length).toBeGreaterThan(3)
    for (const [name, count] of Object.entries(held))
      if (!name.startsWith('calibration-error')) expect(count / trials, name).toBeGreaterThan(0.86)
  })

  it('do not see labels that come true more often at the same score', () => {
    const random = seeded(22)
    const before = counted(BINARY, binaryRows(random, 4000))
    const rows = binaryRows(random, 3000, { shift: 1.5 })
    const [real, estimate] = [
      find(measuresOf(counted(BINARY, rows)), 'log-loss'),
      find(estimatesOf(counted(BINARY, rows), before), 'log-loss'),
    ]
    expect(estimate.high).toBeLessThan(real.low)
  })

  it('need labels in the reference', () => {
    expect(estimatesOf(counted(BINARY, [{ value: 0.3 }]), counted(BINARY, [{ value: 0.3 }]))).toEqual([])
    expect(() => estimatesOf(counted(BINARY, []), counted(NUMBER, []))).toThrow('binary output are not compared')
  })
})

describe('label shift', () => {
  it('of labels: shares of classes and means of numbers', () => {
    const random = seeded(31)
    const shares = labelShift(
      counted(CLASSES, classRows(random, 2000, { shares: [0.3, 0.5, 0.15, 0.05] })),
      counted(CLASSES, classRows(random, 6000)),
    )
    expect(
      shares
        .slice(0, 2)
        .map(({ class: of, shifts, z }) => [of, shifts, Math.sign(z)])
        .sort(),
    ).toEqual([
      ['cat', true, -1],
      ['dog', true, 1],
    ])
    expect(shares.slice(2).some(({ shifts }) => shifts)).toBe(false)
    const before = counted(NUMBER, numberRows(random, 6000))
    const up = numberRows(random, 1000).map(({ value, label }) => ({ value, label: label + 12 }))
    expect(labelShift(counted(NUMBER, up), before)[0]).toMatchObject({ shifts: true, class: null, from: 'labels' })
    expect(labelShift(counted(NUMBER, numberRows(random, 1000)), before)[0]!.shifts).toBe(false)
  })

  it('from predictions: the share of each class, without its labels, in about 95 of 100 intervals', () => {
    const random = seeded(32)
    const shares = [0.25, 0.25, 0.35, 0.15]
    const law = { shares, right: 0.7 }
    let [held, all] = [0, 0]
    for (let trial = 0; trial < 100; trial++) {
      const found = estimatedLabelShift(
        counted(CLASSES, unlabelled(classRows(random, 1500, law))),
        counted(CLASSES, classRows(random, 4000, { right: 0.7 })),
      )
      for (const { class: of, value, before, difference } of found) {
        const now = shares[['cat', 'dog', 'bird', 'ant'].indexOf(of!)]!
        expect(Math.abs(value - now)).toBeLessThan(0.15)
        const change = now - [0.5, 0.3, 0.15, 0.05][['cat', 'dog', 'bird', 'ant'].indexOf(of!)]!
        expect(before).toBeGreaterThan(0.03)
        all++
        if (difference.low <= change && change <= difference.high) held++
      }
    }
    expect(all).toBe(400)
    expect(held / all).toBeGreaterThan(0.92)
    expect(held / all).toBeLessThan(0.985)
  })

  it('from scores: which side of the threshold', () => {
    const rows = (n: number, positives: number): Required<Scored>[] =>
      Array.from({ length: n }, (_, i) => ({ value: i % 5 === 0 ? 0.3 : 0.8, label: 1 }))
        .slice(0, positives)
        .concat(Array.from({ length: n - positives }, (_, i) => ({ value: i % 5 === 0 ? 0.8 : 0.3, label: 0 })))
    // Four of five are told right, of either label: π = (μ − .2)/(.8 − .2).
    const [found] = estimatedLabelShift(counted(BINARY, unlabelled(rows(1000, 700))), counted(BINARY, rows(1000, 300)))
    expect(found).toMatchObject({ class: null, from: 'predictions', shifts: true, n: 1000 })
    expect(found!.value).toBeCloseTo(0.7, 9)
    expect(found!.before).toBeCloseTo(0.3, 9)
    // Predictions that do not depend on the label tell nothing of it.
    const blind = Array.from({ length: 100 }, (_, i) => ({ value: i < 50 ? 0.3 : 0.8, label: i % 2 }))
    expect(estimatedLabelShift(counted(BINARY, blind), counted(BINARY, blind))).toEqual([])
  })
})
