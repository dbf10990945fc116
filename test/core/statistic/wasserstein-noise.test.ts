import { expect, it } from 'vitest'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import { ecdf } from '../../../src/core/sketch/ecdf.js'
import { wassersteinNoise } from '../../../src/core/statistic/thresholds.js'
import { wasserstein, wassersteinScatter } from '../../../src/core/statistic/wasserstein.js'
import { type Random, seeded } from '../../random.js'
import { sketched } from '../sketch/draws.js'

const draws: Record<string, (random: Random) => number> = {
  normal: random => random.normal(),
  lognormal: random => Math.exp(1.5 * random.normal()),
  seats: random => (random.chance(0.05) ? 20 + Math.floor(120 * random.next()) : 1 + Math.floor(1.5 * random.next())),
}

it.each(Object.keys(draws))('W1 of %s values without drift stays below its noise floor, and comes near it', name => {
  const random = seeded(4)
  const some = (n: number): number[] => Array.from({ length: n }, () => draws[name]!(random))
  const trained = sketched(some(20_000))
  const { sigma, grid } = freezeGrid(trained)
  const baseline = ecdf(trained, grid)
  const n = 500
  const noise = wassersteinNoise(n, 20_000, wassersteinScatter(baseline, sigma))
  const found = Array.from({ length: 400 }, () => wasserstein(baseline, ecdf(sketched(some(n)), null)) / sigma)
  const beyond = found.filter(one => one > noise).length / found.length
  expect(beyond).toBeLessThan(0.04)
  expect(found.filter(one => one > noise / 2).length / found.length).toBeGreaterThan(0.1)
})

it('is of normal values what it was', () => {
  const random = seeded(5)
  const state = sketched(Array.from({ length: 50_000 }, () => random.normal()))
  expect(wassersteinScatter(ecdf(state, null), 1)).toBeLessThan(1.02)
})
