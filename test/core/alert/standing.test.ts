import { expect, it } from 'vitest'
import type { AlertState } from '../../../src/core/alert/lifecycle.js'
import { overOf } from '../../../src/core/alert/standing.js'
import { begin, type History, STANDING } from '../../../src/core/detect/history.js'
import { limitsOf, NO_TAIL, usualOf } from '../../../src/core/detect/limits.js'
import { Case } from '../cause/world.js'

const HOUR = 3_600_000
const { profile } = new Case('numeric', random => random.normal()).past[0]

/** An alert that has fired in one judged window, `windows` windows ago. */
function alertOf(code: string, windows: number): { state: AlertState; history: History } {
  const cause = {
    code,
    confidence: 'medium',
    sentence: '',
    numbers: {},
    alternatives: [],
    whoMoved: 'unknown',
  } as const
  const opening = { check: 'w1', kind: 'drift', summary: '', cause, action: 'investigate', calibrated: true } as const
  const state: AlertState = {
    ...{ status: 'firing', alertId: 'a', openedAt: 0, sequence: 1, breaches: 1, calm: 0, fired: 1, firedAt: HOUR },
    ...{ peak: { value: 2, windowEnd: HOUR }, effect: 2, toldEffect: 2, breaching: [HOUR], opening },
  }
  const during = Array.from({ length: windows }, (_, i) => ({ start: i * HOUR, end: (i + 1) * HOUR, profile }))
  return { state, history: { ...begin(1, null), calibrated: true, during } }
}

const seen = { scores: [], limits: limitsOf(0.001, NO_TAIL, usualOf([])) }

it('a relation has stood also in the windows in which its features moved and it was not judged', () => {
  const over = (code: string, windows: number): string | null => {
    const { state, history } = alertOf(code, windows)
    return overOf(state, history, seen)
  }
  expect(over('relation', STANDING - 1)).toMatch(/^a standing difference/)
  expect(over('relation', STANDING - 2)).toBeNull()
  expect(over('unit', STANDING - 1)).toBeNull()
})
