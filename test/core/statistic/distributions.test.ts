import { describe, expect, test } from 'vitest'
import {
  chiSquareCdf,
  chiSquareQuantile,
  chiSquareUpper,
  noncentralChiSquareQuantile,
  normalCdf,
  normalQuantile,
  studentQuantile,
  studentUpper,
  studentUpperQuantile,
} from '../../../src/core/statistic/distributions.js'
import { incompleteBeta, logGamma } from '../../../src/core/statistic/gamma.js'
import { wilson } from '../../../src/core/statistic/intervals.js'
import { memory } from '../../../src/core/statistic/memory.js'
import { shareZ } from '../../../src/core/statistic/shares.js'
import {
  historyThresholds,
  psiNoise,
  psiThreshold,
  shareNoise,
  wassersteinNoise,
} from '../../../src/core/statistic/thresholds.js'
import { seeded } from '../../random.js'

const near = (value: number, wanted: number, relative = 1e-9): void =>
  expect(Math.abs(value / wanted - 1), `${value} against ${wanted}`).toBeLessThan(relative)

describe('tables', () => {
  test('normal', () => {
    near(normalQuantile(0.975), 1.959963984540054)
    near(normalQuantile(1e-9), -5.997807015007774)
    near(normalCdf(1), 0.8413447460685429)
    near(normalCdf(-10), 7.61985302416e-24, 1e-8)
    expect([normalQuantile(0.5), normalCdf(0)]).toEqual([0, 0.5])
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity])
  })
  test('χ²', () => {
    near(chiSquareQuantile(0.95, 1), 3.841458820694124)
    near(chiSquareQuantile(0.95, 10), 18.307038053275146)
    near(chiSquareQuantile(0.999, 9), 27.877164871256568)
    near(chiSquareQuantile(0.05, 2), 0.10258658877510116)
    near(chiSquareUpper(18.307038053275146, 10), 0.05)
  })
  test('Student', () => {
    near(studentQuantile(0.975, 1), 12.706204736432095)
    near(studentQuantile(0.975, 2), 4.302652729911275, 1e-9)
    near(studentQuantile(0.975, 5), 2.570581835636314)
    near(studentQuantile(0.005, 30), -2.749995653567231)
    near(studentUpperQuantile(1e-9, 1), 1 / (Math.PI * 1e-9), 1e-9)
    expect(studentQuantile(0.5, 3)).toBe(0)
  })
  test('gamma and beta functions', () => {
    near(logGamma(10), Math.log(362_880), 1e-13)
    near(logGamma(0.5), Math.log(Math.PI) / 2, 1e-12)
    near(incompleteBeta(0.3, 2, 5), 0.579825, 1e-9)
  })
  test('quantiles undo distribution functions, far into the tails', () => {
    for (const p of [1e-9, 1e-5, 0.001, 0.1, 0.3, 0.5, 0.7, 0.99, 1 - 1e-9]) {
      if (p !== 0.5) near(normalCdf(normalQuantile(p)), p, 1e-9)
      for (const nu of [1, 2, 5, 19, 500, 5000, 13.7]) {
        near(chiSquareCdf(chiSquareQuantile(p, nu), nu), p, 1e-7)
        if (p <= 0.5) near(studentUpper(studentUpperQuantile(p, nu), nu), p, 1e-9)
      }
    }
  })
  test('Student becomes normal', () => {
    near(studentUpperQuantile(0.01, 1e7), -normalQuantile(0.01), 1e-5)
  })
})

test('Patnaik’s quantile is within a few per cent of a simulated one', () => {
  const random = seeded(1)
  const [nu, lambda] = [19, 20]
  const values = Float64Array.from({ length: 20_000 }, () => {
    let sum = (random.normal() + Math.sqrt(lambda)) ** 2
    for (let i = 1; i < nu; i++) sum += random.normal() ** 2
    return sum
  }).sort()
  near(noncentralChiSquareQuantile(0.99, nu, lambda), values[19_800], 0.03)
  near(noncentralChiSquareQuantile(0.95, nu, 0), chiSquareQuantile(0.95, nu), 1e-12)
})

