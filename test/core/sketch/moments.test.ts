import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Moments } from '../../../src/core/sketch/moments.js'

const value = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, 1, -1),
)
const batch = fc.array(value, { minLength: 1, maxLength: 200 })

function momentsOf(values: readonly number[]): Moments {
  const moments = new Moments()
  const sorted = Float64Array.from(values, x => x + 0).sort()
  moments.addSorted(sorted, sorted.length)
  return moments
}

test('joining batches is counting all values', () => {
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 8 }), batches => {
      const all = batches.flat()
      const joined = new Moments()
      for (const one of batches) joined.add(momentsOf(one))
      const mean = all.reduce((sum, x) => sum + x, 0) / all.length
      const m2 = all.reduce((sum, x) => sum + (x - mean) ** 2, 0)
      expect(joined.count).toBe(all.length)
      expect(joined.integers).toBe(all.filter(Number.isInteger).length)
      expect(joined.zeros).toBe(all.filter(x => x === 0).length)
      expect(joined.negatives).toBe(all.filter(x => x < 0).length)
      expect(joined.min).toBe(Math.min(...all) + 0)
      expect(joined.max).toBe(Math.max(...all) + 0)
      expect(Math.abs(joined.mean - mean)).toBeLessThanOrEqual(1e-9 * (1 + Math.max(...all.map(Math.abs))))
      expect(Math.abs(joined.m2 - m2)).toBeLessThanOrEqual(1e-9 * (1 + m2))
    }),
  )
})

test('weighted values are values repeated', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.integer({ min: 1, max: 20 })), { minLength: 1, maxLength: 50 }), pairs => {
      const counts = new Map<number, number>()
      for (const [x, n] of pairs) counts.set(x + 0, (counts.get(x + 0) ?? 0) + n)
      const values = Float64Array.from(counts.keys()).sort()
      const weighted = new Moments()
      weighted.addWeighted(
        values,
        values.map(x => counts.get(x)!),
        values.length,
      )
      const repeated = momentsOf(pairs.flatMap(([x, n]) => Array.from({ length: n }, () => x)))
      const { mean, m2, ...exact } = weighted
      const { mean: otherMean, m2: otherM2, ...other } = repeated
      expect(exact).toEqual(other)
      expect(Math.abs(mean - otherMean)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(mean)))
      expect(Math.abs(m2 - otherM2)).toBeLessThanOrEqual(1e-9 * (1 + m2))
    }),
  )
})

test('a large offset cancels nothing', () => {
  const moments = momentsOf([1, 2, 3, 4].map(x => 1e12 + x))
  expect(moments.m2).toBe(5)
  expect(moments.mean).toBe(1e12 + 2.5)
  expect(momentsOf(Array.from({ length: 50 }, () => 0.1)).m2).toBe(0)
})

test('huge values give finite moments', () => {
  const moments = momentsOf([-1.7e308, 1.7e308, 1.7e308])
  moments.add(momentsOf([1.7e308, -1.7e308]))
  expect(Number.isFinite(moments.mean)).toBe(true)
  expect(moments.m2).toBe(Number.MAX_VALUE)
  expect(momentsOf([1e300, 1e300]).m2).toBe(0)
})

test('nothing and something is something', () => {
  const moments = momentsOf([1, 2])
  moments.add(new Moments())
  expect(moments).toEqual(momentsOf([1, 2]))
})
