import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { benjaminiHochberg } from '../../../src/core/statistic/benjamini-hochberg.js'

const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 })

describe('adjusted p-values', () => {
  it('are those of R’s p.adjust(p, "BH")', () => {
    const given = [0.01, 0.04, 0.03, 0.005, 0.9]
    const q = [0.025, 0.05, 0.05, 0.025, 0.9]
    for (const [i, value] of benjaminiHochberg(given).entries()) expect(value).toBeCloseTo(q[i], 12)
    expect(benjaminiHochberg([])).toEqual([])
    expect(benjaminiHochberg([0.2])).toEqual([0.2])
  })

  it('are at least p and at most 1, keep its order, and do not depend on the order given', () => {
    fc.assert(
      fc.property(ps, p => {
        const q = benjaminiHochberg(p)
        const backwards = benjaminiHochberg([...p].reverse()).reverse()
        for (const i of p.keys()) {
          expect(q[i]).toBeGreaterThanOrEqual(p[i])
          expect(q[i]).toBeLessThanOrEqual(1)
          expect(backwards[i]).toBe(q[i])
          for (const j of p.keys()) if (p[i] < p[j]) expect(q[i]).toBeLessThanOrEqual(q[j])
        }
      }),
    )
  })

  it('refuse as the step-up procedure does: q ≤ α for the largest k with p₍ₖ₎ ≤ αk/m and all below', () => {
    fc.assert(
      fc.property(ps, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (p, alpha) => {
        const inOrder = [...p].sort((a, b) => a - b)
        const k = inOrder.findLastIndex((one, i) => one * (p.length / (i + 1)) <= alpha) + 1
        const refused = benjaminiHochberg(p).filter(q => q <= alpha * (1 + 1e-12)).length
        expect(Math.abs(refused - k)).toBe(0)
      }),
    )
  })
})
