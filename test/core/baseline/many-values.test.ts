import { expect, it } from 'vitest'
import { type Random, seeded } from '../../random.js'
import { Lab } from '../cause/lab.js'

/** Merchants: 5,000, the r-th about 1/r as frequent as the first. */
const merchant = (random: Random): string => `m${Math.floor(5000 ** random.next())}`

it('values that a baseline knows are those of all training, not of its last rows', () => {
  const random = seeded(6)
  const rows = Array.from({ length: 30_000 }, () => merchant(random))
  const { values } = new Lab('categorical', rows).contract
  const known = new Set(values)
  const share = (some: readonly string[]): number => some.filter(value => known.has(value)).length / some.length
  // Served rows are as well known as training's, wherever they lie in it.
  const served = share(Array.from({ length: 20_000 }, () => merchant(random)))
  expect(share(rows.slice(-250))).toBeLessThan(served + 0.1)
  expect(values.length).toBeGreaterThan(60)
  // The truly frequent ones are all there, most frequent first.
  expect(values.slice(0, 3)).toEqual(['m1', 'm2', 'm3'])
  expect(values).toEqual(expect.arrayContaining(Array.from({ length: 40 }, (_, r) => `m${r + 1}`)))
})
