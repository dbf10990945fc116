import fc from 'fast-check'
import { expect, it } from 'vitest'
import { auc } from '../../../src/core/statistic/auc.js'
import { seeded } from '../../random.js'

const counts = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { minLength: 1, maxLength: 20 })

it('is the share of pairs in order, ties counting half; turning the cells around turns it', () => {
  fc.assert(
    fc.property(counts, cells => {
      const [positive, negative] = [cells.map(([p]) => p), cells.map(([, n]) => n)]
      const [m, n] = [positive, negative].map(side => side.reduce((sum, count) => sum + count, 0))
      fc.pre(m! > 0 && n! > 0)
      let pairs = 0
      for (const [i, p] of positive.entries())
        for (const [j, q] of negative.entries()) pairs += p * q * (i > j ? 1 : i === j ? 0.5 : 0)
      const found = auc(positive, negative)
      expect(found.value).toBeCloseTo(pairs / (m! * n!), 10)
      expect(auc([...positive].reverse(), [...negative].reverse()).value).toBeCloseTo(1 - found.value, 10)
      expect(auc(negative, positive).value).toBeCloseTo(1 - found.value, 10)
      expect(found.variance).toBeGreaterThanOrEqual(0)
    }),
  )
})

it('a perfect order is 1 without error, no order .5', () => {
  expect(auc([0, 50], [50, 0])).toMatchObject({ value: 1, low: 1, high: 1, error: 0 })
  expect(auc([50, 50], [50, 50]).value).toBe(0.5)
  expect(auc([100], [100])).toMatchObject({ value: 0.5, error: 0.5 })
})

it('DeLong: known variance of a small example, by its definition', () => {
  // Positives 3, 5, 6; negatives 1, 4, 2 as single cells: V10 = 2/3, 1, 1; V01 = 1, 2/3, 1.
  const found = auc([0, 0, 1, 0, 1, 1], [1, 1, 0, 1, 0, 0])
  expect(found.value).toBeCloseTo(8 / 9, 12)
  expect(found.variance).toBeCloseTo(1 / 27 / 3 + 1 / 27 / 3, 12)
})

it('the interval holds the truth in about 95 of 100 samples', () => {
  const random = seeded(3)
  let held = 0
  for (let trial = 0; trial < 400; trial++) {
    const cells = Array.from({ length: 40 }, () => [0, 0] as [number, number])
    const cell = (x: number): number => Math.max(0, Math.min(39, Math.floor((x + 4) * 4)))
    for (let i = 0; i < 150; i++) {
      cells[cell(random.normal() + 1)]![0]++
      cells[cell(random.normal())]![1]++
    }
    const { low, high } = auc(
      cells.map(([p]) => p),
      cells.map(([, n]) => n),
    )
    // Φ(1/√2) of two normal samples one apart.
    if (low <= 0.7602 && 0.7602 <= high) held++
  }
  expect(held / 400).toBeGreaterThan(0.92)
  expect(held / 400).toBeLessThan(0.98)
})
