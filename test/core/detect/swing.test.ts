import { describe, expect, it } from 'vitest'
import { swing } from '../../../src/core/detect/score/errors.js'
import { levelScore, levels } from '../../../src/core/detect/score/level.js'

const calm = Array.from({ length: 28 }, (_, i) => (i % 2 === 0 ? 1 : -1))

describe('how far a statistic goes by itself', () => {
  it('is half of the largest past error, should the others be smaller', () => {
    expect(swing([6, ...calm])).toBe(9)
    expect(swing([...calm, 6, 1, 1])).toBe(9)
    expect(swing([2, ...calm])).toBeCloseTo(32 / 28)
  })

  it('is not said by the newest two alone, which may be the beginning of what is looked for', () => {
    expect(swing([...calm, 6])).toBeCloseTo(64 / 28)
    expect(swing([...calm, 1, 6, 1])).toBeCloseTo(66 / 30)
    expect(swing([...calm, 6], 0)).toBe(9)
  })

  it('does not hide in the second window what was seen in the first', () => {
    /** Forty windows that go up and down by .1, some of the newest by 1; then another by 1. */
    const zAfter = (moved: number): number => {
      levels.begin(40)
      for (let i = 0; i <= 40; i++) levels.put(i, i >= 40 - moved ? 1 : i % 2 === 0 ? 0.1 : -0.1, 1e-4)
      return levelScore('mean', 0.05, levels).z
    }
    expect(zAfter(0)).toBeGreaterThan(9)
    expect(zAfter(1)).toBeGreaterThan(5)
    expect(zAfter(2)).toBeGreaterThan(3.5)
    expect(zAfter(3)).toBeLessThan(2)
  })
})
