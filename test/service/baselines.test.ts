import { describe, expect, it, vi } from 'vitest'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { Monitor } from '../../src/core/monitor.js'
import { activate, nextVersion, promotion, publishBaseline } from '../../src/service/baselines.js'
import { Knowledge } from '../../src/service/knowledge.js'
import type { Random } from '../random.js'
import { HOUR, MINUTE, monitorOf, record, rides, T0, trained, usual } from './rides.js'
import { judged, Site, windowRows } from './site.js'

vi.setConfig({ testTimeout: 30_000 })

const dearer = (random: Random) => {
  const features = usual(random)
  return { ...features, fare: 1.8 * (features.fare as number) }
}
const isFare = ({ series }: VerdictEvent): boolean =>
  series.feature === 'fare' && Object.keys(series.segment).length === 0

/** Events of [from, to) in hours after T0, the clock beside them. */
async function live(site: Site, from: number, to: number, features = usual, version = () => 'v1'): Promise<void> {
  const all = rides({
    seed: 100 + from,
    from: T0 + from * HOUR,
    hours: Math.ceil(to - from),
    perHour: 400,
    features,
    version,
  }).filter(({ eventTime }) => eventTime < T0 + to * HOUR)
  for (let i = 0; i < all.length; i += 20) {
    const some = all.slice(i, i + 20)
    await site.send(
      'rides',
      some.map(one => record(one)),
      some.at(-1)!.eventTime,
    )
    await site.pass(1000)
  }
}

/** What `baseline load` and `baseline promote` do. */
async function load(site: Site, monitor: Monitor, features: typeof usual) {
  const knowledge = await Knowledge.follow(site.log)
  const { version, from } = nextVersion(knowledge, monitor, site.now)
  await publishBaseline(site.log, trained(monitor, { version, from, features }))
  await knowledge.stop()
  return { version, from: from! }
}

async function promote(site: Site, { model }: Monitor, version: number, at: number | null = null): Promise<void> {
  const knowledge = await Knowledge.follow(site.log)
  await activate(site.log, promotion(knowledge, model, version, { at, by: 'test', now: site.now }))
  await knowledge.stop()
}

const said = (verdicts: readonly VerdictEvent[]) =>
  verdicts
    .filter(isFare)
    .map(({ window, outcome, because, baseline }) => [(window.start - T0) / HOUR, outcome, because, baseline!.version])

describe('a new baseline', () => {
  const monitor = monitorOf({ window: { size: '1h', advance: '30m' }, segments: {} })
  const old = trained(monitor)

  it('is judged against from its promotion on; windows that straddle it say so', async () => {
    const site = await Site.with({ topics: { rides: 2 }, baselines: [old], now: T0 }, [monitor])
    await live(site, 0, 2)
    const { version, from } = await load(site, monitor, dearer)
    // 10 minutes that events may be ahead and one to reach every instance, then the next pane.
    expect([version, from]).toEqual([2, T0 + 2.5 * HOUR])
    await live(site, 2, 2.1)
    await promote(site, monitor, 2)
    await live(site, 2.1, 5, dearer)
    await site.finish()
    const verdicts = await site.verdicts()
    expect(said(verdicts)).toEqual([
      [-0.5, 'ok', null, 1],
      [0, 'ok', null, 1],
      [0.5, 'ok', null, 1],
      [1, 'ok', null, 1],
      // Dearer from the sixth minute of this window's second half on.
      [1.5, 'breach', null, 1],
      [2, 'insufficient-data', 'baseline-changed', 2],
      ...[2.5, 3, 3.5, 4, 4.5].map(start => [start, 'ok', null, 2]),
    ])
    expect(
      // Row counts are judged whatever the baseline.
      verdicts
        .filter(({ window, series }) => window.start === T0 + 2 * HOUR && series.feature !== '*')
        .every(v => v.because === 'baseline-changed'),
    ).toBe(true)
    expect(windowRows(verdicts)).toBe(2 * judged(site.line)[0]!.aggregated)
  })

  it('counts before it is promoted, and can be promoted later and taken back', async () => {
    const site = await Site.with({ topics: { rides: 2 }, baselines: [old], now: T0 }, [monitor])
    await live(site, 0, 1)
    await load(site, monitor, dearer)
    await live(site, 1, 3)
    await promote(site, monitor, 2, T0 + 4 * HOUR)
    await live(site, 3, 6.2)
    // What `baseline rollback` says.
    await activate(site.log, {
      model: 'rides',
      modelVersion: null,
      baseline: 1,
      from: T0 + 7 * HOUR,
      by: 'test',
      at: site.now,
    })
    await live(site, 6.2, 9)
    await site.finish()
    const found = said(await site.verdicts())
    expect(
      found
        .filter(([start]) => (start as number) < 3.5)
        .every(([, outcome, , version]) => outcome === 'ok' && version === 1),
    ).toBe(true)
    expect(found.filter(([start]) => (start as number) >= 3.5)).toEqual([
      [3.5, 'insufficient-data', 'baseline-changed', 2],
      ...[4, 4.5, 5, 5.5, 6].map(start => [start, 'breach', null, 2]),
      [6.5, 'insufficient-data', 'baseline-changed', 1],
      ...[7, 7.5, 8, 8.5].map(start => [start, 'ok', null, 1]),
    ])
  })

  it('that comes while the line runs without one is used from then on', async () => {
    const site = await Site.with({ topics: { rides: 2 }, now: T0 }, [monitor])
    await live(site, 0, 2)
    await site.load(trained(monitor))
    await live(site, 2, 4)
    await site.finish()
    const found = said(
      (await site.verdicts()).map(
        verdict => ({ ...verdict, baseline: verdict.baseline ?? { version: 0 } }) as VerdictEvent,
      ),
    )
    expect(found.filter(([start]) => (start as number) < 1)).toEqual(
      [-0.5, 0, 0.5].map(start => [start, 'insufficient-data', 'no-baseline', 0]),
    )
    // The pane that was open was counted without its edges.
    expect(found.filter(([start]) => (start as number) >= 2.5)).toEqual(
      [2.5, 3, 3.5].map(start => [start, 'ok', null, 1]),
    )
  })
})

