import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimateDistinct } from '../../../src/core/sketch/distinct.js'
import { NumericSketch } from '../../../src/core/sketch/numeric-sketch.js'
import { seeded } from '../../random.js'
import { cellsOf, DISTRIBUTIONS, draw, grid, sketched } from './draws.js'

const cut = grid([-1, 0, 0.5, 2, 100], [-2, 0, 1, 2])
const mixed = fc.oneof(
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, 0.5, 2, 100, 1e300, -5e-324),
)
const columns = fc.oneof(
  fc.array(mixed, { maxLength: 60 }),
  fc.array(mixed, { minLength: 1000, maxLength: 2600, size: 'max' }),
  fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1000, maxLength: 2600, size: 'max' }),
)

test('cells, counters and extremes are exact, whatever the values', () => {
  fc.assert(
    fc.property(columns, values => {
      const state = sketched(values, cut, true)
      expect([...state.cells]).toEqual(cellsOf(values, cut))
      expect(state.count).toBe(values.length)
      expect(state.integers).toBe(values.filter(Number.isInteger).length)
      expect(state.zeros).toBe(values.filter(x => x === 0).length)
      expect(state.negatives).toBe(values.filter(x => x < 0).length)
      expect(state.min).toBe(values.length === 0 ? Infinity : Math.min(...values) + 0)
      expect(state.max).toBe(values.length === 0 ? -Infinity : Math.max(...values) + 0)
      const distinct = new Set(values.map(x => x + 0))
      expect(state.exact === null).toBe(distinct.size > 256)
      if (state.exact !== null) {
        expect([...state.exact.values]).toEqual([...distinct].sort((a, b) => a - b))
        for (const [i, x] of state.exact.values.entries())
          expect(state.exact.weights[i]).toBe(values.filter(y => y === x).length)
        expect([state.digest, state.heavy, state.distinct]).toEqual([null, null, null])
      } else {
        const rest = values.filter(x => !cut.atoms.includes(x + 0))
        expect(state.digest!.weights.reduce((sum, w) => sum + w, 0)).toBe(rest.length)
        expect(Math.abs(estimateDistinct(state.distinct!) / distinct.size - 1)).toBeLessThan(4 * 0.032)
      }
    }),
    { numRuns: 60 },
  )
})

test('the state follows from the values and their order: not from who else sketches, or when it is asked', () => {
  const values = draw(5000, 1, DISTRIBUTIONS['lognormal'])
  const others = draw(5000, 2, DISTRIBUTIONS['normal'])
  const a = new NumericSketch({ grid: cut, countDistinct: true })
  const b = new NumericSketch({ grid: null, countDistinct: false })
  for (const [i, x] of values.entries()) {
    a.add(x)
    b.add(others[i])
  }
  const together = a.state()
  expect(together).toEqual(sketched(values, cut, true))
  expect(a.state()).toEqual(together)
})

test('a state given out does not change with the sketch', () => {
  const sketch = new NumericSketch({ grid: cut, countDistinct: true })
  for (let i = 0; i < 100; i++) sketch.add(i % 7)
  const early = sketch.state()
  const copy = structuredClone(early)
  for (let i = 0; i < 5000; i++) sketch.add(i % 700)
  sketch.release()
  expect(early).toEqual(copy)
})

describe('degenerate columns', () => {
  test('nothing', () => {
    expect(sketched([], cut)).toMatchObject({ count: 0, mean: 0, m2: 0, min: Infinity, max: -Infinity })
  })
  test('one value', () => {
    const state = sketched([-0], cut)
    expect(state).toMatchObject({ count: 1, zeros: 1, integers: 1, negatives: 0, mean: 0, m2: 0, min: 0, max: 0 })
    expect(Object.is(state.min, 0)).toBe(true)
    expect(Object.is(state.exact!.values[0], 0)).toBe(true)
  })
  test('all equal', () => {
    const state = sketched(new Float64Array(5000).fill(0.1))
    expect(state).toMatchObject({ count: 5000, m2: 0, min: 0.1, max: 0.1, mean: 0.1 })
    expect([...state.exact!.weights]).toEqual([5000])
  })
  test('±huge and subnormal', () => {
    const random = seeded(1)
    const values = Array.from({ length: 4000 }, () => random.pick([1e308, -1e308, 1e-310, -1e-310]) * random.next())
    const state = sketched(values, cut)
    expect([...state.cells]).toEqual(cellsOf(values, cut))
    expect([state.mean, state.m2, ...state.digest!.values].every(Number.isFinite)).toBe(true)
  })
})
