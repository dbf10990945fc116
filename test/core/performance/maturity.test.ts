import { expect, it } from 'vitest'
import { type LabelAge, labelCurve, maturity } from '../../../src/core/performance/maturity.js'

const HOUR = 3_600_000
const HORIZON = 8 * HOUR
/** Shares that have come by hour, of windows of 1000 predictions. */
const window = (...shares: [hour: number, share: number][]): LabelAge[] =>
  shares.map(([hour, share]) => ({ ageMs: hour * HOUR, labelled: 1000 * share, predictions: 1000 }))
const past = [
  window([1, 0.2], [2, 0.5], [4, 0.86], [8, 0.9]),
  window([1, 0.22], [2, 0.52], [4, 0.87], [8, 0.91]),
  window([1, 0.18], [2, 0.48], [4, 0.85], [8, 0.89]),
]
const at = (hour: number, share: number): LabelAge => window([hour, share])[0]!

it('learns how labels come from windows that are complete', () => {
  const curve = labelCurve([...past, window([1, 0.9], [2, 0.9])], HORIZON)!
  expect(curve.windows).toBe(3)
  expect([...curve.agesMs]).toEqual([1, 2, 4, 8].map(hour => hour * HOUR))
  for (const [i, share] of [0.2, 0.5, 0.86, 0.9].entries()) expect(curve.coverage[i]).toBeCloseTo(share, 12)
  expect(curve.spread).toBeCloseTo(0.01, 12)
  expect(labelCurve([window([1, 0.5])], HORIZON)).toBeNull()
})

it('is provisional until the labels that will come have come, or may come no more', () => {
  const curve = labelCurve(past, HORIZON)
  expect(maturity(curve, at(2, 0.5), HORIZON)).toMatchObject({ mature: false, behind: false })
  expect(maturity(curve, at(2, 0.5), HORIZON).expected).toBeCloseTo(0.9, 12)
  expect(maturity(curve, at(2, 0.45), HORIZON).come).toBeCloseTo(0.5, 12)
  expect(maturity(curve, at(4, 0.86), HORIZON)).toMatchObject({ mature: true, behind: false })
  // Labels that never come: over is over.
  expect(maturity(curve, at(8, 0.3), HORIZON)).toMatchObject({ mature: true, behind: true })
  // As old as others were when they had all, but its labels are late.
  expect(maturity(curve, at(4, 0.6), HORIZON)).toMatchObject({ mature: false, behind: true })
  // All at once, early: more may come than usual.
  expect(maturity(curve, at(1, 0.9), HORIZON)).toMatchObject({ mature: false, behind: false })
})

it('without complete windows only the horizon matures, and two are too few to go by', () => {
  expect(maturity(null, at(4, 0.9), HORIZON)).toEqual({
    coverage: 0.9,
    expected: null,
    come: null,
    mature: false,
    behind: false,
  })
  expect(maturity(null, at(8, 0.9), HORIZON).mature).toBe(true)
  expect(maturity(labelCurve(past.slice(1), HORIZON), at(4, 0.87), HORIZON)).toMatchObject({
    mature: false,
    behind: false,
  })
})
