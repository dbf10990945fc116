import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeCheckpoint } from '../../src/codec/checkpoint.js'
import { decodeControl } from '../../src/codec/control.js'
import { readSchema } from '../../src/codec/schema-file.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { forget, forgetCheckpoints, forgetKeys, holdingsOf, keysLeft } from '../../src/service/forget.js'
import { Knowledge } from '../../src/service/knowledge.js'
import { MemoryKeyed } from '../../src/state/keyed-memory.js'
import { LmdbStore } from '../../src/state/lmdb.js'
import type { Random } from '../random.js'
import { HOUR, monitorOf, record, rides, T0, trained, usual } from './rides.js'
import { Site } from './site.js'

const cents = (random: Random) => {
  const features = usual(random)
  return { ...features, fare: 100 * (features['fare'] as number) }
}

const hours = (model: string, from: number, count: number): OutgoingRecord[] =>
  rides({ seed: 5, from, hours: count, perHour: 200, model }).map(one => record(one))

it('a forgotten model leaves nothing behind, and the others stay', async () => {
  const both = ['rides', 'meals'].map(model => monitorOf({ model, serving: { where: { model } } }))
  const site = await Site.with({ topics: { rides: 1 }, baselines: both.map(one => trained(one)), now: T0 }, both)
  for (const model of ['rides', 'meals']) await site.send('rides', hours(model, T0, 4), T0 + 4 * HOUR)
  expect((await holdingsOf(site.log, 'rides')).states.length).toBeGreaterThan(2)
  const others = await holdingsOf(site.log, 'meals')

  const at = site.now
  await forget(site.log, await holdingsOf(site.log, 'rides'), { model: 'rides', by: 'ann', note: null, at })
  await site.log.run()
  for (const model of ['rides', 'meals']) await site.send('rides', hours(model, T0 + 4 * HOUR, 3), T0 + 7 * HOUR)
  await site.finish()

  expect(await holdingsOf(site.log, 'rides')).toEqual({ baselines: [], states: [], words: [] })
  const kept = await holdingsOf(site.log, 'meals')
  expect([kept.baselines.length, kept.words.length]).toEqual([others.baselines.length, others.words.length])
  const judged = async (model: string, from: number) =>
    (await site.verdicts()).filter(({ series, window }) => series.model === model && window.start >= from).length
  expect(await judged('rides', T0)).toBeGreaterThan(0)
  expect(await judged('rides', T0 + 4 * HOUR)).toBe(0)
  expect(await judged('meals', T0 + 4 * HOUR)).toBeGreaterThan(0)
  const gauge = await site.line.metrics.firing.get()
  expect(gauge.values.map(({ labels }) => labels.model)).toEqual(['meals'])

  const knowledge = await Knowledge.follow(site.log)
  expect([knowledge.watched(), knowledge.baselines('rides'), knowledge.activations('rides')]).toEqual([
    ['meals'],
    [],
    [],
  ])
  expect(knowledge.forgotten()).toEqual([{ model: 'rides', by: 'ann', note: null, at }])
})

