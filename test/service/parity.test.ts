import { describe, expect, it } from 'vitest'
import type { ParityEvent } from '../../src/core/parity/event.js'
import { Site } from './site.js'
import { DAY, type Faults, fleet, offlineRecord, servedRecord, T0, type Trip, taxiMonitor } from './taxi-parity.js'

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
})
