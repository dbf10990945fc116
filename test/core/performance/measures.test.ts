import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Measure, measuresOf } from '../../../src/core/performance/measure.js'
import { overdispersion } from '../../../src/core/performance/overdispersion.js'
import { type Random, seeded } from '../../random.js'
import { binaryRows, classRows, numberRows } from './laws.js'
import { BINARY, CLASSES, counted, type Kind, NUMBER, type Scored } from './scored.js'

const named = (measures: readonly Measure[]): Record<string, Measure> =>
  Object.fromEntries(measures.map(measure => [[measure.name, measure.class ?? []].flat().join(' '), measure]))

describe('known answers', () => {
  it('of a binary output: 6 true, 2 false positive, 9 true, 3 false negative, costs 1 and 5', () => {
    const rows = (value: number, label: number, times: number): Scored[] =>
      Array.from({ length: times }, () => ({ value, label }))
    const state = counted(BINARY, [...rows(0.8, 1, 6), ...rows(0.8, 0, 2), ...rows(0.2, 0, 9), ...rows(0.2, 1, 3)])
    const found = named(measuresOf(state, { costs: { falsePositive: 1, falseNegative: 5 } }))
    expect(found['precision']).toMatchObject({ value: 0.75, n: 8, better: 'higher' })
    expect(found['recall']).toMatchObject({ value: 6 / 9, n: 9 })
    expect(found['f1']!.value).toBeCloseTo(12 / 17, 12)
    expect(found['accuracy']).toMatchObject({ value: 0.75, n: 20 })
    expect(found['base-rate']!.value).toBe(0.45)
    expect(found['cost']!.value).toBeCloseTo(17 / 20, 12)
    // Of 9 · 11 pairs 6 · 9 are in order, 6 · 2 + 3 · 9 tied.
    expect(found['auc']!.value).toBeCloseTo((54 + 0.5 * (12 + 27)) / 99, 12)
    expect(found['log-loss']!.value).toBeCloseTo((-15 * Math.log(0.8) - 5 * Math.log(0.2)) / 20, 12)
    expect(found['brier']!.value).toBeCloseTo((15 * 0.04 + 5 * 0.64) / 20, 12)
    expect(found['calibration-error']!.value).toBeCloseTo(0.4 * 0.05 + 0.6 * 0.05, 12)
  })

  it('of numbers: errors 1, −1, 2, 0', () => {
    const labels = [9, 21, 28, 40]
    const state = counted(
      NUMBER,
      labels.map((label, i) => ({ value: 10 * (i + 1), label })),
    )
    const found = named(measuresOf(state))
    expect(found['mae']!.value).toBeCloseTo(1, 12)
    expect(found['rmse']!.value).toBeCloseTo(Math.sqrt(1.5), 12)
    expect(found['bias']!.value).toBeCloseTo(0.5, 12)
    const mean = labels.reduce((a, b) => a + b) / 4
    expect(found['r2']!.value).toBeCloseTo(1 - 6 / labels.reduce((sum, y) => sum + (y - mean) ** 2, 0), 12)
  })

  it('of classes: cat, dog, bird', () => {
    const confusion = [
      [5, 1, 0],
      [2, 6, 0],
      [0, 0, 4],
    ]
    const state = counted(
      CLASSES,
      confusion.flatMap((row, value) => row.flatMap((n, label) => Array.from({ length: n }, () => ({ value, label })))),
    )
    const found = named(measuresOf(state))
    expect(found['accuracy']!.value).toBeCloseTo(15 / 18, 12)
    expect(found['precision cat']).toMatchObject({ value: 5 / 6, n: 6 })
    expect(found['recall cat']).toMatchObject({ value: 5 / 7, n: 7 })
    expect(found['base-rate bird']).toMatchObject({ value: 4 / 18, n: 18 })
    expect(found['macro-f1']!.value).toBeCloseTo((10 / 13 + 12 / 15 + 1) / 3, 12)
  })
})