describe('what still fires', () => {
  const both = ['rides', 'meals'].map(model => monitorOf({ model, serving: { where: { model } } }))
  /** Served in cents. */
  const dear = (model: string, from: number) =>
    rides({ seed: 5, from, hours: 3, perHour: 200, model, features: cents }).map(one => record(one))

  async function firing(): Promise<Site> {
    const site = await Site.with({ topics: { rides: 1 }, baselines: both.map(one => trained(one)), now: T0 }, both)
    for (const model of ['rides', 'meals']) await site.send('rides', dear(model, T0), T0 + 3 * HOUR)
    return site
  }

  /** Of the newest event of each alert and incident of a model. */
  async function left(site: Site, model: string) {
    const newest = new Map<string, { readonly status: string; readonly reason: string }>()
    for (const { series, alertId, status, reason } of await site.alerts())
      if (series.model === model) newest.set(alertId, { status, reason })
    for (const { model: its, incidentId, status, reason } of await site.incidents())
      if (its === model) newest.set(incidentId, { status, reason })
    return [...newest.values()]
  }

  const statuses = async (site: Site, model: string) => new Set((await left(site, model)).map(({ status }) => status))

  it('of a forgotten model is resolved: whoever was told must not hold it for firing', async () => {
    const site = await firing()
    expect([...(await statuses(site, 'rides'))]).toContain('firing')
    const word = { model: 'rides', by: 'ann', note: 'contract ended', at: site.now }
    await forget(site.log, await holdingsOf(site.log, 'rides'), word)
    await site.pass(1000)
    expect([...(await statuses(site, 'rides'))]).toEqual(['resolved'])
    expect((await left(site, 'rides')).map(({ reason }) => reason)).toContain(
      'the model was forgotten by ann: contract ended',
    )
    expect((await holdingsOf(site.log, 'rides')).states).toEqual([])
    expect([...(await statuses(site, 'meals'))]).toContain('firing')
  })

  it('where the watch has ended and no time goes on is resolved too, and once', async () => {
    const site = await firing()
    await site.line.remove(['rides'])
    await site.pass(1000)
    expect([...(await statuses(site, 'rides'))]).toContain('firing')
    // Nothing more comes; by the clock no late row can either. The next word about any model has the instances look.
    site.now += 3 * 24 * HOUR
    await site.line.enrol([monitorOf({ model: 'trips', serving: { where: { model: 'trips' } } })])
    await site.pass(1000)
    expect([...(await statuses(site, 'rides'))]).toEqual(['resolved'])
    const told = (await site.alerts()).length
    await site.line.enrol(both)
    await site.pass(1000)
    await site.finish()
    const again = (await site.alerts()).slice(told).filter(({ series }) => series.model === 'rides')
    expect(again).toEqual([])
  })
})

describe('checkpoints', () => {
  let folder: string
  let store: LmdbStore
  const both = ['rides', 'meals'].map(model => monitorOf({ model, serving: { where: { model } } }))
  const versionOf = (model: string) => both.find(one => one.model === model)!.version

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-forget-'))
    store = LmdbStore.open(folder)
  })

  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Monitor versions that the checkpoint of the only partition holds; null where there is none. */
  async function held(): Promise<string[] | null> {
    const [checkpoint] = await store.read(['driftline/rides/0'])
    return checkpoint ? decodeCheckpoint(checkpoint.state)!.map(({ progress }) => progress.monitor) : null
  }

  async function running(): Promise<Site> {
    const site = await Site.with({ topics: { rides: 1 }, now: T0, store }, both)
    for (const model of ['rides', 'meals']) await site.send('rides', hours(model, T0, 2), T0 + 2 * HOUR)
    await site.pass(15_000)
    expect(await held()).toEqual(['meals', 'rides'].map(versionOf))
    return site
  }

  const forgetRides = async (site: Site) =>
    forget(site.log, await holdingsOf(site.log, 'rides'), { model: 'rides', by: 'ann', note: null, at: site.now })

  it('of a running instance hold the forgotten model no more, without a new record', async () => {
    const site = await running()
    await forgetRides(site)
    await site.log.run()
    await site.pass(3000)
    expect(await held()).toEqual([versionOf('meals')])
    await site.line.stop()
  })

  it('that an instance finds when it starts again are rid of it', async () => {
    const site = await running()
    await site.line.stop()
    await forgetRides(site)
    expect(await held()).toContain(versionOf('rides'))
    await site.start(both.filter(({ model }) => model === 'meals'))
    await site.pass(8000)
    expect(await held()).toEqual([versionOf('meals')])
    await site.line.stop()
  })

  it('are removed where no instance runs any more', async () => {
    const site = await running()
    await site.line.stop()
    await forgetRides(site)
    await forgetCheckpoints(site.log, store, 'driftline', ['rides', 'gone'])
    expect(await held()).toBeNull()
  })
})

/** What outlives the process. */
class Shared extends MemoryKeyed {
  override async close(): Promise<void> {}
}

