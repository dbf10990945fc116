import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrequentNumbers } from '../../../src/core/sketch/heavy-numbers.js'
import type { HeavyNumbers } from '../../../src/core/sketch/state.js'
import { seeded } from '../../random.js'

function add(heavy: FrequentNumbers, values: readonly number[]): void {
  const sorted = Float64Array.from(values).sort()
  let ties = 0
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) ties++
  heavy.addSorted(sorted, sorted.length, ties)
}

function counted(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const x of values) counts.set(x, (counts.get(x) ?? 0) + 1)
  return counts
}

function holds({ values, counts, errors, floor }: HeavyNumbers, all: readonly number[]): void {
  const truth = counted(all)
  expect(values.length).toBeLessThanOrEqual(64)
  expect([...values]).toEqual([...values].sort((a, b) => a - b))
  for (const [i, x] of values.entries()) {
    expect(counts[i]).toBeGreaterThanOrEqual(truth.get(x) ?? 0)
    expect(counts[i] - errors[i]).toBeLessThanOrEqual(truth.get(x) ?? 0)
  }
  for (const [x, n] of truth) if (!values.includes(x)) expect(n).toBeLessThanOrEqual(floor)
  expect(floor).toBeLessThanOrEqual(all.length / 65)
}

const skewed = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5000 }) },
)
const batch = fc.array(skewed, { maxLength: 400, size: 'max' })

test('a count overstates by at most its error, and what is not listed is at most the floor', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 8 }), batches => {
      const heavy = new FrequentNumbers()
      for (const one of batches) add(heavy, one)
      holds(heavy.state(), batches.flat())
    }),
    { numRuns: 60 },
  )
})

test('so after merging', () => {
  fc.assert(
    fc.property(fc.array(fc.array(batch, { maxLength: 3 }), { maxLength: 5 }), parts => {
      const merged = new FrequentNumbers()
      for (const part of parts) {
        const heavy = new FrequentNumbers()
        for (const one of part) add(heavy, one)
        merged.add(heavy.state())
      }
      holds(merged.state(), parts.flat(2))
    }),
    { numRuns: 60 },
  )
})

test('exact while there are no more than 64 values', () => {
  const heavy = new FrequentNumbers()
  const values = Array.from({ length: 2000 }, (_, i) => (i * i) % 61)
  add(heavy, values.slice(0, 1000))
  add(heavy, values.slice(1000))
  const { values: listed, counts, errors, floor } = heavy.state()
  expect(new Map(Array.from(listed, (x, i) => [x, counts[i]]))).toEqual(
    new Map([...counted(values)].sort(([a], [b]) => a - b)),
  )
  expect([...errors, floor].every(x => x === 0)).toBe(true)
})

test('an atom of 5 % among continuous values is found with its count', () => {
  const random = seeded(5)
  const heavy = new FrequentNumbers()
  let truth = 0
  for (let flush = 0; flush < 100; flush++) {
    const values = Array.from({ length: 1024 }, () => (random.chance(0.05) ? 7.5 : random.normal()))
    truth += values.filter(x => x === 7.5).length
    add(heavy, values)
  }
  const { values, counts, errors } = heavy.state()
  expect([...values]).toEqual([7.5])
  expect(counts[0] - errors[0]).toBe(truth)
})
