import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeCommit } from '../../src/codec/commit.js'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import { csv, HOUR, rides } from '../service/rides.js'
import { startKafka } from '../services/launch.js'
import { makeTopics } from '../services/topics.js'
import { succeedHere } from './cli-here.js'
import { freePort, SELDOM_MS, Service, succeed, until } from './cli-process.js'
import { published } from './published.js'

const HOURS = 10
const PER_HOUR = 1200
/** Whole hours, and all of it in the past. */
const START = Math.floor(Date.now() / HOUR - 48) * HOUR

const monitor = (model: string, topic: string, more = ''): string => `
apiVersion: driftline/v1
model: ${model}
serving: { topic: ${topic}, format: json, key: requestId, time: eventTime, version: modelVersion, features: "features.*", idleAfter: 10m }
window: { size: 1h, grace: 5m, minRows: 100 }
segments: { payment: { top: 2 } }
${more}`

describe('two instances on a real Kafka', () => {
  const served = rides({ seed: 3, from: START, hours: HOURS, perHour: PER_HOUR })
  /** So many for each partition to have one that closes the windows before. */
  const closing = rides({ seed: 4, from: START + (HOURS + 2) * HOUR, hours: 1, perHour: 60 })
  let folder: string
  let monitors: string
  let kafka: Awaited<ReturnType<typeof startKafka>>
  let admin: Admin
  let env: Record<string, string>
  const services: Service[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-line-'))
    monitors = join(folder, 'monitors')
    await mkdir(monitors)
    await writeFile(join(monitors, 'rides.yaml'), monitor('rides', 'rides'))
    await writeFile(
      join(folder, 'training.csv'),
      csv(rides({ seed: 1, from: START - 100 * HOUR, hours: 50, perHour: 80 })),
    )
    await writeFile(join(folder, 'served.csv'), csv([...served, ...closing]))
    kafka = await startKafka()
    const brokers = kafka.brokers.join()
    env = { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: '', DRIFTLINE_REPLICATION: '1', KAFKA_SESSION_TIMEOUT: '10s' }
    admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await makeTopics(
      admin,
      ['rides', 'meals'].map(topic => ({ topic, numPartitions: 4 })),
    )
    await run('topics', 'apply')
    await run('baseline', 'load', join(folder, 'training.csv'), '--monitor', join(monitors, 'rides.yaml'))
    await Promise.all([up(), up()])
  })

  afterAll(async () => {
    for (const service of services) await service.kill('SIGKILL')
    await admin?.disconnect()
    await kafka?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]): Promise<string> => succeedHere(env, ...args)

  async function up(): Promise<Service> {
    const service = new Service(env, await freePort(), monitors)
    services.push(service)
    await service.ready()
    return service
  }

  const produce = (...flags: string[]): Promise<string> =>
    succeed(
      env,
      ...['produce', 'features', '--from', join(folder, 'served.csv'), '--monitor', join(monitors, 'rides.yaml')],
      ...flags,
    )

  /** What the owners of the partitions have committed: next offset and outcomes, by partition. */
  async function committed(topic: string) {
    const [group] = await admin.fetchOffsets({ groupId: `driftline.summarize.${topic}`, topics: [topic] })
    return group!.partitions.map(({ offset, metadata }) => {
      const [progress] = decodeCommit(metadata ?? '').progress
      return { offset: Number(offset), ...progress!.counts }
    })
  }

  const verdicts = (): Promise<VerdictEvent[]> => published(kafka.brokers, 'driftline.verdicts')

  const said = (): string => services.map(({ log }) => log.slice(-1500)).join('\n--\n')

  it('lose nothing and say nothing otherwise when one is killed under load', async () => {
    const producing = produce('--rate', '1500')
    await until(
      async () => (await services[0]!.metric('driftline_records_total')) > 1000,
      60_000,
      () => `nothing is read: ${said()}`,
    )
    await services[0]!.kill('SIGKILL')
    await producing
    const all = served.length + closing.length
    await until(
      async () => (await committed('rides')).reduce((sum, { offset }) => sum + offset, 0) === all,
      90_000,
      () => `not all is read: ${said()}`,
    )
    const ends = await admin.fetchTopicOffsets('rides')
    for (const [partition, { offset, ...counts }] of (await committed('rides')).entries()) {
      expect(offset).toBe(Number(ends.find(one => one.partition === partition)!.high))
      expect(counts, `partition ${partition}`).toEqual({
        aggregated: offset,
        late: 0,
        rejected: 0,
        notSelected: 0,
        gap: 0,
      })
    }

    await until(
      async () => new Set((await verdicts()).map(({ window }) => window.end)).size === HOURS,
      60_000,
      () => `windows are missing: ${said()}`,
      SELDOM_MS,
    )
    const found = new Map<string, VerdictEvent>()
    for (const verdict of await verdicts()) {
      const known = found.get(verdict.id)
      if (known !== undefined) expect(verdict, 'a repeat').toEqual(known)
      found.set(verdict.id, verdict)
    }
    // Six features and the rows themselves, of all rows and of three segments; each window once, with what a recount of the rows says.
    expect(found.size).toBe(HOURS * 7 * 4)
    for (const { series, window } of found.values()) {
      const { payment } = series.segment
      const mine = served.filter(
        ({ eventTime, features }) =>
          eventTime >= window.start &&
          eventTime < window.end &&
          (payment === undefined || features['payment'] === (payment === 'other' ? 'app' : payment)),
      )
      expect([window.revision, window.rows]).toEqual([0, mine.length])
    }
    const [letters] = await admin.fetchTopicOffsets('driftline.dead-letters')
    expect(letters!.high).toBe('0')
  })

  it('follow their folder of monitors: one more, one in other words, one less', async () => {
    const [service] = services.slice(1) as [Service]
    await writeFile(join(monitors, 'meals.yaml'), monitor('meals', 'meals'))
    await writeFile(join(monitors, 'rides.yaml'), monitor('rides', 'rides', 'owner: night-shift'))
    await until(
      async () => /"model":"meals".*"monitor"/.test(service.log),
      30_000,
      () => said(),
    )
    await service.ready()
    // Once the topic is read, everything that comes is counted.
    await until(
      async () => (await committed('meals').catch(() => [])).length === 4,
      60_000,
      () => `meals is not read: ${said()}`,
    )
    await run(
      ...['produce', 'features', '--from', join(folder, 'served.csv'), '--monitor', join(monitors, 'meals.yaml')],
      ...['--limit', '2400'],
    )
    await until(
      async () => (await service.metric('driftline_records_total', { model: 'meals', outcome: 'aggregated' })) === 2400,
      60_000,
      () => `meals is not counted: ${said()}`,
    )
    await unlink(join(monitors, 'meals.yaml'))
    await until(
      async () => /"model":"meals".*"removed":true/.test(service.log),
      30_000,
      () => said(),
    )
    expect(await service.metric('driftline_records_total', { model: 'rides', outcome: 'rejected' })).toBe(0)
  })

  it('stop when asked: drained, committed, exit code 0', async () => {
    const [service] = services.slice(1) as [Service]
    const asked = Date.now()
    expect(await service.kill('SIGTERM'), said()).toBe(0)
    expect(Date.now() - asked).toBeLessThan(15_000)
    expect(service.log.trim().split('\n').at(-1)).toContain('"stopped"')
    const sum = (await committed('meals')).reduce((all, { offset }) => all + offset, 0)
    expect(sum).toBe(2400)
  })
})
