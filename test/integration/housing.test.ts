import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { AlertEvent } from '../../src/core/alert/event.js'
import type { PerformanceEvent } from '../../src/core/performance/event.js'
import { exactAuc } from '../exact-auc.js'
import { data } from '../files/fixtures.js'
import { housing } from '../housing.js'
import { startKafka } from '../services/launch.js'
import { freePort, Service, succeed, until } from './cli-process.js'
import { published } from './published.js'

const HOUR = 3_600_000
/** A sixth of the rows, one an hour. */
const SIXTH = 1372
/** A boundary of windows: the file's own times would lie across them. */
const BASE = Math.ceil(Date.UTC(2021, 5, 1) / (SIXTH * HOUR)) * SIXTH * HOUR
const AUC = [0.822, 0.672, 0.847, 0.842, 0.914, 0.909]
const PRIOR = [0.19, 0.38, 0.67, 0.82, 0.72, 0.37]

const MONITOR = `
apiVersion: driftline/v1
model: housing
task: { type: binary, positive: 1, threshold: 0.8 }
serving:
  topic: housing
  format: json
  key: id
  time: { path: servedAt, unit: ms }
  features: [MedInc, HouseAge, AveRooms, AveBedrms, Population, AveOccup, Latitude, Longitude]
  prediction: y_pred_proba
  idleAfter: 10m
labels: { topic: housing-labels, format: json, key: id, time: { path: labelledAt, unit: ms }, value: clf_target, horizon: 7d }
window: { size: ${SIXTH}h, grace: 12h, reviseFor: ${SIXTH}h }
`

interface House {
  readonly id: string
  readonly cells: Readonly<Record<string, string>>
  readonly servedAt: number
  /** The model's score. */
  readonly value: number
  readonly label: number
  /** Every tenth never comes. */
  readonly labelled: boolean
}

function houses(): House[] {
  const labels = new Map(housing('analysis_labels').map(row => [row['id'], row]))
  return housing('analysis').map((cells, i) => ({
    id: cells['id']!,
    cells,
    servedAt: BASE + i * HOUR,
    value: Number(cells['y_pred_proba']),
    label: Number(labels.get(cells['id'])!['clf_target']),
    labelled: i % 10 !== 7,
  }))
}

