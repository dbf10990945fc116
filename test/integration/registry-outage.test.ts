import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startKafka, startRegistry } from '../services/launch.js'
import { driftline, freePort, Service, until } from './cli-process.js'

const MONITOR = `
apiVersion: driftline/v1
model: m
serving: { topic: events, key: id, time: { path: t, unit: ms }, features: "features.*" }
window: { size: 1h }
`

let folder: string
let kafka: Awaited<ReturnType<typeof startKafka>>
let registry: Awaited<ReturnType<typeof startRegistry>>
let service: Service | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-registry-'))
  ;[kafka, registry] = await Promise.all([startKafka(), startRegistry()])
})

afterAll(async () => {
  service?.goOn()
  await service?.kill('SIGKILL')
  await Promise.all([kafka?.stop(), registry?.stop()])
  await rm(folder, { recursive: true, force: true })
})

it('a schema that is new while the registry is away is waited for: no record is lost, none dead-lettered', async () => {
  const env = { KAFKA_BROKERS: kafka.brokers.join(), SCHEMA_REGISTRY_URL: registry.url, DRIFTLINE_REPLICATION: '1' }
  const monitor = join(folder, 'm.yaml')
  await writeFile(monitor, MONITOR)
  const rows = Array.from({ length: 900 }, (_, i) => `r${i},${Date.UTC(2026, 0, 5) + i * 10_000},${i % 17}`)
  await writeFile(join(folder, 'events.csv'), `id,t,x\n${rows.join('\n')}\n`)
  const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'events', numPartitions: 2 }], waitForLeaders: false })
  expect((await driftline(env, 'topics', 'apply')).code).toBe(0)
  const running = (service = new Service(env, await freePort(), monitor))
  await running.ready()
  // Its start is committed: what comes while it stands is not before it.
  await sleep(3000)

  running.stand()
  const events = join(folder, 'events.csv')
  const { code, stderr } = await driftline(env, 'produce', 'features', '--from', events, '--monitor', monitor)
  await registry.halt()
  running.goOn()
  expect(code, stderr).toBe(0)
  const letters = async (): Promise<string> => (await admin.fetchTopicOffsets('driftline.dead-letters'))[0]!.high
  const said = (): string => running.log.slice(-2000)
  await until(async () => /registry/.test(said()), 20_000, said)
  await sleep(5000)
  expect(await running.metric('driftline_records_total')).toBe(0)
  expect(await letters()).toBe('0')

  await registry.start()
  await until(async () => (await running.metric('driftline_records_total')) === 900, 60_000, said)
  expect(await running.metric('driftline_records_total', { outcome: 'aggregated' })).toBe(900)
  expect(await letters()).toBe('0')
  expect(await running.kill('SIGTERM'), said()).toBe(0)
  await admin.disconnect()
})
