import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import kafkajs, { type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeCommit } from '../../src/codec/commit.js'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import { KafkaLog } from '../../src/log/kafka/kafka-log.js'
import { csv, HOUR, type Ride, record, rides } from '../service/rides.js'
import { startKafka, startRedis } from '../services/launch.js'
import { makeTopic } from '../services/topics.js'
import { succeedHere } from './cli-here.js'
import { freePort, SELDOM_MS, Service, until } from './cli-process.js'
import { published, quiet } from './published.js'

const HOURS = 10
const PER_HOUR = 600
/** Windows begin at even hours. */
const START = Math.floor(Date.now() / (2 * HOUR) - 24) * 2 * HOUR
const MONITOR = `
apiVersion: driftline/v1
model: rides
serving: { topic: rides, format: json, key: requestId, time: eventTime, version: modelVersion, features: "features.*", idleAfter: 10m }
window: { size: 4h, advance: 2h, grace: 5m, minRows: 100 }
`

/**
 * What the next owner finds in the store, run by run; each is killed by -9 in mid-read:
 *
 *     first ──✗ second: its checkpoint ── the store goes down, and is back ──✗ third: nothing, all data is lost ──
 */
describe('a service that is killed on a real Kafka, with checkpoints in a real Redis', () => {
  const served = rides({ seed: 3, from: START, hours: HOURS, perHour: PER_HOUR })
  const closing = rides({ seed: 4, from: START + (HOURS + 5) * HOUR, hours: 1, perHour: 60 })
  let folder: string
  let kafka: Awaited<ReturnType<typeof startKafka>>
  let redis: Awaited<ReturnType<typeof startRedis>>
  let log: KafkaLog
  let admin: Admin
  let env: Record<string, string>
  const services: Service[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-checkpoints-'))
    await writeFile(join(folder, 'rides.yaml'), MONITOR)
    ;[kafka, redis] = await Promise.all([startKafka(), startRedis()])
    env = {
      KAFKA_BROKERS: kafka.brokers.join(),
      SCHEMA_REGISTRY_URL: '',
      DRIFTLINE_REPLICATION: '1',
      KAFKA_SESSION_TIMEOUT: '10s',
      REDIS_URL: redis.url,
      DRIFTLINE_STATE: 'redis',
    }
    admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await makeTopic(admin, 'rides', 4)
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
    await Promise.all([kafka?.stop(), redis?.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  const said = (): string => services.map(({ log: text }) => text.slice(-1500)).join('\n--\n')

  async function up(): Promise<Service> {
    const service = new Service(env, await freePort(), join(folder, 'rides.yaml'), '--from', 'earliest')
    services.push(service)
    await service.ready()
    return service
  }

  const send = (some: readonly Ride[]) =>
    log.append(
      'rides',
      some.map(ride => record(ride)),
    )
  const hours = (from: number, to: number) => served.slice(from * PER_HOUR, to * PER_HOUR)
  const progress = async () => {
    const [group] = await admin.fetchOffsets({ groupId: 'driftline.summarize.rides', topics: ['rides'] })
    return group!.partitions.map(({ offset, metadata }) => ({
      offset: Number(offset),
      counts: decodeCommit(metadata ?? '').progress[0]?.counts,
    }))
  }
  const flush = async () => {
    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()
  }
  const kept = (service: Service) => service.metric('driftline_checkpoint_writes_total', { outcome: 'written' })
  const from = (service: Service, what: string) => service.metric('driftline_restores_total', { from: what })

  const verdicts = (): Promise<VerdictEvent[]> => published(kafka.brokers, 'driftline.verdicts')

  it('goes on from its checkpoint, without the store while it is down, from the log when it has lost all; and loses nothing', async () => {
    const first = await up()
    await send(hours(0, 2))
    await until(async () => (await kept(first)) >= 4, 30_000, said)
    await send(hours(2, 3))
    await first.kill('SIGKILL')

    const second = await up()
    expect([await from(second, 'checkpoint'), await from(second, 'commit')]).toEqual([4, 0])
    await until(async () => (await kept(second)) >= 1, 30_000, said)
    const client = new Redis(redis.url)
    expect((await client.keys('driftline:checkpoint:*')).sort()).toEqual(
      [0, 1, 2, 3].map(partition => `driftline:checkpoint:{driftline/rides/${partition}}`),
    )
    client.disconnect()
    await redis.crash()
    await send(hours(3, 6))
    await until(async () => /going on without checkpoints/.test(second.log), 30_000, said)
    const ready = await fetch(`http://127.0.0.1:${second.port}/ready`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({
      checks: { stateStore: { ok: false, says: expect.stringMatching(/redis:\/\/.*a restart rebuilds from the log/) } },
    })
    expect(await second.metric('driftline_checkpoint_writes_total', { outcome: 'failed' })).toBeGreaterThan(0)
    await redis.start()
    await until(async () => /checkpoints are kept again/.test(second.log), 30_000, said)
    await send(hours(6, 7))
    await second.kill('SIGKILL')
    await flush()

    const third = await up()
    expect([await from(third, 'checkpoint'), await from(third, 'commit')]).toEqual([0, 4])
    await send([...hours(7, HOURS), ...closing])
    const all = served.length + closing.length
    const read = async () => (await progress()).reduce((sum, { offset }) => sum + offset, 0)
    await until(async () => (await read()) === all, 40_000, said)
    for (const { offset, counts } of await progress())
      expect(counts).toEqual({ aggregated: offset, late: 0, rejected: 0, notSelected: 0, gap: 0 })

    const last = START + (HOURS + 2) * HOUR
    await until(async () => (await verdicts()).some(({ window }) => window.end === last), 40_000, said, SELDOM_MS)
    const found = new Map<string, VerdictEvent>()
    for (const verdict of await verdicts()) {
      const known = found.get(verdict.id)
      if (known !== undefined) expect(verdict, 'a repeat').toEqual(known)
      found.set(verdict.id, verdict)
    }
    const windows = new Map<number, number>()
    for (const { window } of found.values()) {
      const rows = served.filter(({ eventTime }) => eventTime >= window.start && eventTime < window.end).length
      expect([window.revision, window.rows]).toEqual([0, rows])
      windows.set(window.end, (windows.get(window.end) ?? 0) + 1)
    }
    expect([...windows.keys()].sort()).toEqual([2, 4, 6, 8, 10, 12].map(hour => START + hour * HOUR))
    // Every window has a verdict of each series, and of the rows as a whole.
    const series = new Set([...found.values()].map(({ series: { feature } }) => feature))
    for (const feature of ['fare', 'tolls', 'stops', 'payment', 'airport', 'tip']) expect(series).toContain(feature)
    expect(new Set(windows.values())).toEqual(new Set([series.size]))
  }, 180_000)
})