describe('a model version', () => {
  const monitor = monitorOf({ segments: {} })

  it('without a baseline is compared with the known one, and told', async () => {
    const first = trained(monitor, { modelVersion: 'v1' })
    const site = await Site.with({ topics: { rides: 2 }, baselines: [first], now: T0 }, [monitor])
    await live(site, 0, 2)
    await live(site, 2, 4, usual, () => 'v2')
    await site.finish()
    const verdicts = (await site.verdicts()).filter(isFare)
    expect(
      verdicts.map(({ series, outcome, baseline }) => [
        series.modelVersion,
        outcome,
        baseline!.version,
        baseline!.note,
      ]),
    ).toEqual([
      ['v1', 'ok', 1, null],
      ['v1', 'ok', 1, null],
      ['v2', 'ok', 1, 'no baseline for model version v2; compared with that of v1'],
      ['v2', 'ok', 1, 'no baseline for model version v2; compared with that of v1'],
    ])
  })

  it('with a baseline of its own is judged by that, each in its window', async () => {
    const both = [
      trained(monitor, { modelVersion: 'v1' }),
      trained(monitor, { version: 2, modelVersion: 'v2', features: dearer, seed: 7 }),
    ]
    const site = await Site.with({ topics: { rides: 2 }, baselines: both, now: T0 }, [monitor])
    let turn = 0
    await live(site, 0, 2, usual, () => (turn++ % 2 === 0 ? 'v1' : 'v2'))
    await site.finish()
    const verdicts = (await site.verdicts()).filter(isFare)
    expect(
      verdicts.map(({ series, outcome, baseline, window }) => [
        series.modelVersion,
        outcome,
        baseline!.version,
        baseline!.note,
        window.rows,
      ]),
    ).toEqual([
      ['v1', 'ok', 1, null, 200],
      ['v2', 'breach', 2, null, 200],
      ['v1', 'ok', 1, null, 200],
      ['v2', 'breach', 2, null, 200],
    ])
  })
})

it('without any the first fourteen sufficient windows become one', async () => {
  const monitor = monitorOf({ segments: {}, serving: { idleAfter: '2h' } })
  const site = await Site.with({ topics: { rides: 2 }, now: T0 }, [monitor])
  await live(site, 0, 16)
  await live(site, 16, 19, dearer)
  await site.finish()
  const knowledge = await Knowledge.follow(site.log)
  const [born, ...others] = knowledge.baselines('rides')
  expect(others).toEqual([])
  expect(born).toMatchObject({ version: 1, rows: 14 * 400, timeRange: { from: T0, to: T0 + 14 * HOUR } })
  const found = (await site.verdicts())
    .filter(isFare)
    .map(({ window, outcome, because }) => [(window.start - T0) / HOUR, outcome, because] as const)
  expect(
    found.slice(0, 14).every(([, outcome, because]) => outcome === 'insufficient-data' && because === 'no-baseline'),
  ).toBe(true)
  expect(found.slice(-3).map(([start, outcome]) => [start, outcome])).toEqual(
    [16, 17, 18].map(start => [start, 'breach']),
  )
  expect(born!.from! % (60 * MINUTE)).toBe(0)
})
