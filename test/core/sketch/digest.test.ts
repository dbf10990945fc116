import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COMPRESSION, Digest } from '../../../src/core/sketch/digest.js'
import { cdfAt, type Ecdf, ecdf } from '../../../src/core/sketch/ecdf.js'
import { mergeSketches } from '../../../src/core/sketch/merge.js'
import { mergeDigests } from '../../../src/core/sketch/merge-digests.js'
import { quantileAt } from '../../../src/core/statistic/quantiles.js'
import { DISTRIBUTIONS, draw, feature, sketched } from './draws.js'

interface Reference {
  push(values: number[]): void
  compress(): void
  percentile(p: number): number
}
const { TDigest } = (await import('tdigest' as string)) as { TDigest: new () => Reference }

/** Largest rank error over every value of the sample and over 999 quantiles; and the same at p ≤ .1 and p ≥ .9. */
function rankErrors(curve: Ecdf, values: Float64Array): { anywhere: number; tails: number; rms: number } {
  const sorted = values.slice().sort()
  const n = sorted.length
  let anywhere = 0
  let tails = 0
  let squares = 0
  for (let i = 0; i < n; ) {
    let end = i + 1
    while (end < n && sorted[end] === sorted[i]) end++
    const f = cdfAt(curve, sorted[i])
    const error = Math.max(0, i / n - f, f - end / n)
    anywhere = Math.max(anywhere, error)
    if (end <= 0.1 * n || i >= 0.9 * n) tails = Math.max(tails, error)
    squares += error * error * (end - i)
    i = end
  }
  return { anywhere, tails, rms: Math.sqrt(squares / n) }
}

const average = (numbers: number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length

describe('rank error at n = 10⁴', () => {
  // The largest over all 10⁴ values: half of it is the sample's own unevenness within a centroid of 150 rows, whatever the algorithm. The
  // published greedy rule, fed the same way, has .0020, .0030, .0021, .0018, .0067 on average.
  const bounds: Record<string, { average: number; worst: number; tails: number }> = {
    normal: { average: 0.0022, worst: 0.0031, tails: 0.0013 },
    'gamma(.1)': { average: 0.0036, worst: 0.0045, tails: 0.0036 },
    lognormal: { average: 0.0023, worst: 0.0031, tails: 0.0014 },
    uniform: { average: 0.0024, worst: 0.0031, tails: 0.0013 },
    bimodal: { average: 0.0035, worst: 0.006, tails: 0.0013 },
  }
  test.each(Object.entries(DISTRIBUTIONS))('%s', (name, of) => {
    const errors = [1, 2, 3, 4, 5, 6, 7, 8].map(seed => {
      const values = draw(10_000, seed, of)
      return rankErrors(ecdf(sketched(values), null), values)
    })
    expect(average(errors.map(({ anywhere }) => anywhere))).toBeLessThan(bounds[name].average)
    expect(Math.max(...errors.map(({ anywhere }) => anywhere))).toBeLessThan(bounds[name].worst)
    expect(average(errors.map(({ tails }) => tails))).toBeLessThan(bounds[name].tails)
    expect(average(errors.map(({ rms }) => rms))).toBeLessThan(0.0012)
  })
})

test('rank error at n = 2 · 10⁵ is within .2 % anywhere and .05 % in the tails', () => {
  for (const name of ['normal', 'uniform', 'lognormal']) {
    const values = draw(200_000, 1, DISTRIBUTIONS[name])
    const { anywhere, tails } = rankErrors(ecdf(sketched(values), null), values)
    expect(anywhere, name).toBeLessThan(0.001)
    expect(tails, name).toBeLessThan(name === 'lognormal' ? 0.001 : 0.0005)
  }
})

describe('rank error of 100 digests merged', () => {
  const bounds: Record<string, { anywhere: number; tails: number }> = {
    normal: { anywhere: 0.0008, tails: 0.0005 },
    'gamma(.1)': { anywhere: 0.003, tails: 0.003 },
    lognormal: { anywhere: 0.0012, tails: 0.001 },
    uniform: { anywhere: 0.0008, tails: 0.0005 },
    bimodal: { anywhere: 0.003, tails: 0.0005 },
  }
  test.each(Object.entries(DISTRIBUTIONS))('%s', (name, of) => {
    const parts = Array.from({ length: 100 }, (_, p) => draw(1000 + 20 * p, 100 + p, of))
    const merged = mergeSketches(
      parts.map(part => feature(sketched(part))),
      null,
    ).numeric!
    const all = Float64Array.from(parts.flatMap(part => [...part]))
    const { anywhere, tails } = rankErrors(ecdf(merged, null), all)
    expect(anywhere).toBeLessThan(bounds[name].anywhere)
    expect(tails).toBeLessThan(bounds[name].tails)
    expect(merged.digest!.values.length).toBeLessThanOrEqual(125)
  })
})

test('quantiles agree with those of npm tdigest in rank, with a sixth of its centroids', () => {
  for (const [name, of] of Object.entries(DISTRIBUTIONS)) {
    const values = draw(20_000, 9, of)
    const sorted = values.slice().sort()
    const reference = new TDigest()
    reference.push([...values])
    reference.compress()
    const curve = ecdf(sketched(values), null)
    const rankOf = (x: number): number => sorted.filter(y => y <= x).length / sorted.length
    const levels = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]
    const ours = levels.map(p => rankOf(quantileAt(curve, p)))
    const theirs = levels.map(p => rankOf(reference.percentile(p)))
    for (const [i, p] of levels.entries()) {
      expect(Math.abs(ours[i] - theirs[i]), `${name} ${p}`).toBeLessThan(0.003)
      expect(Math.abs(ours[i] - p), `${name} ${p}`).toBeLessThan(0.003)
    }
    expect(average(ours.map((rank, i) => Math.abs(rank - levels[i]))), name).toBeLessThan(0.001)
  }
})

