import { renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import pino from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { loadMonitors } from '../../src/config/monitor.js'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { Monitor } from '../../src/core/monitor.js'
import { MonitorFiles } from '../../src/service/monitor-files.js'
import { folder } from '../files/fixtures.js'
import { type Random, seeded } from '../random.js'
import { HOUR, MINUTE, monitorOf, monitorText, type Ride, record, rides, T0, trained, usual } from './rides.js'
import { judged, Site, windowRows } from './site.js'

vi.setConfig({ testTimeout: 30_000 })
const { write } = folder()

const byTime = (all: Ride[]): Ride[] => all.sort((a, b) => a.eventTime - b.eventTime)
const whole = ({ series }: VerdictEvent): boolean => Object.keys(series.segment).length === 0

async function feed(site: Site, all: readonly Ride[], perSend = 400): Promise<void> {
  for (let i = 0; i < all.length; i += perSend) {
    const some = all.slice(i, i + perSend)
    await site.send(
      'rides',
      some.map(one => record(one)),
      some.at(-1)!.eventTime,
    )
    await site.pass(1000)
  }
}

describe('several models in one topic', () => {
  const flow = (model: string, seed: number, perHour: number) => rides({ seed, from: T0, hours: 4, perHour, model })
  const fields = (model: string, rest: object = {}) => monitorOf({ model, serving: { where: { model } }, ...rest })

  it('gives each monitor its own, and counts what nobody selects', async () => {
    const monitors = [fields('rides'), fields('meals', { window: { size: '2h', advance: '30m' } }), fields('parcels')]
    const site = await Site.with(
      { topics: { rides: 3 }, baselines: monitors.slice(0, 2).map(one => trained(one)), now: T0, panesPartitions: 2 },
      monitors,
    )
    const [a, b, c] = [flow('rides', 1, 300), flow('meals', 2, 200), flow('nobody', 3, 50)]
    await feed(site, byTime([...a, ...b, ...c]))
    await site.finish()
    const read = a.length + b.length + c.length
    for (const [model, mine] of [
      ['rides', a.length],
      ['meals', b.length],
      ['parcels', 0],
    ] as const) {
      const counted = (await site.counted(model)).reduce(
        (sum, one) => ({
          aggregated: sum.aggregated + (one['aggregated'] ?? 0),
          notSelected: sum.notSelected + (one['notSelected'] ?? 0),
        }),
        { aggregated: 0, notSelected: 0 },
      )
      expect(counted, model).toEqual({ aggregated: mine, notSelected: read - mine })
    }
    const verdicts = await site.verdicts()
    expect(windowRows(verdicts, 'rides')).toBe(a.length)
    expect(new Set(verdicts.filter(v => v.series.model === 'meals').map(v => v.window.end - v.window.start))).toEqual(
      new Set([2 * HOUR]),
    )
    // Each hop counts in four windows.
    expect(windowRows(verdicts, 'meals')).toBe(4 * b.length)
    expect(verdicts.some(v => v.series.model === 'parcels')).toBe(false)
    expect(await site.alerts()).toEqual([])
  })

  it('lets two monitors watch the same records, each by its own words', async () => {
    const cash = monitorOf({ model: 'cash-rides', serving: { where: { 'features.payment': 'cash' } }, segments: {} })
    const all = flow('rides', 4, 300)
    const [one] = [monitorOf()]
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(one), trained(cash)], now: T0 }, [
      one,
      cash,
    ])
    await feed(site, all)
    await site.finish()
    const verdicts = await site.verdicts()
    expect(windowRows(verdicts, 'rides')).toBe(all.length)
    expect(windowRows(verdicts, 'cash-rides')).toBe(all.filter(({ features }) => features['payment'] === 'cash').length)
    // Cash alone is half of what training had; the other monitor sees nothing new.
    expect(new Set((await site.alerts()).map(({ series }) => `${series.model} ${series.feature}`))).toEqual(
      new Set(['cash-rides payment']),
    )
  })
})

