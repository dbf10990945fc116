import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { AlertEvent } from '../../src/core/alert/event.js'
import type { ParityEvent } from '../../src/core/parity/event.js'
import type { PerformanceEvent } from '../../src/core/performance/event.js'
import type { ShadowEvent } from '../../src/core/shadow/event.js'
import { exactAuc } from '../exact-auc.js'
import { startKafka } from '../services/launch.js'
import { makeTopics } from '../services/topics.js'
import { data } from '../shared-data.js'
import { succeedHere } from './cli-here.js'
import { freePort, SELDOM_MS, Service, until } from './cli-process.js'
import {
  BASE,
  csvOf,
  FEATURES,
  HOUR,
  type House,
  houses,
  LABELS,
  labelOf,
  MONITOR,
  OFFLINE,
  offlineOf,
  parityOf,
  SERVED,
  SIXTH,
  served,
  shadowOf,
} from './houses.js'
import { published } from './published.js'

const AUC = [0.822, 0.672, 0.847, 0.842, 0.914, 0.909]
const PRIOR = [0.19, 0.38, 0.67, 0.82, 0.72, 0.37]
const VERSIONS = ['v12', 'v13']
const TOPICS = ['housing', 'housing-labels', 'housing-offline']

describe('California housing through a real Kafka: labels a day later, out of order, a tenth never; offline values; two versions', () => {
  let folder: string
  let monitor: string
  let kafka: Awaited<ReturnType<typeof startKafka>>
  let env: Record<string, string>
  let rows: readonly House[]
  const services: Service[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-housing-'))
    monitor = join(folder, 'housing.yaml')
    await writeFile(monitor, MONITOR)
    rows = houses()
    kafka = await startKafka()
    env = {
      KAFKA_BROKERS: kafka.brokers.join(),
      SCHEMA_REGISTRY_URL: inject('services').registry.url,
      DRIFTLINE_REPLICATION: '1',
      KAFKA_SESSION_TIMEOUT: '10s',
      DRIFTLINE_STATE: `lmdb:${join(folder, 'state')}`,
    }
    const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await makeTopics(
      admin,
      TOPICS.map(topic => ({ topic, numPartitions: 3 })),
    )
    await admin.disconnect()
  })

  afterAll(async () => {
    for (const service of services) await service.kill('SIGKILL')
    await kafka?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]): Promise<string> => succeedHere(env, ...args)

  async function up(): Promise<Service> {
    const service = new Service(env, await freePort(), monitor)
    services.push(service)
    await service.ready()
    return service
  }

  /** Rows as a file, and into their topic. */
  async function produce(
    what: 'features' | 'labels' | 'offline',
    name: string,
    head: readonly string[],
    lines: readonly (readonly unknown[])[],
  ): Promise<void> {
    const file = join(folder, `${name}.csv`)
    await writeFile(file, csvOf(head, lines))
    await run('produce', what, '--from', file, '--monitor', monitor, '--json')
  }

  const events = (topic: string): Promise<unknown[]> => published(kafka.brokers, topic, env['SCHEMA_REGISTRY_URL']!)

  /** The last word on each window of each series: what labels say, what offline values say, how far the two versions are apart. */
  async function told() {
    const all = (await events('driftline.verdicts')) as (PerformanceEvent | ParityEvent | ShadowEvent)[]
    return {
      performances: newest(all.filter((one): one is PerformanceEvent => 'measures' in one)),
      parities: newest(all.filter((one): one is ParityEvent => 'parity' in one)),
      shadows: newest(all.filter((one): one is ShadowEvent => 'champion' in one)),
    }
  }

  it('tells what labels, offline values and the next version say, over a kill -9 between the sides', async () => {
    const { steps, sources } = JSON.parse(await run('topics', 'apply', '--monitors', monitor, '--json'))
    expect(steps).toContainEqual(expect.objectContaining({ action: 'create', topic: 'driftline.joins' }))
    expect(sources).toMatchObject(
      [
        ...TOPICS.map(topic => ({ topic, monitors: ['housing'], partitions: 3 })),
        ...['serving-features', 'labels', 'offline-features'].map(topic => ({ topic, monitors: [] })),
      ].sort((a, b) => a.monitors.length - b.monitors.length),
    )
    const reference = data('california_housing_reference.csv.gz')
    const columns = ['--map', 'servedAt=timestamp', '--label', 'clf_target']
    await run('baseline', 'load', reference, '--monitor', monitor, ...columns)

    const before = await up()
    const labels = rows.filter(({ labelled }) => labelled).map(labelOf)
    const half = Math.floor(labels.length / 2)
    const recomputed = rows.flatMap(offlineOf)
    const third = Math.floor(recomputed.length / 3)
    await Promise.all([
      produce('features', 'served', SERVED, rows.flatMap(served)),
      produce('labels', 'labels-1', LABELS, labels.slice(0, half)),
      produce('offline', 'offline-1', OFFLINE, recomputed.slice(0, third)),
    ])
    await until(
      async () =>
        (await before.metric('driftline_records_total', { topic: 'housing' })) >= rows.length &&
        (await before.metric('driftline_records_total', { topic: 'housing-offline' })) > 0,
      60_000,
      () => before.log.slice(-2000),
    )
    await before.kill('SIGKILL')

    const after = await up()
    // A week after the last window's revision, in every partition.
    const tail = Array.from({ length: 60 }, (_, i) => ({
      ...rows[i]!,
      ...{ id: `tail-${i}`, servedAt: BASE + (8 * SIXTH + i) * HOUR },
    }))
    await Promise.all([
      produce('features', 'tail', SERVED, tail.flatMap(served)),
      produce('labels', 'labels-2', LABELS, [...labels.slice(half), ...tail.map(labelOf)]),
      produce('offline', 'offline-2', OFFLINE, [...recomputed.slice(third), ...tail.flatMap(offlineOf)]),
    ])
    let found = await told()
    const joined = (): number =>
      found.parities.filter(one => one.series.feature === '*').reduce((sum, { join }) => sum + join.joined, 0)
    await until(
      async () => {
        found = await told()
        const mature = found.performances.filter(({ window }) => !window.provisional)
        return mature.length >= 6 * VERSIONS.length && joined() >= recomputed.length && found.shadows.length >= 6
      },
      90_000,
      () => `${JSON.stringify(summaryOf(found))}\n${after.log.slice(-3000)}`,
      SELDOM_MS,
    )
    const { models } = JSON.parse(await run('status', '--json'))
    const read = models[0].sources.map((one: { side: string; topic: string; owner: string; keys: number | null }) => {
      expect(one.owner).toMatch(/^driftline-/)
      expect(one.keys).toEqual(one.side === 'joins' ? expect.any(Number) : null)
      return `${one.side} ${one.topic}`
    })
    const sides = ['serving housing', 'labels housing-labels', 'offline housing-offline', 'joins driftline.joins']
    expect(new Set(read)).toEqual(new Set(sides))
    expect(await after.kill('SIGTERM'), after.log.slice(-2000)).toBe(0)
    const forgotten = JSON.parse(
      await run('forget', 'housing', '--yes', '--force', '--state', env['DRIFTLINE_STATE']!, '--json'),
    )
    expect(forgotten.pendingKeys.place).toBe(join(folder, 'state', 'joins'))
    // Those of the tail: one for labels and one for the next version each, and where there are offline values.
    const { keys } = forgotten.pendingKeys
    expect(keys).toBeGreaterThanOrEqual(2 * tail.length)

    const alerts = ((await events('driftline.alerts')) as AlertEvent[]).filter(one => one.alertId !== undefined)
    const opened = alerts.filter(({ status }) => status === 'firing')
    for (let i = 0; i < 6; i++) {
      const mine = rows.slice(i * SIXTH, (i + 1) * SIXTH)
      const end = BASE + (i + 1) * SIXTH * HOUR
      const of = <E extends Told>(all: readonly E[]): E[] => all.filter(({ window }) => window.end === end)
      checkPerformance(mine, i, of(found.performances))
      checkParity(mine, of(found.parities))
      checkShadow(mine, of(found.shadows))
    }
    const ends = (kind: string) => opened.filter(one => one.kind === kind).map(({ window }) => window.end)
    expect(ends('label-shift').length).toBeGreaterThan(0)
    expect(ends('performance')).toContain(BASE + 2 * SIXTH * HOUR)
    const causes = opened
      .filter(({ kind }) => kind === 'parity')
      .map(({ series, cause }) => [series.feature, cause.code])
    expect(new Map(causes as [string, string][])).toEqual(
      new Map([
        ['MedInc', 'unit'],
        ['AveRooms', 'truncation'],
        ['Population', 'null'],
      ]),
    )
    expect(opened.filter(({ kind }) => kind === 'shadow')).toMatchObject([
      { suggestedAction: 'roll-back', series: { modelVersion: 'v13', feature: 'y_pred_proba' } },
    ])
  }, 240_000)
})

