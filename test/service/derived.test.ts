import { describe, expect, it, vi } from 'vitest'
import type { AlertEvent, VerdictEvent } from '../../src/core/alert/event.js'
import type { Origin } from '../../src/core/derive/origin.js'
import { give } from '../../src/service/answers.js'
import { type Random, seeded } from '../random.js'
import { HOUR, MINUTE, monitorOf, type Ride, record, rides, shuffledWithin, T0, trained } from './rides.js'
import { judged, Site, windowRows } from './site.js'

vi.setConfig({ testTimeout: 60_000 })

const hasFare = (origin: Origin | undefined): boolean =>
  origin?.what === 'joint' && origin.terms.some(({ feature }) => feature === 'fare')

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

  it('says nothing of a feature that has no numbers any more, and nothing when they are back', async () => {
    const [from, until] = [T0 + 26 * HOUR, T0 + 42 * HOUR]
    const features = (random: Random, time = 0) => {
      const one = usual(random)
      return time >= from && time < until ? { ...one, fare: `USD ${one.fare.toFixed(2)}` } : one
    }
    const wanted = monitorOf({ segments: {}, window: { size: '1h' } })
    const rows = rides({ seed: 25, from: T0, hours: 50, perHour: 300, features })
    const done = await through(rows, 2, await site(2, wanted))
    const told = await done.alerts()
    expect(told.filter(({ series }) => series.feature === 'fare').map(({ status }) => status)).toContain('resolved')
    expect(told.filter(({ series }) => series.feature.startsWith('~')).map(({ summary }) => summary)).toEqual([])
    const made = (name: string): boolean => baseline.features.some(one => one.name === name && hasFare(one.origin))
    const joint = (await done.verdicts()).filter(({ series }) => made(series.feature))
    const text = joint.filter(({ window }) => window.start >= from && window.end <= until)
    expect(text.length).toBeGreaterThanOrEqual(16)
    for (const { outcome } of text) expect(outcome).toBe('insufficient-data')
    const back = joint.filter(({ window }) => window.start >= until)
    expect(back.map(({ outcome }) => outcome)).toContain('ok')
  })

  it('goes with a feature that moves to stay, and is judged by what it is since then', async () => {
    const [dearer, loose] = [T0 + 28 * HOUR, T0 + 42 * HOUR]
    const apart = fares(loose)
    const features = (random: Random, time = 0) => {
      const one = apart(random, time)
      return time >= dearer ? { ...one, fare: 1.4 * one.fare } : one
    }
    const wanted = monitorOf({ segments: {}, window: { size: '1h' } })
    const rows = rides({ seed: 26, from: T0, hours: 46, perHour: 300, features })
    const done = await through(rows, 2, await site(2, wanted))
    const opened = (await done.alerts()).filter(({ status }) => status === 'firing')
    const told = opened.map(({ series, window }) => [series.feature.slice(0, 4), window.start] as const)
    expect(told).toEqual([
      ['fare', dearer],
      ['~far', loose],
    ])
  })

  it('goes with a feature whose move an operator calls expected', async () => {
    const dearer = T0 + 28 * HOUR
    const features = (random: Random, time = 0) => {
      const one = usual(random)
      return time >= dearer ? { ...one, fare: 1.4 * one.fare } : one
    }
    const running = await site(1, monitorOf({ segments: {}, window: { size: '1h' } }))
    const rows = rides({ seed: 26, from: T0, hours: 44, perHour: 300, features })
    const send = async (some: readonly Ride[]): Promise<void> => {
      for (let i = 0; i < some.length; i += 300)
        await running.send(
          'rides',
          some.slice(i, i + 300).map(row => record(row)),
          some[i]!.eventTime,
        )
    }
    const early = rows.filter(({ eventTime }) => eventTime < dearer + 3 * HOUR)
    await send(early)
    const [{ alertId }] = (await running.alerts()) as [AlertEvent]
    const said = { id: 'wanted', model: 'rides', action: 'expected', alertId, by: 'ann', at: running.now } as const
    await give(running.log, { ...said, scope: null, until: null, note: null })
    await running.log.run()
    await send(rows.slice(early.length))
    await running.finish()
    const told = (await running.alerts()).map(({ series, status }) => `${series.feature} ${status}`)
    expect(told).toEqual(['fare firing', 'fare resolved'])
    const joint = (await running.verdicts()).filter(({ series }) => series.feature.startsWith('~fare'))
    expect(joint.slice(-3).map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
  })

  it('is of the incident of a feature that it is made of, and of no other', async () => {
    const from = T0 + 30 * HOUR
    const features = (random: Random, time = 0) => {
      const one = { ...usual(random), humidity: random.normal() }
      if (time < from) return one
      return { ...one, fare: (time < from + 2 * HOUR ? 1.05 : 1.3) * one.fare, humidity: 3 * one.humidity }
    }
    const wanted = monitorOf({ segments: {}, window: { size: '1h' } })
    const known = trained(wanted, { features: random => ({ ...usual(random), humidity: random.normal() }) })
    const running = await Site.with({ topics: { rides: 1 }, baselines: [known], now: T0, batchSize: 500 }, [wanted])
    const rows = rides({ seed: 3, from: T0, hours: 34, perHour: 300, features })
    const opened = (await (await through(rows, 1, running)).alerts()).filter(({ status }) => status === 'firing')
    const told = new Map(opened.map(one => [one.series.feature.slice(0, 4), one]))
    expect([...told.keys()]).toEqual(['humi', '~far', 'fare'])
    const [humidity, relation, fare] = [...told.values()]
    expect([humidity!, relation!, fare!].map(({ window }) => (window.start - from) / HOUR)).toEqual([0, 1, 2])
    expect(relation!.incidentId).not.toBe(humidity!.incidentId)
    expect(fare!.incidentId).toBe(relation!.incidentId)
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
    const early = (await done.verdicts()).filter(({ window }) => window.end <= T0 + 4 * HOUR)
    const verdicts = early.filter(({ series }) => series.feature !== '*')
    const mine = new Set(baseline.features.map(({ name }) => name))
    for (const { series } of verdicts) expect(mine.has(series.feature), series.feature).toBe(true)
    expect(verdicts.every(({ outcome }) => outcome === 'ok')).toBe(true)
  })
})