it('what cannot be told is left out: no label, no positive, nothing predicted positive', () => {
  expect(measuresOf(counted(BINARY, [{ value: 0.4 }]))).toEqual([])
  expect(measuresOf(counted(NUMBER, [{ value: 3 }]))).toEqual([])
  expect(measuresOf(counted(CLASSES, [{ value: 0 }]))).toEqual([])
  const names = measuresOf(counted(BINARY, [{ value: 0.4, label: 0 }])).map(({ name }) => name)
  expect(names).toEqual(['log-loss', 'brier', 'calibration-error', 'accuracy', 'base-rate'])
  // Labels that are all the same have no variance to explain.
  expect(measuresOf(counted(NUMBER, [{ value: 3, label: 1 }])).map(({ name }) => name)).toEqual(['mae', 'rmse', 'bias'])
})

it('values lie in their intervals, and these within their range; φ widens them', () => {
  const rows = fc.array(
    fc.record({ value: fc.double({ min: 0, max: 1, noNaN: true }), label: fc.constantFrom(0, 1) }),
    { minLength: 1, maxLength: 80 },
  )
  fc.assert(
    fc.property(rows, fc.double({ min: 1, max: 20, noNaN: true }), (all, phi) => {
      const [plain, wide] = [counted(BINARY, all)].flatMap(state => [
        measuresOf(state),
        measuresOf(state, { phi: () => phi }),
      ])
      for (const [i, { name, value, low, high }] of plain!.entries()) {
        expect(low, name).toBeLessThanOrEqual(value + 1e-12)
        expect(high, name).toBeGreaterThanOrEqual(value - 1e-12)
        expect(low, name).toBeGreaterThanOrEqual(0)
        if (name !== 'log-loss') expect(high, name).toBeLessThanOrEqual(1)
        expect(wide![i]!.high, name).toBeGreaterThanOrEqual(high - 1e-9)
        expect(wide![i]!.low, name).toBeLessThanOrEqual(low + 1e-9)
      }
    }),
  )
})

const WORLDS: readonly (readonly [Kind, (random: Random, n: number) => Scored[]])[] = [
  [BINARY, binaryRows],
  [NUMBER, numberRows],
  [CLASSES, classRows],
]

it.each(WORLDS)('intervals of %o hold the truth in about 95 of 100 windows', (kind, rows) => {
  const random = seeded(11)
  const costs = { falsePositive: 1, falseNegative: 5 }
  const truth = named(measuresOf(counted(kind, rows(random, 200_000)), { costs }))
  const held: Record<string, number> = {}
  const trials = 300
  for (let trial = 0; trial < trials; trial++)
    for (const [name, { low, high }] of Object.entries(named(measuresOf(counted(kind, rows(random, 600)), { costs }))))
      held[name] = (held[name] ?? 0) + (low <= truth[name]!.value && truth[name]!.value <= high ? 1 : 0)
  expect(Object.keys(held).length).toBeGreaterThan(3)
  for (const [name, count] of Object.entries(held)) {
    expect(count / trials, name).toBeGreaterThan(0.91)
    // Expected calibration error: the lower end makes room for chance.
    if (name !== 'calibration-error') expect(count / trials, name).toBeLessThan(0.985)
  }
})

it('overdispersion: 1 of windows that vary as their rows let expect, about 10 where they vary more', () => {
  const random = seeded(4)
  const past = (spread: number): Measure[] =>
    Array.from({ length: 100 }, () => {
      const rows = binaryRows(random, 500, { mean: -1 + spread * random.normal() })
      return measuresOf(counted(BINARY, rows)).find(({ name }) => name === 'base-rate')!
    })
  expect(overdispersion(past(0))).toBeLessThan(1.3)
  const wide = overdispersion(past(0.4))
  expect(wide).toBeGreaterThan(5)
  expect(wide).toBeLessThan(20)
  expect(overdispersion(past(0.4).slice(0, 4))).toBe(1)
})
