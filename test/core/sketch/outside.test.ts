import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeSketches } from '../../../src/core/sketch/merge.js'
import { feature, grid, sketched } from './draws.js'

const cut = grid([-1, 0, 0.5, 2], [0, 1])
const value = fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.integer({ min: -5, max: 5 }))
const column = fc.oneof(
  fc.array(value, { maxLength: 60 }),
  fc.array(value, { minLength: 1000, maxLength: 2600, size: 'max' }),
)
const range = fc
  .tuple(value, value)
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  .filter(([low, high]) => low < high)

test('values outside the range are counted exactly, few or many, its ends being inside; parts add up', () => {
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 3 }), range, (columns, [low, high]) => {
      const parts = columns.map(values => feature(sketched([...values, low, high], cut, false, [low, high])))
      const outside = columns.flat().filter(x => x < low || x > high).length
      expect(mergeSketches(parts, cut).numeric!.outside).toBe(outside)
    }),
    { numRuns: 60 },
  )
})

test('without a range nothing is outside', () => {
  expect(sketched([-1e300, 0, 1e300]).outside).toBe(0)
})
