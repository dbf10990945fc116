import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Before, explainedByMix } from '../../../src/core/detect/attribution.js'

const shares = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 5, maxLength: 5 })
  .filter(all => all.some(Boolean))

/** So many rows spread as the weights say, the last of them without a usable value. */
function counts(rows: number, weights: readonly number[]): Before['now'] {
  const total = weights.reduce((a, b) => a + b, 0)
  const [absent, ...cells] = weights.map(weight => (weight / total) * rows)
  return { rows, count: rows - absent, cells: Float64Array.from(cells) }
}

function sum(all: readonly Before['now'][]): Before['now'] {
  return {
    rows: all.reduce((a, { rows }) => a + rows, 0),
    count: all.reduce((a, { count }) => a + count, 0),
    cells: all[0].cells.map((_, c) => all.reduce((a, { cells }) => a + cells[c], 0)),
  }
}

/** Two segments with their rows and shapes, before and now. */
function pair(of: readonly { before: Before['now']; now: Before['now'] }[]): [Before, Before[]] {
  const segments = of.map((one, i) => ({ segment: { payment: `p${i}` }, ...one }))
  const all = { segment: {}, now: sum(of.map(({ now }) => now)), before: sum(of.map(({ before }) => before)) }
  return [all, segments]
}

describe('what the mix of segments explains', () => {
  it('is everything where each segment stands still', () => {
    fc.assert(
      fc.property(shares, shares, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (a, b, x, y) => {
        const [all, segments] = pair([
          { before: counts(50_000, a), now: counts(x * 10_000, a) },
          { before: counts(50_000, b), now: counts(y * 10_000, b) },
        ])
        // Nothing at all where the mix, or what it is a mix of, stands still too.
        const { payment } = explainedByMix(all, segments)
        expect(payment === 0 || payment > 0.99).toBe(true)
      }),
    )
  })

  it('is nothing where all segments moved and their shares did not', () => {
    fc.assert(
      fc.property(shares, shares, (a, b) => {
        const one = { before: counts(40_000, a), now: counts(4000, b) }
        const { payment } = explainedByMix(...pair([one, one]))
        expect(payment).toBeLessThan(1e-6)
      }),
    )
  })

  it('is a part where both moved, absent values included', () => {
    const [cash, card] = [
      [0, 8, 2, 0, 0],
      [9, 0, 0, 1, 0],
    ]
    const mixed = pair([
      { before: counts(5000, cash), now: counts(2000, cash) },
      { before: counts(5000, card), now: counts(8000, card) },
    ])
    expect(explainedByMix(...mixed)['payment']).toBeGreaterThan(0.99)
    const both = pair([
      { before: counts(5000, cash), now: counts(2000, [0, 2, 8, 0, 0]) },
      { before: counts(5000, card), now: counts(8000, [4, 0, 0, 1, 5]) },
    ])
    const { payment } = explainedByMix(...both)
    expect(payment).toBeGreaterThan(0.01)
    expect(payment).toBeLessThan(0.7)
  })

  it('is not said of a dimension with a value that the reference does not have', () => {
    const [all, segments] = pair([{ before: counts(100, [0, 1, 1, 1, 1]), now: counts(90, [0, 1, 1, 1, 1]) }])
    expect(explainedByMix(all, [...segments, { ...segments[0], segment: { payment: 'new' }, before: null }])).toEqual(
      {},
    )
    expect(explainedByMix({ ...all, before: null }, segments)).toEqual({})
  })
})
