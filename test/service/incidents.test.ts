import { describe, expect, it, vi } from 'vitest'
import type { IncidentEvent } from '../../src/core/alert/incident-event.js'
import type { Random } from '../random.js'
import { HOUR, monitorOf, record, rides, T0, trained, usual } from './rides.js'
import { Site } from './site.js'

vi.setConfig({ testTimeout: 60_000 })

const FARES = ['fare', 'tolls', 'tip']
const monitor = monitorOf({ sources: { meter: { features: FARES } } })
const baselines = [trained(monitor)]

/**
 *     hour      0  1  2  3  4  5  6  7  8
 *     fare…tip        null──          ▼        the meter is gone: three features
 *     stops                 ×60 ──    ·  ▼     something else, an hour later
 */
const flow = rides({
  seed: 4,
  from: T0,
  hours: 9,
  perHour: 400,
  features: (random, time) => {
    const hour = (time - T0) / HOUR
    const event = usual(random)
    if (hour >= 2 && hour < 4) for (const name of FARES) event[name] = null
    if (hour >= 3 && hour < 5) event['stops'] = 60 * (event['stops'] as number)
    return event
  },
})

async function run(killAt: readonly number[] = []): Promise<Site> {
  const site = await Site.with({ topics: { rides: 2 }, baselines, now: T0, batchSize: 50 }, [monitor])
  for (let i = 0; i < flow.length; i += 100) {
    const some = flow.slice(i, i + 100)
    if (killAt.includes(i)) {
      await site.kill(site.instances.at(-1)!)
      await site.start([monitor])
    }
    await site.send(
      'rides',
      some.map((ride, k) => record(ride, k % 2)),
      some.at(-1)!.eventTime,
    )
  }
  await site.finish()
  return site
}

/** Each event once: a repeat after a crash has the same id. Counts of late rows are as of the newest marker. */
const once = (incidents: readonly IncidentEvent[]): object[] =>
  [...new Map(incidents.map(one => [one.id, { ...one, window: one.window.end, input: null }])).values()].sort(
    (a, b) => a.window - b.window || (a.id < b.id ? -1 : 1),
  )

describe('incidents through the whole line', () => {
  it('are one an event, and every alert says which is its own', async () => {
    const site = await run()
    const incidents = await site.incidents()
    const opened = incidents.filter(({ status }) => status === 'firing')
    expect(opened.map(({ summary }) => summary)).toEqual([
      'meter is silent since 2026-01-05T02:00:00Z: fare, tolls and tip are missing or null',
      expect.stringMatching(/^stops: /),
    ])
    expect(opened[0]).toMatchObject({
      cause: { code: 'missing-source', source: 'meter' },
      scope: { where: 'whole' },
      severity: 'critical',
      openedAt: T0 + 2 * HOUR,
    })
    const resolved = incidents.filter(({ status }) => status === 'resolved').map(({ incidentId }) => incidentId)
    expect(resolved.sort()).toEqual(opened.map(({ incidentId }) => incidentId).sort())
    const listed = new Map(
      incidents.flatMap(one => one.alerts.map(({ alertId }) => [alertId, one.incidentId] as const)),
    )
    const alerts = await site.alerts()
    // The source's alert stands for those of its features, of all rows and of both payments.
    expect(new Set(alerts.map(({ series }) => series.feature))).toEqual(new Set(['@meter', 'stops']))
    expect(listed.size).toBeGreaterThan(8)
    for (const { alertId, incidentId } of alerts) expect(incidentId).toBe(listed.get(alertId))
    await site.line.stop()
  })

  it('are the same with kills while they are open', async () => {
    const [undisturbed, killed] = [await run(), await run([1000, 1500, 1900])]
    expect(once(await killed.incidents())).toEqual(once(await undisturbed.incidents()))
  })

  it('tell a change of the mix from a change in the segments', async () => {
    //   hour      0  1  2  3  4  5
    //   cash      50 %    20 %        fares of cash rides are low, of card rides high, as ever
    const mixed = (cash: number, random: Random) => {
      const payment = random.chance(cash) ? 'cash' : 'card'
      return { ...usual(random), payment, fare: Math.exp((payment === 'cash' ? 2 : 4) + 0.3 * random.normal()) }
    }
    const ours = monitorOf({ segments: { payment: { values: ['cash', 'card'] } } })
    const known = [trained(ours, { features: random => mixed(0.5, random) })]
    const site = await Site.with({ topics: { rides: 2 }, baselines: known, now: T0 }, [ours])
    const features = (random: Random, time: number) => mixed(time < T0 + 2 * HOUR ? 0.5 : 0.2, random)
    const sent = rides({ seed: 6, from: T0, hours: 6, perHour: 1000, features })
    await site.send(
      'rides',
      sent.map(ride => record(ride)),
      T0 + 6 * HOUR,
    )
    await site.finish()
    const incidents = await site.incidents()
    expect(new Set(incidents.map(({ incidentId }) => incidentId)).size).toBe(1)
    const whole = incidents.findLast(({ status }) => status !== 'resolved')!
    for (const one of incidents)
      expect(one).toMatchObject({ cause: { code: 'mix' }, scope: { where: 'mix', dimension: 'payment' } })
    expect(whole.features.map(({ feature }) => feature).sort()).toEqual(['fare', 'payment'])
    expect(whole.summary).toMatch(
      /^(fare and payment|payment and fare) moved through the mix of payment alone \(payment=c/,
    )
  })

  it('are not told where the monitor only observes', async () => {
    const observing = monitorOf({ sources: { meter: { features: FARES } }, mode: 'observe' })
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(observing)], now: T0 }, [observing])
    await site.send(
      'rides',
      flow.map(ride => record(ride)),
      T0 + 9 * HOUR,
    )
    await site.finish()
    expect([await site.incidents(), await site.alerts()]).toEqual([[], []])
  })
})
