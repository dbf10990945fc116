import { expect, it, vi } from 'vitest'
import { HOUR, MINUTE, monitorOf, record, rides, T0, trained } from './rides.js'
import { Site } from './site.js'

vi.setConfig({ testTimeout: 60_000 })

const fields = {
  serving: { features: ['features.*'] },
  sources: { meter: { features: ['fare', 'tolls'], time: 'meterAt', maxAge: '30m' } },
}
const monitor = monitorOf(fields)
const STOPS = T0 + 2 * HOUR + 12 * MINUTE
const BACK = T0 + 5 * HOUR

/** Values of the meter are computed each minute, but for the time in which it stands still. */
const flow = rides({ seed: 8, from: T0, hours: 10, perHour: 400 }).map(ride => ({
  ...ride,
  meterAt: ride.eventTime >= STOPS && ride.eventTime < BACK ? STOPS : ride.eventTime - (ride.eventTime % MINUTE),
}))

it('a source whose times stand still is one alert through the whole line, from when they do until they go on', async () => {
  const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(monitor)], now: T0 }, [monitor])
  for (let i = 0; i < flow.length; i += 200) {
    const some = flow.slice(i, i + 200)
    await site.send(
      'rides',
      some.map((ride, k) => record(ride, k % 2)),
      some.at(-1)!.eventTime,
    )
  }
  await site.finish()
  // A window of 400 rows ends nine seconds after its last: so exactly is it known.
  const since = STOPS + 9000
  const alerts = await site.alerts()
  expect(alerts.map(({ series, status }) => [series.feature, series.segment, status])).toEqual([
    ['@meter', {}, 'firing'],
    ['@meter', {}, 'resolved'],
  ])
  const [opened, resolved] = alerts
  expect(opened).toMatchObject({
    kind: 'freshness',
    summary:
      'meter is stale in 30 % of the rows since 2026-01-05T02:12:09Z: fare and tolls are 17.9 min old (at most 47.9 min, maxAge 30 min)',
    cause: { code: 'stale-source', numbers: { since, features: 2, limit: 1800 } },
    window: { start: T0 + 2 * HOUR },
  })
  expect(resolved).toMatchObject({
    reason: 'fresh again: stale for 2.8 h, from 2026-01-05T02:12:09Z to 2026-01-05T05:00:00Z',
    window: { end: BACK + 3 * HOUR },
  })
  const incidents = await site.incidents()
  expect(new Set(incidents.map(({ cause }) => cause.source))).toEqual(new Set(['meter']))
  const whole = incidents.find(({ status }) => status === 'ongoing')!
  expect(whole.summary).toMatch(
    /^meter is stale since 2026-01-05T02:12:09Z: fare and tolls are 1.3 h old \(at most 1.8 h, /,
  )
  expect(incidents.at(-1)).toMatchObject({ status: 'resolved', summary: whole.summary })
})