describe('a broken feature', () => {
  const broken: [string, string, (random: Random, i: number) => unknown, string][] = [
    ['is constant', 'tolls', () => 3, 'psi'],
    ['is null everywhere', 'fare', () => null, 'null'],
    ['is text everywhere', 'fare', () => 'abc', 'type'],
    ['is numeric text everywhere', 'fare', random => String(random.next()), 'type'],
    ['is a list', 'fare', () => [1, 2], 'type'],
    ['is gone', 'fare', () => undefined, 'missing'],
    ['has 10⁵ values', 'payment', (_, i) => `card ${i}`, 'unseen'],
    ['is a number for text', 'payment', (_, i) => i, 'unseen'],
  ]

  it.each(broken)('%s: told by its own check, and the others are judged as ever', async (_, name, value, check) => {
    const monitor = monitorOf({ segments: {} })
    let i = 0
    const perHour = name === 'payment' ? 12_500 : 600
    const hours = name === 'payment' ? 8 : 3
    const features = (random: Random) => ({ ...usual(random), [name]: value(random, i++) })
    const all = rides({ seed: 9, from: T0, hours, perHour, features })
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(monitor)], now: T0, batchSize: 1000 }, [
      monitor,
    ])
    await feed(site, all, 4000)
    await site.finish()
    const verdicts = await site.verdicts()
    expect(windowRows(verdicts)).toBe(all.length)
    const [mine, others] = [
      verdicts.filter(v => v.series.feature === name),
      verdicts.filter(v => v.series.feature !== name && v.series.feature !== '*'),
    ]
    expect(mine.map(v => v.outcome)).toEqual(Array(hours).fill('breach'))
    expect(others.map(v => v.outcome)).toEqual(Array(5 * hours).fill('ok'))
    const told = await site.alerts()
    expect(new Set(told.map(({ series }) => series.feature))).toEqual(new Set([name]))
    expect(told.filter(({ status }) => status === 'firing').flatMap(one => [one.check, one.cause.code])).toContain(
      check,
    )
  })

  it('in training is judged by what can be counted', async () => {
    const monitor = monitorOf({ segments: {} })
    let i = 0
    const odd = (random: Random) => ({
      ...usual(random),
      same: 5,
      never: null,
      words: `w${i++}`,
      some: random.chance(0.5) ? 'x' : 1,
    })
    const baseline = trained(monitor, { features: odd })
    const site = await Site.with({ topics: { rides: 2 }, baselines: [baseline], now: T0 }, [monitor])
    const all = rides({ seed: 10, from: T0, hours: 3, perHour: 600, features: odd })
    await feed(site, all)
    await site.finish()
    const verdicts = await site.verdicts()
    expect(windowRows(verdicts)).toBe(all.length)
    const outcomes = (name: string) => verdicts.filter(v => v.series.feature === name).map(v => v.outcome)
    for (const name of ['same', 'some', 'fare', 'tolls', 'stops', 'payment', 'airport', 'tip'])
      expect(outcomes(name), name).toEqual(['ok', 'ok', 'ok'])
    expect(new Set((await site.alerts()).map(({ series }) => series.feature)).has('fare')).toBe(false)
  })
})

