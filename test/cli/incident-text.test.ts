import { beforeAll, describe, expect, it, vi } from 'vitest'
import { incidentSample } from '../client/incident-sample.js'

describe('incidents as text', () => {
  let text: typeof import('../../src/cli/incident-text.js')
  beforeAll(async () => {
    // picocolors decides when it is loaded.
    vi.stubEnv('NO_COLOR', '1')
    text = await import('../../src/cli/incident-text.js')
    vi.unstubAllEnvs()
  })

  it('takes one line an incident, with the reason where it goes on', () => {
    expect(text.incidentLine(incidentSample())).toBe(
      '2026-01-05 01:00Z  ▲ firing    major     taxi-tips v12  2 features became null together, upstream source meter: fare and trip_miles, only in payment_type=Cash  i1',
    )
    expect(text.incidentLine(incidentSample({ status: 'ongoing', reason: '1 alert joined: tolls' }))).toMatch(
      /▲ ongoing .*\(1 alert joined: tolls\)/,
    )
  })

  it('says the cause, where, the features ranked, and every alert', () => {
    const shown = text.incidentText([incidentSample(), incidentSample({ sequence: 2, status: 'resolved' })])
    expect(shown).toContain('(missing-source, confidence high)')
    expect(shown).toMatch(/where +only in payment_type=Cash/)
    expect(shown).toMatch(/fare +major +null +31.4 +3 +40 % +fare: nulls rose from 0 % to 15 %/)
    expect(shown).toMatch(/payment_type=Cash +40 % +41 %/)
    expect(shown).toMatch(/a-fare +▼ resolved +quality +null +fare +payment_type=Cash/)
    expect(shown).toMatch(/History\n +1 .*firing.*\n +2 .*resolved/)
  })

  it('says what labels say of it', () => {
    const { openedAt } = incidentSample()
    const shown = text.incidentText([
      incidentSample({
        effects: [
          {
            ...{ alertId: 'p1', kind: 'performance', check: 'auc', feature: 'score', segment: {}, severity: 'major' },
            ...{ status: 'firing', openedAt, sentence: 'score: AUC fell from 0.85 to 0.73', numbers: { value: 0.73 } },
          },
        ],
      }),
    ])
    expect(shown).toMatch(
      /What labels say\n.*\n +performance +▲ firing +major +all .* score: AUC fell from 0.85 to 0.73/,
    )
    expect(text.incidentText([incidentSample()])).not.toContain('What labels say')
  })

  it('bears what an incident may leave out, and says what it does not list', () => {
    const { monitor, scope } = incidentSample()
    const shown = text.incidentText([
      incidentSample({
        baseline: null,
        featureCount: 9,
        alertCount: 300,
        monitor: { ...monitor, owner: null, runbook: null },
        scope: { ...scope, where: 'whole', dimension: null, segments: [] },
      }),
    ])
    expect(shown).toContain('and 7 more')
    expect(shown).toContain('and 298 more')
    expect(shown).not.toMatch(/Segments|History|runbook|owner|null,|undefined|NaN/)
  })
})
