import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import type { Grid } from '../../../src/core/baseline/grid.js'
import { ecdf } from '../../../src/core/sketch/ecdf.js'
import { mergeSketches } from '../../../src/core/sketch/merge.js'
import { kolmogorovSmirnov, kolmogorovSmirnovP } from '../../../src/core/statistic/kolmogorov-smirnov.js'
import { wasserstein } from '../../../src/core/statistic/wasserstein.js'
import { seeded } from '../../random.js'
import { DISTRIBUTIONS, draw, exactKs, exactW1, feature, sketched } from '../sketch/draws.js'

const curve = (values: Iterable<number>, grid: Grid | null = null) => ecdf(sketched(values, grid), grid)
const value = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -10, max: 10, noNaN: true }))
const column = fc.array(value, { minLength: 1, maxLength: 80 })

test('of few values they are the exact distances', () => {
  fc.assert(
    fc.property(column, column, (a, b) => {
      const [x, y] = [Float64Array.from(a, v => v + 0), Float64Array.from(b, v => v + 0)]
      expect(kolmogorovSmirnov(curve(x), curve(y))).toBeCloseTo(exactKs(x, y), 12)
      expect(wasserstein(curve(x), curve(y))).toBeCloseTo(exactW1(x, y), 9)
    }),
  )
})

test('0 of equal curves, symmetric, the triangle holds', () => {
  fc.assert(
    fc.property(column, column, column, (a, b, c) => {
      const [f, g, h] = [a, b, c].map(values => curve(values))
      for (const distance of [kolmogorovSmirnov, wasserstein]) {
        expect(distance(f, curve(a))).toBe(0)
        expect(distance(f, g)).toBeCloseTo(distance(g, f), 12)
        expect(distance(f, h)).toBeLessThanOrEqual(distance(f, g) + distance(g, h) + 1e-9)
      }
    }),
  )
})

test('KS does not know the unit; W1 scales with it', () => {
  const [a, b] = [draw(3000, 1, DISTRIBUTIONS['bimodal']), draw(2000, 2, DISTRIBUTIONS['normal'])]
  const unit = (x: number): number => 8 * x + 1024
  const [f, g, f8, g8] = [a, b, a.map(unit), b.map(unit)].map(values => curve(values))
  expect(kolmogorovSmirnov(f8, g8)).toBeCloseTo(kolmogorovSmirnov(f, g), 9)
  expect(wasserstein(f8, g8)).toBeCloseTo(8 * wasserstein(f, g), 6)
  expect(wasserstein(f, curve(a.map(x => x + 0.5)))).toBeCloseTo(0.5, 6)
})

test('lines that cross within a piece count on both sides', () => {
  // Digests of two uniform samples, one twice as wide: F − G changes sign in the middle.
  const [a, b] = [draw(50_000, 3, r => r.next() - 0.5), draw(50_000, 4, r => 2 * r.next() - 1)]
  expect(Math.abs(wasserstein(curve(a), curve(b)) - exactW1(a, b))).toBeLessThan(0.0005)
  expect(Math.abs(kolmogorovSmirnov(curve(a), curve(b)) - exactKs(a, b))).toBeLessThan(0.0015)
  expect(Math.abs(exactW1(a, b) - 0.25)).toBeLessThan(0.005)
})

