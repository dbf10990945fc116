import { describe, expect, it, vi } from 'vitest'
import { HOUR, MINUTE, monitorOf, type Ride, record, rides, T0, trained } from './rides.js'
import { Site } from './site.js'

vi.setConfig({ testTimeout: 120_000 })

/**
 *     hour       0 …    24        26     27     28       29         30    31       33
 *     rows       240    80        240    240    240      240        240   240
 *     ids                                14 % twice
 *     fields                                    tolls is served as Tolls
 *     fare                                               upper half on time, the lower half an hour late
 */
const monitor = monitorOf({ segments: {}, window: { reviseFor: '2h' } })
const baselines = [trained(monitor)]

function flow(): { ride: Ride; at: number }[] {
  const all = rides({ seed: 8, from: T0, hours: 36, perHour: 240 })
  const sent = all.flatMap((ride, i) => {
    const hour = Math.floor((ride.eventTime - T0) / HOUR)
    if (hour >= 24 && hour < 26) return i % 3 === 0 ? [ride] : []
    if (hour === 27) return i % 7 === 0 ? [ride, { ...ride, eventTime: ride.eventTime + 1000 }] : [ride]
    if (hour === 28) {
      const { tolls, ...features } = ride.features
      return [{ ...ride, features: { ...features, Tolls: tolls } }]
    }
    return [ride]
  })
  const slow = (ride: Ride): boolean =>
    Math.floor((ride.eventTime - T0) / HOUR) === 30 && (ride.features['fare'] as number) < 0.9 * Math.exp(2)
  return sent.map(ride => ({ ride, at: ride.eventTime + (slow(ride) ? 70 * MINUTE : 0) })).sort((a, b) => a.at - b.at)
}

async function run(killAt: readonly number[] = []): Promise<Site> {
  const site = await Site.with({ topics: { rides: 2 }, baselines, now: T0, batchSize: 40 }, [monitor])
  const all = flow()
  for (let i = 0; i < all.length; i += 40) {
    if (killAt.includes(i / 40)) {
      await site.kill(site.instances.at(-1)!)
      await site.start([monitor])
    }
    const some = all.slice(i, i + 40)
    const records = some.map(({ ride }, k) => record(ride, k % 2))
    await site.send('rides', records, some.at(-1)!.at)
  }
  await site.finish()
  return site
}

describe('what is not a distribution, through the whole line', () => {
  it('is told: volume, duplicates, a rename, and an alert that late rows take back', async () => {
    const site = await run()
    const alerts = await site.alerts()
    const told = alerts.map(({ status, kind, check, series, cause }) =>
      [status, kind, series.feature, status === 'firing' ? cause.code : check].join(' '),
    )
    expect(told).toEqual(
      expect.arrayContaining([
        'firing volume * volume',
        'firing quality * duplicates',
        'firing schema tolls renamed',
        'firing drift fare distribution',
        'retracted drift fare psi',
      ]),
    )
    const opened = alerts.filter(({ status }) => status === 'firing')
    expect(new Set(opened.map(({ series }) => series.feature))).toEqual(new Set(['*', 'tolls', 'fare']))
    const fare = alerts.filter(({ series }) => series.feature === 'fare')
    expect(new Set(fare.map(({ alertId }) => alertId)).size).toBe(1)
    const incident = (await site.incidents()).filter(({ incidentId }) => incidentId === fare[0].incidentId)
    expect(incident.map(({ status }) => status)).toEqual(['firing', 'retracted'])
  })

  it('is told the same by instances that are killed in between', async () => {
    const once = <E extends { id: string }>(events: readonly E[]): E[] => [
      ...new Map(events.map(event => [event.id, event])).values(),
    ]
    const plain = async (site: Site) => ({
      alerts: once(await site.alerts())
        .map(({ id, sequence, status, reason }) => [id, sequence, status, reason])
        .sort(),
      incidents: once(await site.incidents())
        .map(({ id, sequence, status }) => [id, sequence, status])
        .sort(),
      verdicts: once(await site.verdicts())
        .map(({ id, outcome }) => [id, outcome])
        .sort(),
    })
    expect(await plain(await run([160, 182, 186, 194]))).toEqual(await plain(await run()))
  })
})
