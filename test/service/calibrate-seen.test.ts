import { expect, it } from 'vitest'
import type { PublicEvent } from '../../src/codec/public-decoder.js'
import type { AlertEvent } from '../../src/core/alert/event.js'
import { Seen } from '../../src/service/calibrate-seen.js'
import { incidentSample } from '../client/incident-sample.js'
import { HOUR, monitorOf, record, rides, T0, trained } from './rides.js'
import { Site } from './site.js'

/** Alerts of the real line: hours of garbage beside rows, and rides at ten times the fare. */
async function alerts(): Promise<readonly AlertEvent[]> {
  const monitor = monitorOf()
  const site = await Site.with({ topics: { rides: 1 }, baselines: [trained(monitor)], now: T0 }, [monitor])
  const garbage = Array.from({ length: 100 }, () => ({ key: null, value: Buffer.from('{'), partition: 0 }))
  for (let hour = 0; hour < 6; hour++) {
    const served = rides({ seed: hour, from: T0 + hour * HOUR, hours: 1, perHour: 300 })
    const dear =
      hour < 3
        ? served
        : served.map(ride => ({ ...ride, features: { ...ride.features, fare: 10 * Number(ride.features.fare) } }))
    await site.send('rides', [...garbage, ...dear.map(ride => record(ride))], dear.at(-1)!.eventTime)
    await site.pass(1000)
  }
  await site.finish()
  return site.alerts()
}

it('counts alerts that the scores of windows decide, and none of the input', async () => {
  const told = await alerts()
  expect(told.map(({ check }) => check)).toContain('rejected')
  const seen = new Seen()
  for (const event of told) seen.take({ type: 'alert', event } as PublicEvent)
  const training = told.filter(({ status, check }) => status === 'firing' && check !== 'rejected')
  expect(training.length).toBeGreaterThan(0)
  expect(seen.againstTraining).toBe(new Set(training.map(({ alertId }) => alertId)).size)
  expect(seen.incidents()).toEqual([])
})

it('counts incidents that were one event as one', async () => {
  const one = (await alerts()).find(({ status, check }) => status === 'firing' && check !== 'rejected')!
  const alert = (alertId: string, incidentId: string) => {
    const [first, ...evidence] = one.evidence
    return { ...one, alertId, incidentId, evidence: [{ ...first!, against: 'history' as const }, ...evidence] }
  }
  const seen = new Seen()
  const take = (type: 'alert' | 'incident', event: object): void => seen.take({ type, event } as PublicEvent)
  take('alert', alert('x', 'A'))
  take('alert', alert('y', 'B'))
  expect(seen.incidents()).toHaveLength(2)
  take('incident', incidentSample({ incidentId: 'B', status: 'resolved', mergedInto: 'A' }))
  expect(seen.incidents()).toHaveLength(1)
})
