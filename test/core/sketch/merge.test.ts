import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import { Layout, Row, TEXT } from '../../../src/core/row.js'
import { CategoricalSketch } from '../../../src/core/sketch/categorical-sketch.js'
import { estimateDistinct } from '../../../src/core/sketch/distinct.js'
import { mergeSketches } from '../../../src/core/sketch/merge.js'
import type { CategoricalState, NumericState } from '../../../src/core/sketch/state.js'
import { seeded } from '../../random.js'
import { cellsOf, DISTRIBUTIONS, draw, feature, grid, sketched } from './draws.js'

const cut = grid([-1, 0, 0.5, 2, 100], [-2, 0, 1, 2])
const value = fc.oneof(
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, 0.5, 2),
)
const part = fc.oneof(
  fc.array(value, { maxLength: 100 }),
  fc.array(value, { minLength: 200, maxLength: 1500, size: 'max' }),
)

const merged = (states: readonly NumericState[], at = cut): NumericState =>
  mergeSketches(
    states.map(state => feature(state)),
    at,
  ).numeric!

test('merging is sketching all values at once: counts, cells, exact values and totals', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), parts => {
      const all = parts.flat()
      const one = merged(parts.map(values => sketched(values, cut, true)))
      const whole = sketched(all, cut, true)
      const counts = ({ count, integers, zeros, negatives, min, max, cells }: NumericState) => ({
        count,
        integers,
        zeros,
        negatives,
        min,
        max,
        cells,
      })
      expect(counts(one)).toEqual(counts(whole))
      expect([...one.cells]).toEqual(cellsOf(all, cut))
      expect(one.mean).toBeCloseTo(whole.mean, 8)
      expect(Math.abs(one.m2 - whole.m2)).toBeLessThanOrEqual(1e-9 * (1 + whole.m2))
      if (whole.exact !== null) expect(one.exact).toEqual(whole.exact)
      else if (one.exact === null) {
        const rest = all.filter(x => !cut.atoms.includes(x + 0))
        expect(one.digest!.weights.reduce((sum, w) => sum + w, 0)).toBe(rest.length)
        // Registers do not know the order they were filled in.
        expect(one.distinct).toEqual(whole.distinct)
      }
    }),
    { numRuns: 60 },
  )
})

test('one order gives the same state, and exact values any order', () => {
  const states = [1, 2, 3, 4, 5].map(seed => sketched(draw(2000, seed, DISTRIBUTIONS['lognormal']), cut, true))
  expect(merged(states)).toEqual(merged(states.map(state => structuredClone(state))))
  const few = [1, 2, 3].map(seed =>
    sketched(
      draw(2000, seed, random => random.integer(-9, 9)),
      cut,
    ),
  )
  expect(merged([...few].reverse()).exact).toEqual(merged(few).exact)
})

test('exact values that become too many spill into estimates, atoms left out', () => {
  const values = Array.from({ length: 30 }, (_, p) => [0, 0, 0, ...draw(40, p, DISTRIBUTIONS['normal'])])
  const state = merged(values.map(one => sketched(one, cut, true)))
  expect(state.exact).toBeNull()
  expect(state.digest!.weights.reduce((sum, w) => sum + w, 0)).toBe(30 * 40)
  expect(state.cells[1]).toBe(90)
  expect(state.heavy!.values).not.toContain(0)
  expect(Math.abs(estimateDistinct(state.distinct!) / 1201 - 1)).toBeLessThan(4 * 0.032)
})

test('distinct counts are not invented where a part kept none', () => {
  const [a, b] = [1, 2].map(seed => draw(2000, seed, DISTRIBUTIONS['normal']))
  expect(merged([sketched(a, cut, true), sketched(b, cut, false)]).distinct).toBeNull()
})

test('empty states change nothing', () => {
  const values = draw(3000, 1, DISTRIBUTIONS['bimodal'])
  const state = sketched(values, cut, true)
  const nothing = sketched([], cut, true)
  const { digest, ...rest } = merged([nothing, state, nothing])
  const { digest: own, ...other } = state
  expect(rest).toEqual(other)
  expect(digest!.weights.reduce((sum, w) => sum + w, 0)).toBe(own!.weights.reduce((sum, w) => sum + w, 0))
  expect(merged([nothing, nothing])).toEqual(nothing)
})

test('different grids are refused', () => {
  expect(() => merged([sketched([1], cut), sketched([1], grid([1]))])).toThrow(/project/)
})

