import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import { cdfAt, type Ecdf, ecdf } from '../../../src/core/sketch/ecdf.js'
import { quantileAt, quantileOf } from '../../../src/core/statistic/quantiles.js'
import { DISTRIBUTIONS, draw, grid, sketched } from './draws.js'

function isDistribution({ x, before, after }: Ecdf): void {
  let last = 0
  for (let i = 0; i < x.length; i++) {
    expect(i === 0 || x[i] > x[i - 1]).toBe(true)
    expect(before[i]).toBeGreaterThanOrEqual(last)
    expect(after[i]).toBeGreaterThanOrEqual(before[i])
    last = after[i]
  }
  if (x.length > 0) {
    expect(before[0]).toBe(0)
    expect(last).toBeCloseTo(1, 12)
  }
}

const value = fc.oneof(
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

test('it ascends from 0 to 1 over all values, whatever they are', () => {
  const cut = grid([-1, 0, 2], [-2, 0, 1])
  const columns = fc.oneof(
    fc.array(value, { maxLength: 50 }),
    fc.array(value, { minLength: 600, maxLength: 1500, size: 'max' }),
  )
  fc.assert(
    fc.property(columns, values => {
      for (const at of [cut, null]) {
        const state = sketched(values, at)
        const curve = ecdf(state, at)
        isDistribution(curve)
        expect(ecdf(state, at)).toBe(curve)
        if (values.length === 0) continue
        expect(curve.x[0]).toBeGreaterThanOrEqual(state.min)
        expect(curve.x[curve.x.length - 1]).toBeLessThanOrEqual(state.max)
      }
    }),
    { numRuns: 50 },
  )
})

test('of exact values it is the step function, with both limits', () => {
  const curve = ecdf(sketched([1, 1, 2, 4]), null)
  const at = (x: number): [number, number] => [cdfAt(curve, x, 'left'), cdfAt(curve, x)]
  expect([0, 1, 1.5, 2, 3, 4, 5].map(at)).toEqual([
    [0, 0],
    [0, 0.5],
    [0.5, 0.5],
    [0.5, 0.75],
    [0.75, 0.75],
    [0.75, 1],
    [1, 1],
  ])
  expect([0, 0.4, 0.5, 0.51, 0.75, 0.8, 1].map(p => quantileAt(curve, p))).toEqual([1, 1, 1, 2, 2, 4, 4])
})

test('atoms are exact steps and edges have exact ranks', () => {
  const values = [...draw(20_000, 3, DISTRIBUTIONS['lognormal']), ...new Float64Array(12_000)]
  const { grid: cut } = freezeGrid(sketched(values))
  const curve = ecdf(sketched(values, cut), cut)
  expect(cdfAt(curve, 0, 'left')).toBe(0)
  expect(cdfAt(curve, 0)).toBe(12_000 / 32_000)
  for (const edge of cut.edges)
    expect(cdfAt(curve, edge, 'left')).toBeCloseTo(values.filter(x => x < edge).length / 32_000, 12)
})

test('the middle of a gap has the rank of its sides', () => {
  const values = draw(20_000, 4, random => (random.chance(0.3) ? -100 : 100) + random.next())
  const below = values.filter(x => x < 0).length / values.length
  const curve = ecdf(sketched(values), null)
  for (const x of [-98, -50, 0, 50, 99]) expect(Math.abs(cdfAt(curve, x) - below)).toBeLessThan(0.004)
})

test('quantile and rank are inverse to each other', () => {
  const state = sketched(draw(5000, 5, DISTRIBUTIONS['bimodal']))
  const curve = ecdf(state, null)
  for (let p = 0.01; p < 1; p += 0.01) expect(cdfAt(curve, quantileAt(curve, p))).toBeCloseTo(p, 9)
  expect(quantileOf(state, null, 0)).toBe(state.min)
  expect(quantileOf(state, null, 1)).toBe(state.max)
})

test('nothing has no distribution', () => {
  const curve = ecdf(sketched([]), null)
  expect([cdfAt(curve, 0), quantileAt(curve, 0.5)]).toEqual([Number.NaN, Number.NaN])
})
