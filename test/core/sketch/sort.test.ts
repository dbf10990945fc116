import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LONGEST_COLUMN, sortColumn } from '../../../src/core/sketch/sort.js'
import { SortedPairs } from '../../../src/core/sketch/sort-pairs.js'
import { seeded } from '../../random.js'
import { DISTRIBUTIONS, draw } from './draws.js'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map(x => x + 0)
const columns = fc.oneof(
  fc.array(finite, { maxLength: LONGEST_COLUMN, size: 'max' }),
  fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 300 }),
  // Within a factor of two: only low bits differ.
  fc.array(
    fc.nat(1000).map(x => 1.7e12 + x / 1024),
    { maxLength: 300 },
  ),
  fc.array(
    fc.nat(1000).map(x => -1 - x * Number.EPSILON),
    { maxLength: 300 },
  ),
  fc.array(fc.constantFrom(0, 5e-324, -5e-324, 1e-310, 1.7e308, -1.7e308), { maxLength: 100 }),
)

test('a column is sorted as the engine sorts it', () => {
  fc.assert(
    fc.property(columns, values => {
      const column = Float64Array.from(values)
      sortColumn(column, column.length)
      expect(column).toEqual(Float64Array.from(values).sort())
    }),
  )
})

test('only the first n values are touched', () => {
  const column = Float64Array.from({ length: 100 }, (_, i) => -i)
  sortColumn(column, 60)
  expect(column.subarray(60)).toEqual(Float64Array.from({ length: 40 }, (_, i) => -60 - i))
})

test('values that share their upper bits fall back without loss', () => {
  const random = seeded(1)
  // Half of them at 0, so that nothing can be taken off; the rest differ in the lowest bits only.
  const column = Float64Array.from({ length: 1024 }, () =>
    random.chance(0.5) ? 0 : 1 + random.integer(0, 1e6) * Number.EPSILON,
  )
  const expected = column.slice().sort()
  sortColumn(column, 1024)
  expect(column).toEqual(expected)
})

/** More lists than are merged two by two. */
const many = fc.array(columns, { minLength: 15, maxLength: 20 })

test('pairs are sorted by value, equal values in the order given', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(columns, { maxLength: 8 }), many), lists => {
      let mark = 0
      const weighted = lists.map(list => ({
        values: Float64Array.from(list).sort(),
        weights: Float64Array.from(list, () => mark++),
      }))
      const all = weighted.flatMap(({ values, weights }) => Array.from(values, (x, i) => [x, weights[i]] as const))
      all.sort(([x], [y]) => x - y)
      const pairs = new SortedPairs()
      pairs.fill(weighted)
      expect(pairs.size).toBe(all.length)
      expect([...pairs.values.subarray(0, pairs.size)]).toEqual(all.map(([x]) => x))
      expect([...pairs.weights.subarray(0, pairs.size)]).toEqual(all.map(([, weight]) => weight))
    }),
  )
  const some = draw(2000, 1, DISTRIBUTIONS['bimodal']).map(x => 1e9 + x)
  const pairs = new SortedPairs()
  for (const size of [1000, 100]) {
    const lists = Array.from({ length: 2000 / size }, (_, l) => some.slice(l * size, (l + 1) * size).sort())
    pairs.fill(lists.map(values => ({ values, weights: values })))
    expect(pairs.values.slice(0, 2000)).toEqual(some.slice().sort())
  }
})
