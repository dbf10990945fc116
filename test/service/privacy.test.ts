import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import type { Monitor } from '../../src/core/monitor.js'
import { openTable } from '../../src/files/table.js'
import { buildBaseline } from '../../src/service/build-baseline.js'
import { hashingOf } from '../../src/service/keyed-hash.js'
import { ALERTS, BASELINES, CONTROL, DEAD_LETTERS, PANES, STATE, VERDICTS } from '../../src/service/topics.js'
import { LmdbStore } from '../../src/state/lmdb.js'
import type { Random } from '../random.js'
import { csv, HOUR, monitorOf, record, rides, T0, usual } from './rides.js'
import { Site } from './site.js'

const KEY = 'a key that only this test knows'
/** In every raw value, and nowhere else. */
const MARK = 'Secretariat'
const raw = (value: string): string => `${MARK} ${value}`
const TOPICS = [PANES, BASELINES, CONTROL, STATE, VERDICTS, ALERTS, DEAD_LETTERS]

/** `payment` says who somebody is. */
const named = (random: Random) => ({ ...usual(random), payment: raw(random.pick(['ann', 'ann', 'bob'])) })
/** From the third hour on others pay. */
const others = (random: Random, time: number) =>
  time < T0 + 3 * HOUR ? named(random) : { ...usual(random), payment: raw(random.pick(['eve', 'mallory'])) }

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-privacy-'))
  await writeFile(
    join(folder, 'training.csv'),
    csv(rides({ seed: 5, from: T0 - 40 * HOUR, hours: 40, perHour: 100, features: named })),
  )
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function trainedOn(monitor: Monitor, file = 'training.csv'): Promise<Baseline> {
  const table = await openTable(join(folder, file))
  const provenance = { version: 1, modelVersion: null, source: file, loadedAt: 0, from: null }
  const baseline = await buildBaseline(monitor, table, { map: new Map(), provenance, privacyKey: KEY })
  await table.close()
  return baseline
}

/** All that the service leaves anywhere, as one text: topics, checkpoints, log. */
async function left(monitor: Monitor, baselines: readonly Baseline[], state: string) {
  const store = LmdbStore.open(join(folder, state))
  let log = ''
  const logger = pino({ level: 'debug' }, { write: line => (log += line) })
  const site = await Site.with({ topics: { rides: 1 }, baselines, now: T0, store, privacyKey: KEY, logger }, [monitor])
  for (let hour = 0; hour < 6; hour++) {
    const from = T0 + hour * HOUR
    const all = rides({ seed: 60 + hour, from, hours: 1, perHour: 300, features: others })
    await site.send(
      'rides',
      all.map(one => record(one, 0)),
      from + HOUR,
    )
    await site.pass(15_000)
  }
  await site.send('rides', [{ key: 'x', value: Buffer.from('no JSON') }])
  await site.finish()
  await site.line.stop()
  await store.close()
  const texts: Record<string, string> = { log }
  for (const topic of TOPICS)
    texts[topic] = (await site.records(topic))
      .map(({ key, value, headers }) =>
        [key, Buffer.from(value ?? '').toString('latin1'), JSON.stringify(headers)].join(' '),
      )
      .join('\n')
  for (const name of await readdir(join(folder, state)))
    texts[`store ${name}`] = (await readFile(join(folder, state, name))).toString('latin1')
  const having = (word: string) => Object.keys(texts).filter(name => texts[name]!.includes(word))
  return { site, having }
}

