import { describe, expect, it, vi } from 'vitest'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import { type Random, seeded } from '../random.js'
import { HOUR, MINUTE, monitorOf, type Ride, record, rides, shuffledWithin, T0, trained } from './rides.js'
import { judged, Site, windowRows } from './site.js'

vi.setConfig({ testTimeout: 60_000 })

const isWhole = ({ series }: VerdictEvent): boolean => Object.keys(series.segment).length === 0

async function through(rows: readonly Ride[], partitions: number, site: Site): Promise<Site> {
  for (let i = 0; i < rows.length; i += 1000)
    await site.send(
      'rides',
      rows.slice(i, i + 1000).map(row => record(row)),
      rows[i]!.eventTime,
    )
  expect((await site.log.partitions('rides'))!).toBe(partitions)
  await site.finish()
  return site
}

describe('a relation between features', () => {
  /** The fare follows the distance; from `loose` on it is that of another ride. */
  const fares =
    (loose: number) =>
    (random: Random, time = 0) => {
      const km = Math.exp(0.6 * random.normal())
      const other = Math.exp(0.6 * random.normal())
      return {
        km,
        fare: 3 + 2 * (time >= loose ? other : km) + 0.3 * random.normal(),
        tip: random.chance(0.1) ? null : 2 + random.normal(),
        payment: random.pick(['cash', 'card']),
      }
    }
  const usual = fares(Number.POSITIVE_INFINITY)
  const all = rides({ seed: 21, from: T0, hours: 6, perHour: 1000, features: fares(T0 + 3 * HOUR) })
  const monitor = monitorOf({ window: { size: '1h', advance: '30m' } })
  const baseline = trained(monitor, { features: usual })
  const site = (partitions: number, wanted = monitor) =>
    Site.with({ topics: { rides: partitions }, baselines: [baseline], now: T0, batchSize: 211 }, [wanted])

  it.each([
    [1, false],
    [4, true],
  ])(
    'that breaks while every feature looks as ever is the only thing told (%i partitions, shuffled: %s)',
    async (partitions, shuffled) => {
      const rows = shuffled ? shuffledWithin(all, 5 * MINUTE, seeded(partitions)) : all
      const done = await through(rows, partitions, await site(partitions))
      const verdicts = (await done.verdicts()).filter(isWhole)
      const joint = verdicts.filter(({ series }) => series.feature.startsWith('~'))
      expect(new Set(joint.map(({ series }) => series.feature))).toEqual(
        new Set(baseline.features.filter(({ origin }) => origin).map(({ name }) => name)),
      )
      expect(
        joint.some(({ series }) => series.feature.startsWith('~fare~km') || series.feature.startsWith('~km~fare')),
      ).toBe(true)
      const wrong = verdicts.filter(({ outcome }) => outcome === 'breach')
      expect(wrong.length).toBeGreaterThan(4)
      for (const { series, window } of wrong) {
        expect(series.feature).toMatch(/^~.*(fare.*km|km.*fare)/)
        expect(window.end).toBeGreaterThan(T0 + 3 * HOUR)
      }
      const told = await done.alerts()
      const opened = told.filter(({ status }) => status === 'firing')
      expect(opened.length).toBeGreaterThan(0)
      expect(told.every(({ series }) => series.feature.startsWith('~'))).toBe(true)
      expect(opened[0]!.window.end).toBeLessThanOrEqual(T0 + 4.5 * HOUR)
      expect(opened[0]!.summary).toMatch(/(fare and km|km and fare) no longer go together as in training/)
      expect(opened[0]!.cause.code).toBe('relation')
    },
  )

  it('that holds is quiet', async () => {
    const intact = rides({ seed: 22, from: T0, hours: 6, perHour: 1000, features: usual })
    const done = await through(intact, 2, await site(2))
    expect((await done.verdicts()).filter(({ outcome }) => outcome === 'breach')).toEqual([])
    expect(await done.alerts()).toEqual([])
  })

  it('is not judged while one of its features moves on its own', async () => {
    const features = (random: Random) => {
      const one = usual(random)
      return { ...one, fare: 1.8 * one.fare }
    }
    const done = await through(rides({ seed: 23, from: T0, hours: 4, perHour: 1000, features }), 2, await site(2))
    const told = await done.alerts()
    expect(new Set(told.map(({ series }) => series.feature))).toEqual(new Set(['fare']))
    const joint = (await done.verdicts()).filter(({ series }) => series.feature.startsWith('~'))
    expect(joint.length).toBeGreaterThan(0)
    for (const { checks } of joint) expect(checks.map(({ because }) => because)).toContain('feature-moved')
  })

  it('is not watched where nobody wants it, and costs no series', async () => {
    const done = await through(
      all,
      2,
      await site(2, monitorOf({ joint: 'none', window: { size: '1h', advance: '30m' } })),
    )
    const verdicts = await done.verdicts()
    expect(verdicts.some(({ series }) => series.feature.startsWith('~'))).toBe(false)
    expect(verdicts.filter(({ outcome }) => outcome === 'breach')).toEqual([])
    expect(windowRows(verdicts)).toBe(2 * judged(done.line)[0]!.aggregated)
  })

  it('of a baseline that does not judge is counted and not told', async () => {
    const running = await site(2)
    const next = trained(monitor, { features: random => ({ ...usual(random), km: 5 * random.next() }), version: 2 })
    await running.load(next, T0 + 4 * HOUR)
    const intact = rides({ seed: 24, from: T0, hours: 6, perHour: 1000, features: usual })
    const done = await through(intact, 2, running)
    const verdicts = (await done.verdicts()).filter(({ window }) => window.end <= T0 + 4 * HOUR)
    const mine = new Set(baseline.features.map(({ name }) => name))
    for (const { series } of verdicts) expect(mine.has(series.feature), series.feature).toBe(true)
    expect(verdicts.every(({ outcome }) => outcome === 'ok')).toBe(true)
  })
})
