import { describe, expect, it } from 'vitest'
import type { Cause } from '../../../src/core/alert/event.js'
import { Incidents } from '../../../src/core/alert/incident.js'
import { type AlertState, type Observation, type Opening, step } from '../../../src/core/alert/lifecycle.js'
import { ids } from '../../../src/service/ids.js'
import { monitorOf } from '../world.js'
import { alertOf, HOUR, START } from './incident-world.js'

const opening = (code: string, confidence: Cause['confidence']): Opening => ({
  ...{ check: 'far', kind: 'drift', summary: `fare: ${code}`, action: 'fix-pipeline', calibrated: true },
  cause: { code, confidence, sentence: code, numbers: {}, alternatives: [], whoMoved: 'pipeline' },
})
const seen = (w: number, more: Partial<Observation> = {}): Observation => ({
  ...{ outcome: 'breach', ratio: 3, effect: 3, confirmed: true, looksAgain: true, over: null },
  window: { start: w * HOUR, end: (w + 1) * HOUR },
  ...more,
})

/** The events of an alert whose windows show these causes. */
function told(causes: readonly Opening[], more: Partial<Observation> = {}): string[] {
  let state: AlertState | null = null
  return causes.flatMap((cause, w) => {
    const next = step(
      state,
      seen(w, more),
      () => cause,
      () => 'id',
    )
    state = next.state
    return next.transition === null
      ? []
      : [`${w} ${next.transition} ${next.state!.opening.cause.code} ${next.state!.sequence}`]
  })
}

describe('a fault that begins within a window', () => {
  //   window     0         1          2
  //   rows       ░░░░▓▓▓   ▓▓▓▓▓▓▓    ▓▓▓▓▓▓▓
  //   looks like a part    all        all
  it('is told again, once, where the next window shows another cause as surely', () => {
    const part = opening('partial-unit', 'high')
    const whole = opening('unit', 'high')
    expect(told([part, whole, part, whole])).toEqual(['0 firing partial-unit 1', '1 ongoing unit 2'])
    expect(told([opening('distribution', 'low'), opening('truncation', 'medium')])).toHaveLength(2)
  })

  it('keeps its cause where the next window says less, or the first was sure of all rows', () => {
    for (const [first, second] of [
      [opening('partial-unit', 'high'), opening('distribution', 'medium')],
      [opening('imputation', 'high'), opening('clipping', 'medium')],
      [opening('unit', 'high'), opening('clipping', 'high')],
      [opening('distribution', 'low'), opening('unit', 'low')],
      [opening('null', 'high'), opening('null', 'high')],
    ] as const)
      expect(told([first, second])).toEqual([`0 firing ${first.cause.code} 1`])
    expect(told([opening('partial-unit', 'high'), opening('unit', 'high')], { looksAgain: false })).toHaveLength(1)
  })

  it('changes the likely cause of its incident, which is told', () => {
    const monitor = monitorOf({ advance: HOUR, size: HOUR, grace: 0, revise: 0 })
    const incidents = new Incidents({ ids, software: 'test' })
    const events = ['partial-unit', 'unit', 'unit'].flatMap((code, w) => {
      const alert = { ...alertOf({ feature: 'fare', from: 0, code }), alertId: 'a' }
      return incidents.step(monitor, {
        modelVersion: 'v1',
        window: {
          ...{ start: START + w * HOUR, end: START + (w + 1) * HOUR, revision: 0, provisional: false, rows: 9 },
          ...{
            expectedRows: 9,
            late: 0,
            rejected: 0,
            sampleRate: 1,
            gaps: [],
            partitions: { expected: 1, present: 1 },
          },
        },
        alerts: [alert],
        firing: new Set(['a']),
        segments: [],
        baseline: null,
        input: [],
      })
    })
    expect(events.map(({ status, cause }) => [status, cause.code])).toEqual([
      ['firing', 'partial-unit'],
      ['ongoing', 'unit'],
    ])
    expect(events[1]!.reason).toContain('more clearly')
  })
})
