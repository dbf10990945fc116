import { describe, expect, it } from 'vitest'
import type { FeatureBaseline } from '../../../src/core/baseline/baseline.js'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import { detectable, rowsFor } from '../../../src/core/detect/detectable.js'
import { limitsOf, NO_TAIL, usualOf } from '../../../src/core/detect/limits.js'
import { type Profile, profileOf } from '../../../src/core/detect/profile.js'
import { type Score, scoresOf } from '../../../src/core/detect/score.js'
import { seeded } from '../../random.js'
import { feature, sketched } from '../sketch/draws.js'

const random = seeded(3)
const limits = limitsOf(0.003, NO_TAIL, usualOf([]))
const normals = (n: number, mean = 0): number[] => Array.from({ length: n }, () => mean + random.normal())

describe('what can be seen of a number', () => {
  const numeric = freezeGrid(sketched(normals(20_000)))
  const contract: FeatureBaseline = { name: 'x', kind: 'numeric', unit: null, numeric, values: [], segments: new Map() }
  const window = (n: number, mean = 0): Profile =>
    profileOf(contract, { rows: n, sketch: feature(sketched(normals(n, mean), numeric.grid)) })
  const z = (past: readonly Profile[], shift: number): number =>
    Math.abs(scoresOf(contract, window(400, shift), past, null).find((one: Score) => one.statistic === 'mean')!.z)

  it('is a shift whose z reaches the limit', () => {
    const past = Array.from({ length: 60 }, () => window(400))
    const { shift } = detectable(contract, past, limits)
    // Counting alone: 1/√400, and a fifth more for the largest of 60 errors taken as two standard deviations.
    expect(shift!.counting).toBeCloseTo(0.05, 2)
    expect(shift!.own).toBe(0)
    expect(shift!.once / limits.once).toBeGreaterThan(0.049)
    expect(shift!.once / limits.once).toBeLessThan(0.068)
    const reached = Array.from({ length: 40 }, () => z(past, shift!.once)).sort((a, b) => a - b)[20]!
    expect(reached / limits.once).toBeGreaterThan(0.85)
    expect(reached / limits.once).toBeLessThan(1.15)
    // Four times the rows, half the shift.
    const factor = rowsFor(shift!.counting * limits.twice * 0.5, shift!, limits)
    expect(factor).toBeCloseTo(4, 6)
  })

  it('is hidden by the world’s own swings, whatever the window', () => {
    const past = Array.from({ length: 60 }, () => window(400, 0.3 * random.normal()))
    const { shift } = detectable(contract, past, limits)
    expect(shift!.own).toBeGreaterThan(0.2)
    expect(shift!.own).toBeLessThan(0.45)
    expect(rowsFor(0.1, shift!, limits)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is nothing where there are few windows', () => {
    const { shift, nulls, count } = detectable(contract, [window(400)], limits)
    expect([shift, nulls, count]).toEqual([null, null, 400])
    expect(detectable(contract, [], limits).count).toBe(0)
  })

  it('is, of nulls that never were, the share that G² calls surprising', () => {
    const { nulls } = detectable(
      contract,
      Array.from({ length: 60 }, () => window(400)),
      limits,
    )
    // 12 nulls of 400 against 0 of 24,000: z₀ about 9; the limit 5 is reached by 4.
    expect(nulls!.once).toBeGreaterThan(2 / 400)
    expect(nulls!.once).toBeLessThan(8 / 400)
    expect(nulls!.twice).toBeLessThan(nulls!.once)
  })
})
