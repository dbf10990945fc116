import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { jsonEncoder } from '../codec/public-encoder.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import { inputsOf, type Monitor } from '../core/monitor.js'
import type { PerformanceEvent } from '../core/performance/event.js'
import type { OutgoingRecord } from '../core/ports.js'
import { EmbeddedLog } from '../log/embedded.js'
import { activate, publishBaseline } from '../service/baselines.js'
import { Line } from '../service/line.js'
import { ALERTS, BASELINES, CONTROL, DEAD_LETTERS, JOINS, PANES, STATE, VERDICTS } from '../service/topics.js'
import { type Account, accountOf, WindowRows } from './account.js'
import { type Schedule, schedule } from './faults.js'
import { Labels } from './labels.js'
import { type Outcome, outcomeOf, type Told } from './outcome.js'
import { Published } from './published.js'
import { ScoringService, type Sent } from './scoring-service.js'
import { trainingBaseline } from './training.js'

/** A Monday. Fixed, so that a seed gives the same events whenever it is run. */
export const START_MS = Date.UTC(2026, 2, 2)
/** Rides an hour on the mean; at night a window of half an hour still holds 1500. */
export const PER_HOUR = 3800
/** Simulated time between two runs of the line. */
const STEP_MS = 300_000
const PARTITIONS = { serving: 4, labels: 1, offline: 1 } as const
/** The events are JSON. */
const NO_SCHEMAS = { get: async () => null }

export interface DemoOptions {
  readonly monitor: Monitor
  readonly seed: number
  readonly durationMs: number
  readonly logger: Logger
  /** Without faults nothing should ring; true unless told. */
  readonly faults?: boolean
  /** Simulated time by wall time; as fast as it goes where absent. */
  readonly speed?: number
  readonly signal?: AbortSignal
  /** Told of each alert event as it leaves the log, with its bytes. */
  readonly onAlert?: (told: Told, value: Uint8Array) => void
  readonly onIncident?: (incident: IncidentEvent, value: Uint8Array) => void
  readonly onProgress?: (progress: Progress) => void
  readonly onTrained?: (rows: number) => void
}

export interface Progress {
  readonly schedule: Schedule
  /** Simulated time, epoch ms. */
  readonly now: number
  readonly records: number
  /** Windows judged so far. */
  readonly windows: number
}

export interface DemoResult {
  readonly schedule: Schedule
  readonly told: readonly Told[]
  readonly incidents: readonly IncidentEvent[]
  readonly performances: readonly PerformanceEvent[]
  readonly outcome: Outcome
  /** Labels written. */
  readonly labels: number
  readonly account: Account
  readonly sent: Sent
  readonly windows: number
  readonly verdicts: number
  /** Simulated time that it came to, epoch ms; before the schedule's end where it was stopped. */
  readonly now: number
  readonly stopped: boolean
}

/** The whole line over simulated events on the embedded log. Everything told comes from the public topics. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { monitor, seed, durationMs, logger, faults = true, speed, signal } = options
  const plan = schedule(START_MS, durationMs, { faults })
  const { topic } = monitor.serving
  let now = plan.start
  const clock = { now: () => now }
  const own = [PANES, JOINS, BASELINES, CONTROL, STATE, VERDICTS, ALERTS, DEAD_LETTERS].map(name => ({
    name,
    partitions: 1,
  }))
  const sources = inputsOf(monitor).map(({ topic: name, side }) => ({ name, partitions: PARTITIONS[side] }))
  const topics = [...own, ...sources]
  const log = new EmbeddedLog({ clock, topics, retainConsumed: false })
  const baseline = trainingBaseline(monitor, seed, plan.start)
  await publishBaseline(log, baseline)
  const { model, version } = baseline
  await activate(log, { model, modelVersion: null, baseline: version, from: null, by: 'demo', at: now })
  options.onTrained?.(baseline.rows)
  const line = new Line({
    log,
    clock,
    logger,
    monitors: [monitor],
    schemas: NO_SCHEMAS,
    encoder: jsonEncoder(),
    start: 'earliest',
  })
  await line.start()
  const published = await Published.follow(log)
  const windows = new WindowRows()
  const told: Told[] = []
  const seen: IncidentEvent[] = []
  const measured: PerformanceEvent[] = []
  const listen = async (): Promise<void> => {
    const { alerts, incidents, verdicts, performances } = await published.read()
    for (const { event } of performances) measured.push(event)
    for (const { event } of verdicts) windows.add(event)
    for (const { event, value } of incidents) {
      seen.push(event)
      options.onIncident?.(event, value)
    }
    for (const { event, value, at } of alerts) {
      told.push({ alert: event, at })
      options.onAlert?.(told.at(-1)!, value)
    }
  }
  const labels = new Labels(seed)
  const service = new ScoringService(seed, plan, PER_HOUR, ride => labels.add(ride))
  const append = async (rides: readonly OutgoingRecord[], until: number): Promise<void> => {
    await log.append(topic, rides)
    if (monitor.labels !== undefined) await log.append(monitor.labels.topic, labels.records(until))
  }
  const pace = pacing(speed, signal)
  while (now < plan.end && !signal?.aborted) {
    const records = service.records(now, now + STEP_MS)
    now += STEP_MS
    await append(records, now)
    await log.run()
    await line.tick()
    await log.run()
    await listen()
    options.onProgress?.({ schedule: plan, now, records: service.sent.records, windows: windows.windows })
    await pace(now - plan.start)
  }
  // What is on its way when the service ends.
  await append(service.rest(), Number.POSITIVE_INFINITY)
  await log.run()
  await line.finish()
  await log.run()
  await listen()
  const account = await accountOf(log, line.metrics, topic, windows)
  await line.stop()
  return {
    schedule: plan,
    told,
    incidents: seen,
    performances: measured,
    labels: labels.sent,
    outcome: outcomeOf({ faults: plan.faults.filter(({ from }) => from < now) }, told),
    account,
    sent: service.sent,
    windows: windows.windows,
    verdicts: windows.verdicts,
    now,
    stopped: now < plan.end,
  }
}

/** Waits until wall time has come as far as simulated time; lets signals in now and then where it need not wait. */
function pacing(speed: number | undefined, signal: AbortSignal | undefined) {
  const began = performance.now()
  let breath = began
  return async (simulatedMs: number): Promise<void> => {
    const due = speed === undefined ? 0 : began + simulatedMs / speed - performance.now()
    if (due <= 0 && performance.now() - breath < 100) return
    breath = performance.now()
    await sleep(Math.max(0, due), undefined, signal === undefined ? {} : { signal }).catch(() => {})
  }
}