type Told = PerformanceEvent | ParityEvent | ShadowEvent

function newest<E extends Told>(events: readonly E[]): E[] {
  const last = new Map<string, E>()
  for (const event of events) {
    const { series, window } = event
    const key = `${series.modelVersion} ${series.feature} ${window.end}`
    if (window.revision >= (last.get(key)?.window.revision ?? 0)) last.set(key, event)
  }
  return [...last.values()]
}

/** For saying why the wait was in vain. */
function summaryOf({ performances, parities, shadows }: { readonly [kind: string]: readonly Told[] }) {
  return [performances, parities, shadows].map(all =>
    all!.map(({ series, window }) => [series.modelVersion, series.feature, window.end, window.provisional].join()),
  )
}

function checkPerformance(mine: readonly House[], i: number, found: readonly PerformanceEvent[]): void {
  const known = mine.filter(({ labelled }) => labelled)
  const scored = known.filter(({ challenger }) => challenger !== null)
  const asked = mine.filter(({ challenger }) => challenger !== null)
  const [champion, challenger] = VERSIONS.map(version => found.find(({ series }) => series.modelVersion === version)!)
  expect([champion!.predictions, champion!.labelled], `sixth ${i + 1}`).toEqual([mine.length, known.length])
  expect([challenger!.predictions, challenger!.labelled], `sixth ${i + 1}`).toEqual([asked.length, scored.length])
  const measure = ({ measures }: PerformanceEvent, name: string): number =>
    measures.find(one => one.name === name && !one.estimate)!.value
  const auc = measure(champion!, 'auc')
  expect(Math.abs(auc - exactAuc(known)), `AUC of sixth ${i + 1}`).toBeLessThan(0.001)
  expect(Math.abs(auc - AUC[i]!), `AUC of sixth ${i + 1}, beside the file's`).toBeLessThan(0.012)
  expect(Math.abs(measure(champion!, 'base-rate') - PRIOR[i]!), `label share of sixth ${i + 1}`).toBeLessThan(0.02)
  const its = scored.map(row => ({ ...row, value: row.challenger! }))
  expect(Math.abs(measure(challenger!, 'auc') - exactAuc(its)), `v13 in sixth ${i + 1}`).toBeLessThan(0.001)
}