describe('known answers', () => {
  test.each([
    [0.1, 0.04],
    [0.25, 0.099],
    [0.5, 0.197],
  ])('a shift by %s σ', (shift, ks) => {
    const [a, b] = [draw(200_000, 5, r => r.normal()), draw(200_000, 6, r => shift + r.normal())]
    const { grid, sigma } = freezeGrid(sketched(a))
    const [f, g] = [curve(a, grid), curve(b, grid)]
    expect(Math.abs(kolmogorovSmirnov(f, g) - ks)).toBeLessThan(0.005)
    expect(Math.abs(wasserstein(f, g) / sigma - shift)).toBeLessThan(0.012)
  })

  test('the share of zeros from 60 to 66 %: right with atoms, far off from a digest alone', () => {
    const zeros = (seed: number, share: number) =>
      draw(100_000, seed, r => (r.chance(share) ? 0 : Math.exp(r.normal())))
    const [a, b] = [zeros(7, 0.6), zeros(8, 0.66)]
    const { grid } = freezeGrid(sketched(a))
    expect([...grid.atoms]).toEqual([0])
    const truth = exactKs(a, b)
    expect(Math.abs(kolmogorovSmirnov(curve(a, grid), curve(b, grid)) - truth)).toBeLessThan(0.0005)
  })

  test('baseline of 100 digests, window of 10: |ΔKS| ≤ .0017, |ΔW1/σ| ≤ .001', () => {
    for (const name of ['normal', 'lognormal', 'uniform']) {
      const of = DISTRIBUTIONS[name]
      const merged = (count: number, seed: number, scale: number, grid: Grid | null) => {
        const parts = Array.from({ length: count }, (_, p) => draw(1000, seed + p, r => scale * of(r)))
        const state = mergeSketches(
          parts.map(part => feature(sketched(part, grid))),
          grid,
        ).numeric!
        return { state, all: Float64Array.from(parts.flatMap(part => [...part])) }
      }
      const { grid, sigma } = freezeGrid(merged(100, 1000, 1, null).state)
      const a = merged(100, 1000, 1, grid)
      const b = merged(10, 5000, 1.1, grid)
      const [f, g] = [ecdf(a.state, grid), ecdf(b.state, grid)]
      expect(Math.abs(kolmogorovSmirnov(f, g) - exactKs(a.all, b.all)), name).toBeLessThan(0.0017)
      // One of the lognormal's highest values is some hundred σ: there the few that share a centroid decide.
      const w1 = exactW1(a.all, b.all)
      expect(Math.abs(wasserstein(f, g) - w1) / sigma, name).toBeLessThan(
        name === 'lognormal' ? (0.12 * w1) / sigma : 0.001,
      )
    }
  })

  test('W1/σ of normal data without drift: mean 1.3/√n at large m, 99 % 2.7/√n', () => {
    const n = 400
    const f = curve(draw(200_000, 9, r => r.normal()))
    const values = Float64Array.from({ length: 400 }, (_, run) =>
      wasserstein(f, curve(draw(n, 100 + run, r => r.normal()))),
    ).sort()
    const average = values.reduce((sum, x) => sum + x, 0) / values.length
    expect(Math.abs(average * Math.sqrt(n) - 1.3)).toBeLessThan(0.35)
    expect(values[Math.floor(0.99 * values.length)] * Math.sqrt(n)).toBeLessThan(3.1)
  })

  test('Stephens: λ = 1.358 is 5 %, 1.628 is 1 %', () => {
    const distanceOf = (lambda: number, root: number): number => lambda / (root + 0.12 + 0.11 / root)
    const root = Math.sqrt((1000 * 3000) / 4000)
    expect(kolmogorovSmirnovP(distanceOf(1.3581, root), 1000, 3000)).toBeCloseTo(0.05, 4)
    expect(kolmogorovSmirnovP(distanceOf(1.6276, root), 1000, 3000)).toBeCloseTo(0.01, 4)
    expect(kolmogorovSmirnovP(0, 1000, 3000)).toBe(1)
    // Both series meet.
    expect(kolmogorovSmirnovP(distanceOf(1.1799, root), 1000, 3000)).toBeCloseTo(
      kolmogorovSmirnovP(distanceOf(1.1801, root), 1000, 3000),
      3,
    )
    const random = seeded(1)
    const ps = Array.from({ length: 400 }, () => {
      const sample = (): Float64Array => Float64Array.from({ length: 200 }, () => random.next())
      return kolmogorovSmirnovP(exactKs(sample(), sample()), 200, 200)
    })
    expect(ps.filter(p => p < 0.05).length / 400).toBeLessThan(0.09)
    expect(ps.filter(p => p < 0.05).length / 400).toBeGreaterThan(0.015)
  })
})

test('both grow with contamination', () => {
  const base = draw(20_000, 10, DISTRIBUTIONS['normal'])
  const f = curve(base)
  for (const distance of [kolmogorovSmirnov, wasserstein]) {
    let last = 0
    for (const share of [0.01, 0.03, 0.1, 0.3]) {
      const random = seeded(11)
      const far = distance(f, curve(base.map(x => (random.chance(share) ? 10 + x : x))))
      expect(far).toBeGreaterThan(last)
      last = far
    }
  }
})

test('nothing has no distance; huge values have a finite one', () => {
  const nothing = curve([])
  expect(kolmogorovSmirnov(nothing, curve([1]))).toBeNaN()
  expect(wasserstein(curve([1]), nothing)).toBeNaN()
  expect(wasserstein(curve([1e308]), curve([-1e308]))).toBe(Infinity)
  expect(wasserstein(curve([1e308, -1e308]), curve([-1e308, 1e308]))).toBe(0)
  const [a, b] = [1, 2].map(seed => curve(draw(2000, seed, r => 1.7e308 * (2 * r.next() - 1))))
  expect(kolmogorovSmirnov(a, b)).toBeLessThan(0.06)
  expect(wasserstein(a, b)).toBeGreaterThan(0)
})
