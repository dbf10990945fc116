import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTold, SEVERITIES, severityOf, worstSeverity } from '../../../src/core/alert/severity.js'

const effect = fc.double({ min: 0, max: 1e6, noNaN: true })
const importance = fc.option(fc.double({ min: 0, max: 1, noNaN: true }))
const place = (e: number, i: number | null): number => SEVERITIES.indexOf(severityOf(e, i))

describe('severity', () => {
  it.each([
    ['shift of ¼ σ', 0.5, ['warn', 'warn', 'info']],
    ['nulls +3 points', 0.6, ['warn', 'warn', 'info']],
    ['shift of 1 σ', 2, ['major', 'major', 'warn']],
    ['nulls +15 points', 3, ['major', 'major', 'warn']],
    ['every value null', 20, ['critical', 'critical', 'major']],
  ])('of a %s is as documented, by importance', (_, size, expected) => {
    expect([null, 0.4, 0.02].map(one => severityOf(size, one))).toEqual(expected)
  })

  it('rises with the effect and with the importance, and an unknown importance is neutral', () => {
    fc.assert(
      fc.property(effect, effect, importance, (a, b, of) => {
        expect(place(Math.max(a, b), of)).toBeGreaterThanOrEqual(place(Math.min(a, b), of))
        expect(place(a, null)).toBe(place(a, 0.1))
      }),
    )
    fc.assert(
      fc.property(
        effect,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (e, i, j) => void expect(place(e, Math.max(i, j))).toBeGreaterThanOrEqual(place(e, Math.min(i, j))),
      ),
    )
  })

  it('of several is the worst, and is told from the least that is asked for', () => {
    expect(worstSeverity(['warn', 'critical', 'info'])).toBe('critical')
    expect(worstSeverity([])).toBe('info')
    const notify = { minSeverity: 'major', runbook: null, link: null } as const
    expect(SEVERITIES.filter(one => isTold({ mode: 'alert', notify }, one))).toEqual(['major', 'critical'])
    expect(isTold({ mode: 'observe', notify }, 'critical')).toBe(false)
  })
})
