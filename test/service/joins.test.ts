import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { hashBytes, utf8 } from '../../src/core/dictionary.js'
import { joinPartition, lowWord } from '../../src/core/join/key.js'
import type { StateStore } from '../../src/core/ports.js'
import { LmdbStore } from '../../src/state/lmdb.js'
import { type Random, seeded } from '../random.js'
import { DisturbedStore, type Fault } from '../state/disturbed.js'
import { type Joined, readJoins } from './joins.js'
import { HOUR, MINUTE, monitorOf, record, rides, shuffledWithin, T0, usual } from './rides.js'
import { judged, Site, type SiteOptions } from './site.js'
import { alive, replaced, settled } from './survivors.js'

vi.setConfig({ testTimeout: 60_000 })

const JOINS_PARTITIONS = 3
const monitor = monitorOf({
  serving: { prediction: 'score' },
  task: { type: 'binary', outputs: { main: 'score', tree: 'scores.tree' } },
  labels: { topic: 'labels', format: 'json', key: 'ride', time: 'at', value: 'tipped', horizon: '2h' },
  segments: { payment: { values: ['cash', 'card'] }, airport: { values: [true] } },
})

/** Predictions out of order, some after grace, some without a key; their labels half an hour later, some of them none. */
const random = seeded(7)
const served = shuffledWithin(
  rides({ seed: 3, from: T0, hours: 4, perHour: 150, features: usual }),
  5 * MINUTE,
  random,
).map((ride, i) => ({
  ...ride,
  requestId: random.chance(0.03) ? null : i % 2 === 0 ? ride.requestId : i,
  eventTime: random.chance(0.03) ? ride.eventTime - 150 * MINUTE : ride.eventTime,
  score: random.chance(0.05) ? null : random.next(),
  scores: { tree: random.next() },
}))
const labels = served.map(({ requestId, eventTime }) => ({
  // Numbers on one side are texts on the other.
  ride: requestId === null ? null : typeof requestId === 'number' ? String(requestId) : requestId,
  at: eventTime + 30 * MINUTE,
  tipped: random.pick<unknown>([true, false, 1, 0, 'true', '0', 'perhaps', null]),
}))

const STEP = 25
type Disturb = (site: Site, random: Random, step: number) => Promise<void>

async function run(disturb: Disturb = async () => {}, seed = 0, store?: StateStore): Promise<Site> {
  const options = { topics: { rides: 2, labels: 2 }, now: T0, batchSize: 11, joinsPartitions: JOINS_PARTITIONS }
  const site = await Site.with({ ...options, ...(store && { store }) }, [monitor])
  const random = seeded(seed)
  for (let i = 0; i < served.length; i += STEP) {
    await disturb(site, random, i / STEP)
    site.now = Math.max(site.now, ...labels.slice(i, i + STEP).map(({ at }) => at))
    const some = (all: readonly object[]) => all.slice(i, i + STEP).map((one, k) => record(one, k % 2))
    await site.log.append('rides', some(served))
    await site.log.append('labels', some(labels))
    await settled(site, monitor)
    await site.pass(1000).catch(error => replaced(site, monitor, error))
    await settled(site, monitor)
  }
  for (const instance of alive(site)) instance.connection.writes = Number.POSITIVE_INFINITY
  await site.finish()
  return site
}

const inOrder = (rows: readonly Joined[]) =>
  [...rows].sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : a.offset - b.offset))

