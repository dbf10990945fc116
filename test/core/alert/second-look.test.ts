import { describe, expect, it } from 'vitest'
import type { Cause } from '../../../src/core/alert/event.js'
import { type AlertState, type Opening, step } from '../../../src/core/alert/lifecycle.js'
import { HOUR, START } from './incident-world.js'

type Look = readonly [code: string, confidence: Cause['confidence']]

function openingOf([code, confidence]: Look): Opening {
  const cause: Cause = { code, confidence, sentence: code, numbers: {}, alternatives: [], whoMoved: 'unknown' }
  return { check: 'w1', kind: 'drift', summary: `fare: ${code}`, cause, action: 'investigate', calibrated: true }
}

/** The windows of an alert, one an `advance`, and what their causes look like; what is told of each, and how often a cause was looked for. */
function life(looks: readonly Look[], advance = HOUR) {
  let state: AlertState | null = null
  let looked = 0
  const told = looks.map((look, i) => {
    const start = START + i * advance
    const window = { start, end: start + HOUR }
    const seen = {
      outcome: 'breach',
      ratio: 3,
      effect: 3,
      window,
      confirmed: true,
      looksAgain: true,
      over: null,
    } as const
    const open = (): Opening => {
      looked++
      return openingOf(look)
    }
    const next = step(state, seen, open, () => 'id')
    state = next.state
    return [next.transition, state!.opening.cause.code, state!.sequence]
  })
  return { told, looked, state: state! as AlertState }
}

/** What is said of the second window of an alert whose first had an effect of 4. */
function told(first: Opening, second: Opening, effect = 4, what: 'reason' | 'summary' = 'reason'): string {
  const seen = (at: number, far: number) => {
    const window = { start: START + at * HOUR, end: START + (at + 1) * HOUR }
    return { outcome: 'breach', ratio: 3, effect: far, window, confirmed: true, looksAgain: true, over: null } as const
  }
  const { state } = step(
    null,
    seen(0, 4),
    () => first,
    () => 'id',
  )
  const next = step(
    state,
    seen(1, effect),
    () => second,
    () => 'id',
  )
  return what === 'reason' ? next.reason : next.state!.opening.summary
}

describe('the window after an alert fired', () => {
  it('tells a clearer cause at once; later ones are not looked at', () => {
    const { told, looked } = life([
      ['distribution', 'medium'],
      ['unit', 'medium'],
      ['null', 'high'],
    ])
    expect(told).toEqual([
      ['firing', 'distribution', 1],
      ['ongoing', 'unit', 2],
      [null, 'unit', 2],
    ])
    expect(looked).toBe(2)
  })

  it.each<[string, Look, Look]>([
    ['the same once more', ['unit', 'low'], ['unit', 'high']],
    ['no cause that is known', ['range', 'low'], ['distribution', 'medium']],
    ['one that is less certain', ['unit', 'high'], ['stale', 'medium']],
    ['what all rows were sure to have', ['unit', 'high'], ['clipping', 'high']],
    ['a guess', ['distribution', 'low'], ['imputation', 'low']],
    ['what one of two exchanged features looks like', ['exchanged', 'medium'], ['unit', 'high']],
  ])('is no news with %s', (_, first, second) => {
    expect(life([first, second]).told).toEqual([
      ['firing', first[0], 1],
      [null, first[0], 1],
    ])
  })

  it('tells that two features were exchanged, however sure their looks were', () => {
    const { told } = life([
      ['unit', 'high'],
      ['exchanged', 'medium'],
    ])
    expect(told[1]).toEqual(['ongoing', 'exchanged', 2])
  })

  it('of windows that overlap is looked for until one has nothing in common with the first', () => {
    const first = Array.from({ length: 4 }, (): Look => ['distribution', 'low'])
    const { told, looked } = life([...first, ['unit', 'high'], ['null', 'high']], HOUR / 4)
    expect(told.slice(3)).toEqual([
      [null, 'distribution', 1],
      ['ongoing', 'unit', 2],
      [null, 'unit', 2],
    ])
    expect(looked).toBe(5)
  })

  it('tells the same cause with another factor, once that is sure', () => {
    const unit = (factor: number, confidence: Cause['confidence']): Opening => {
      const opening = openingOf(['unit', confidence])
      const numbers = { factor, low: 0.95 * factor, high: 1.05 * factor }
      return { ...opening, cause: { ...opening.cause, numbers } }
    }
    expect(told(unit(10.3, 'medium'), unit(12, 'high'))).toBe('its cause is clearer now: unit × 12, not × 10.3')
    expect(told(unit(11.8, 'medium'), unit(12, 'high'))).toBe('')
    expect(told(unit(10.3, 'medium'), unit(12, 'medium'))).toBe('')
  })

  it('has the words of the second window where that goes much farther', () => {
    const share = (summary: string): Opening => ({ ...openingOf(['distribution', 'medium']), summary })
    const first = share('negative values rose from 0 % to 3 %')
    const second = share('negative values rose from 0 % to 100 %')
    expect(told(first, second, 40)).toBe('10.0 times what it was when last told')
    expect(told(first, second, 40, 'summary')).toBe(second.summary)
    expect(told(first, second, 8)).toBe('')
  })

  it('leaves what the alert is: its check, and what it was found against', () => {
    const { state } = life([
      ['distribution', 'low'],
      ['unit', 'high'],
    ])
    expect(state.opening).toMatchObject({ check: 'w1', calibrated: true, summary: 'fare: unit' })
  })
})
