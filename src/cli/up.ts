import { Command, Option } from 'commander'
import pino from 'pino'
import { createPublicEncoder } from '../codec/public-encoder.js'
import { registrySchemas, type WriterSchemas } from '../codec/writer-schemas.js'
import { environment, privacyKey, type StatePlace } from '../config/environment.js'
import { loadMonitors } from '../config/monitor.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import type { JoinOptions, KeyedStore, StateStore } from '../core/ports.js'
import type { KafkaLog } from '../log/kafka/kafka-log.js'
import { pause, wallClock } from '../service/clock.js'
import { type Readiness, serveHttp } from '../service/http.js'
import { openKafka } from '../service/kafka.js'
import { Line } from '../service/line.js'
import { Metrics } from '../service/metrics.js'
import { MonitorFiles } from '../service/monitor-files.js'
import type { PendingKeys } from '../service/pending-keys.js'
import { software } from '../service/software.js'
import { openKeyed, openStore } from '../state/open.js'
import { leaveSoon, startedBefore } from './starting.js'

interface UpOptions {
  readonly stages: string[]
  readonly from?: string
  readonly group: string
  readonly state?: string
  readonly httpHost: string
  readonly httpPort: string
  readonly json?: boolean
}

/** What a start makes, one after the other. */
interface Made {
  /** Of checkpoints; null while, or where, there is none. */
  store: StateStore | null
  /** Why there is none. */
  fault: string | null
  line: Line | null
}

const TICK_MS = 1000
const RETRY_MS = 2000
/** How often monitor files are looked at for changes. */
const REFRESH_TICKS = 5

export function upCommand(): Command {
  return new Command('up')
    .description('Runs the service: reads the topics that the monitors name, publishes verdicts and alerts.')
    .argument('[monitors]', 'a monitor file, or a folder of them', 'topology/monitors')
    .addOption(
      new Option('--stages <stages...>', 'run only these')
        .choices(['summarize', 'join', 'evaluate'])
        .default(['summarize', 'join', 'evaluate']),
    )
    .option(
      '--from <time>',
      'where a first start begins: latest, earliest, or an ISO time; windows before the start give verdicts but no alerts',
    )
    .option('--group <prefix>', 'prefix of the consumer groups', 'driftline')
    .option(
      '--state <place>',
      'where checkpoints and keys that wait for labels are kept: lmdb:FOLDER, redis (at REDIS_URL), redis://…, rediss://…, or none (default: DRIFTLINE_STATE, else lmdb:.driftline/checkpoints)',
    )
    .option(
      '--http-host <host>',
      'address of /health, /ready and /metrics',
      process.env['DRIFTLINE_HTTP_HOST'] ?? '127.0.0.1',
    )
    .option('--http-port <port>', 'port of it; 0 takes a free one', process.env['DRIFTLINE_HTTP_PORT'] ?? '8080')
    .option('--json', 'errors as JSON (logs always are)')
    .addHelpText(
      'after',
      `
Examples:
  KAFKA_BROKERS=localhost:9092 SCHEMA_REGISTRY_URL=http://localhost:8081/apis/ccompat/v7 driftline up
  driftline up monitors/taxi.yaml --from 2026-01-01T00:00:00Z
  driftline up --state redis://localhost:6379     # shared: a new owner of a partition goes on where the other was
  driftline up --stages evaluate --http-port 8081`,
    )
    .action(up)
}

async function up(path: string, options: UpOptions): Promise<void> {
  const logger = pino({ base: { software }, timestamp: pino.stdTimeFunctions.isoTime })
  const { monitors, notices } = loadMonitors(path)
  for (const notice of notices) logger.warn(notice)
  const env = environment({
    ...process.env,
    ...(options.state === undefined ? {} : { DRIFTLINE_STATE: options.state }),
  })
  const key = privacyKey()
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
  const start = startOf(options.from)
  const schemas = schemasOf(env.schemaRegistryUrl, monitors)
  let failure: Error | null = null
  const fail = (error: Error): void => {
    failure = error
    stopping.abort()
  }
  const log = openKafka(env.kafka, logger, fail)
  const metrics = new Metrics()
  metrics.watchProcess()
  const made: Made = { store: null, fault: null, line: null }
  const server = await serveHttp({
    host: options.httpHost,
    port: Number(options.httpPort),
    metrics,
    readiness: async () => readinessOf(log, made),
  })
  logger.info({ http: server.addresses(), monitors: monitors.map(({ model }) => model) }, 'starting')
  const begin = async (): Promise<void> => {
    Object.assign(made, await storeOf(env.state, logger))
    const encoder = await persistent(
      () => createPublicEncoder({ registryUrl: env.schemaRegistryUrl }),
      logger,
      stopping.signal,
    )
    made.line = new Line({
      log,
      clock: wallClock,
      logger,
      metrics,
      monitors,
      schemas,
      encoder,
      store: made.store,
      openKeys: () => keysOf(env.state, logger),
      stages: {
        summarize: options.stages.includes('summarize'),
        join: options.stages.includes('join'),
        evaluate: options.stages.includes('evaluate'),
      },
      start,
      // A backfill is for verdicts: nobody wants to be called for what ended long ago.
      alertsFrom: start === 'latest' ? Number.NEGATIVE_INFINITY : wallClock.now(),
      group: options.group,
      privacyKey: key,
      onFailure: error => logger.error({ err: error.message }, 'a change of monitors cannot be followed'),
    })
    await made.line.start()
  }
  const close = async (): Promise<void> => {
    await server.close()
    await log.close()
    await made.store?.close()
  }
  let begun = true
  try {
    begun = await startedBefore(stopping.signal, logger, begin(), () => stepOf(made.line))
    if (begun) await work(made.line!, path, monitors, stopping.signal, logger)
  } finally {
    if (begun) await close()
  }
  if (!begun) {
    logger.info({ waitingFor: stepOf(made.line) }, 'stopping before the start is done')
    await leaveSoon(async () => {
      await made.line?.stop()
      await close()
    })
    // What kafkajs still tries would hold the process for minutes. The exit code is set by then.
    setImmediate(() => process.exit())
  }
  logger.info('stopped')
  if (failure !== null) throw failure
}

