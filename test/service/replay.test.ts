import pino from 'pino'
import { describe, expect, it, vi } from 'vitest'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { Monitor } from '../../src/core/monitor.js'
import { mapEvents } from '../../src/files/event-mapping.js'
import { parseFieldMap } from '../../src/files/field-map.js'
import { mapLabels } from '../../src/files/label-mapping.js'
import { openTable } from '../../src/files/table.js'
import { buildBaseline } from '../../src/service/build-baseline.js'
import { replay } from '../../src/service/replay.js'
import { folder } from '../files/fixtures.js'
import { type Random, seeded } from '../random.js'
import { csv, HOUR, MINUTE, monitorOf, type Ride, record, rides, shuffledWithin, T0, trained, usual } from './rides.js'
import { judged, Site, windowRows } from './site.js'

// Two cores are shared with whatever else runs.
vi.setConfig({ testTimeout: 30_000 })

const { write } = folder()
const logger = pino({ level: 'silent' })

/** From the fourth hour on: another unit, another mix of payments, nulls where there were none. */
function drifting(random: Random, time: number): Record<string, unknown> {
  const features = usual(random)
  if (time < T0 + 3 * HOUR) return features
  const fare = (features['fare'] as number) * 1.6
  return {
    ...features,
    fare,
    payment: random.pick(['cash', 'card', 'card', 'app']),
    stops: random.chance(0.2) ? null : features['stops'],
  }
}

const all = rides({
  seed: 11,
  from: T0,
  hours: 6,
  perHour: 1000,
  features: drifting,
  version: random => random.pick(['v1', 'v1', 'v2']),
})

describe('replay of a file', () => {
  const training = write('training.csv', csv(rides({ seed: 5, from: T0 - 100 * HOUR, hours: 100, perHour: 40 })))
  const served = write('served.csv', csv(all))

  async function run(monitor: Monitor, file: string, partitions: number) {
    const trainingTable = await openTable(training)
    const provenance = { version: 1, modelVersion: null, source: 'training.csv', loadedAt: 0, from: null }
    const baseline = await buildBaseline(monitor, trainingTable, { map: new Map(), provenance })
    await trainingTable.close()
    const events = await openTable(file)
    const bytes = { alerts: [] as string[], verdicts: [] as string[] }
    const keep = (into: string[]) => (batch: Parameters<NonNullable<Parameters<typeof replay>[0]['onAlerts']>>[0]) => {
      for (let i = 0; i < batch.size; i++) {
        const headers = Object.entries(batch.headers(i)).map(([name, value]) => `${name}=${Buffer.from(value)}`)
        const [key, value] = [batch.key(i), batch.value(i)].map(part => Buffer.from(part!).toString('latin1'))
        into.push([batch.partition, batch.offset(i), batch.timestamp(i), key, ...headers, value].join('\n'))
      }
    }
    const done = await replay({
      monitor,
      baseline,
      events,
      mapping: mapEvents(monitor, events, new Map(), { time: true, key: 'row number' }),
      partitions,
      logger,
      onAlerts: keep(bytes.alerts),
      onVerdicts: keep(bytes.verdicts),
    })
    await events.close()
    return { ...bytes, done }
  }

  it.each([
    ['json', 1],
    ['json', 4],
    ['avro', 4],
  ] as const)('gives the same bytes twice (%s, %i partitions)', async (format, partitions) => {
    const monitor = monitorOf({ serving: { format } })
    const first = await run(monitor, served, partitions)
    const second = await run(monitor, served, partitions)
    expect(first.done.events).toBe(all.length)
    expect(first.alerts.length).toBeGreaterThan(3)
    expect(first.verdicts.length).toBeGreaterThan(6 * 2 * 6)
    expect(second.alerts).toEqual(first.alerts)
    expect(second.verdicts).toEqual(first.verdicts)
  })

  it.each([
    ['without a byte', ''],
    ['of a header alone', csv([])],
  ])('refuses a file %s, and names it', async (_, content) => {
    const empty = write('empty.csv', content)
    const refusal = { code: 'bad-input', message: expect.stringContaining(empty) }
    await expect(run(monitorOf(), empty, 2)).rejects.toMatchObject(refusal)
  })
})