describe('monitors that come, change and go while the line runs', () => {
  /** Wall clock and event time go together: a minute of events, then the line's second. */
  async function live(
    site: Site,
    from: number,
    to: number,
    more: (time: number) => Promise<void> = async () => {},
    model = 'rides',
  ): Promise<number> {
    const random = seeded(from % 1_000_003)
    let sent = 0
    for (let time = from; time < to; time += MINUTE) {
      const some = Array.from(
        { length: 10 },
        (_, i): Ride => ({
          requestId: `${time}-${i}`,
          eventTime: time + i * 6000,
          model,
          modelVersion: 'v1',
          features: usual(random),
        }),
      )
      await site.send(
        'rides',
        some.map(one => record(one)),
        time + MINUTE,
      )
      await site.pass(1000)
      sent += some.length
      await more(time)
    }
    return sent
  }

  /** Rows per window of a monitor version, at the last revision. */
  function rowsOf(verdicts: readonly VerdictEvent[], { model, hash }: Monitor): Map<number, number> {
    const mine = verdicts
      .filter(v => whole(v) && v.series.model === model && v.monitor.hash === hash)
      .sort((a, b) => a.window.revision - b.window.revision)
    return new Map(mine.map(({ window }) => [window.start, window.rows]))
  }

  it('a monitor is added, on the same topic and on another', async () => {
    const one = monitorOf()
    const site = await Site.with({ topics: { rides: 2, meals: 1 }, baselines: [trained(one)], now: T0 }, [one])
    await live(site, T0, T0 + 2 * HOUR)
    const same = monitorOf({ model: 'again' })
    const other = monitorOf({ model: 'meals', serving: { topic: 'meals' } })
    await site.load(trained(same))
    await site.line.enrol([one, same, other])
    await live(site, T0 + 2 * HOUR, T0 + 4 * HOUR)
    const meals = rides({ seed: 3, from: T0, hours: 2, perHour: 200, model: 'meals' })
    await site.send(
      'meals',
      meals.map(ride => record(ride)),
    )
    await site.finish()
    const verdicts = await site.verdicts()
    expect(rowsOf(verdicts, one)).toEqual(new Map([0, 1, 2, 3].map(h => [T0 + h * HOUR, 600])))
    // The new one begins where the task stands.
    expect(rowsOf(verdicts, same)).toEqual(new Map([2, 3].map(h => [T0 + h * HOUR, 600])))
    expect(rowsOf(verdicts, other)).toEqual(new Map([0, 1].map(h => [T0 + h * HOUR, 200])))
    expect(judged(site.line, 'again')).toEqual([
      expect.objectContaining({ aggregated: 1200, late: 0, rejected: 0, notSelected: 0, expired: 0 }),
    ])
  })

  it('a change that alters parts counts from a later pane on, the version before until there', async () => {
    const old = monitorOf({ window: { size: '1h', advance: '30m' } })
    const changed = monitorOf({ window: { size: '1h', advance: '30m' }, serving: { ignore: ['tip'] } })
    expect(changed.version).not.toBe(old.version)
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(old)], now: T0 }, [old])
    await live(site, T0, T0 + 2 * HOUR + 5 * MINUTE)
    await site.line.enrol([changed])
    // 10 minutes ahead and one to reach all instances: the next pane that begins after them.
    const cut = T0 + 2.5 * HOUR
    const rest = await live(site, T0 + 2 * HOUR + 5 * MINUTE, T0 + 4.5 * HOUR)
    const [counted] = judged(site.line).filter(({ version }) => version === old.version)
    const last = await live(site, T0 + 4.5 * HOUR, T0 + 5 * HOUR)
    await site.finish()
    const verdicts = await site.verdicts()
    const half = 0.5 * HOUR
    const before = rowsOf(verdicts, old)
    const after = rowsOf(verdicts, changed)
    expect(before).toEqual(
      new Map([[T0 - half, 300], ...[0, 1, 2, 3].map(k => [T0 + k * half, 600] as const), [cut - half, 300]]),
    )
    expect(after).toEqual(
      new Map([
        [cut - half, 300],
        ...[0, 1, 2, 3].map(k => [cut + k * half, 600] as const),
        [T0 + 5 * HOUR - half, 300],
      ]),
    )
    expect(counted).toMatchObject({ aggregated: 1500, late: 0, rejected: 0, expired: 0 })
    const changedCounts = { version: changed.version, aggregated: 1500, late: 0, rejected: 0, expired: 0 }
    expect(judged(site.line)).toEqual([expect.objectContaining(changedCounts)])
    expect(rest + last).toBe(1750)
    expect(
      verdicts.some(
        v =>
          v.monitor.hash === changed.hash &&
          v.series.feature === 'tip' &&
          v.counters['null'] !== undefined &&
          v.counters['null'].window > 0,
      ),
    ).toBe(false)
    // A window of which a version has a part only cannot be judged: it says so.
    for (const v of verdicts.filter(v => v.window.start === cut - half))
      expect([v.outcome, v.because], `${v.series.feature} ${v.monitor.hash}`).toEqual([
        'insufficient-data',
        'baseline-changed',
      ])
    for (const v of verdicts.filter(v => whole(v) && v.window.start === cut && v.series.feature !== 'tip'))
      expect(v.outcome, v.series.feature).toBe('ok')
  })

  it('a change holds over crashes before, at and after its pane', async () => {
    const old = monitorOf()
    const changed = monitorOf({ serving: { ignore: ['tip'] } })
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(old)], now: T0, batchSize: 7 }, [old])
    await live(site, T0, T0 + 1.5 * HOUR)
    await site.line.enrol([changed])
    let minutes = 0
    await live(site, T0 + 1.5 * HOUR, T0 + 5 * HOUR, async () => {
      if (++minutes % 11 !== 0) return
      await site.kill(site.instances.at(-1)!)
      await site.start([changed])
    })
    await site.finish()
    const verdicts = await site.verdicts()
    expect(rowsOf(verdicts, old)).toEqual(new Map([0, 1].map(h => [T0 + h * HOUR, 600])))
    expect(rowsOf(verdicts, changed)).toEqual(new Map([2, 3, 4].map(h => [T0 + h * HOUR, 600])))
    expect(new Set(verdicts.map(({ window }) => window.revision))).toEqual(new Set([0]))
  })

  it('a change before an outage of days: what the version before has not read yet is judged by it', async () => {
    const old = monitorOf()
    const changed = monitorOf({ serving: { ignore: ['tip'] } })
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(old)], now: T0 }, [old])
    await live(site, T0, T0 + 2.5 * HOUR)
    await site.line.enrol([changed])
    await site.kill(site.instances[0]!)
    await live(site, T0 + 2.5 * HOUR, T0 + 6 * HOUR)
    site.now += 72 * HOUR
    await site.start([changed])
    await site.finish()
    const verdicts = await site.verdicts()
    expect(rowsOf(verdicts, old)).toEqual(new Map([0, 1, 2].map(h => [T0 + h * HOUR, 600])))
    expect(rowsOf(verdicts, changed)).toEqual(new Map([3, 4, 5].map(h => [T0 + h * HOUR, 600])))
  })

  it.each([
    ['a removed monitor', async (site: Site) => site.line.remove(['rides'])],
    [
      'a monitor that was changed',
      async (site: Site) => site.line.enrol([monitorOf({ serving: { ignore: ['tip'] } })]),
    ],
  ])('%s runs until its last windows are closed, and no longer', async (_, end) => {
    const one = monitorOf()
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(one)], now: T0 }, [one])
    await live(site, T0, T0 + 2.5 * HOUR)
    await end(site)
    const running = () => judged(site.line).some(({ version }) => version === one.version)
    await live(site, T0 + 2.5 * HOUR, T0 + 4 * HOUR)
    expect(running()).toBe(true)
    await live(site, T0 + 4 * HOUR, T0 + 6.5 * HOUR)
    expect(running()).toBe(false)
  })

  it('a change of words only takes effect at once and keeps the alert state', async () => {
    const one = monitorOf({ owner: 'before' })
    const renamed = monitorOf({ owner: 'after' })
    expect(renamed.version).toBe(one.version)
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(one)], now: T0 }, [one])
    await live(site, T0, T0 + 2.5 * HOUR)
    await site.line.enrol([renamed])
    await live(site, T0 + 2.5 * HOUR, T0 + 4 * HOUR)
    await site.finish()
    const verdicts = (await site.verdicts()).filter(whole)
    const owners = new Map(verdicts.map(v => [v.window.start, [v.monitor.owner, v.window.rows, v.outcome]]))
    expect(owners).toEqual(
      new Map([
        [T0, ['before', 600, 'ok']],
        [T0 + HOUR, ['before', 600, 'ok']],
        [T0 + 2 * HOUR, ['after', 600, 'ok']],
        [T0 + 3 * HOUR, ['after', 600, 'ok']],
      ]),
    )
    expect(judged(site.line)).toEqual([expect.objectContaining({ aggregated: 2400, notSelected: 0, expired: 0 })])
  })

  it('a removed monitor counts to the pane that is announced, and no further', async () => {
    const one = monitorOf()
    const other = monitorOf({ model: 'again' })
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(one), trained(other)], now: T0 }, [
      one,
      other,
    ])
    await live(site, T0, T0 + 2.5 * HOUR)
    await site.line.remove(['again'])
    await live(site, T0 + 2.5 * HOUR, T0 + 7 * HOUR)
    await site.finish()
    const verdicts = await site.verdicts()
    expect(rowsOf(verdicts, one)).toEqual(new Map([0, 1, 2, 3, 4, 5, 6].map(h => [T0 + h * HOUR, 600])))
    expect(rowsOf(verdicts, other)).toEqual(new Map([0, 1, 2].map(h => [T0 + h * HOUR, 600])))
    const outcomes = (await site.counted('again')).map(one => one['aggregated'])
    expect(outcomes.reduce((a = 0, b = 0) => a + b)).toBe(1800)
  })

  it('the last file that is taken out of a followed folder ends its watch; a folder that is gone does not', async () => {
    const file = write('rides.yaml', monitorText())
    const [one] = loadMonitors(dirname(file)).monitors
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(one!)], now: T0 }, [one!])
    const files = new MonitorFiles(dirname(file), site.line, pino({ level: 'silent' }), ['rides'])
    await live(site, T0, T0 + 0.5 * HOUR)
    renameSync(dirname(file), `${dirname(file)}-away`)
    await files.refresh()
    await live(site, T0 + 0.5 * HOUR, T0 + 2.5 * HOUR)
    renameSync(`${dirname(file)}-away`, dirname(file))
    rmSync(file)
    await files.refresh()
    await live(site, T0 + 2.5 * HOUR, T0 + 6 * HOUR)
    await site.finish()
    expect(rowsOf(await site.verdicts(), one!)).toEqual(new Map([0, 1, 2].map(h => [T0 + h * HOUR, 600])))
  })

  it('a version that comes back after another begins anew', async () => {
    const old = monitorOf()
    const changed = monitorOf({ serving: { ignore: ['tip'] } })
    const site = await Site.with({ topics: { rides: 2 }, baselines: [trained(old)], now: T0 }, [old])
    await live(site, T0, T0 + 1.5 * HOUR)
    await site.line.enrol([changed])
    await live(site, T0 + 1.5 * HOUR, T0 + 3.5 * HOUR)
    await site.line.enrol([old])
    await live(site, T0 + 3.5 * HOUR, T0 + 6 * HOUR)
    await site.finish()
    const verdicts = await site.verdicts()
    expect(rowsOf(verdicts, changed)).toEqual(new Map([2, 3].map(h => [T0 + h * HOUR, 600])))
    expect(rowsOf(verdicts, old)).toEqual(new Map([0, 1, 4, 5].map(h => [T0 + h * HOUR, 600])))
  })
})