describe('thresholds', () => {
  test.each([
    [200, 0.26, 0.005],
    [1000, 0.081, 0.001],
    [10_000, 0.032, 0.001],
    [100_000, 0.025, 0.001],
  ])('T_floor at B = 20, δ = .02, m = 10⁵, n = %i', (n, wanted, within) => {
    expect(Math.abs(psiThreshold(n, 1e5, 20, 0.02) - wanted)).toBeLessThan(within)
    expect(psiThreshold(n, 1e5, 20, 0.02)).toBeGreaterThan(psiNoise(n, 1e5, 20))
  })
  test('noise of PSI is c·χ², of W1 2.7√c, of a share four standard errors', () => {
    near(psiNoise(1000, 1000, 20), (2 / 1000) * 43.82019596451752, 1e-6)
    expect([psiNoise(10, 10, 1), psiThreshold(10, 10, 1, 0.02)]).toEqual([0, 0])
    near(wassersteinNoise(100, 300), 2.7 * Math.sqrt(1 / 75))
    near(shareNoise(0.1, 100, 0.3, 300), 4 * Math.sqrt(0.25 * 0.75 * (1 / 75)))
  })
  test('T₁ and T₂ of a budget', () => {
    const ten = historyThresholds(0.003, 10, 15, 60)
    const six = historyThresholds(0.003, 6, 15, 60)
    expect([ten.once.toFixed(2), ten.twice.toFixed(2)]).toEqual(['15.55', '4.90'])
    expect([six.once.toFixed(2), six.twice.toFixed(2)]).toEqual(['14.01', '4.61'])
    expect(historyThresholds(0.003, 10, 15, 4).once).toBeGreaterThan(ten.once)
  })
})

describe('shares', () => {
  test('known answers', () => {
    expect(shareZ(9, 450, 0, 18_000).toFixed(3)).toBe('7.945')
    expect(shareZ(7, 300, 72, 18_000).toFixed(3)).toBe('3.561')
    expect(shareZ(0, 450, 900, 18_000).toFixed(3)).toBe('-6.753')
  })
  test('about standard normal without a change, 0 of nothing', () => {
    const random = seeded(2)
    const draws = Array.from({ length: 3000 }, () => {
      let x = 0
      for (let i = 0; i < 400; i++) if (random.chance(0.1)) x++
      return shareZ(x, 400, 10_000, 100_000)
    })
    const mean = draws.reduce((sum, z) => sum + z, 0) / 3000
    const spread = Math.sqrt(draws.reduce((sum, z) => sum + (z - mean) ** 2, 0) / 3000)
    expect(Math.abs(mean)).toBeLessThan(0.1)
    expect(Math.abs(spread - 1)).toBeLessThan(0.06)
    expect(shareZ(0, 0, 5, 10)).toBe(0)
    expect(shareZ(10, 10, 10, 10)).toBeLessThan(1)
  })
  test('Wilson', () => {
    const { low, high } = wilson(10, 100)
    near(low, 0.0552291370606751, 1e-6)
    near(high, 0.1743656614380366, 1e-6)
    expect(wilson(0, 20).low).toBe(0)
    expect(wilson(20, 20).high).toBe(1)
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

test('memory: rising, alternating, constant, independent', () => {
  expect(memory(Array.from({ length: 36 }, (_, i) => i)).toFixed(3)).toBe('1.949')
  expect(memory(Array.from({ length: 36 }, (_, i) => i % 2))).toBe(1)
  expect([memory([]), memory([1]), memory(Array.from({ length: 20 }, () => 7))]).toEqual([1, 1, 1])
  const random = seeded(3)
  expect(memory(Array.from({ length: 60 }, () => random.normal()))).toBeLessThan(1.3)
})
