import { describe, expect, it, vi } from 'vitest'
import { BaselineTable, encodeBaseline } from '../../src/codec/baseline.js'
import { trainedRecord } from '../../src/codec/trained-history.js'
import type { Baseline, TrainedHistory } from '../../src/core/baseline/baseline.js'
import { openTable } from '../../src/files/table.js'
import { buildBaseline } from '../../src/service/build-baseline.js'
import { folder } from '../files/fixtures.js'
import { type Random, seeded } from '../random.js'
import { csv, HOUR, monitorOf, type Ride, record, rides, T0, trained, usual } from './rides.js'
import { Site } from './site.js'

vi.setConfig({ testTimeout: 60_000 })

const { write } = folder()
const monitor = monitorOf({ timezone: 'Europe/Berlin', segments: { payment: { top: 2 } } })

/** Fares and payments go by the hour. */
function byHour(random: Random, time: number): Record<string, unknown> {
  const swing = Math.sin((2 * Math.PI * (time - T0)) / (24 * HOUR))
  return {
    ...usual(random),
    fare: Math.exp(2 + 0.5 * (random.normal() + 0.5 * swing)),
    payment: random.chance(0.6 + 0.2 * swing) ? 'cash' : random.pick(['card', 'app']),
  }
}

const DAYS = 4
const training = rides({ seed: 5, from: T0 - DAYS * 24 * HOUR, hours: DAYS * 24, perHour: 150, features: byHour })

async function learnt(file: string, text: string): Promise<Baseline> {
  const table = await openTable(write(file, text))
  const provenance = { version: 1, modelVersion: null, source: file, loadedAt: 0, from: null }
  const baseline = await buildBaseline(monitor, table, { map: new Map(), provenance })
  await table.close()
  return baseline
}

const historyOf = ({ features }: Baseline, name: string, segment = ''): TrainedHistory | undefined =>
  features.find(feature => feature.name === name)!.segments.get(segment)?.history

describe('a file with event times', () => {
  it('gives every series the newest windows and their seasons, in whatever order its rows are', async () => {
    const inOrder = await learnt('ordered.csv', csv(training))
    const random = seeded(1)
    const places = new Map(training.map(ride => [ride, random.next()]))
    const mixed = await learnt('mixed.csv', csv([...training].sort((a, b) => places.get(a)! - places.get(b)!)))
    const fare = historyOf(inOrder, 'fare')!
    expect(fare.past.map(({ start }) => (start - T0) / HOUR)).toEqual(Array.from({ length: 60 }, (_, i) => i - 60))
    expect(fare.past.every(({ profile }) => profile.rows === 150)).toBe(true)
    expect(fare.seasons).toMatchObject({ kind: 'weekday-hour', from: training[0].eventTime })
    expect(historyOf(inOrder, 'stops')!.seasons!.kind).toBe('none')
    expect(historyOf(inOrder, 'fare', 'payment=cash')!.past).toHaveLength(60)
    // Rare values are cut by their order, quantiles by the digest's: the counts are the same.
    const counts = (history: TrainedHistory) =>
      history.past.map(({ start, profile }) => [start, profile.rows, profile.count])
    expect(counts(historyOf(mixed, 'fare')!)).toEqual(counts(fare))
    expect(historyOf(mixed, 'payment')!.past.map(({ profile }) => profile)).toEqual(
      historyOf(inOrder, 'payment')!.past.map(({ profile }) => profile),
    )
  })

  it('is read back from its records as it was', async () => {
    const baseline = await learnt('again.csv', csv(training))
    const table = new BaselineTable()
    for (const { key, value, headers } of encodeBaseline(baseline))
      table.apply(
        Buffer.from(key as string),
        value as Buffer,
        Object.fromEntries(Object.entries(headers!).map(([name, text]) => [name, Buffer.from(text as string)])),
      )
    const [read] = table.of('rides')
    // Their numbers lie elsewhere.
    for (const name of ['fare', 'payment', 'tip'])
      expect(trainedRecord(historyOf(read, name)!)).toEqual(trainedRecord(historyOf(baseline, name)!))
  })

  it('gives none where there are no times, or times are days, or windows have too few rows', async () => {
    const without = csv(training)
      .split('\n')
      .map(line => line.split(',').toSpliced(1, 1).join())
    expect(historyOf(await learnt('timeless.csv', without.join('\n')), 'fare')).toBeUndefined()
    const day = (ride: Ride): Ride => ({ ...ride, eventTime: Math.floor(ride.eventTime / (24 * HOUR)) * 24 * HOUR })
    const days = rides({ seed: 5, from: T0 - 30 * 24 * HOUR, hours: 30 * 24, perHour: 4 }).map(day)
    expect(historyOf(await learnt('days.csv', csv(days)), 'fare')).toBeUndefined()
    const few = rides({ seed: 5, from: T0 - 60 * HOUR, hours: 60, perHour: 30 })
    expect(historyOf(await learnt('few.csv', csv(few)), 'fare')).toBeUndefined()
  })
})

describe('a monitor with a history of training', () => {
  const whole = monitorOf({ segments: {}, timezone: 'Europe/Berlin' })
  const rows = 60 * 24 * 6

  async function served(features: (random: Random, time: number) => Record<string, unknown>, hours: number) {
    const baselines = [trained(whole, { features: byHour, rows, dated: true })]
    const site = await Site.with({ topics: { rides: 1 }, baselines, now: T0 }, [whole])
    const all = rides({ seed: 9, from: T0, hours, perHour: 300, features })
    for (let hour = 0; hour < hours; hour++) {
      const some = all.slice(300 * hour, 300 * (hour + 1))
      await site.send(
        'rides',
        some.map(ride => record(ride)),
        some.at(-1)!.eventTime,
      )
      await site.pass(1000)
    }
    await site.finish()
    return { alerts: await site.alerts(), verdicts: await site.verdicts() }
  }

  it('is calibrated from its first window, and quiet where serving is like training', async () => {
    const { alerts, verdicts } = await served(byHour, 30)
    const [first] = verdicts.filter(({ series }) => series.feature === 'fare')
    expect(first.window.start).toBe(T0)
    expect(
      first.checks
        .filter(({ decides }) => decides)
        .every(({ against, calibrated }) => against === 'history' && calibrated),
    ).toBe(true)
    expect(alerts).toEqual([])
  })

  it('tells a standing difference from training once, as skew', async () => {
    const dearer = (random: Random, time: number) => {
      const features = byHour(random, time)
      return { ...features, tip: features['tip'] === null ? null : (features['tip'] as number) + 0.6 }
    }
    const { alerts } = await served(dearer, 30)
    const ends = alerts.filter(({ status }) => status !== 'ongoing')
    expect(ends.map(({ series, status, kind }) => [series.feature, status, kind])).toEqual([
      ['tip', 'firing', 'skew'],
      ['tip', 'resolved', 'skew'],
    ])
    expect(ends[0].openedAt).toBe(T0)
    expect(ends[1].reason).toMatch(/standing difference/)
  })
})