test('flags and repeats add up', () => {
  const repeats = { repeatable: 4, repeats: 3, entityRepeatable: 2, entityRepeats: 1 }
  const one = { ...feature(null), flags: Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8), ...repeats }
  const three = mergeSketches([one, one, one], null)
  expect([...three.flags]).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24])
  expect(three).toMatchObject({ repeatable: 12, repeats: 9, entityRepeatable: 6, entityRepeats: 3 })
})

describe('categories', () => {
  function categories(texts: readonly string[], values: readonly string[] = []): CategoricalState {
    const layout = new Layout(false, 1)
    layout.add('x', 'categorical')
    for (const text of values) layout.slots[0].dictionary.add(text)
    const row = new Row(layout)
    const sketch = new CategoricalSketch({ values, cells: Int32Array.from(values.keys()) })
    for (const text of texts) {
      const bytes = utf8(text)
      row.flags[0] = TEXT
      row.hashes[0] = hashBytes(bytes, 0, bytes.length)
      row.categories[0] = layout.slots[0].dictionary.find(bytes, 0, bytes.length, row.hashes[0])
      row.bytes = bytes
      row.lengths[0] = bytes.length
      sketch.add(row, 0)
    }
    return sketch.state()
  }
  const mergedCategories = (states: readonly CategoricalState[]): CategoricalState =>
    mergeSketches(
      states.map(state => feature(null, state)),
      null,
    ).categorical!

  test('merging is counting all at once while there are at most 256 unknown values', () => {
    const text = fc.constantFrom('a', 'b', 'c', 'd', 'x', 'y', '', 'ü', `${'long'.repeat(80)}`)
    fc.assert(
      fc.property(fc.array(fc.array(text, { maxLength: 60 }), { minLength: 1, maxLength: 5 }), parts => {
        const values = ['a', 'b', 'never']
        const one = mergedCategories(parts.map(texts => categories(texts, values)))
        const whole = categories(parts.flat(), values)
        expect({ ...one, known: new Map([...one.known].sort()) }).toEqual({
          ...whole,
          known: new Map([...whole.known].sort()),
        })
      }),
    )
  })

  test('beyond, counts overstate by at most their error, also for values that one part had dropped', () => {
    const random = seeded(4)
    const parts = Array.from({ length: 5 }, (_, p) =>
      Array.from({ length: 4000 }, () =>
        random.chance(0.1)
          ? `top ${random.integer(0, 3 + p)}`
          : `id ${random.integer(0, 1500)}${random.chance(0.5) ? '' : p}`,
      ),
    )
    const truth = new Map<string, number>()
    for (const text of parts.flat()) truth.set(text, (truth.get(text) ?? 0) + 1)
    const state = mergedCategories(parts.map(texts => categories(texts)))
    expect(state).toMatchObject({ count: 20_000, unknown: 20_000 })
    expect(state.heavy.length).toBe(256)
    for (const { value, count, error } of state.heavy) {
      expect(count).toBeGreaterThanOrEqual(truth.get(value)!)
      expect(count - error).toBeLessThanOrEqual(truth.get(value)!)
    }
    const listed = new Set(state.heavy.map(({ value }) => value))
    for (const [value, count] of truth)
      if (!listed.has(value)) expect(count).toBeLessThanOrEqual(state.heavy[255].count)
    expect(Math.abs(estimateDistinct(state.distinct!) / truth.size - 1)).toBeLessThan(4 * 0.032)
    expect(mergedCategories([...parts].reverse().map(texts => categories(texts)))).toEqual(state)
  })

  test('more than 256 in all, though no part had so many', () => {
    const parts = [0, 1, 2].map(p => Array.from({ length: 200 }, (_, i) => `${'long '.repeat(60)}${200 * p + i}`))
    const state = mergedCategories(parts.map(texts => categories(texts)))
    expect(state.heavy.length).toBe(256)
    expect(Math.abs(estimateDistinct(state.distinct!) / 600 - 1)).toBeLessThan(4 * 0.032)
    expect(state.distinct).toEqual(categories(parts.flat()).distinct)
  })

  test('a value that one plan names and another does not counts as known', () => {
    const state = mergedCategories([categories(['a', 'a', 'x']), categories(['a', 'x'], ['a'])])
    expect(state).toEqual({
      count: 5,
      known: new Map([['a', 3]]),
      unknown: 2,
      heavy: [{ value: 'x', count: 2, error: 0 }],
      distinct: null,
    })
  })
})
