import { describe, expect, it } from 'vitest'
import type { FeatureBaseline } from '../../../src/core/baseline/baseline.js'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import { type Profile, profileOf } from '../../../src/core/detect/profile.js'
import { scoresOf } from '../../../src/core/detect/score.js'
import { type Random, seeded } from '../../random.js'
import { feature, sketched } from '../sketch/draws.js'

const random = seeded(17)
/** Prices: one in twenty is of another world. */
const draw = (r: Random, { shift = 0, scale = 1 }): number =>
  shift + scale * (r.chance(0.05) ? 200 * r.next() : 10 + r.normal())
const values = (n: number, change = {}): number[] => Array.from({ length: n }, () => draw(random, change))
const numeric = freezeGrid(sketched(values(20_000)))
const contract: FeatureBaseline = { name: 'x', kind: 'numeric', unit: null, numeric, values: [], segments: new Map() }
const window = (change = {}): Profile =>
  profileOf(contract, { rows: 150, sketch: feature(sketched(values(150, change), numeric.grid)) })
const z = (past: readonly Profile[], now: Profile, statistic: string): number =>
  scoresOf(contract, now, past, null).find(one => one.statistic === statistic)!.z
const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!

describe('mean and width of the inner values', () => {
  const past = Array.from({ length: 60 }, () => window())

  it('see a shift that a few far values hide from the mean', () => {
    const changed = Array.from({ length: 30 }, () => window({ shift: 0.5 }))
    expect(median(changed.map(now => z(past, now, 'middle')))).toBeGreaterThan(2.8)
    expect(median(changed.map(now => Math.abs(z(past, now, 'mean'))))).toBeLessThan(2)
  })

  it('see values that spread more, where far values hide it from the spread', () => {
    const changed = Array.from({ length: 30 }, () => window({ scale: 1.5, shift: -5 }))
    expect(median(changed.map(now => z(past, now, 'width')))).toBeGreaterThan(3)
    expect(median(changed.map(now => z(past, now, 'spread')))).toBeLessThan(3)
  })

  it('are not asked where single values are frequent: quantiles jump from one to the next', () => {
    const flags = (): number[] => Array.from({ length: 2000 }, () => (random.chance(0.15) ? 1 : 0))
    const frozen = freezeGrid(sketched(flags()))
    const binary = { ...contract, numeric: frozen }
    const past = Array.from({ length: 30 }, () =>
      profileOf(binary, { rows: 2000, sketch: feature(sketched(flags(), frozen.grid)) }),
    )
    const names = scoresOf(binary, past[0]!, past, null).map(({ statistic }) => statistic)
    expect(names).toContain('spread')
    expect(names).not.toContain('width')
    expect(names).not.toContain('middle')
  })

  it('stay within what is usual where nothing changes', () => {
    for (const statistic of ['middle', 'width']) {
      const calm = Array.from({ length: 300 }, () => z(past, window(), statistic))
      const square = calm.reduce((sum, one) => sum + one * one, 0) / calm.length
      expect(Math.sqrt(square)).toBeLessThan(1.15)
      expect(Math.max(...calm.map(Math.abs))).toBeLessThan(5)
    }
  })
})