async function work(
  line: Line,
  path: string,
  monitors: readonly Monitor[],
  signal: AbortSignal,
  logger: pino.Logger,
): Promise<void> {
  logger.info('reading')
  const files = new MonitorFiles(
    path,
    line,
    logger,
    monitors.map(({ model }) => model),
  )
  for (let tick = 1; !signal.aborted; tick++) {
    await pause(TICK_MS, signal)
    if (signal.aborted) break
    await line.tick()
    if (tick % REFRESH_TICKS === 0) await files.refresh()
  }
  logger.info('stopping: draining the batches at work, then leaving the groups')
  await line.stop()
}

/** A registry that is away is waited for, as Kafka is: nothing is lost meanwhile. Told once. */
async function persistent<T>(work: () => Promise<T>, logger: pino.Logger, signal: AbortSignal): Promise<T> {
  for (let told = false; ; told = true) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof DriftlineError) || error.code !== 'infrastructure' || signal.aborted) throw error
      if (!told) logger.warn({ err: error.message }, 'waiting for the schema registry')
      await pause(RETRY_MS, signal)
    }
  }
}

/** A folder that cannot be used is told, and done without, as is a store that is away: nothing is lost by it but time at the next start. */
async function storeOf(place: StatePlace, logger: pino.Logger): Promise<Pick<Made, 'store' | 'fault'>> {
  try {
    return { store: await openStore(place), fault: null }
  } catch (error) {
    if (!(error instanceof DriftlineError) || error.code !== 'infrastructure') throw error
    logger.error({ err: error.message }, 'going on without checkpoints')
    return { store: null, fault: error.message }
  }
}

/** As `storeOf`: without it the keys of the join are in memory. */
async function keysOf(place: StatePlace, logger: pino.Logger): Promise<KeyedStore | null> {
  try {
    return await openKeyed(place)
  } catch (error) {
    if (!(error instanceof DriftlineError) || error.code !== 'infrastructure') throw error
    logger.error({ err: error.message }, 'going on with pending keys in memory')
    return null
  }
}

/** Avro needs a registry; a monitor of JSON topics does not. */
function schemasOf(url: string | null, monitors: readonly Monitor[]): WriterSchemas | null {
  if (url !== null) return registrySchemas(url)
  const avro = monitors.find(monitor => monitor.serving.format === 'avro')
  if (avro !== undefined)
    throw new DriftlineError(
      'bad-input',
      `${avro.file}: serving.format is avro, and SCHEMA_REGISTRY_URL is not set; set it, for example to http://localhost:8081/apis/ccompat/v7`,
    )
  return null
}

function startOf(from: string | undefined): NonNullable<JoinOptions['start']> {
  if (from === undefined || from === 'latest') return 'latest'
  if (from === 'earliest') return 'earliest'
  const time = Date.parse(from)
  if (Number.isNaN(time))
    throw new DriftlineError(
      'bad-input',
      `--from ${from}: expected latest, earliest or an ISO time such as 2026-01-01T00:00:00Z`,
    )
  return { time }
}

/** What is waited for until all stages have their partitions. */
function stepOf(line: Line | null): string {
  return line === null
    ? 'opening the checkpoints, asking the schema registry'
    : (line.startingWith ?? 'joining the groups')
}

/** Ready when the log answers and both stages own what they joined for. Without the state store all work goes on, so it is told and no more. */
function readinessOf(log: KafkaLog, { line, store, fault }: Made): Readiness {
  const kafka = log.healthy()
  const joined = line?.ready ?? false
  const checks = {
    kafka: { ok: kafka, says: kafka ? 'answers' : 'does not answer; retrying without end, state is kept' },
    line: { ok: joined, says: joined ? 'every stage has its partitions' : stepOf(line) },
    stateStore: stateStoreCheck(store, line?.checkpoints?.fault ?? fault),
    ...(line?.pendingKeys == null ? {} : { pendingKeys: pendingKeysCheck(line.pendingKeys) }),
  }
  return { ready: kafka && joined, checks }
}

function stateStoreCheck(store: StateStore | null, fault: string | null): Readiness['checks'][string] {
  if (fault !== null)
    return { ok: false, says: `${fault}. Going on without checkpoints: a restart rebuilds from the log` }
  return { ok: true, says: store === null ? 'none: a restart rebuilds from the log' : `checkpoints in ${store.place}` }
}

/** Told and no more, as drift is watched all the while. */
function pendingKeysCheck({ fault, store }: PendingKeys): Readiness['checks'][string] {
  return fault === null
    ? { ok: true, says: `keys that wait for labels are in ${store.place}` }
    : { ok: false, says: `${fault}. The join waits for it; nothing is lost meanwhile` }
}
