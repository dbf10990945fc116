import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import { COUNTERS, type CounterName, counterAt, farFences } from '../../../src/core/detect/counters.js'
import { mergeSketches } from '../../../src/core/sketch/merge.js'
import { feature, sketched } from '../sketch/draws.js'

const value = fc.oneof(
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.integer({ min: -4, max: 9 }),
  fc.constantFrom(0, 0, 3, 1e9, -1e9),
)
const column = fc.array(value, { minLength: 20, maxLength: 400, size: 'max' })

/**
 * What the cells must say, value by value. An edge is the least value of the bin above it, so a value exactly on an upper fence counts as
 * beyond it, unless it is an atom.
 */
function beyond(values: readonly number[], atoms: Float64Array, low: number, high: number): number {
  return values.filter(x => x < low || (atoms.includes(x + 0) ? x > high : x >= high)).length
}

test('the tails of a window are counted exactly at the fences of training', () => {
  fc.assert(
    fc.property(column, column, column, (training, some, others) => {
      const contract = { kind: 'numeric' as const, numeric: freezeGrid(sketched(training)) }
      const { grid, fences } = contract.numeric
      const window = mergeSketches(
        [some, others].map(values => feature(sketched(values, grid))),
        grid,
      )
      const all = [...some, ...others]
      const counted = (name: CounterName) =>
        COUNTERS[counterAt(name)].count({ rows: all.length, sketch: window }, contract as never)
      expect(counted('high')).toBe(beyond(all, grid.atoms, Number.NEGATIVE_INFINITY, fences.q95))
      expect(counted('tails')).toBe(beyond(all, grid.atoms, fences.q01, fences.q99))
      expect(counted('far')).toBe(beyond(all, grid.atoms, ...farFences(contract.numeric)))
    }),
    { numRuns: 300 },
  )
})

test('a fence beyond the largest double has nothing beyond it', () => {
  const training = Array.from({ length: 100 }, (_, i) => (i - 50) * 3.4e306)
  const contract = { kind: 'numeric' as const, numeric: freezeGrid(sketched(training)) }
  const sketch = feature(sketched([-1.79e308, 0, 1.79e308], contract.numeric.grid))
  const far = COUNTERS[counterAt('far')].count({ rows: 3, sketch }, contract as never)
  expect(far).toBe(0)
})
