import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { decodeCommit } from '../../src/codec/commit.js'
import type { StateStore } from '../../src/core/ports.js'
import { ALERTS, BASELINES, CONTROL, PANES, STATE, VERDICTS } from '../../src/service/topics.js'
import { LmdbStore } from '../../src/state/lmdb.js'
import { HOUR, monitorOf, record, rides, T0, trained } from './rides.js'
import { judged, Site, windowRows } from './site.js'

vi.setConfig({ testTimeout: 60_000 })

const PER_HOUR = 200
const TOTAL = 24 * PER_HOUR
const monitor = monitorOf({ segments: {} })
const baselines = [trained(monitor)]
const served = rides({ seed: 4, from: T0, hours: 24, perHour: PER_HOUR })
const options = { topics: { rides: 1 }, baselines, now: T0, start: 'latest' } as const

/** Rows of these hours go into the topic, and the line runs where there is one. */
async function serve(site: Site, from: number, to: number): Promise<void> {
  await site.send(
    'rides',
    served.slice(from * PER_HOUR, to * PER_HOUR).map(ride => record(ride)),
    T0 + to * HOUR,
  )
  await site.pass(6_000)
}

async function leave(site: Site): Promise<void> {
  await site.line.stop()
  site.instances.at(-1)!.connection.dead = true
}

/** Ten hours are read; four more while nobody is there; then ten to the end. */
async function interrupted(between: (site: Site) => Promise<void>, store?: StateStore): Promise<Site> {
  const site = await Site.with({ ...options, ...(store && { store }) }, [monitor])
  await serve(site, 0, 10)
  await leave(site)
  await serve(site, 10, 14)
  await between(site)
  await site.start([monitor])
  await site.log.run()
  await serve(site, 14, 24)
  await site.finish()
  return site
}

const truncated = (offset: number) => async (site: Site) => site.log.truncate('rides', 0, offset)

/** Hours of the windows that were not judged for a gap, and the offsets that they name. */
async function incomplete(site: Site) {
  const found = new Map<number, unknown>()
  for (const { window, because, outcome } of await site.verdicts()) {
    expect(because === 'input-gap').toBe(window.gaps.length > 0)
    if (window.gaps.length === 0) continue
    expect(outcome).toBe('insufficient-data')
    found.set((window.start - T0) / HOUR, window.gaps)
  }
  return found
}

/** Of the alerts, all are of gaps. */
async function alerts(site: Site) {
  return (await site.alerts()).map(({ kind, status, check, summary, window }) => {
    expect(kind).toBe('input-gap')
    return [status, check, summary.slice(0, summary.indexOf(':')), (window.start - T0) / HOUR]
  })
}

async function sums(site: Site) {
  const [counts] = judged(site.line)
  expect(windowRows(await site.verdicts()) + counts!.expired).toBe(counts!.aggregated)
  const { aggregated, late, rejected, gap } = counts!
  expect(aggregated + late + rejected + gap).toBe(TOTAL)
  return { aggregated, gap }
}

const range = (from: number, to: number) => ({ topic: 'rides', partition: 0, from, to })

describe('records that are gone before they are read', () => {
  it('leave windows that say so and are not judged, and sums that add up', async () => {
    const site = await interrupted(truncated(12.5 * PER_HOUR))
    // The rows of the ninth hour were counted, and their part is gone with them.
    expect(await sums(site)).toEqual({ aggregated: 20.5 * PER_HOUR, gap: 3.5 * PER_HOUR })
    // Windows that have no row left say nothing.
    expect(await incomplete(site)).toEqual(new Map([[12, [range(10 * PER_HOUR, 12.5 * PER_HOUR)]]]))
    expect(await alerts(site)).toEqual([
      ['firing', 'input-gap rides', 'offsets 2000..2499 of rides/0 were gone before they were read', 12],
      ['resolved', 'input-gap rides', 'windows are whole again', 15],
    ])
    expect(await site.incidents()).toEqual([])
  })

  it('leave what a checkpoint has of the windows before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'driftline-gaps-'))
    const store = LmdbStore.open(folder)
    const site = await interrupted(truncated(12.5 * PER_HOUR), store)
    await store.close()
    rmSync(folder, { recursive: true })
    expect(await sums(site)).toEqual({ aggregated: 21.5 * PER_HOUR, gap: 2.5 * PER_HOUR })
    const gone = [range(10 * PER_HOUR, 12.5 * PER_HOUR)]
    expect(await incomplete(site)).toEqual(new Map([9, 12].map(hour => [hour, gone])))
  })

  it('concern only the open windows where the commit itself is still there', async () => {
    const site = await interrupted(truncated(9.5 * PER_HOUR))
    expect(await sums(site)).toEqual({ aggregated: 23.5 * PER_HOUR, gap: 0.5 * PER_HOUR })
    expect(await incomplete(site)).toEqual(new Map([[9, [range(9 * PER_HOUR, 9.5 * PER_HOUR)]]]))
  })

  it('are found again by an owner after one that died before it could tell', async () => {
    const site = await interrupted(async one => {
      await truncated(12.5 * PER_HOUR)(one)
      // It reads what is left, and falls at its first write.
      const fallen = await one.start([monitor])
      fallen.connection.writes = 0
      await expect(one.log.run()).rejects.toThrow()
      await one.kill(fallen)
    })
    expect(await sums(site)).toEqual({ aggregated: 20.5 * PER_HOUR, gap: 3.5 * PER_HOUR })
    expect([...(await incomplete(site)).keys()]).toEqual([12])
  })
})

