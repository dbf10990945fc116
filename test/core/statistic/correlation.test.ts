import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { correlations, regression } from '../../../src/core/statistic/correlation.js'
import { draw } from '../sketch/draws.js'

describe('correlations', () => {
  test('of made columns are those they were made with; gaps are left out by pairs', () => {
    const n = 20_000
    const [x, e, f] = [1, 2, 3].map(seed => draw(n, seed, random => random.normal()))
    const y = x.map((v, i) => 0.6 * v + 0.8 * e[i])
    const gaps = y.map((v, i) => (i % 3 === 0 ? Number.NaN : v))
    const { r } = correlations([x, y, gaps, f, new Float64Array(n).fill(5)], 100)
    const at = (i: number, j: number): number => r[5 * i + j]
    expect(at(0, 1)).toBeCloseTo(0.6, 1)
    expect(Math.abs(at(0, 2) - 0.6)).toBeLessThan(0.02)
    expect(at(1, 2)).toBeCloseTo(1, 9)
    expect(Math.abs(at(0, 3))).toBeLessThan(0.03)
    for (const j of [0, 1, 2, 3]) expect(at(4, j)).toBe(0)
  })

  test('are 0 where too few rows have both', () => {
    const x = Float64Array.of(1, 2, 3, Number.NaN)
    expect(correlations([x, x.map(v => 2 * v)], 4).r[1]).toBe(0)
    expect(correlations([x, x.map(v => 2 * v)], 3).r[1]).toBeCloseTo(1, 12)
  })

  test('do not depend on scale, sign apart, nor on the order of rows', () => {
    // Whole numbers: of differences as small as rounding, or below what a double holds, r says nothing.
    const number = fc.integer({ min: -100, max: 100 })
    const columns = fc.array(fc.tuple(number, number), { minLength: 5, maxLength: 40 })
    fc.assert(
      fc.property(columns, fc.double({ min: 0.1, max: 50, noNaN: true }), (rows, scale) => {
        const of = (some: readonly (readonly [number, number])[], by = 1): number =>
          correlations([Float64Array.from(some, ([a]) => a * by), Float64Array.from(some, ([, b]) => b)], 2).r[1]
        const plain = of(rows)
        expect(Math.abs(plain)).toBeLessThanOrEqual(1)
        expect(of([...rows].reverse())).toBeCloseTo(plain, 6)
        expect(of(rows, -scale)).toBeCloseTo(-plain, 6)
      }),
    )
  })
})

describe('regression', () => {
  test('finds the coefficients of a sum, and leaves nothing of it', () => {
    const n = 5000
    const [a, b, c] = [1, 2, 3].map(seed => draw(n, seed, random => random.normal()))
    const sum = a.map((v, i) => (v + b[i]) / Math.SQRT2)
    const table = correlations([sum, a, b, c], 100)
    const { coefficients, left } = regression(table, 0, [1, 2])
    for (const coefficient of coefficients) expect(Math.abs(coefficient - Math.SQRT1_2)).toBeLessThan(0.03)
    expect(left).toBeLessThan(1e-5)
    expect(regression(table, 0, [3]).left).toBeGreaterThan(0.99)
    // Columns that determine each other have a solution too.
    expect(regression(table, 1, [0, 2, 3]).left).toBeLessThan(1e-4)
    expect(regression(correlations([a, a, a], 100), 0, [1, 2]).left).toBeLessThan(1e-4)
  })

  test('never leaves more with one column more', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 5 }), (seed, size) => {
        const shared = draw(300, seed, random => random.normal())
        const columns = Array.from({ length: size }, (_, i) =>
          draw(300, seed + i + 1, random => random.normal()).map((v, row) => v + i * shared[row]),
        )
        const table = correlations(columns, 10)
        let before = 1
        for (let k = 1; k < size; k++) {
          const { left } = regression(
            table,
            0,
            [...Array(k).keys()].map(i => i + 1),
          )
          expect(left).toBeLessThanOrEqual(before + 1e-5)
          before = left
        }
      }),
      { numRuns: 50 },
    )
  })
})
