import { expect, it, vi } from 'vitest'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { HOUR, MINUTE, monitorOf, type Ride, record, rides, T0, trained } from './rides.js'
import { judged, Site, windowRows } from './site.js'

vi.setConfig({ testTimeout: 30_000 })

const monitor = monitorOf({ serving: { idleAfter: '1m' } })
const baselines = [trained(monitor)]
const start = (partitions: number, one = monitor) =>
  Site.with({ topics: { rides: partitions }, baselines, now: T0 }, [one])

async function feed(
  site: Site,
  all: readonly Ride[],
  to: (ride: Ride, i: number) => OutgoingRecord = ride => record(ride),
): Promise<void> {
  for (let i = 0; i < all.length; i += 50) {
    const some = all.slice(i, i + 50)
    await site.send(
      'rides',
      some.map((ride, k) => to(ride, i + k)),
      some.at(-1)!.eventTime,
    )
    await site.pass(1000)
  }
}

it('a topic at rest has its last windows judged, with every row', async () => {
  const site = await start(2)
  await feed(site, rides({ seed: 1, from: T0, hours: 2, perHour: 300 }))
  expect(windowRows(await site.verdicts())).toBe(300)
  await site.pass(10 * MINUTE, 10_000)
  const verdicts = await site.verdicts()
  expect(windowRows(verdicts)).toBe(600)
  expect(new Set(verdicts.map(({ window }) => window.revision))).toEqual(new Set([0]))
  expect(judged(site.line)[0]).toMatchObject({ aggregated: 600, late: 0, expired: 0 })
})

it('a silent partition does not hold the others up, and its rows are in their windows', async () => {
  const site = await start(3)
  const all = rides({ seed: 2, from: T0, hours: 4, perHour: 300 })
  // Partition 2 speaks for twenty minutes of the first hour only.
  await feed(site, all, (ride, i) => record(ride, ride.eventTime < T0 + 20 * MINUTE ? i % 3 : i % 2))
  const verdicts = await site.verdicts()
  expect(new Set(verdicts.map(({ window }) => window.end))).toEqual(new Set([1, 2, 3].map(h => T0 + h * HOUR)))
  expect(
    new Set(verdicts.map(({ window }) => `${window.revision} ${window.rows === 300 || window.rows < 200}`)),
  ).toEqual(new Set(['0 true']))
  expect(windowRows(verdicts)).toBe(900)
})

it.each([
  ['in time for a revision', 30 * MINUTE, 350, 0],
  ['too late for any', 3 * HOUR, 300, 50],
])('rows that come after the silence, %s', async (_, silence, revised, expired) => {
  const site = await start(2)
  await feed(site, rides({ seed: 3, from: T0, hours: 1, perHour: 300 }))
  await site.pass(silence, 10_000)
  expect(windowRows(await site.verdicts())).toBe(300)
  // The partitions' own watermarks stand where they stood: by them the rows are in time.
  const late = rides({ seed: 4, from: T0 + 30 * MINUTE, hours: 1, perHour: 100 }).slice(0, 50)
  await feed(site, late)
  await site.pass(3 * HOUR, 10_000)
  await site.finish()
  const verdicts = await site.verdicts()
  const first = verdicts.filter(({ window }) => window.start === T0 && window.revision === 0)
  expect(
    new Set(first.flatMap(({ series, window }) => (Object.keys(series.segment).length === 0 ? [window.rows] : []))),
  ).toEqual(new Set([300]))
  expect(windowRows(verdicts)).toBe(revised)
  expect(judged(site.line)[0]).toMatchObject({ aggregated: 350, late: 0, expired })
})