function checkParity(mine: readonly House[], found: readonly ParityEvent[]): void {
  const joined = mine.filter(({ offline }) => offline !== null)
  const twice = joined.filter(({ challenger }) => challenger !== null)
  expect(found.map(({ series }) => series.feature).sort()).toEqual(['*', ...FEATURES].sort())
  for (const { series, join, parity } of found) {
    expect(join).toEqual({
      ...{ served: mine.length, joined: joined.length, unmatched: mine.length - joined.length },
      ...{ duplicatesServed: twice.length, duplicatesOffline: 0, apartMs: 0 },
    })
    if (series.feature === '*') expect(parity).toBeNull()
    else expect(parity, series.feature).toMatchObject({ ...parityOf(mine, series.feature), nullServed: 0, types: 0 })
  }
}

function checkShadow(mine: readonly House[], found: readonly ShadowEvent[]): void {
  const { pairs, flips, score } = shadowOf(mine)
  expect(found).toMatchObject([
    { rows: { champion: mine.length, challenger: pairs, pairs, unusable: 0 }, advice: 'roll-back' },
  ])
  const value = (name: string): number => found[0]!.divergences.find(one => one.name === name)!.value
  expect(value('flips')).toBe(flips)
  expect(value('score')).toBeCloseTo(score, 10)
  expect(value('latency')).toBeCloseTo(12, 10)
}
