import { describe, expect, it } from 'vitest'
import type { ParityEvent } from '../../src/core/parity/event.js'
import { Site } from './site.js'
import { DAY, type Faults, fleet, offlineRecord, servedRecord, T0, type Trip, taxiMonitor } from './taxi-parity.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const TOPICS = { trips: 2, offline: 2 }

/** Each day's trips, and the offline values of the day before. */
async function ran(trips: readonly Trip[], monitor = taxiMonitor(), now = T0 + 60 * DAY): Promise<Site> {
  const site = await Site.with({ topics: TOPICS, joinsPartitions: 2, batchSize: 1000, now }, [monitor])
  const days = Math.ceil((Math.max(...trips.map(({ time }) => time)) + 1 - T0) / DAY)
  const of = (day: number) => trips.filter(({ time }) => Math.floor((time - T0) / DAY) === day)
  for (let day = 0; day <= days; day++) {
    await site.send(
      'trips',
      of(day).map((trip, i) => servedRecord(trip, i % 2)),
    )
    await site.send(
      'offline',
      of(day - 1).map((trip, i) => offlineRecord(trip, (i + 1) % 2)),
    )
  }
  await site.finish()
  return site
}

/** The last revision of each window, by series. */
function newest(events: readonly ParityEvent[]): Map<string, ParityEvent[]> {
  const last = new Map<string, ParityEvent>()
  for (const event of events) last.set(`${event.series.feature} ${event.window.end}`, event)
  const bySeries = new Map<string, ParityEvent[]>()
  for (const event of last.values())
    bySeries.set(event.series.feature, [...(bySeries.get(event.series.feature) ?? []), event])
  return bySeries
}

const FAULTY: Faults = {
  fare: { code: 'lag', share: 0.08 },
  trip_miles: { code: 'unit', share: 0.15 },
  tips: { code: 'truncation', share: 0.2 },
  trip_seconds: { code: 'imputation', share: 0.05 },
}

