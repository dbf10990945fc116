import { expect, test } from 'vitest'
import type { FeatureBaseline } from '../../../src/core/baseline/baseline.js'
import { freezeGrid } from '../../../src/core/baseline/freeze.js'
import { type Profile, profileOf } from '../../../src/core/detect/profile.js'
import { scoresOf } from '../../../src/core/detect/score.js'
import { seeded } from '../../random.js'
import { feature, sketched } from '../sketch/draws.js'

const random = seeded(5)
const values = (n: number, share = 0): number[] =>
  Array.from({ length: n }, () => (random.chance(share) ? 7.25 : 10 + random.normal()))
const numeric = freezeGrid(sketched(values(10_000)))
const contract: FeatureBaseline = { name: 'x', kind: 'numeric', unit: null, numeric, values: [], segments: new Map() }
const window = (share = 0): Profile =>
  profileOf(contract, { rows: 200, sketch: feature(sketched(values(200, share), numeric.grid)) })

test('the value that gains is told with the score, so that a run can be of one value', () => {
  const past = Array.from({ length: 30 }, () => window())
  const gain = scoresOf(contract, window(0.15), past, null).find(({ statistic }) => statistic === 'gain')
  expect(gain?.value).toBe(7.25)
  expect(gain?.z).toBeGreaterThan(5)
})