describe('keys that wait for their labels', () => {
  const both = ['rides', 'meals'].map(model =>
    monitorOf({
      model,
      task: { type: 'binary' },
      serving: { where: { model }, prediction: 'score' },
      labels: { topic: `${model}-labels`, format: 'json', key: 'ride', time: 'at', value: 'tipped', horizon: '2h' },
    }),
  )
  const meals = both.filter(({ model }) => model === 'meals')
  const TASK = 'driftline/driftline.joins/0'
  const ROWS = 400

  async function running(): Promise<{ site: Site; keys: Shared }> {
    const keys = new Shared()
    const topics = { rides: 1, 'rides-labels': 1, 'meals-labels': 1 }
    const site = await Site.with({ topics, joinsPartitions: 1, now: T0, keys }, both)
    for (const model of ['rides', 'meals'])
      await site.send(
        'rides',
        rides({ seed: 5, from: T0, hours: 2, perHour: ROWS / 2, model }).map(ride => record({ ...ride, score: 0.5 })),
        T0 + 2 * HOUR,
      )
    await site.pass(15_000)
    expect(keys.size(TASK)).toBe(2 * ROWS)
    return { site, keys }
  }

  const forgetRides = async (site: Site) =>
    forget(site.log, await holdingsOf(site.log, 'rides'), { model: 'rides', by: 'ann', note: null, at: site.now })

  it('of a running instance are gone with the model, without a new record', async () => {
    const { site, keys } = await running()
    await forgetRides(site)
    await site.log.run()
    await site.pass(15_000)
    expect(keys.size(TASK)).toBe(ROWS)
    expect(await keysLeft(site.log, keys, 'driftline', 'rides')).toEqual({ tasks: 0, keys: 0 })
    await site.line.stop()
  })

  it('that an instance finds when it starts again are gone too', async () => {
    const { site, keys } = await running()
    await site.line.stop()
    await forgetRides(site)
    expect(keys.size(TASK)).toBe(2 * ROWS)
    await site.start(meals)
    await site.pass(15_000)
    expect(keys.size(TASK)).toBe(ROWS)
    await site.line.stop()
  })

  it('are removed where no instance runs any more; those of others go on', async () => {
    const { site, keys } = await running()
    await site.line.stop()
    await forgetRides(site)
    expect(await keysLeft(site.log, keys, 'driftline', 'rides')).toEqual({ tasks: 1, keys: ROWS })
    expect(await forgetKeys(site.log, keys, 'driftline', 'rides')).toEqual({ tasks: 1, keys: ROWS })
    expect(await forgetKeys(site.log, keys, 'driftline', 'rides')).toEqual({ tasks: 0, keys: 0 })
    expect(keys.size(TASK)).toBe(ROWS)

    const { line } = await site.start(meals)
    const labels = rides({ seed: 5, from: T0, hours: 2, perHour: ROWS / 2, model: 'meals' })
    await site.send(
      'meals-labels',
      labels.map(({ requestId: ride, eventTime: at }) => record({ ride, at, tipped: 1 })),
    )
    await site.pass(5000)
    expect(line.joining!.tasks[0]!.labelJoiners.map(one => one.counts.predictions.matched)).toEqual([ROWS])
    await line.stop()
  })
})

it('and may begin anew', async () => {
  const monitor = monitorOf()
  const site = await Site.with({ topics: { rides: 1 }, baselines: [trained(monitor)], now: T0 }, [monitor])
  await site.send('rides', hours('rides', T0, 4), T0 + 4 * HOUR)
  await forget(site.log, await holdingsOf(site.log, 'rides'), { model: 'rides', by: 'ann', note: null, at: site.now })
  await site.log.run()
  await site.load(trained(monitor))
  await site.line.enrol([monitor])
  await site.send('rides', hours('rides', T0 + 4 * HOUR, 3), T0 + 7 * HOUR)
  await site.finish()
  const last = (await site.verdicts()).filter(({ window }) => window.start === T0 + 6 * HOUR)
  expect(last.map(({ window }) => window.rows)).toContain(200)
  expect((await holdingsOf(site.log, 'rides')).states.length).toBeGreaterThan(1)
})

it('words of the version before are read', () => {
  const old = avsc.Type.forSchema(readSchema('history/control-2.avsc') as avsc.Schema, { registry: {} })
  const monitor = { model: 'rides', version: 'a1', from: null, definition: '{}', at: 7 }
  const value = old.toBuffer({ activation: null, monitor, answer: null })
  expect(decodeControl({ 'schema-version': Buffer.from('2') }, value)).toEqual({ monitor })
})