test('as many centroids as the compression allows, their weights sum to the count, their means ascend', () => {
  const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 400 })
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 6 }), batches => {
      const digest = new Digest()
      for (const batch of batches) {
        const sorted = Float64Array.from(batch, x => x + 0).sort()
        digest.mergeSorted(sorted, sorted.length)
      }
      const { values, weights } = digest.state()
      const all = batches.flat()
      expect(values.length).toBeLessThanOrEqual(COMPRESSION / 2 + 25)
      expect(weights.reduce((sum, w) => sum + w, 0)).toBe(all.length)
      expect([...values]).toEqual([...values].sort((a, b) => a - b))
      expect(values.every(Number.isFinite)).toBe(true)
      expect(values[0]).toBeGreaterThanOrEqual(Math.min(...all))
      expect(values[values.length - 1]).toBeLessThanOrEqual(Math.max(...all))
    }),
  )
})

test('equal values stay what they are', () => {
  const digest = new Digest()
  digest.mergeSorted(new Float64Array(1000).fill(0.1), 1000)
  digest.mergeSorted(new Float64Array(777).fill(0.1), 777)
  expect(new Set(digest.state().values)).toEqual(new Set([0.1]))
})

test('one order of merging gives one result', () => {
  const digests = [1, 2, 3, 4, 5].map(seed => sketched(draw(3000, seed, DISTRIBUTIONS['bimodal'])).digest!)
  expect(mergeDigests(digests).state()).toEqual(mergeDigests(digests.map(d => ({ ...d }))).state())
})

test('merging digests counts every row once, whatever the number of them', () => {
  for (const count of [1, 2, 63, 64, 65, 200]) {
    const digests = Array.from(
      { length: count },
      (_, seed) => sketched(draw(300, seed, DISTRIBUTIONS['normal'])).digest!,
    )
    expect(mergeDigests(digests).total).toBe(300 * count)
  }
})