describe('driftline.joins', async () => {
  const calm = await run()
  const rows = inOrder((await readJoins(calm)).rows)

  it('has the rows that are counted, with their key, time, version, segment and outputs', async () => {
    const source = async (topic: string) =>
      new Map(
        (await calm.records(topic)).map(one => [
          `${topic}/${one.partition} ${one.offset}`,
          JSON.parse(String(one.value && Buffer.from(one.value))),
        ]),
      )
    const all = new Map([...(await source('rides')), ...(await source('labels'))])
    for (const row of rows) {
      const event = all.get(`${row.source} ${row.offset}`)
      const key = utf8(String(event.requestId ?? event.ride))
      const high = hashBytes(key, 0, key.length)
      expect(row).toMatchObject({
        key: `${high >>> 0}/${lowWord(key, 0, key.length) >>> 0}`,
        joins: joinPartition(high, JOINS_PARTITIONS),
        time: event.eventTime ?? event.at,
      })
      if (row.side === 'labels') expect(row.values).toEqual([['true', '1'].includes(String(event.tipped)) ? 1 : 0])
      else {
        const { payment, airport } = event.features
        const segment = { ...(payment === 'app' ? {} : { payment }), ...(airport ? { airport: 'true' } : {}) }
        expect(row).toMatchObject({ version: 'v1', segment, values: [event.score ?? Number.NaN, event.scores.tree] })
      }
    }
  })

  it('has all of them, and no others: what is late, rejected or no label is not there', async () => {
    const [counted] = judged(calm.line)
    const predictions = rows.filter(({ side }) => side === 'serving')
    expect(predictions.length).toBe(counted!.aggregated)
    expect(counted!.late).toBeGreaterThan(3)
    expect(counted!.rejected).toBeGreaterThan(3)
    expect(predictions.length).toBe(served.length - counted!.rejected - counted!.late)
    const labelled = labels.filter(({ ride, tipped }) => ride !== null && tipped !== 'perhaps' && tipped !== null)
    expect(rows.filter(({ side }) => side === 'labels').length).toBe(labelled.length)
    const causes = (await calm.deadLetters()).filter(({ topic }) => topic === 'labels').map(({ cause }) => cause)
    const keyed = labels.filter(({ ride }) => ride !== null)
    const having = (value: unknown) => keyed.filter(({ tipped }) => tipped === value).length
    const count = (cause: string) => causes.filter(one => one === cause).length
    expect([count('label-missing'), count('label-unreadable')]).toEqual([having(null), having('perhaps')])
    expect(count('key-missing')).toBe(labels.length - keyed.length)
  })

  it('hears of each side from its own topic, and stage 2 of predictions alone', async () => {
    const { markers } = await readJoins(calm)
    const sides = new Set(markers.flatMap(({ topic, monitors }) => monitors.map(({ side }) => `${topic} ${side}`)))
    expect(sides).toEqual(new Set(['rides serving', 'labels labels']))
    expect(calm.line.evaluating!.evaluations.map(({ collector }) => collector.counts().aggregated)).toEqual([
      rows.filter(({ side }) => side === 'serving').length,
    ])
  })

  async function expectSame(site: Site): Promise<void> {
    const found = await readJoins(site)
    expect(inOrder(found.rows)).toEqual(rows)
    expect(found.afterTheirMarker).toEqual([])
  }

  it('hears of no time whose rows have not been sent', async () => expectSame(calm))

  it.each([1, 2, 3, 4])('is the same, whatever is killed in the middle of a write (seed %i)', async seed => {
    const site = await run(async (site, random) => {
      if (random.chance(0.5)) for (const { connection } of alive(site)) connection.writes = random.integer(0, 8)
    }, seed)
    expect(site.instances.length).toBeGreaterThan(4)
    await expectSame(site)
    expect((await readJoins(site)).sent).toBeGreaterThan(rows.length)
  })

  it.each([1, 2])('is the same, whatever zombies write after others took over (seed %i)', async seed => {
    const site = await run(async (site, random, step) => {
      if (step % 5 !== 3) return
      const [zombie] = alive(site)
      await zombie!.connection.loseMemberships()
      await site.start([monitor])
      if (random.chance(0.7)) await site.pass(40_000, 20_000)
      for (const { line } of site.instances.slice(0, -1)) await line.tick().catch(() => {})
      await site.log.run()
      if (random.chance(0.7)) await site.kill(zombie!)
    }, seed)
    for (const instance of site.instances.slice(0, -1)) await site.kill(instance)
    await expectSame(site)
  })

  const folder = mkdtempSync(join(tmpdir(), 'driftline-joins-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  it.each<Fault>(['none', 'stale', 'lost'])('is the same from checkpoints (fault of the store: %s)', async fault => {
    const store = new DisturbedStore(LmdbStore.open(join(folder, fault)), fault, seeded(4))
    const site = await run(
      async (site, random) => {
        if (random.chance(0.5)) for (const { connection } of alive(site)) connection.writes = random.integer(0, 8)
      },
      5,
      store,
    )
    expect(store.restored).toBeGreaterThan(3)
    await expectSame(site)
    await store.close()
  })

  it('hears of time on the side of the labels before there are any', async () => {
    const site = await Site.with({ topics: { rides: 1, labels: 2 }, now: T0 }, [monitor])
    await site.send('rides', [record(served[0]!, 0)], T0 + HOUR)
    await site.pass(90_000)
    const { markers } = await readJoins(site)
    const heard = (partition: number) =>
      markers
        .filter(({ topic, partition: its }) => topic === 'labels' && its === partition)
        .at(-1)!
        .monitors.map(({ watermark, idle, closeTo }) => [watermark, idle, closeTo > T0 + HOUR && closeTo <= site.now])
    for (const partition of [0, 1]) expect(heard(partition)).toEqual([[Number.NEGATIVE_INFINITY, true, true]])
  })

  it.each([
    [
      'driftline.joins',
      { rides: 1, labels: 1 },
      'rides.yaml needs it (labels): create it with `driftline topics apply`',
    ],
    ['labels', { rides: 1 }, 'rides.yaml reads it (labels.topic): create it, or correct the name'],
  ])('is not begun without %s', async (topic, topics, remedy) => {
    const joinsPartitions = topic === 'driftline.joins' ? 0 : 1
    await expect(Site.with({ topics, now: T0, joinsPartitions } as SiteOptions, [monitor])).rejects.toMatchObject({
      code: 'infrastructure',
      message: `topic ${topic} does not exist; ${remedy}`,
    })
  })

  it('is asked for only where a monitor has labels, also one that comes later', async () => {
    const plain = monitorOf()
    // The changed monitor begins hours later: the producer's clock vouches for the time between.
    const timestamps = { type: 'create', bounded: true } as const
    const site = await Site.with({ topics: { rides: 1, labels: 1 }, now: T0, timestamps }, [plain])
    await site.send('rides', [record(served[0]!, 0)])
    expect(await site.records('driftline.joins')).toEqual([])
    await site.line.enrol([monitor])
    await site.log.run()
    const later = { ...served[0]!, requestId: 'later', eventTime: T0 + 3 * HOUR }
    await site.send('rides', [record(later, 0)], T0 + 3 * HOUR)
    await site.send('labels', [record({ ride: 'later', at: T0 + 3 * HOUR, tipped: true }, 0)])
    await site.finish()
    expect((await readJoins(site)).rows.map(({ side }) => side).sort()).toEqual(['labels', 'serving'])
  })

  it('takes many rows to a message where there is much to read', async () => {
    const options = { topics: { rides: 1, labels: 1 }, now: T0, batchSize: 50, joinsPartitions: 1 }
    const site = await Site.with(options, [monitor])
    await site.send(
      'rides',
      served.slice(0, 500).map(one => record(one, 0)),
      T0 + 4 * HOUR,
    )
    await site.finish()
    const { rows, messages } = await readJoins(site)
    expect(rows.length).toBeGreaterThan(400)
    expect(rows.length / messages).toBeGreaterThan(50)
  })
})
