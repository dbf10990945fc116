import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../../src/core/shadow/advice.js'
import { divergencesOf } from '../../../src/core/shadow/divergence.js'
import { seeded } from '../../random.js'
import { counted, pairs, shadow, task } from './pairs.js'

const WINDOWS = 100
const RULES = shadow({ limits: { flips: 0.01 } })

/** Of windows of 2,000 pairs, the shares that are within the limit of 1 %, and beyond it. */
function rates(flips: number): { readonly within: number; readonly beyond: number } {
  const random = seeded(1000 * flips)
  const outcomes = Array.from({ length: WINDOWS }, () =>
    outcomeOf(divergencesOf(counted(pairs(random, 2000, { flips }), task('binary')), 0, task('binary'), RULES)),
  )
  const share = (wanted: string) => outcomes.filter(outcome => outcome === wanted).length / WINDOWS
  return { within: share('ok'), beyond: share('breach') }
}

describe('a limit of 1 % of flips, in windows of 2,000 pairs', () => {
  it.each([
    // Well below, at the limit, and beyond it.
    [0.003, { within: [0.9, 1], beyond: [0, 0] }],
    [0.01, { within: [0, 0.05], beyond: [0, 0.06] }],
    [0.02, { within: [0, 0], beyond: [0.85, 1] }],
    [0.04, { within: [0, 0], beyond: [1, 1] }],
  ] as const)('is kept and broken as often as it should be at %f', (flips, { within, beyond }) => {
    const found = rates(flips)
    expect(found.within).toBeGreaterThanOrEqual(within[0])
    expect(found.within).toBeLessThanOrEqual(within[1])
    expect(found.beyond).toBeGreaterThanOrEqual(beyond[0])
    expect(found.beyond).toBeLessThanOrEqual(beyond[1])
    if (process.env['DRIFTLINE_SHOW']) console.log(flips, found)
  })
})