describe('commits that have expired', () => {
  /** As Kafka does of a group that has been away for `offsets.retention.minutes`. */
  const forgotten = (site: Site) => site.log.close()

  it('cost nothing where the topic is whole: stage 2 knows how far the partitions were', async () => {
    const site = await interrupted(forgotten)
    expect(await sums(site)).toEqual({ aggregated: TOTAL, gap: 0 })
    expect(await incomplete(site)).toEqual(new Map())
    expect(await site.alerts()).toEqual([])
  })

  it('are no silent reset where it is not', async () => {
    const site = await interrupted(async one => {
      await forgotten(one)
      await truncated(12.5 * PER_HOUR)(one)
    })
    expect((await sums(site)).gap).toBe(3.5 * PER_HOUR)
    expect([...(await incomplete(site)).keys()]).toEqual([12])
  })
})

it('parts that are gone before stage 2 has read them leave windows that are not judged', async () => {
  const site = await Site.with(options, [monitor])
  await serve(site, 0, 10)
  await leave(site)
  // Stage 1 goes on alone, and what it writes is gone when stage 2 comes back.
  await site.start([monitor], { summarize: true, join: false, evaluate: false })
  await serve(site, 10, 14)
  await leave(site)
  const [{ end }] = await site.log.offsets(PANES)
  site.log.truncate(PANES, 0, end)
  await site.start([monitor])
  await serve(site, 14, 24)
  await site.finish()
  const found = await incomplete(site)
  // Of the windows up to there only this one has a part that came after the loss.
  expect([...found.keys()]).toEqual([13])
  expect(found.get(13)).toEqual([{ topic: PANES, partition: 0, from: expect.any(Number), to: end }])
  const judgedRows = windowRows(await site.verdicts())
  expect(judgedRows).toBe(20 * PER_HOUR)
  expect((await alerts(site)).map(([status, check, , hour]) => [status, check, hour])).toEqual([
    ['firing', `input-gap ${PANES}`, 13],
    ['resolved', `input-gap ${PANES}`, 16],
  ])
})

/** These topics on another broker; the others are empty there. */
async function elsewhere(site: Site, topics: readonly string[]): Promise<{ other: Site; errors: string[] }> {
  const errors: string[] = []
  const logger = pino({ level: 'error' }, { write: line => void errors.push(line) })
  const other = new Site({ ...options, logger }, site.now)
  for (const topic of topics) await other.log.append(topic, await site.records(topic))
  return { other, errors }
}

const OWN = [BASELINES, CONTROL, STATE, VERDICTS, ALERTS]

it('a panes topic that was deleted and made anew is told of: alerts and histories go on, and what may lack rows is not judged', async () => {
  const dear = served.map((ride, i) =>
    i < 5 * PER_HOUR ? ride : { ...ride, features: { ...ride.features, fare: 900 } },
  )
  const hours = (from: number, to: number) => dear.slice(from * PER_HOUR, to * PER_HOUR).map(ride => record(ride))
  const before = await Site.with(options, [monitor])
  await before.send('rides', hours(0, 12), T0 + 12 * HOUR)
  await before.pass(6_000)
  await leave(before)
  const opened = async (site: Site) =>
    (await site.alerts()).flatMap(({ status, kind, alertId }) =>
      status === 'firing' && kind !== 'input-gap' ? [alertId] : [],
    )
  const firing = await opened(before)
  expect(firing.length).toBeGreaterThan(0)

  const { other: site, errors } = await elsewhere(before, ['rides', ...OWN])
  await site.start([monitor])
  expect(errors.map(line => JSON.parse(line))).toMatchObject([
    { topic: PANES, end: 0, msg: expect.stringMatching(/^the topic ends before .* deleted, made anew or cut/) },
  ])
  await site.send('rides', hours(12, 18), T0 + 18 * HOUR)
  await site.pass(6_000)
  // The states are those of the new topic from then on.
  await leave(site)
  await site.start([monitor])
  await site.send('rides', hours(18, 24), T0 + 24 * HOUR)
  await site.finish()
  expect(errors).toHaveLength(1)
  expect(windowRows(await site.verdicts())).toBe(TOTAL)
  const found = await incomplete(site)
  expect([...found]).toEqual([[11, [{ topic: PANES, partition: 0, from: 0, to: expect.any(Number) }]]])
  expect(await opened(site)).toEqual(firing)
})

it('a source topic that was made anew is told of, with what to do about it', async () => {
  const before = await Site.with(options, [monitor])
  await serve(before, 0, 4)
  await leave(before)
  const { other, errors } = await elsewhere(before, [...OWN, PANES])
  await other.start([monitor])
  expect(errors.map(line => JSON.parse(line))).toMatchObject([
    { topic: 'rides', end: 0, commit: expect.any(Number), msg: expect.stringContaining('a name of its own') },
  ])
})

it('a hundred monitors on one topic lose nothing in a crash: their progress does not fit into the commit', async () => {
  const monitors = Array.from({ length: 100 }, (_, i) => monitorOf({ model: `m${i}`, segments: {} }))
  const site = await Site.with({ ...options, baselines: [] }, monitors)
  await serve(site, 0, 2)
  const { metadata } = site.log.committed('driftline.summarize.rides', { topic: 'rides', partition: 0 })!
  expect(decodeCommit(metadata)).toMatchObject({ progress: [], elsewhere: true })
  await site.kill(site.instances[0]!)
  await site.start(monitors)
  await serve(site, 2, 4)
  await site.finish()
  const all = judged(site.line)
  expect(all).toHaveLength(100)
  for (const { aggregated, gap, expired } of all)
    expect({ aggregated, gap, expired }).toEqual({ aggregated: 4 * PER_HOUR, gap: 0, expired: 0 })
  expect(windowRows(await site.verdicts())).toBe(100 * 4 * PER_HOUR)
})
