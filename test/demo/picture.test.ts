import { describe, expect, it } from 'vitest'
import type { AlertEvent } from '../../src/core/alert/event.js'
import { picture } from '../../src/demo/picture.js'

const P = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
const normal = (mean: number, sd: number): number[] =>
  [-2.33, -1.64, -0.67, 0, 0.67, 1.64, 2.33].map(z => mean + sd * z)

function draw(of: Partial<Pick<AlertEvent, 'check' | 'counters' | 'quantiles' | 'moved'>>) {
  return picture({ check: 'psi', counters: {}, quantiles: null, moved: [], ...of } as AlertEvent)
}

describe('picture', () => {
  it('draws both shapes over one axis', () => {
    const { baseline, window } = draw({ quantiles: { p: P, baseline: normal(10, 1), window: normal(20, 1) } })!
    expect(baseline).toMatch(/^[▁-█]{12,16}·+ median 10$/)
    expect(window).toMatch(/^·+[▁-█]{12,16} median 20 {3}\(7\.67 … 22\.3\)$/)
    expect(baseline.indexOf(' median')).toBe(window.indexOf(' median'))
  })

  it('takes a logarithmic axis for another unit', () => {
    const { baseline, window } = draw({ quantiles: { p: P, baseline: normal(5, 1), window: normal(5000, 1000) } })!
    expect(window).toContain('log scale')
    expect(baseline.search(/·/)).toBeLessThan(window.search(/[▁-█]/))
  })

  it('keeps an atom in its cell, and one that is all in none', () => {
    const atom = [0, 0, 0, 0, 0, 5, 10]
    expect(draw({ quantiles: { p: P, baseline: atom, window: normal(5, 1) } })!.baseline[0]).toBe('█')
    expect(draw({ quantiles: { p: P, baseline: [1, 1, 1, 1, 1, 1, 1], window: [1, 1, 1, 1, 1, 1, 1] } })).toBeNull()
  })

  it('draws a share as a bar, the smallest as a line', () => {
    const { baseline, window } = draw({ check: 'integer', counters: { integer: { baseline: 0.001, window: 1 } } })!
    expect(baseline).toBe(`▏${'·'.repeat(39)} 0.1 %`)
    expect(window).toBe(`${'█'.repeat(40)} 100 %`)
  })

  it('draws values side by side, in the same columns', () => {
    const moved = [
      { value: 'wallet', baselineShare: 0, windowShare: 0.08, contribution: 0.5 },
      { value: 'card', baselineShare: 0.48, windowShare: 0.4, contribution: 0.1 },
    ]
    const { baseline, window } = draw({ moved })!
    expect(baseline).toBe('wallet ·   0 %   card █  48 %')
    expect(window).toBe('wallet ▁ 8.0 %   card ▇  40 %')
  })
})
