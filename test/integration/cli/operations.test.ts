import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Calibration } from '../../../src/service/calibrate.js'
import type { Random } from '../../random.js'
import { csv, HOUR, rides, usual } from '../../service/rides.js'
import { startKafka } from '../../services/launch.js'
import { driftlineHere, succeedHere } from '../cli-here.js'
import { type Ended, freePort, Service, until } from '../cli-process.js'
import { createTopic } from '../kafka.js'

/** Whole hours, and all of it in the past. */
const START = Math.floor(Date.now() / HOUR - 48) * HOUR
const HOURS = 5

const OTHER = `apiVersion: driftline/v1
model: others
serving: { topic: TOPIC, format: json, where: { model: others }, key: requestId, time: eventTime, features: "features.*" }
window: { size: 1h }
`

const faulty = (random: Random) => {
  const features = usual(random)
  return { ...features, fare: 3 * (features.fare as number), tolls: 9 }
}

/** Every value in a calibration by its path, series in text order. */
function calibrationOf(json: string): Record<string, unknown> {
  const found = JSON.parse(json) as Calibration
  const values: Record<string, unknown> = {}
  const walk = (path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) values[path] = value
    else for (const [key, one] of Object.entries(value)) walk(path === '' ? key : `${path}.${key}`, one)
  }
  walk('', { ...found, series: [...found.series].sort((a, b) => (a.feature < b.feature ? -1 : 1)) })
  return values
}

