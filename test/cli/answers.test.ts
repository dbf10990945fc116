import { describe, expect, it } from 'vitest'
import { type AnswerOptions, scopesOf } from '../../src/cli/answer-options.js'
import { unmuteNote } from '../../src/cli/unmute-note.js'
import { parseUntil } from '../../src/cli/until-option.js'
import type { Answer, Scope } from '../../src/core/alert/answer.js'

const options = (more: Partial<AnswerOptions> = {}): AnswerOptions => ({ topic: 'alerts', by: 'ann', ...more })
const every: Scope = { modelVersion: null, segment: null, feature: null, check: null }

describe('--until', () => {
  it('is a duration from now or an ISO time', () => {
    expect(parseUntil('--until', '1h 30m', 1000)).toBe(1000 + 5_400_000)
    expect(parseUntil('--until', '2026-01-31')).toBe(Date.UTC(2026, 0, 31))
    for (const wrong of ['', '0s', '-2h', 'soon', '2']) expect(() => parseUntil('--until', wrong)).toThrow(/--until/)
  })
})

describe('what an answer is about', () => {
  it('is the alerts alone, or what the options say, one scope a feature', () => {
    expect(scopesOf(options(), 1)).toBeNull()
    expect(scopesOf(options({ model: 'm' }), 1)).toBeNull()
    expect(scopesOf(options({ model: 'm' }), 0)).toEqual([every])
    expect(scopesOf(options({ feature: ['a', 'b'], modelVersion: 'v1' }), 1)).toEqual([
      { ...every, feature: 'a', modelVersion: 'v1' },
      { ...every, feature: 'b', modelVersion: 'v1' },
    ])
    expect(scopesOf(options({ segment: ['pay=a=b', 'city=X'] }), 1)).toEqual([
      { ...every, segment: { pay: 'a=b', city: 'X' } },
    ])
    expect(scopesOf(options({ segment: ['all'] }), 1)).toEqual([{ ...every, segment: {} }])
    expect(() => scopesOf(options({ segment: ['cash'] }), 1)).toThrow(/--segment cash: expected name=value/)
  })
})

describe('who takes back a mute is told', () => {
  const given = (more: Partial<Answer>): Answer => ({
    ...{ id: '1', model: 'm', action: 'mute', alertId: null, scope: null, by: 'ann', at: 0, until: 10, note: null },
    ...more,
  })
  const one = { modelVersion: 'v', segment: {}, feature: 'fare', check: 'psi' }
  const alert = { model: 'm', alertId: 'x', scope: one }

  it('when there was none, or none any more', () => {
    expect(unmuteNote([], alert, 5)).toBe('nothing was muted there')
    expect(unmuteNote([given(alert)], alert, 5)).toBeNull()
    expect(unmuteNote([given(alert)], alert, 10)).toBe('nothing was muted there')
    expect(unmuteNote([given(alert), given({ ...alert, action: 'unmute' })], alert, 5)).toBe('nothing was muted there')
  })

  it('when a wider one goes on', () => {
    const wide = given({ scope: { ...every, feature: 'fare' } })
    expect(unmuteNote([wide, given(alert)], alert, 5)).toBe('it stays muted: feature fare is, by ann')
    expect(unmuteNote([wide, given(alert)], { model: 'm', alertId: null, scope: every }, 5)).toBeNull()
  })
})
