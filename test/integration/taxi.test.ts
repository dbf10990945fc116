import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { PublicDecoder } from '../../src/codec/public-decoder.js'
import type { AlertEvent, VerdictEvent } from '../../src/core/alert/event.js'
import { data } from '../files/fixtures.js'
import { startKafka } from '../services/launch.js'
import { makeTopic } from '../services/topics.js'
import { succeedHere } from './cli-here.js'
import { freePort, Service, succeed, until } from './cli-process.js'
import { published } from './published.js'

const TAXI = data('chicago_taxi.csv.gz')
const CUT = '2014-01-01'
/** In the middle of a window: the service is killed here. */
const KILL = '2015-06-10'
const EVENTS = 10_614
const MAP = ['--map', 'eventTime=trip_start_timestamp:s', 'requestId=#']

const MONITOR = `
apiVersion: driftline/v1
model: taxi-tips
serving:
  topic: taxi
  key: requestId
  time: { path: eventTime, unit: s }
  features: "features.*"
  ignore: [pickup_census_tract, trip_start_month, trip_start_day, trip_start_hour]
  idleAfter: 5s
window: { size: 30d, grace: 1d, minRows: 200 }
segments: { payment_type: { top: 4 } }
`

describe('the Chicago taxi data through a real Kafka, by the commands of the README', () => {
  let folder: string
  let monitor: string
  let kafka: Awaited<ReturnType<typeof startKafka>>
  let env: Record<string, string>
  const services: Service[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-taxi-'))
    monitor = join(folder, 'taxi.yaml')
    await writeFile(monitor, MONITOR)
    kafka = await startKafka()
    env = {
      KAFKA_BROKERS: kafka.brokers.join(),
      SCHEMA_REGISTRY_URL: inject('services').registry.url,
      DRIFTLINE_REPLICATION: '1',
      KAFKA_SESSION_TIMEOUT: '10s',
    }
    const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await makeTopic(admin, 'taxi', 4)
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

  const produce = (...range: string[]): Promise<string> =>
    run('produce', 'features', '--from', TAXI, '--monitor', monitor, ...MAP, ...range, '--json')

  const events = <E>(topic: string): Promise<E[]> => published<E>(kafka.brokers, topic, env['SCHEMA_REGISTRY_URL']!)

  it('creates its topics, and nothing the second time', async () => {
    await run('topics', 'apply')
    expect(await succeedHere(env, 'topics', 'plan')).toContain('Nothing to do')
  })

  it('loads the same baseline from CSV.gz, Parquet and NDJSON', async () => {
    const duckdb = await DuckDBInstance.create()
    const connection = await duckdb.connect()
    const csv = `read_csv('${TAXI}', sample_size = -1)`
    await connection.run(`COPY (SELECT * FROM ${csv}) TO '${join(folder, 'taxi.parquet')}' (FORMAT parquet)`)
    await connection.run(`COPY (SELECT * FROM ${csv}) TO '${join(folder, 'taxi.ndjson')}' (FORMAT json)`)
    connection.closeSync()
    duckdb.closeSync()
    const load = (file: string) => ['baseline', 'load', file, '--monitor', monitor, ...MAP, '--to', CUT, '--json']
    const first = JSON.parse(await run(...load(TAXI))) as { hash: string; rows: number; version: number }
    expect(first).toMatchObject({ rows: 4388, version: 1 })
    for (const file of ['taxi.parquet', 'taxi.ndjson'])
      expect(JSON.parse(await succeedHere(env, ...load(join(folder, file)), '--dry-run')), file).toMatchObject({
        rows: 4388,
        hash: first.hash,
      })
  })

  it('finds what is known of the data, over a kill -9 in mid-window, and loses nothing', async () => {
    const before = await up()
    await produce('--since', CUT, '--until', KILL)
    const first = await before.metric('driftline_records_total')
    await until(
      async () => (await before.metric('driftline_records_total')) === 7269,
      60_000,
      () => `${first} read: ${before.log.slice(-2000)}`,
    )
    await before.kill('SIGKILL')

    const after = await up()
    await produce('--since', KILL)
    // Counted from the last commit on; what lies below it is in the commit's counts.
    let settled = 0
    let last = -1
    await until(
      async () => {
        const verdicts = await after.metric('driftline_verdicts_total')
        settled = verdicts === last && verdicts > 0 ? settled + 1 : 0
        last = verdicts
        return settled >= 16
      },
      120_000,
      () => after.log.slice(-2000),
    )
    expect(await after.kill('SIGTERM'), after.log.slice(-2000)).toBe(0)

    const verdicts = await events<VerdictEvent>('driftline.verdicts')
    // Incidents are in the same topic.
    const alerts = (await events<Partial<AlertEvent>>('driftline.alerts')).filter(
      (one): one is AlertEvent => one.alertId !== undefined,
    )
    const whole = verdicts.filter(({ series }) => Object.keys(series.segment).length === 0)

    // Nothing lost: the windows hold every event but those of the window still open at the end.
    const rowsOf = new Map(
      whole
        .filter(({ series }) => series.feature === 'fare')
        .map(v => [`${v.window.end}/${v.window.revision}`, v.window.rows]),
    )
    const judged = [...rowsOf.values()].reduce((sum, rows) => sum + rows, 0)
    const end = Math.max(...whole.map(({ window }) => window.end))
    const replayed = await replay()
    expect(judged + replayed.rowsFrom(end)).toBe(EVENTS)

    // One id, one content: over the restart, and against a replay that nothing disturbed.
    const content = ({ window, outcome, series }: VerdictEvent): string =>
      JSON.stringify([series, window.rows, outcome])
    const seen = new Map<string, string>()
    for (const verdict of verdicts) {
      expect(seen.get(verdict.id) ?? content(verdict)).toBe(content(verdict))
      seen.set(verdict.id, content(verdict))
    }
    const undisturbed = replayed.verdicts.filter(({ window }) => window.end <= end)
    expect(new Map(undisturbed.map(v => [v.id, content(v)]))).toEqual(seen)

    // What is known of the data.
    const fired = alerts.filter(({ status, series }) => status === 'firing' && Object.keys(series.segment).length === 0)
    const zeros = fired.find(({ series, check }) => series.feature === 'trip_miles' && check === 'zero')
    expect(zeros?.summary).toMatch(/zeros fell from 44 % to 2\d %/)
    expect(new Date(zeros!.window.end).toISOString().slice(0, 7)).toMatch(/^2014-0[4-6]$/)
    const cash = fired.find(({ series }) => series.feature === 'payment_type')
    expect(cash?.summary).toContain('Cash')
    expect(cash?.moved.find(({ value }) => value === 'Cash')?.baselineShare).toBeCloseTo(0.74, 1)
    const thin = whole.filter(({ window }) => window.start >= Date.UTC(2016, 0, 1))
    expect(thin.length).toBeGreaterThan(0)
    // 55 to 85 rows: too few to be compared with training, and in the first months less than half of what had been usual.
    for (const { series, because, outcome, checks } of thin.filter(({ series }) => series.feature === 'trip_miles'))
      expect(
        because === 'volume' ? outcome : checks.find(({ check }) => check === 'psi')?.outcome,
        JSON.stringify([series, because]),
      ).toBe('insufficient-data')
    expect(alerts.some(({ status, check }) => status === 'firing' && check === 'volume')).toBe(true)
  }, 240_000)

  it('reads alerts and verdicts back by its own commands', async () => {
    expect(await run('alerts', 'list')).toContain('trip_miles: zeros fell')
    const rows = (await succeedHere(env, 'verdicts', 'list', '--feature', 'trip_miles', '--json')).trim().split('\n')
    expect(rows.length).toBeGreaterThan(30)
  })

  /** The same monitor and data by `replay`: what an undisturbed run gives. */
  async function replay() {
    const { replay: line } = await import('../../src/service/replay.js')
    const { openTable } = await import('../../src/files/table.js')
    const { mapEvents } = await import('../../src/files/event-mapping.js')
    const { parseFieldMap } = await import('../../src/files/field-map.js')
    const { buildBaseline } = await import('../../src/service/build-baseline.js')
    const { loadMonitors } = await import('../../src/config/monitor.js')
    const { pino } = await import('pino')
    const { monitors } = loadMonitors(monitor)
    const map = parseFieldMap(MAP.slice(1))
    const table = await openTable(TAXI)
    const provenance = { version: 1, modelVersion: null, source: TAXI, loadedAt: 0, from: null }
    const baseline = await buildBaseline(monitors[0]!, table, { map, provenance, to: Date.parse(CUT) })
    const mapping = mapEvents(monitors[0]!, table, map, { time: true, key: 'row number' })
    const decoder = new PublicDecoder(null)
    const written: Promise<VerdictEvent>[] = []
    await line({
      monitor: monitors[0]!,
      baseline,
      events: table,
      mapping,
      partitions: 4,
      logger: pino({ level: 'silent' }),
      range: { from: Date.parse(CUT) },
      onVerdicts: batch => {
        for (let i = 0; i < batch.size; i++)
          written.push(
            decoder.decode(batch.headers(i), new Uint8Array(batch.value(i)!)).then(one => one!.event as VerdictEvent),
          )
      },
    })
    await table.close()
    const verdicts = await Promise.all(written)
    const rowsFrom = (end: number): number =>
      verdicts
        .filter(
          ({ window, series }) =>
            window.end > end && series.feature === 'fare' && Object.keys(series.segment).length === 0,
        )
        .reduce((sum, { window }) => sum + window.rows, 0)
    return { verdicts, rowsFrom }
  }
})