/** Vectors about a mean, spread more along some numbers than others, as those of a model are. */
function embedding(random: Random, rotated: boolean): number[] {
  const v = Array.from({ length: 24 }, (_, i) => 0.3 * Math.sin(i) + (random.normal() * 2) / (1 + i))
  // A quarter turn in twelve planes: lengths stay.
  return rotated ? v.map((_, i) => (i % 2 === 0 ? -v[i + 1]! : v[i - 1]!)) : v
}

const WORDS = Array.from({ length: 3000 }, (_, i) => `w${i.toString(36)}`)

/** Words by Zipf's law; a share of them from another language. */
function review(random: Random, foreign: number): string {
  const words = Array.from({ length: random.integer(5, 40) }, () => {
    const word = WORDS[Math.floor(WORDS.length ** random.next()) - 1]!
    return random.chance(foreign) ? `z${word.slice(1)}` : word
  })
  return `${words.join(' ')}.`
}

describe('a feature that is a vector or a text', () => {
  const served =
    (broken: number, fault: 'rotated' | 'foreign' | 'shorter' | 'upper' | 'none') =>
    (random: Random, time = 0) => {
      const now = time >= broken ? fault : 'none'
      const text = review(random, now === 'foreign' ? 0.15 : 0)
      const v = embedding(random, now === 'rotated')
      return {
        emb: now === 'shorter' ? v.slice(0, 23) : v,
        review: random.chance(0.05) ? null : now === 'upper' ? text.toUpperCase() : text,
        price: 10 + random.normal(),
      }
    }
  const usual = served(0, 'none')
  const monitor = monitorOf({ segments: {}, features: { review: { kind: 'text' } } })
  const baseline = trained(monitor, { features: usual, rows: 6000 })
  const names = ['emb.norm', 'emb.p1', 'emb.p2', 'emb.p3', 'emb.p4', 'price', 'review.length', 'review.tokens']
  const all = (fault: Parameters<typeof served>[1], seed: number) =>
    rides({ seed, from: T0, hours: 6, perHour: 600, features: served(T0 + 3 * HOUR, fault) })
  const run = async (rows: readonly Ride[], partitions = 2, baselines = [baseline], wanted = monitor) => {
    const site = await Site.with({ topics: { rides: partitions }, baselines, now: T0, batchSize: 173 }, [wanted])
    return through(rows, partitions, site)
  }

  it('has its series in the baseline, and none of its own name', () => {
    const found = baseline.features.map(({ name }) => name).sort()
    expect(found.filter(name => !name.startsWith('~')).slice(0, 6)).toEqual(names.slice(0, 6))
    expect(found.find(name => /^review\.oov\.[0-9a-f]{4}$/.test(name))).toBeDefined()
    expect(found).not.toContain('emb')
    expect(found).not.toContain('review')
    const norm = baseline.features.find(({ name }) => name === 'emb.norm')!
    expect(norm.origin).toEqual({ what: 'embedding', of: 'emb', part: 0, dimension: 24 })
    const oov = baseline.features.find(({ name }) => name.startsWith('review.oov'))!
    const share = oov.segments.get('')!.sketch.numeric!
    // Half of the texts are what the vocabulary was learnt from, and say nothing of it.
    expect(Math.abs(share.count / 6000 - 0.475)).toBeLessThan(0.03)
  })

  it.each([false, true])('is quiet while it looks as in training (which has times: %s)', async dated => {
    const known = dated ? trained(monitor, { features: usual, rows: 6000, dated }) : baseline
    const done = await run(all('none', 31), 2, [known])
    const verdicts = await done.verdicts()
    expect(verdicts.filter(({ outcome }) => outcome === 'breach').map(({ series }) => series.feature)).toEqual([])
    expect(await done.alerts()).toEqual([])
    const judgedNames = new Set(verdicts.map(({ series }) => series.feature))
    for (const name of names) expect(judgedNames.has(name), name).toBe(true)
    expect(judged(done.line)[0]!.aggregated).toBe(3600)
  })

  it.each([
    ['rotated', /^emb\.p\d$/, 'psi'],
    ['foreign', /^review\.oov\./, 'psi'],
    ['shorter', /^emb\.norm$/, 'type'],
  ] as const)('%s: is found, at its own series alone', async (fault, series, check) => {
    const done = await run(all(fault, 32))
    const told = await done.alerts()
    const firing = told.filter(({ status }) => status === 'firing')
    expect(firing.some(one => series.test(one.series.feature) && one.check === check)).toBe(true)
    const feature = fault === 'foreign' ? 'review' : 'emb'
    for (const one of told) {
      expect(one.series.feature.startsWith(`${feature}.`), one.series.feature).toBe(true)
      expect(one.window.end).toBeGreaterThan(T0 + 3 * HOUR)
    }
    if (fault === 'rotated') expect(told.some(one => one.series.feature === 'emb.norm')).toBe(false)
  })

  it('is the same text in capitals', async () => {
    expect(await (await run(all('upper', 33))).alerts()).toEqual([])
  })

  it('is counted the same over other partitions, shuffled', async () => {
    const rows = all('foreign', 34)
    const facts = async (site: Site) =>
      (await site.verdicts())
        .map(({ id, outcome, distances, window }) => [id, outcome, distances.psi, window.rows].join())
        .sort()
    const plain = await facts(await run(rows, 1))
    expect(await facts(await run(shuffledWithin(rows, 5 * MINUTE, seeded(3)), 5))).toEqual(plain)
  })

  it('is followed without a baseline, and into the one that the first windows become', async () => {
    const rows = rides({ seed: 35, from: T0, hours: 22, perHour: 300, features: served(T0 + 20 * HOUR, 'rotated') })
    const done = await run(rows, 2, [])
    const verdicts = await done.verdicts()
    const before = verdicts.filter(({ because }) => because === 'no-baseline')
    for (const name of names)
      expect(
        before.some(({ series }) => series.feature === name),
        name,
      ).toBe(true)
    const after = verdicts.filter(({ baseline: judge, outcome }) => judge !== null && outcome !== 'insufficient-data')
    const quiet = after.filter(({ window }) => window.end <= T0 + 20 * HOUR)
    expect(quiet.length).toBeGreaterThan(0)
    expect(quiet.every(({ outcome }) => outcome === 'ok')).toBe(true)
    const wrong = after.filter(({ outcome }) => outcome === 'breach')
    expect(wrong.some(({ series }) => /^emb\.p\d$/.test(series.feature))).toBe(true)
    expect(wrong.every(({ series }) => series.feature.startsWith('emb.'))).toBe(true)
  })
})
