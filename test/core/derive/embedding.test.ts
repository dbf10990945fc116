import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { directions, EmbeddingSeries, PROJECTIONS } from '../../../src/core/derive/embedding.js'
import { INFINITE, Layout, MISSING, NAN, NULL, NUMBER, Row, WRONG_TYPE } from '../../../src/core/row.js'
import { seeded } from '../../random.js'

const layout = new Layout(true, 100)
const source = layout.add('v', 'embedding', false)
const norm = layout.add('v.norm', 'numeric')
const projections = Int32Array.from({ length: PROJECTIONS }, (_, p) => layout.add(`v.p${p + 1}`, 'numeric'))

function filled(series: EmbeddingSeries, vector: readonly number[], flag: number = NUMBER): Row {
  const row = new Row(layout)
  // As a second vector of the row: it does not begin at 0.
  row.vectorsUsed = 3
  row.fitVectors(vector.length)
  row.vectors.set(vector, 3)
  row.flags[source] = flag
  row.starts[source] = 3
  row.lengths[source] = vector.length
  series.fill(row)
  return row
}

const any = new EmbeddingSeries(source, norm, projections, null)
const values = (row: Row): number[] => [norm, ...projections].map(slot => row.numbers[slot])
const flags = (row: Row): number[] => [norm, ...projections].map(slot => row.flags[slot])

const vector = fc.array(
  fc.integer({ min: -1e6, max: 1e6 }).map(x => x / 1024),
  { minLength: 1, maxLength: 50 },
)

describe('directions', () => {
  test('have unit length, two signs, and are the same at every call and their own for each dimension', () => {
    for (const dimension of [1, 2, 3, 64, 768, 4096]) {
      const all = directions(dimension)
      expect(directions(dimension)).toEqual(all)
      for (let p = 0; p < PROJECTIONS; p++) {
        const one = all.subarray(p * dimension, (p + 1) * dimension)
        expect(one.reduce((sum, w) => sum + w * w, 0)).toBeCloseTo(1, 9)
        if (dimension < 64) continue
        const positive = one.filter(w => w > 0).length / dimension
        expect(Math.abs(positive - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / dimension))
        for (let q = 0; q < p; q++) {
          const product = one.reduce((sum, w, i) => sum + w * all[q * dimension + i], 0)
          expect(Math.abs(product)).toBeLessThan(4 / Math.sqrt(dimension))
        }
      }
    }
  })

  test('give independent numbers of variance 1 a projection of variance 1', () => {
    const random = seeded(3)
    const squares = Array.from({ length: 4000 }, () => {
      const row = filled(
        any,
        Array.from({ length: 32 }, () => random.normal()),
      )
      return projections.reduce((sum, slot) => sum + row.numbers[slot] ** 2, 0) / PROJECTIONS
    })
    expect(squares.reduce((a, b) => a + b) / squares.length).toBeCloseTo(1, 1)
  })
})

describe('the series of a vector', () => {
  test('are its length, to 14 binary digits, and its projections', () => {
    fc.assert(
      fc.property(vector, v => {
        const row = filled(any, v)
        expect(flags(row)).toEqual(Array(1 + PROJECTIONS).fill(NUMBER))
        const [length, ...projected] = values(row)
        const exact = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))
        expect(Math.abs(length - exact)).toBeLessThanOrEqual(exact * 2 ** -14)
        const all = directions(v.length)
        projected.forEach((p, i) => {
          const wanted = v.reduce((sum, x, k) => sum + x * all[i * v.length + k], 0)
          expect(Math.abs(p - wanted)).toBeLessThanOrEqual(1e-9 * (1 + exact))
          // Cauchy and Schwarz.
          expect(Math.abs(p)).toBeLessThanOrEqual(exact * (1 + 1e-9))
        })
      }),
    )
  })

  test('scale with it', () => {
    fc.assert(
      fc.property(vector, fc.constantFrom(2, 0.25, 1024), (v, factor) => {
        const one = values(filled(any, v))
        expect(
          values(
            filled(
              any,
              v.map(x => factor * x),
            ),
          ),
        ).toEqual(one.map(x => factor * x))
      }),
    )
  })

  test('do not tell vectors that are normalised in single precision from one another by their length', () => {
    const random = seeded(5)
    const lengths = Array.from({ length: 500 }, () => {
      const raw = Array.from({ length: 384 }, () => random.normal())
      const size = Math.sqrt(raw.reduce((sum, x) => sum + x * x, 0))
      return values(
        filled(
          any,
          raw.map(x => Math.fround(x / size)),
        ),
      )[0]
    })
    expect(new Set(lengths)).toEqual(new Set([1]))
  })

  test('are told apart: another dimension is of the wrong type, and what is no vector says why once', () => {
    const three = new EmbeddingSeries(source, norm, projections, new Set([3, 5]))
    const absent = Array(PROJECTIONS).fill(MISSING)
    expect(flags(filled(three, [1, 2, 3]))[0]).toBe(NUMBER)
    expect(flags(filled(three, [1, 2, 3, 4, 5]))[0]).toBe(NUMBER)
    expect(flags(filled(three, [1, 2]))).toEqual([WRONG_TYPE, ...absent])
    expect(flags(filled(any, [1e200, 1]))).toEqual([INFINITE, ...absent])
    for (const flag of [NULL, NAN, MISSING, WRONG_TYPE]) expect(flags(filled(any, [], flag))).toEqual([flag, ...absent])
  })
})