describe('values that the monitor wants hashed', () => {
  const monitor = monitorOf({ privacy: { hash: ['payment'] } })
  const plain = monitorOf()
  const hashOf = (value: string): string => hashingOf(monitor, KEY)!.of(value)

  it('leave stage 1 and the loading of baselines as keyed hashes: no topic, no checkpoint and no log has them', async () => {
    const { site, having } = await left(monitor, [await trainedOn(monitor)], 'hashed')
    expect(having(MARK)).toEqual([])
    expect(having(KEY)).toEqual([])
    const eve = hashOf(raw('eve'))
    expect(having(eve)).toEqual(expect.arrayContaining([PANES, ALERTS, 'store data.mdb']))
    expect(having(hashOf(raw('ann')))).toEqual(expect.arrayContaining([PANES, BASELINES, VERDICTS]))
    const alert = (await site.alerts()).find(({ series }) => series.feature === 'payment')!
    expect(alert.summary).toMatch(/h:[\da-f]{16}/)
    const segments = new Set((await site.verdicts()).map(({ series }) => series.segment['payment']))
    expect(segments).toEqual(new Set([undefined, 'other', hashOf(raw('ann')), hashOf(raw('bob'))]))
    expect(eve).not.toBe(hashingOf(monitor, `${KEY}!`)!.of(raw('eve')))
  })

  it('are everywhere without it but in the log: the search finds what is there', async () => {
    const { having } = await left(plain, [await trainedOn(plain)], 'plain')
    expect(having(MARK)).not.toContain('log')
    expect(having(MARK)).toEqual(expect.arrayContaining([PANES, BASELINES, VERDICTS, ALERTS, 'store data.mdb']))
  })

  it('of a baseline that was loaded before are not used, and the log says so', async () => {
    const { site, having } = await left(monitor, [await trainedOn(plain)], 'mixed')
    expect(having(MARK)).toEqual([BASELINES])
    const features = new Set((await site.verdicts()).map(({ series }) => series.feature))
    expect(features.has('payment')).toBe(false)
    expect(features.has('fare')).toBe(true)
    expect(having('holds values of payment as they are')).toEqual(['log'])
  })

  it('need a key', async () => {
    const site = new Site({ topics: { rides: 1 }, now: T0 })
    await expect(site.start([monitor])).rejects.toThrow(
      /rides.yaml: privacy.hash names payment, .* Set DRIFTLINE_PRIVACY_KEY/,
    )
    expect(await site.records(CONTROL)).toEqual([])
  })
})

describe('categories that few rows have', () => {
  const rare = ['zoe', 'yan', 'xi']
  /** Three people whom training saw now and then, and a flood of others of whom each comes once or twice. */
  const few = (random: Random, time: number) => ({
    ...usual(random),
    payment: random.chance(time >= T0 + 3 * HOUR ? 0.5 : 0.002)
      ? raw(`${random.pick(rare)}${time >= T0 ? random.integer(0, 400) : ''}`)
      : random.pick(['cash', 'card', 'app']),
  })

  async function alertsAt(minCount: number) {
    const monitor = monitorOf({ privacy: { minCount }, segments: { payment: { top: 8 } } })
    await writeFile(
      join(folder, 'few.csv'),
      csv(rides({ seed: 8, from: T0 - 40 * HOUR, hours: 40, perHour: 100, features: few })),
    )
    const site = await Site.with({ topics: { rides: 1 }, baselines: [await trainedOn(monitor, 'few.csv')], now: T0 }, [
      monitor,
    ])
    const all = rides({ seed: 9, from: T0, hours: 6, perHour: 300, features: few })
    await site.send(
      'rides',
      all.map(one => record(one, 0)),
      T0 + 6 * HOUR,
    )
    await site.finish()
    const events = [...(await site.alerts()), ...(await site.verdicts()), ...(await site.incidents())]
    return { text: JSON.stringify(events), alerts: await site.alerts(), verdicts: await site.verdicts() }
  }

  it('are named in no event, and those that many have are', async () => {
    const { text, alerts, verdicts } = await alertsAt(50)
    expect(text).not.toContain(MARK)
    const alert = alerts.find(({ series }) => series.feature === 'payment')!
    expect(alert.summary).toContain('"other (fewer than 50 rows)"')
    const moved = verdicts.filter(({ series }) => series.feature === 'payment').flatMap(one => one.moved)
    expect(moved.map(({ value }) => value)).toEqual(expect.arrayContaining(['cash', 'card', '(unseen)']))
    const last = verdicts.find(
      ({ series, window }) => series.feature === 'payment' && window.start === T0 && !series.segment['payment'],
    )!
    // The three of training are one cell.
    expect(last.moved.filter(({ value }) => value === 'other (fewer than 50 rows)').length).toBe(1)
  })

  it('are named where the monitor does not mind', async () => {
    expect((await alertsAt(1)).text).toContain(MARK)
  })
})
