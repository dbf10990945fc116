import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeCommit } from '../../src/codec/commit.js'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import { KafkaLog } from '../../src/log/kafka/kafka-log.js'
import { csv, HOUR, record, rides } from '../service/rides.js'
import { startKafka } from '../services/launch.js'
import { makeTopic } from '../services/topics.js'
import { succeedHere } from './cli-here.js'
import { freePort, SELDOM_MS, Service, until } from './cli-process.js'
import { published, quiet } from './published.js'

/** Half of them in each of two partitions. */
const PER_HOUR = 120
const START = Math.floor(Date.now() / HOUR - 24) * HOUR
const GROUP = 'driftline.summarize.rides'
const MONITOR = `
apiVersion: driftline/v1
model: rides
serving: { topic: rides, format: json, key: requestId, time: eventTime, version: modelVersion, features: "features.*", idleAfter: 10m }
window: { size: 1h, grace: 5m, minRows: 30 }
`

/**
 * What happens while the service is away, and no checkpoint is kept:
 *
 *     partition 0   ── 5 h read ──┤░░ gone: 4 h to 6½ h ░░├── to 10 h ──┤ commits expire ├── to 14 h
 *     partition 1   ── 5 h read ──┤                        ── to 10 h ──┤ commits expire ├── to 14 h
 */
describe('a service that comes back to a topic that has lost records, and to a group that has lost its commits', () => {
  const served = rides({ seed: 3, from: START, hours: 14, perHour: PER_HOUR })
  let folder: string
  let kafka: Awaited<ReturnType<typeof startKafka>>
  let log: KafkaLog
  let admin: Admin
  let env: Record<string, string>
  const services: Service[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-gaps-'))
    await writeFile(join(folder, 'rides.yaml'), MONITOR)
    kafka = await startKafka()
    const brokers = kafka.brokers.join()
    env = { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: '', DRIFTLINE_REPLICATION: '1', DRIFTLINE_STATE: 'none' }
    admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await makeTopic(admin, 'rides', 2)
    await succeedHere(env, 'topics', 'apply')
    const training = join(folder, 'training.csv')
    await writeFile(training, csv(rides({ seed: 1, from: START - 100 * HOUR, hours: 50, perHour: 80 })))
    await succeedHere(env, 'baseline', 'load', training, '--monitor', join(folder, 'rides.yaml'))
    log = new KafkaLog({ brokers: kafka.brokers, logger: quiet })
  })

  afterAll(async () => {
    for (const service of services) await service.kill('SIGKILL')
    await log?.close()
    await admin?.disconnect()
    await kafka?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const said = (): string => services.map(({ log: text }) => text.slice(-1500)).join('\n--\n')

  async function up(): Promise<Service> {
    const service = new Service(env, await freePort(), join(folder, 'rides.yaml'))
    services.push(service)
    await service.ready()
    return service
  }

  const send = (from: number, to: number) =>
    log.append(
      'rides',
      served.slice(from * PER_HOUR, to * PER_HOUR).map((ride, i) => record(ride, i % 2)),
    )
  async function progress() {
    const [group] = await admin.fetchOffsets({ groupId: GROUP, topics: ['rides'] })
    const partitions = [...group!.partitions].sort((a, b) => a.partition - b.partition)
    return partitions.map(({ offset, metadata }) => ({
      offset: Number(offset),
      counts: decodeCommit(metadata ?? '').progress[0]?.counts,
    }))
  }
  /** Until both partitions are committed up to an hour. */
  const read = (hours: number) =>
    until(
      async () => (await progress()).every(({ offset, counts }) => offset === (hours * PER_HOUR) / 2 && !!counts),
      40_000,
      said,
    )

  const verdicts = (): Promise<VerdictEvent[]> => published(kafka.brokers, 'driftline.verdicts')

  it('says which windows lack rows, judges none of them, and accounts for every offset', async () => {
    const first = await up()
    await send(0, 5)
    await read(5)
    expect(await first.kill('SIGTERM')).toBe(0)

    await send(5, 8)
    const gone = (6.5 * PER_HOUR) / 2
    await admin.deleteTopicRecords({ topic: 'rides', partitions: [{ partition: 0, offset: String(gone) }] })
    const lows = async () => (await log.offsets('rides')).map(one => one.first)
    await until(async () => (await lows())[0] === gone, 20_000, said)
    const second = await up()
    await send(8, 10)
    await read(10)
    // The fifth hour was counted, and its open part is gone with the records.
    const lost = gone - (4 * PER_HOUR) / 2
    const [damaged, whole] = await progress()
    expect(damaged!.counts).toEqual({ aggregated: 600 - lost, late: 0, rejected: 0, notSelected: 0, gap: lost })
    expect(whole!.counts).toEqual({ aggregated: 600, late: 0, rejected: 0, notSelected: 0, gap: 0 })
    expect(second.log).toContain('offsets are gone from the topic')
    expect(second.log).toContain('lack rows that were gone from the topic, and are not judged')
    // Metrics are brought up to date once a second.
    await until(async () => (await second.metric('driftline_records_total', { outcome: 'gap' })) === lost, 5_000, said)
    expect(await second.kill('SIGTERM')).toBe(0)

    // As Kafka does with the commits of a group that has been away too long.
    const deleted = () =>
      admin.deleteGroups([GROUP]).then(
        () => true,
        () => false,
      )
    await until(deleted, 30_000, said)
    await send(10, 12)
    const third = await up()
    expect(third.log).toContain('the commit is gone: going on from where stage 2 has heard of the partition')
    await send(12, 14)
    await read(14)
    const counts = (await progress()).map(one => one.counts!)
    expect(counts.map(({ aggregated, gap }) => [aggregated, gap])).toEqual([
      [840 - lost, lost],
      [840, 0],
    ])

    const last = START + 13 * HOUR
    const found = async () => (await verdicts()).filter(({ window }) => window.revision === 0)
    await until(async () => (await found()).some(({ window }) => window.end === last), 40_000, said, SELDOM_MS)
    const windows = new Map<number, VerdictEvent>()
    for (const verdict of await found()) {
      expect(verdict.because === 'input-gap').toBe(verdict.window.gaps.length > 0)
      windows.set((verdict.window.start - START) / HOUR, verdict)
    }
    const rows = new Map([...windows].sort(([a], [b]) => a - b).map(([hour, { window }]) => [hour, window.rows]))
    const usual = [0, 1, 2, 3, 7, 8, 9, 10, 11, 12].map(hour => [hour, PER_HOUR] as const)
    expect(new Map([...rows].filter(([, n]) => n === PER_HOUR))).toEqual(new Map(usual))
    const incomplete = [...windows].filter(([, { window }]) => window.gaps.length > 0).sort(([a], [b]) => a - b)
    expect(incomplete.map(([hour, { window }]) => [hour, window.rows])).toEqual([
      [4, 60],
      [5, 60],
      [6, 90],
    ])
    for (const [, { outcome, window }] of incomplete) {
      expect(outcome).toBe('insufficient-data')
      expect(window.gaps.every(({ partition, from, to }) => partition === 0 && from >= 240 && to <= gone)).toBe(true)
    }
  }, 180_000)
})
