import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chiSquare } from '../../../src/core/statistic/chi-square.js'
import { normalCdf, normalQuantile } from '../../../src/core/statistic/distributions.js'
import {
  hellinger,
  jensenShannon,
  jensenShannonDistance,
  kullbackLeibler,
  largestDifference,
  totalVariation,
} from '../../../src/core/statistic/divergence.js'
import { psi, psiContributions } from '../../../src/core/statistic/psi.js'
import { psiThreshold } from '../../../src/core/statistic/thresholds.js'
import { type Random, seeded } from '../../random.js'

const MEASURES = {
  psi,
  kullbackLeibler,
  jensenShannonDistance,
  hellinger,
  totalVariation,
  largestDifference,
  chiSquare,
}
const counts = (size: number) =>
  fc.array(fc.nat(1000), { minLength: size, maxLength: size }).map(list => {
    list[0]++
    return Float64Array.from(list)
  })

test('each measure is 0 of equal counts, at least 0, and does not know the order of the cells', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }).chain(size => fc.tuple(counts(size), counts(size))),
      ([p, q]) => {
        for (const [name, measure] of Object.entries(MEASURES)) {
          expect(Math.abs(measure(p, p.slice())), name).toBeLessThan(1e-7)
          expect(measure(p, q), name).toBeGreaterThanOrEqual(-1e-12)
          expect(measure(p.slice().reverse(), q.slice().reverse()), name).toBeCloseTo(measure(p, q), 9)
          if (name !== 'kullbackLeibler') expect(measure(q, p), name).toBeCloseTo(measure(p, q), 6)
        }
        for (const bounded of [jensenShannonDistance, hellinger, totalVariation, largestDifference])
          expect(bounded(p, q)).toBeLessThanOrEqual(1 + 1e-12)
        const terms = psiContributions(p, q)
        expect(terms.every(term => term >= 0)).toBe(true)
        expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(psi(p, q), 12)
      },
    ),
  )
})

test('opposite distributions are at the far end', () => {
  const [p, q] = [Float64Array.of(50, 0), Float64Array.of(0, 50)]
  expect([jensenShannonDistance(p, q), hellinger(p, q), totalVariation(p, q), largestDifference(p, q)]).toEqual([
    1, 1, 1, 1,
  ])
  expect(chiSquare(p, q)).toBe(100)
})

test('contamination moves each measure further, the more of it', () => {
  const base = Float64Array.from({ length: 20 }, () => 500)
  for (const [name, measure] of Object.entries(MEASURES)) {
    let last = 0
    for (const share of [0.01, 0.03, 0.1, 0.3, 1]) {
      const moved = base.map((n, c) => n * (1 - share) + (c === 3 ? 10_000 * share : 0))
      expect(measure(base, moved), name).toBeGreaterThan(last)
      last = measure(base, moved)
    }
  }
})

describe('known answers', () => {
  /** Expected counts of N(mean, sd) in the 20 equal bins of N(0, 1), of so many rows that the half counts do not show. */
  const shifted = (mean: number): Float64Array => {
    const edges = [-Infinity, ...Array.from({ length: 19 }, (_, i) => normalQuantile((i + 1) / 20)), Infinity]
    const cdf = (x: number): number => (x === Infinity ? 1 : x === -Infinity ? 0 : normalCdf(x - mean))
    return Float64Array.from({ length: 20 }, (_, b) => 1e9 * (cdf(edges[b + 1]) - cdf(edges[b])))
  }
  test.each([
    [0.1, 0.01, 0.042],
    [0.25, 0.061, 0.105],
    [0.5, 0.245, 0.207],
  ])('a shift by %s σ', (shift, wantedPsi, wantedJs) => {
    expect(psi(shifted(0), shifted(shift))).toBeCloseTo(wantedPsi, 3)
    expect(jensenShannonDistance(shifted(0), shifted(shift))).toBeCloseTo(wantedJs, 3)
  })

  test('PSI/c of (30, 20, 10) against (900, 600, 600)', () => {
    const value = psi(Float64Array.of(900, 600, 600), Float64Array.of(30, 20, 10)) / (1 / 60 + 1 / 2100)
    expect(value).toBeCloseTo(4.458, 3)
  })

  test('small effects: PSI ≈ 2·KL ≈ 8·JS (nats) ≈ 8·H² ≈ c·χ²', () => {
    const [p, q] = [shifted(0), shifted(0.05)]
    const value = psi(p, q)
    expect((2 * kullbackLeibler(q, p)) / value).toBeCloseTo(1, 1)
    expect((8 * Math.LN2 * jensenShannon(p, q)) / value).toBeCloseTo(1, 1)
    expect((8 * hellinger(p, q) ** 2) / value).toBeCloseTo(1, 1)
    expect((chiSquare(p, q) * (2 / 1e9)) / value).toBeCloseTo(1, 1)
  })

  test('one outlier of 1e9 does not shrink PSI: the bins are the baseline’s', () => {
    const p = Float64Array.from({ length: 10 }, () => 100)
    const q = Float64Array.from({ length: 10 }, (_, c) => (c === 9 ? 1000 : 0))
    const withOutlier = q.map((n, c) => (c === 9 ? n + 1 : n))
    expect(psi(p, withOutlier)).toBeCloseTo(psi(p, q), 2)
  })
})

/** Counts of n rows in B equal cells. */
function drawCells(random: Random, n: number, cells: number): Float64Array {
  const counts = new Float64Array(cells)
  for (let i = 0; i < n; i++) counts[Math.floor(random.next() * cells)]++
  return counts
}

/** PSI of samples of one distribution, ascending. */
function nullPsi(seed: number, runs: number, m: number, n: number, cells: number): Float64Array {
  const random = seeded(seed)
  return Float64Array.from({ length: runs }, () => psi(drawCells(random, m, cells), drawCells(random, n, cells))).sort()
}

describe('PSI without drift (simulated)', () => {
  test.each([
    [10_000, 500, 0.0191, 0.0359, 0.0465],
    [10_000, 1000, 0.01, 0.0189, 0.0243],
    [10_000, 10_000, 0.0018, 0.0034, 0.0044],
  ])('m = %i, n = %i', (m, n, mean, q95, q99) => {
    const runs = n > 5000 ? 600 : 1500
    const values = nullPsi(n, runs, m, n, 10)
    const average = values.reduce((sum, x) => sum + x, 0) / runs
    expect(Math.abs(average / mean - 1)).toBeLessThan(0.06)
    expect(Math.abs(values[Math.floor(0.95 * runs)] / q95 - 1)).toBeLessThan(0.12)
    expect(Math.abs(values[Math.floor(0.99 * runs)] / q99 - 1)).toBeLessThan(0.25)
  })

  test('n = 200: thirty bins exceed .1 nearly always, ten seldom', () => {
    const share = (values: Float64Array): number => values.filter(x => x > 0.1).length / values.length
    expect(Math.abs(share(nullPsi(1, 600, 2500, 200, 30)) - 0.92)).toBeLessThan(0.04)
    expect(Math.abs(share(nullPsi(2, 600, 2500, 200, 10)) - 0.03)).toBeLessThan(0.025)
  })

  test('stays below the launch threshold', () => {
    for (const n of [200, 1000]) {
      const values = nullPsi(n, 1000, 20_000, n, 20)
      expect(values[999]).toBeLessThan(Math.max(0.25, psiThreshold(n, 20_000, 20, 0.02)))
    }
  })
})