describe('served values and their offline values', () => {
  it('2,000 taxis for 30 days: every share within half a point, the lag to the millisecond, every cause', async () => {
    const trips = fleet({ seed: 7, taxis: 2000, days: 30, faults: FAULTY })
    const site = await ran(trips)
    const bySeries = newest(await site.parities())
    expect([...bySeries.keys()].sort()).toEqual(['*', ...Object.keys(FAULTY), 'payment_type'].sort())
    const differ = (name: string) =>
      trips.filter(({ served, offline }) => {
        const [a, b] = [served[name] as number, offline[name] as number]
        return Math.abs(a - b) > 1e-6 * Math.abs(b)
      }).length
    for (const [name, { code }] of Object.entries(FAULTY)) {
      const windows = bySeries.get(name)!.map(({ parity }) => parity!)
      const sum = (of: (one: (typeof windows)[number]) => number) => windows.reduce((all, one) => all + of(one), 0)
      expect(
        sum(({ pairs }) => pairs),
        name,
      ).toBe(trips.length)
      expect(
        sum(({ mismatched }) => mismatched),
        name,
      ).toBe(differ(name))
      const share =
        sum(({ causes, pairs }) => pairs * (causes.find(one => one.code === code)?.share ?? 0)) / trips.length
      expect(Math.abs(share - differ(name) / trips.length), `${name}: ${code}`).toBeLessThan(0.005)
      const alert = (await site.alerts()).find(({ series, kind }) => kind === 'parity' && series.feature === name)
      expect(alert?.cause.code, name).toBe(code)
      expect(alert?.cause.whoMoved).toBe('pipeline')
    }
    const late = bySeries.get('fare')!.filter(({ parity }) => parity!.lagMs !== null)
    expect(new Set(late.map(({ parity }) => parity!.lagMs))).toEqual(new Set([-DAY]))
    expect(late.length).toBe(29)
    expect(bySeries.get('payment_type')!.map(({ outcome, parity }) => [outcome, parity!.rate])).toEqual(
      new Array(30).fill(['ok', 0]),
    )
    expect(
      bySeries.get('*')!.every(({ join }) => join.served === 2000 && join.unmatched === 0 && join.apartMs === 0),
    ).toBe(true)
  }, 240_000)

  /** Of the newest revision of one window. */
  const seen = async (site: Site, feature: string) => newest(await site.parities()).get(feature)?.[0]
  const few = (faults: Faults = {}) => fleet({ seed: 3, taxis: 300, days: 1, faults })

  it('in another time zone: the rows meet, and it is told how far the clocks are apart', async () => {
    const trips = few()
    const site = await Site.with({ topics: TOPICS, now: T0 + 60 * DAY }, [taxiMonitor()])
    await site.send(
      'trips',
      trips.map((trip, i) => servedRecord(trip, i % 2)),
    )
    await site.send(
      'offline',
      trips.map((trip, i) => offlineRecord({ ...trip, time: trip.time + 6 * HOUR }, i % 2)),
    )
    await site.finish()
    const join = await seen(site, '*')
    expect(join).toMatchObject({ join: { served: 300, joined: 300, apartMs: 6 * HOUR } })
    expect(join!.note).toBe('the times in offline are 6 h later than those served, as of another time zone')
  })

  it('whose keys never meet: told, and no feature is judged', async () => {
    const trips = few()
    const apart = await Site.with({ topics: TOPICS, now: T0 + 60 * DAY }, [taxiMonitor()])
    await apart.send(
      'trips',
      trips.map(trip => servedRecord(trip, 0)),
    )
    await apart.send(
      'offline',
      trips.map(trip => offlineRecord({ ...trip, id: `x${trip.id}` }, 0)),
    )
    await apart.finish()
    expect(await seen(apart, '*')).toMatchObject({
      ...{ outcome: 'insufficient-data', because: 'no-pairs', join: { served: 300, joined: 0, unmatched: 300 } },
      note: 'no key of these rows has come in offline within 2 days of its time: are both keys written alike, and the times in one zone?',
    })
    expect(await seen(apart, 'fare')).toBeUndefined()
    expect(await apart.alerts()).toEqual([])
  })

  it('with keys of different types, copies, numbers as text, nulls and features of one side alone', async () => {
    const trips = few()
    const site = await Site.with({ topics: TOPICS, now: T0 + 60 * DAY }, [taxiMonitor({ maxMismatch: 0.2 })])
    await site.send(
      'trips',
      trips.flatMap((trip, i) => {
        const served = { ...trip.served, served_only: 1 }
        const record = servedRecord({ ...trip, id: String(i), served }, i % 2)
        return i < 10 ? [record, record] : [record]
      }),
    )
    const offline = trips.flatMap(({ time, offline: values }, i) => {
      const features = {
        ...values,
        fare: i % 3 === 0 ? String(values['fare']) : values['fare'],
        trip_seconds: i % 10 === 0 ? null : values['trip_seconds'],
      }
      const record = { value: Buffer.from(JSON.stringify({ id: i, at: time, features })), key: null, partition: i % 2 }
      return i % 100 === 0 ? [record, record, record] : [record]
    })
    await site.send('offline', offline)
    await site.finish()
    const [join, fare, seconds] = [await seen(site, '*'), await seen(site, 'fare'), await seen(site, 'trip_seconds')]
    expect(join).toMatchObject({
      join: { served: 300, joined: 300, unmatched: 0, duplicatesServed: 10, duplicatesOffline: 6 },
      note: 'only served, and not compared: served_only',
    })
    expect(fare).toMatchObject({ outcome: 'breach', parity: { pairs: 300, types: 100, matched: 200 } })
    expect(fare!.parity!.causes).toMatchObject([{ code: 'type', share: 1 / 3 }])
    expect(seconds).toMatchObject({ outcome: 'ok', parity: { pairs: 300, nullOffline: 30, nullServed: 0 } })
    expect(seconds!.parity!.causes).toMatchObject([
      { code: 'null', share: 0.1, sentence: 'offline has no value where serving has one' },
    ])
    expect((await site.alerts()).map(({ series, kind, cause }) => [series.feature, kind, cause.code])).toEqual([])
  })

  it('that a job brings a day later by the wall clock, while the topic is silent: the rows have waited', async () => {
    const trips = few({ trip_miles: { code: 'unit', share: 0.5 } })
    const site = await Site.with({ topics: TOPICS, now: T0 }, [taxiMonitor()])
    await site.send(
      'trips',
      trips.map((trip, i) => servedRecord(trip, i % 2)),
      T0 + DAY,
    )
    await site.pass(20 * HOUR, 10 * MINUTE)
    const early = await seen(site, '*')
    expect(early).toMatchObject({ because: 'no-pairs', join: { served: 300, joined: 0 } })
    await site.send(
      'offline',
      trips.map((trip, i) => offlineRecord(trip, i % 2)),
    )
    await site.finish()
    expect(await seen(site, '*')).toMatchObject({ because: null, join: { joined: 300 } })
    expect((await site.alerts()).map(({ series, status }) => [series.feature, status])).toEqual([
      ['trip_miles', 'firing'],
    ])
  })

  it.each([
    ['none', 0, null],
    ['masked', 10, /^9/],
    ['shown', 10, /^[0-9.]+$/],
  ] as const)('told with examples: %s', async (examples, count, served) => {
    const faults: Faults = { trip_miles: { code: 'unit', share: 0.5 } }
    const site = await ran(few(faults), taxiMonitor({ examples }))
    const { parity } = (await seen(site, 'trip_miles'))!
    expect(parity!.examples).toHaveLength(count)
    for (const example of parity!.examples) expect(example.served).toMatch(served!)
    const [alert] = await site.alerts()
    expect(alert).toMatchObject({
      kind: 'parity',
      cause: { code: 'unit', numbers: { factor: expect.closeTo(0.621371, 4) } },
    })
    expect(alert!.evidence).toMatchObject([{ against: 'offline', check: 'parity', outcome: 'breach', decides: true }])
    expect(alert!.baseline.source).toBe('topic offline')
  })

  it('a little above what is tolerated is confirmed by a second window, and ends when it is over', async () => {
    const day = (n: number, share: number) =>
      fleet({ seed: 9, taxis: 1000, days: 1, faults: { trip_miles: { code: 'unit', share } } }).map(trip => ({
        ...trip,
        ...{ id: `${trip.id}/${n}`, time: trip.time + n * DAY },
      }))
    const site = await ran([0.035, 0.035, 0, 0, 0, 0].flatMap((share, n) => day(n, share)))
    const alerts = (await site.alerts()).map(({ status, window }) => [status, (window.end - T0) / DAY])
    expect(alerts).toEqual([
      ['firing', 2],
      ['resolved', 5],
    ])
  })
})