describe('replay of a file with labels', () => {
  const random = seeded(2)
  const some = rides({ seed: 12, from: T0, hours: 2, perHour: 100 })
  const scored = some.map(({ requestId, eventTime, modelVersion, features }) =>
    [requestId, eventTime, modelVersion, features['fare'], random.next(), random.next()].join(),
  )
  const events = write('scored.csv', ['requestId,eventTime,modelVersion,fare,score,tree', ...scored].join('\n'))
  const known = some.filter(() => random.chance(0.8))
  const truth = known.map(({ requestId, eventTime }, i) =>
    [i === 7 ? '' : requestId, eventTime / 1000 + 3600, i % 2].join(),
  )
  const labels = write('labels.csv', ['id,when,tipped', ...truth].join('\n'))

  it.each([
    ['json', 'json'],
    ['avro', 'json'],
    ['json', 'avro'],
  ] as const)('sends both sides to the join (events %s, labels %s)', async (format, labelFormat) => {
    const monitor = monitorOf({
      serving: { format, prediction: 'score' },
      segments: {},
      task: { type: 'binary', outputs: { main: 'score', tree: 'scores.tree' } },
      labels: {
        topic: 'labels',
        format: labelFormat,
        key: 'requestId',
        time: 'at',
        value: 'tipped',
        where: { kind: 'tip' },
      },
    })
    const [eventTable, labelTable] = await Promise.all([openTable(events), openTable(labels)])
    const mapping = mapEvents(monitor, eventTable, new Map(), { time: true, key: 'column' })
    expect(mapping.outputs).toEqual([{ name: 'tree', path: ['scores', 'tree'], column: 'tree' }])
    const labelMap = parseFieldMap(['requestId=id', 'at=when:s'])
    const done = await replay({
      monitor,
      baseline: null,
      events: eventTable,
      mapping,
      labels: { table: labelTable, mapping: mapLabels(monitor.labels!, monitor.file, labelTable, labelMap) },
      partitions: 2,
      logger,
    })
    await Promise.all([eventTable.close(), labelTable.close()])
    expect(done.events).toBe(some.length)
    expect(done.labels).toEqual({
      rows: known.length - 1,
      skipped: { withoutKey: 1, withoutTime: 0, unreadableTime: 0 },
    })
    const { values } = await done.line.metrics.joinRows.get()
    expect(Object.fromEntries(values.map(({ labels: { side }, value }) => [side, value]))).toEqual({
      serving: some.length,
      labels: known.length - 1,
    })
  })
})

/** What must be the same however the rows came: all but where they came from, and numbers out of digests. */
function exactly({ series, window, input: _, checks, distances, quantiles: __, ...verdict }: VerdictEvent) {
  const { partitions: ___, ...facts } = window
  const { ks: ____, w1: _____, ...others } = distances
  return {
    ...verdict,
    series,
    window: facts,
    distances: others,
    checks: checks.map(check => (check.check === 'w1' ? { ...check, value: null } : check)),
  }
}

/** Digests may be off by so much in rank, at 200 k1 cells (STATISTICS §3); two of them by twice. */
const RANK_ERROR = 0.0027

const order = (a: VerdictEvent, b: VerdictEvent): number => a.window.end - b.window.end || (a.id < b.id ? -1 : 1)

async function through(rows: readonly Ride[], partitions: number, monitor: Monitor, batchSize = 137) {
  const baselines = [trained(monitor)]
  const site = await Site.with({ topics: { rides: partitions }, baselines, now: T0, batchSize }, [monitor])
  for (let i = 0; i < rows.length; i += 1000)
    await site.send(
      'rides',
      rows.slice(i, i + 1000).map(row => record(row)),
      rows[i]!.eventTime,
    )
  await site.finish()
  return { site, verdicts: (await site.verdicts()).sort(order), alerts: await site.alerts() }
}

function ridesOf(series: VerdictEvent['series'], { start, end }: VerdictEvent['window']): Ride[] {
  const { payment } = series.segment
  return all.filter(
    ({ eventTime, modelVersion, features }) =>
      eventTime >= start &&
      eventTime < end &&
      modelVersion === series.modelVersion &&
      (payment === undefined || features['payment'] === (payment === 'other' ? 'app' : payment)),
  )
}

