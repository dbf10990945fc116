import { beforeAll, describe, expect, it, vi } from 'vitest'
import { alertSample } from '../client/alert-sample.js'
import { MEASURES, performanceSample } from '../client/performance-sample.js'

describe('performance as text', () => {
  let text: typeof import('../../src/cli/performance-text.js')
  let alerts: typeof import('../../src/cli/alert-text.js')
  beforeAll(async () => {
    vi.stubEnv('NO_COLOR', '1')
    text = await import('../../src/cli/performance-text.js')
    alerts = await import('../../src/cli/alert-text.js')
    vi.unstubAllEnvs()
  })

  it('shows what decides first, and says what is an estimate', () => {
    const [head, ...rows] = text
      .measureTable(MEASURES)
      .split('\n')
      .map(line => line.replaceAll(/ {2,}/g, ' | '))
    expect(head).toBe('measure | window | 95 % | reference | tolerance | n')
    expect(rows[0]).toBe('AUC | 0.672 | 0.641 to 0.703 | 0.822 | 0.03 | worse | 900')
    expect(rows.find(row => row.startsWith('precision of dog'))).toContain(
      '– | – | no reference | 900 | does not decide',
    )
    expect(rows.at(-1)).toContain('an estimate, without the labels')
  })

  it('puts the measure that decided on one line, with how many labels it rests on', () => {
    expect(text.headline(performanceSample())).toBe('AUC 0.672 (before 0.822), labels of 90 %')
    expect(text.headline(performanceSample({ measures: [], coverage: 0 }))).toBe('labels of 0 %')
  })

  it('stands in an alert in place of the evidence', () => {
    const shown = alerts.alertText([
      alertSample({ kind: 'performance', measures: MEASURES, suggestedAction: 'retrain', moved: [] }),
    ])
    expect(shown).toMatch(/next step +retrain/)
    expect(shown).toMatch(/Measures\n +measure/)
    expect(shown).not.toContain('Evidence')
  })
})