it('a topic that wakes has the rows of all its partitions in its windows, whichever is read first', async () => {
  const site = await start(2, monitorOf({ serving: { idleAfter: '1m', maxAhead: '1d' } }))
  await feed(site, rides({ seed: 10, from: T0, hours: 2, perHour: 300 }), (ride, i) => record(ride, i % 2))
  await site.pass(10 * MINUTE, 10_000)
  const before = (await site.verdicts()).length
  // All of it at once, as a backfill has it: one partition, and a second later the other.
  const burst = rides({ seed: 11, from: T0 + 3 * HOUR, hours: 3, perHour: 300 })
  for (const partition of [0, 1]) {
    await site.send(
      'rides',
      burst.filter((_, i) => i % 2 === partition).map(ride => record(ride, partition)),
    )
    await site.pass(1000)
  }
  await site.pass(3000)
  const verdicts = (await site.verdicts()).slice(before)
  const whole = verdicts.filter(({ series, window }) => series.feature === 'fare' && window.start >= T0 + 3 * HOUR)
  expect(whole.length).toBeGreaterThan(0)
  expect(new Set(whole.map(({ window }) => window.revision))).toEqual(new Set([0]))
  expect(windowRows(whole)).toBe(600)
})

it('a flood of records that cannot be read is told although no row comes in any more', async () => {
  const site = await start(2, monitorOf({ serving: { idleAfter: '1m', maxAhead: '1d' } }))
  await feed(site, rides({ seed: 7, from: T0, hours: 2, perHour: 120 }), (ride, i) => record(ride, i % 2))
  const told = async () => (await site.alerts()).filter(({ check }) => check === 'rejected')
  expect(await told()).toEqual([])
  const garbage = (_: Ride, i: number): OutgoingRecord => ({ key: null, value: Buffer.from('{'), partition: i % 2 })
  await feed(site, rides({ seed: 8, from: T0 + 2 * HOUR, hours: 1, perHour: 200 }), garbage)
  await site.pass(3 * HOUR, MINUTE)
  const opened = await told()
  expect(opened).toMatchObject([
    {
      status: 'firing',
      kind: 'quality',
      series: { feature: '*', modelVersion: 'v1' },
      cause: { code: 'rejected', whoMoved: 'pipeline' },
    },
  ])
  await feed(site, rides({ seed: 9, from: T0 + 6 * HOUR, hours: 6, perHour: 120 }), (ride, i) => record(ride, i % 2))
  await site.finish()
  expect((await told()).map(one => [one.status, one.alertId])).toEqual([
    ['firing', opened[0]!.alertId],
    ['resolved', opened[0]!.alertId],
  ])
})

//     hour     0 … 21   22  23 … 35   36  37  38
//     rows      120      0   0 …      120
//     volume            ▲ (once)               ▼
it('the silence of everything is told once, as the volume, until there are rows again', async () => {
  // Nothing else vouches for so long a step of the event time.
  const site = await start(2, monitorOf({ serving: { idleAfter: '1m', maxAhead: '1d' } }))
  await feed(site, rides({ seed: 5, from: T0, hours: 22, perHour: 120 }), (ride, i) => record(ride, i % 2))
  const told = async () =>
    (await site.alerts()).filter(({ check, series }) => check === 'volume' && Object.keys(series.segment).length === 0)
  await site.pass(3 * HOUR, MINUTE)
  const opened = await told()
  expect(opened).toMatchObject([
    {
      status: 'firing',
      summary: '0 rows, 120 expected: 0 % of the usual volume; nothing from 2 of 2 partitions',
      window: { end: T0 + 23 * HOUR, rows: 0 },
      series: { feature: '*', modelVersion: 'v1' },
      cause: { code: 'input-missing', whoMoved: 'pipeline' },
    },
  ])
  await site.pass(9 * HOUR, 5 * MINUTE)
  expect(await told()).toEqual(opened)
  await feed(site, rides({ seed: 6, from: T0 + 36 * HOUR, hours: 5, perHour: 120 }), (ride, i) => record(ride, i % 2))
  await site.finish()
  // The parts that were open all the while are published again, and are nothing new.
  expect(judged(site.line)[0]).toMatchObject({ aggregated: 27 * 120, expired: 0 })
  const { alertId } = opened[0]!
  expect((await told()).map(one => [one.status, one.alertId, (one.window.end - T0) / HOUR])).toEqual([
    ['firing', alertId, 23],
    ['resolved', alertId, 39],
  ])
  const incidents = (await site.incidents()).map(({ status, kind, window }) => [status, kind, (window.end - T0) / HOUR])
  expect(incidents).toEqual([
    ['firing', 'volume', 23],
    ['resolved', 'volume', 39],
  ])
})
