import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { AlertEvent } from '../../src/core/alert/event.js'
import { alertSample } from '../client/alert-sample.js'

describe('alerts as text', () => {
  let text: typeof import('../../src/cli/alert-text.js')
  beforeAll(async () => {
    // picocolors decides when it is loaded.
    vi.stubEnv('NO_COLOR', '1')
    text = await import('../../src/cli/alert-text.js')
    vi.unstubAllEnvs()
  })

  it('takes one line an alert', () => {
    expect(text.alertLine(alertSample())).toBe(
      '2026-01-05 01:00Z  ▲ firing    major     skew     taxi-tips v12 payment_type=Cash  trip_miles: zeros fell from 45 % to 20 %  a1',
    )
    expect(text.alertLine(alertSample({ status: 'resolved', reason: '3 windows below the threshold' }))).toContain(
      '▼ resolved  major     skew     taxi-tips v12 payment_type=Cash  trip_miles: 3 windows below the threshold',
    )
  })

  it('shows what moved as bars to one scale', () => {
    const shown = text.alertText([alertSample()])
    expect(shown).toContain('           0  training ████████████████████████ 45 %\n')
    expect(shown).toContain('              window   ███████████············· 20 %  adds 0.41\n')
  })

  it('names runbook, owner, baseline, input and next step', () => {
    const shown = text.alertText([alertSample()])
    for (const word of [
      'https://wiki.example.org/drift',
      'pricing-ml tier=gold',
      'version 3, 4388 rows of trips-2013.csv.gz',
      'serving-features/0 1 to 98',
      'fix pipeline',
    ])
      expect(shown).toContain(word)
  })

  it('bears what an alert may leave out, and shows the history of one with several events', () => {
    const { window, monitor } = alertSample()
    const bare: Partial<AlertEvent> = {
      moved: [],
      quantiles: null,
      counters: {},
      evidence: [],
      input: [],
      monitor: { ...monitor, owner: null, tags: {}, runbook: null },
      window: { ...window, expectedRows: null, provisional: true },
    }
    const shown = text.alertText([alertSample(bare), alertSample({ ...bare, sequence: 2, status: 'resolved' })])
    expect(shown).toMatch(/History\n +1 .*firing.*\n +2 .*resolved/)
    expect(shown).toContain('provisional')
    expect(shown).not.toMatch(/What moved|Quantiles|Counters|runbook|owner|null|undefined|NaN/)
  })
})
