import { describe, expect, it, vi } from 'vitest'
import type { Random } from '../random.js'
import { type Features, monitorOf, trained, usual } from './rides.js'
import { DEPLOYED, sevenHours } from './seven-hours.js'

vi.setConfig({ testTimeout: 30_000 })

/** Also a size, which in the first window is only seen to move. */
const sized = (random: Random): Features => ({ ...usual(random), size: 170 + 9 * random.normal() })

const inCentsAndInches = (random: Random, time: number): Features => {
  const features = sized(random)
  if (time < DEPLOYED) return features
  return { ...features, fare: 100 * (features['fare'] as number), size: (features['size'] as number) / 2.54 }
}

const inCents = (random: Random, time: number): Features => {
  const features = usual(random)
  return time < DEPLOYED ? features : { ...features, fare: 100 * (features['fare'] as number) }
}

describe('a unit that changes in the middle of a window', () => {
  it.each([
    ['in one life', false],
    ['whatever is killed in between', true],
  ])('is first a part of the rows, then all of them: alert and incident say so, %s', async (_, isKilled) => {
    const monitor = monitorOf({ segments: {} })
    const site = await sevenHours(monitor, [trained(monitor)], inCents, isKilled)
    const alerts = (await site.alerts()).filter(({ series }) => series.feature === 'fare')
    const told = new Map(alerts.map(alert => [alert.id, alert]))
    expect([...told.values()].map(({ status, sequence, cause }) => [status, sequence, cause.code])).toEqual([
      ['firing', 1, 'partial-unit'],
      ['ongoing', 2, 'unit'],
    ])
    const [first, second] = told.values()
    expect(first!.cause.numbers['share']).toBeCloseTo(0.6, 1)
    expect(second!.reason).toBe('its cause is clearer now: unit, not partial-unit')
    const { low, high } = second!.cause.numbers
    expect([low! < 100, high! > 100]).toEqual([true, true])
    expect(second).toMatchObject({ alertId: first!.alertId, suggestedAction: 'fix-pipeline' })
    const incidents = new Map((await site.incidents()).map(incident => [incident.id, incident]))
    expect([...incidents.values()].map(({ status, reason, cause }) => [status, reason, cause.code])).toEqual([
      ['firing', '1 alert opened', 'partial-unit'],
      ['ongoing', 'the cause is clearer now: fare', 'unit'],
    ])
  })

  it.each([
    ['in one life', false],
    ['whatever is killed in between', true],
  ])('of two features is one incident once both are seen to be units, %s', async (_, isKilled) => {
    const monitor = monitorOf({ segments: {} })
    const baselines = [trained(monitor, { features: sized })]
    const site = await sevenHours(monitor, baselines, inCentsAndInches, isKilled)
    const told = [...new Map((await site.incidents()).map(incident => [incident.id, incident])).values()]
    expect(told.map(({ status, cause }) => [status, cause.code]).sort()).toEqual([
      ['firing', 'distribution'],
      ['firing', 'partial-unit'],
      ['ongoing', 'unit'],
      ['resolved', 'unit'],
    ])
    const goesOn = told.find(({ status }) => status === 'ongoing')!
    const ended = told.find(({ status }) => status === 'resolved')!
    expect(ended.mergedInto).toBe(goesOn.incidentId)
    expect(goesOn.features.map(({ feature }) => feature).sort()).toEqual(['fare', 'size'])
    // Alerts name the incident that they are in by then, and stay the same alerts.
    const alerts = await site.alerts()
    const after = alerts.filter(({ status }) => status === 'ongoing')
    expect(new Set(after.map(({ incidentId }) => incidentId))).toEqual(new Set([goesOn.incidentId]))
    expect(new Set(alerts.map(({ alertId }) => alertId)).size).toBe(2)
  })
})