describe('who operates a running service', () => {
  let folder: string
  let monitor: string
  let topic: string
  let env: Record<string, string>
  let kafka: Awaited<ReturnType<typeof startKafka>>
  let service: Service | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-operations-'))
    await mkdir(join(folder, 'monitors'))
    monitor = join(folder, 'monitors', 'rides.yaml')
    kafka = await startKafka()
    env = { KAFKA_BROKERS: kafka.brokers.join(), SCHEMA_REGISTRY_URL: '', DRIFTLINE_REPLICATION: '1' }
    topic = await createTopic('rides', 2, kafka.brokers)
    await writeFile(
      monitor,
      `apiVersion: driftline/v1
model: rides
serving: { topic: ${topic}, format: json, key: requestId, time: eventTime, version: modelVersion, features: "features.*", idleAfter: 10m }
window: { size: 1h, grace: 5m, minRows: 100 }
`,
    )
    const training = rides({ seed: 1, from: START - 100 * HOUR, hours: 50, perHour: 80 })
    await writeFile(join(folder, 'training.csv'), csv(training))
    const served = rides({ seed: 3, from: START, hours: HOURS, perHour: 300, features: faulty })
    await writeFile(join(folder, 'served.csv'), csv(served))
    await run('topics', 'apply')
    await run('baseline', 'load', join(folder, 'training.csv'), '--monitor', monitor)
  })

  afterAll(async () => {
    await service?.kill('SIGKILL')
    await kafka?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]): Promise<string> => succeedHere(env, ...args)

  async function ends(code: number, ...args: string[]): Promise<Ended> {
    const ended = await driftlineHere(env, ...args)
    expect(ended.code, `driftline ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`).toBe(code)
    return ended
  }

  const status = async () => JSON.parse((await ends(0, 'status', '--json')).stdout)

  it('asks for the status before anything runs', async () => {
    expect((await ends(0, 'status')).stdout).toBe('no model is watched; start `driftline up` with a monitor\n')
    expect((await ends(3, 'status', '--fail-on', 'major')).stderr).toMatch(/no model is watched/)
    expect((await ends(2, 'status', '--model', 'meals')).stderr).toMatch(/no monitor of model meals.*watched: none/)
    expect((await ends(2, 'calibrate', monitor)).stderr).toMatch(/no service has run this version.*driftline up/)
    expect((await ends(2, 'status', '--fail-on', 'bad')).stderr).toMatch(/Allowed choices are info, warn/)
    const { KAFKA_BROKERS } = env
    env = { ...env, KAFKA_BROKERS: 'localhost:1' }
    expect((await ends(3, 'status')).stderr).toMatch(/localhost:1/)
    env = { ...env, KAFKA_BROKERS: KAFKA_BROKERS! }
  })

  it('sees who has which partition, how far it is, and that nothing fires', async () => {
    service = new Service(env, await freePort(), join(folder, 'monitors'))
    await service.ready()
    const { models, alerts } = await status()
    expect(models).toMatchObject([
      {
        ...{ model: 'rides', closedTo: null, watermark: null, owner: expect.stringContaining('driftline-') },
        baselines: [{ version: 1, rows: 4000 }],
        sources: [0, 1].map(partition => ({ topic, partition, owner: expect.stringMatching(/^driftline-.*@127/) })),
        firing: {},
      },
    ])
    expect(alerts).toEqual([])
    await ends(0, 'status', '--fail-on', 'info')
  })

  it('is stopped by the gate when something severe fires', async () => {
    await run('produce', 'features', '--from', join(folder, 'served.csv'), '--monitor', monitor)
    await until(
      async () => {
        const [rides] = (await status()).models
        return rides.closedTo !== null && rides.sources.every((one: { lag: number }) => one.lag === 0)
      },
      60_000,
      () => `no window is closed: ${service!.log.slice(-3000)}`,
    )
    const { models, alerts, incidents } = await status()
    const [{ sources, watermark, closedTo, delayMs, firing }] = models
    const aggregated = sources.map((one: { counts: { aggregated: number } }) => one.counts.aggregated)
    expect(aggregated.reduce((sum: number, count: number) => sum + count)).toBe(HOURS * 300)
    const newest = sources.map((one: { watermark: string }) => Date.parse(one.watermark))
    expect(Date.parse(watermark)).toBe(Math.min(...newest))
    expect(Math.max(...newest)).toBeGreaterThan(START + (HOURS - 1) * HOUR)
    expect(Date.parse(closedTo)).toBe(START + (HOURS - 1) * HOUR)
    expect(Math.abs(delayMs - (Date.now() - Date.parse(watermark)))).toBeLessThan(60_000)
    expect(alerts.length).toBeGreaterThanOrEqual(2)
    expect(incidents.length).toBeGreaterThanOrEqual(1)
    expect(Object.values(firing).reduce((sum: number, count) => sum + (count as number), 0)).toBe(alerts.length)
    const stopped = await ends(1, 'status', '--model', 'rides', '--fail-on', 'warn')
    expect(stopped.stdout).toMatch(/model +monitor[\s\S]*rides[\s\S]*topic +partition[\s\S]*alert +status/)
  })

  it('tells what its limits come to, as from the same files', async () => {
    const closed = new Date(START + (HOURS - 1) * HOUR).toISOString()
    const files = ['--baseline', join(folder, 'training.csv'), '--events', join(folder, 'served.csv'), '--to', closed]
    const { stdout } = await ends(0, 'calibrate', monitor, '--json')
    const running = calibrationOf(stdout)
    const replayed = calibrationOf((await ends(0, 'calibrate', monitor, ...files, '--json')).stdout)
    expect(Object.keys(running)).toEqual(Object.keys(replayed))
    // Two partitions and one give the same digests but for the order in which they were merged.
    for (const [path, value] of Object.entries(replayed))
      if (typeof value === 'number') expect(running[path], path).toBeCloseTo(value, 3)
      else expect(running[path], path).toEqual(value)
    expect(running['judged']).toBe(HOURS - 1)
    expect(running).toMatchObject({ windows: HOURS - 1, events: (HOURS - 1) * 300 })
    expect(running['incidents.0.severity']).toBeDefined()
    const none = await ends(0, 'calibrate', monitor, '--to', '2020-01-01', '--json')
    expect(JSON.parse(none.stdout)).toMatchObject({ windows: 0, judged: 0, measured: null })
    expect((await ends(0, 'calibrate', monitor)).stdout).toMatch(/monitor +rides[\s\S]*False incidents[\s\S]*fare/)
    const half = await ends(2, 'calibrate', monitor, '--events', join(folder, 'served.csv'))
    expect(half.stderr).toMatch(/takes both --baseline and --events/)
  })

  it('has a model forgotten: asked twice, on record, and dropped by the service', async () => {
    expect((await ends(2, 'forget')).stderr).toMatch(/name the model/)
    expect((await ends(2, 'forget', 'meals', '--yes')).stderr).toMatch(/nothing is kept of model meals; .*rides/)
    expect((await ends(2, 'forget', 'rides', '--yes')).stderr).toMatch(/still watched: take its file away/)
    await rename(monitor, join(folder, 'rides.yaml'))
    await writeFile(join(folder, 'monitors', 'other.yaml'), OTHER.replace('TOPIC', topic))
    await until(
      async () => service!.log.includes('"removed":true'),
      30_000,
      () => service!.log.slice(-2000),
    )
    const asked = await ends(2, 'forget', 'rides')
    expect([asked.stdout, asked.stderr]).toEqual([
      expect.stringMatching(/of rides would be removed: \d+ records of baselines[\s\S]*driftline.alerts +365d/),
      expect.stringMatching(/nothing was removed: add --yes/),
    ])
    const { expiries: _, ...before } = JSON.parse((await ends(2, 'forget', 'rides', '--json')).stdout)
    const done = JSON.parse(
      (await ends(0, 'forget', 'rides', '--yes', '--note', 'over', '--by', 'ann', '--json')).stdout,
    )
    expect(done).toMatchObject({ ...before, forgotten: true, by: 'ann', note: 'over' })
    expect(done.stateRecords).toBeGreaterThan(1)
    expect((await ends(0, 'forget', '--list')).stdout).toMatch(/when[\s\S]*rides +ann +over/)
    expect((await status()).models.map((one: { model: string }) => one.model)).toEqual(['others'])
    await until(
      async () => !(await service!.lines('driftline_alerts_firing')).includes('rides'),
      20_000,
      () => service!.log.slice(-2000),
    )
    expect((await ends(2, 'forget', 'rides')).stderr).toMatch(/nothing is kept of model rides/)
  })
})