describe('California housing through a real Kafka: labels a day later, out of order, a tenth never', () => {
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
    const topics = ['housing', 'housing-labels'].map(topic => ({ topic, numPartitions: 3 }))
    await admin.createTopics({ topics, waitForLeaders: false })
    await admin.disconnect()
  })

  afterAll(async () => {
    for (const service of services) await service.kill('SIGKILL')
    await kafka?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]): Promise<string> => succeed(env, ...args)

  async function up(): Promise<Service> {
    const service = new Service(env, await freePort(), monitor)
    services.push(service)
    await service.ready()
    return service
  }

  const FEATURES = ['MedInc', 'HouseAge', 'AveRooms', 'AveBedrms', 'Population', 'AveOccup', 'Latitude', 'Longitude']

  /** Rows as a file, and into their topic. */
  async function produce(
    what: 'features' | 'labels',
    name: string,
    lines: readonly (readonly unknown[])[],
  ): Promise<void> {
    const head =
      what === 'features' ? ['id', 'servedAt', ...FEATURES, 'y_pred_proba'] : ['id', 'labelledAt', 'clf_target']
    const file = join(folder, `${name}.csv`)
    await writeFile(file, [head, ...lines].map(cells => `${cells.join()}\n`).join(''))
    await run('produce', what, '--from', file, '--monitor', monitor, '--json')
  }

  const featuresOf = ({ id, servedAt, cells, value }: House): unknown[] => [
    id,
    servedAt,
    ...FEATURES.map(name => cells[name]),
    value,
  ]
  const labelOf = ({ id, servedAt, label }: House): unknown[] => [id, servedAt + 24 * HOUR, label]

  const events = (topic: string): Promise<unknown[]> => published(kafka.brokers, topic, env['SCHEMA_REGISTRY_URL']!)

  /** The last word on each window, oldest first. */
  async function performance(): Promise<PerformanceEvent[]> {
    const all = (await events('driftline.verdicts')).filter(
      (one): one is PerformanceEvent => (one as PerformanceEvent).measures !== undefined,
    )
    const last = new Map<number, PerformanceEvent>()
    for (const event of all)
      if (event.window.revision >= (last.get(event.window.end)?.window.revision ?? 0)) last.set(event.window.end, event)
    return [...last.values()].sort((a, b) => a.window.end - b.window.end)
  }

  it('tells AUC, label shift and the fall in performance, over a kill -9 between the two sides', async () => {
    await run('topics', 'apply')
    const reference = data('california_housing_reference.csv.gz')
    await run(
      'baseline',
      'load',
      reference,
      '--monitor',
      monitor,
      '--map',
      'servedAt=timestamp',
      '--label',
      'clf_target',
    )

    const before = await up()
    await produce('features', 'served', rows.map(featuresOf))
    const came = rows.filter(({ labelled }) => labelled)
    // Not in the order of their times: each some hours to and fro.
    const mixed = came
      .map((row, i) => ({ row, at: i + ((i * 7919) % 10) }))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row)
    const half = Math.floor(mixed.length / 2)
    await produce('labels', 'labels-1', mixed.slice(0, half).map(labelOf))
    await until(
      async () => (await before.metric('driftline_records_total', { topic: 'housing' })) >= rows.length,
      60_000,
      () => before.log.slice(-2000),
    )
    await before.kill('SIGKILL')

    const after = await up()
    await produce('labels', 'labels-2', mixed.slice(half).map(labelOf))
    // A week after the last window's revision, in every partition.
    const tail = Array.from({ length: 60 }, (_, i) => ({
      ...rows[i]!,
      id: `tail-${i}`,
      servedAt: BASE + (8 * SIXTH + i) * HOUR,
    }))
    await produce('features', 'tail', tail.map(featuresOf))
    await produce('labels', 'tail-labels', tail.map(labelOf))
    let found: PerformanceEvent[] = []
    await until(
      async () => {
        found = await performance()
        return found.filter(({ window }) => !window.provisional).length >= 6
      },
      90_000,
      () => `${JSON.stringify(found.map(({ window, labelled }) => [window, labelled]))}\n${after.log.slice(-3000)}`,
    )
    const { models } = JSON.parse(await run('status', '--json'))
    const read = models[0].sources.map((one: { side: string; topic: string; owner: string }) => {
      expect(one.owner).toMatch(/^driftline-/)
      return `${one.side} ${one.topic}`
    })
    expect(new Set(read)).toEqual(new Set(['serving housing', 'labels housing-labels', 'joins driftline.joins']))
    expect(await after.kill('SIGTERM'), after.log.slice(-2000)).toBe(0)

    const sixths = found.slice(0, 6)
    sixths.forEach((event, i) => {
      const mine = rows.slice(i * SIXTH, (i + 1) * SIXTH)
      const known = mine.filter(({ labelled }) => labelled)
      expect(event.window.start, `sixth ${i + 1}`).toBe(BASE + i * SIXTH * HOUR)
      expect([event.predictions, event.labelled], `sixth ${i + 1}`).toEqual([mine.length, known.length])
      const measure = (name: string) => event.measures.find(one => one.name === name && !one.estimate)!.value
      expect(Math.abs(measure('auc') - exactAuc(known)), `AUC of sixth ${i + 1}`).toBeLessThan(0.001)
      expect(Math.abs(measure('auc') - AUC[i]!), `AUC of sixth ${i + 1}, beside the file's`).toBeLessThan(0.012)
      expect(Math.abs(measure('base-rate') - PRIOR[i]!), `label share of sixth ${i + 1}`).toBeLessThan(0.02)
    })
    const alerts = (await events('driftline.alerts')).filter(
      (one): one is AlertEvent => (one as AlertEvent).alertId !== undefined,
    )
    const opened = (kind: string) =>
      alerts.filter(one => one.kind === kind && one.status === 'firing').map(({ window }) => window.end)
    expect(opened('label-shift').length).toBeGreaterThan(0)
    expect(opened('performance')).toContain(BASE + 2 * SIXTH * HOUR)
  })
})