describe('the same rows in another order, over other partitions', async () => {
  const monitor = monitorOf({ window: { size: '1h', advance: '30m', grace: '5m', reviseFor: '1h' } })
  const plain = await through(all, 1, monitor)

  it('are what a recount of the rows says', () => {
    const { verdicts, site } = plain
    const ends = Array.from({ length: 13 }, (_, i) => T0 + (i + 1) * 30 * MINUTE)
    expect([...new Set(verdicts.map(({ window }) => window.end))]).toEqual(ends)
    for (const { series, window, counters } of verdicts) {
      const mine = ridesOf(series, window)
      expect(window.rows).toBe(mine.length)
      if (series.feature === '*') continue
      const nulls = mine.filter(({ features }) => features[series.feature] === null).length
      expect(counters['null']!.window).toBe(nulls / mine.length)
      if (series.feature === 'tolls')
        expect(counters['zero']!.window).toBe(
          mine.filter(({ features }) => features['tolls'] === 0).length / mine.length,
        )
    }
    expect(judged(site.line)).toEqual([
      expect.objectContaining({ aggregated: all.length, late: 0, rejected: 0, notSelected: 0, gap: 0, expired: 0 }),
    ])
    expect(new Set(plain.alerts.map(({ series }) => series.feature))).toEqual(new Set(['fare', 'payment', 'stops']))
  })

  it.each([
    [1, true],
    [4, false],
    [4, true],
    [7, false],
    [7, true],
  ])('over %i partitions, shuffled within grace: %s', async (partitions, shuffled) => {
    const rows = shuffled ? shuffledWithin(all, 5 * MINUTE, seeded(partitions)) : all
    const { verdicts, alerts, site } = await through(rows, partitions, monitor, 50 + 40 * partitions)
    expect(judged(site.line)).toEqual([expect.objectContaining({ aggregated: all.length, late: 0, expired: 0 })])
    expect(verdicts.map(exactly)).toEqual(plain.verdicts.map(exactly))
    const told = (list: typeof alerts) =>
      list
        .map(({ id, alertId, sequence, status, check, window }) => ({
          id,
          alertId,
          sequence,
          status,
          check,
          end: window.end,
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(told(alerts)).toEqual(told(plain.alerts))
    let worst = { ks: 0, w1: 0, rank: 0 }
    for (const [i, { series, window, distances, quantiles }] of verdicts.entries()) {
      const other = plain.verdicts[i]!
      if (distances.ks === null || other.distances.ks === null || quantiles === null) continue
      const values = ridesOf(series, window).flatMap(({ features }) =>
        typeof features[series.feature] === 'number' ? [features[series.feature] as number] : [],
      )
      const below = (x: number): number => values.filter(value => value < x).length / values.length
      const upTo = (x: number): number => values.filter(value => value <= x).length / values.length
      for (const [q, x] of quantiles.window.entries()) {
        const y = other.quantiles!.window[q]!
        // Ranks of the two values, atoms and the spacing of so few rows apart.
        const apart = Math.max(0, below(Math.max(x, y)) - upTo(Math.min(x, y)) - 1 / values.length)
        worst = { ...worst, rank: Math.max(worst.rank, apart) }
      }
      worst = {
        ...worst,
        ks: Math.max(worst.ks, Math.abs(distances.ks - other.distances.ks)),
        w1: Math.max(worst.w1, Math.abs(distances.w1! - other.distances.w1!)),
      }
    }
    expect(worst.rank).toBeLessThanOrEqual(3 * RANK_ERROR)
    expect(worst.ks).toBeLessThanOrEqual(3 * RANK_ERROR)
    // An error of rank over the whole width of the distribution, some six σ.
    expect(worst.w1).toBeLessThanOrEqual(3 * RANK_ERROR * 6)
  })
})

describe('an empty topic', () => {
  it('closes nothing, says nothing, and takes what comes later', async () => {
    const monitor = monitorOf()
    const site = await Site.with({ topics: { rides: 3 }, baselines: [trained(monitor)], now: T0 }, [monitor])
    await site.log.run()
    await site.pass(5 * MINUTE, 10_000)
    expect(await site.verdicts()).toEqual([])
    expect(judged(site.line)).toEqual([expect.objectContaining({ aggregated: 0, late: 0, rejected: 0 })])
    const few = rides({ seed: 3, from: T0, hours: 2, perHour: 300 })
    await site.send(
      'rides',
      few.map(ride => record(ride)),
      T0 + 2 * HOUR,
    )
    await site.finish()
    expect(windowRows(await site.verdicts())).toBe(600)
  })

  it('ends without a verdict', async () => {
    const site = await Site.with({ topics: { rides: 3 }, now: T0 }, [monitorOf()])
    await site.finish()
    expect(await site.verdicts()).toEqual([])
    expect(await site.alerts()).toEqual([])
    await site.line.stop()
  })
})
