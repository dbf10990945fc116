import type { Logger } from 'pino'
import type { Monitor } from '../core/monitor.js'
import type { Clock, Log } from '../core/ports.js'
import { activate, nextVersion, publishBaseline } from '../service/baselines.js'
import { pause } from '../service/clock.js'
import { Knowledge } from '../service/knowledge.js'
import { schedule } from './faults.js'
import { Labels } from './labels.js'
import { PER_HOUR } from './run.js'
import { ScoringService } from './scoring-service.js'
import { trainingBaseline } from './training.js'

/** Simulated time of one append, while it catches up with the present and afterwards. */
const PAST_STEP_MS = 60_000
const PRESENT_STEP_MS = 5_000
const TELL_MS = 10_000
/** For running instances to read a new baseline before the first event that it judges. */
const REACH_MS = 3_000

export interface ProduceOptions {
  readonly log: Log
  readonly clock: Clock
  readonly monitor: Monitor
  readonly seed: number
  /** A cycle of faults; the first begins so long before now. */
  readonly durationMs: number
  readonly faults: boolean
  /** Most records a second, while it catches up. */
  readonly rate: number
  readonly logger: Logger
  readonly signal: AbortSignal
}

/**
 * The simulated scoring service in front of a real log, until it is stopped: first the past cycle as fast as the rate allows, then the
 * present as it comes, cycle after cycle, each deploying the next model version. Where the topic holds records already it begins now: their
 * windows are closed. What became of the rides follows in the labels topic.
 * @returns rides and strays written
 */
export async function produceRides(options: ProduceOptions): Promise<number> {
  const { log, clock, monitor, seed, durationMs, faults, logger, signal } = options
  const used = (await log.offsets(monitor.serving.topic)).some(({ end }) => end > 0)
  const present = Math.floor(clock.now() / PAST_STEP_MS) * PAST_STEP_MS
  const start = used ? present : present - durationMs
  await train(options, start)
  let total = 0
  const labels = new Labels(seed)
  for (let generation = 1; !signal.aborted; generation++) {
    const plan = schedule(start + (generation - 1) * durationMs, durationMs, { faults, generation })
    for (const { feature, what, from, until } of plan.faults)
      logger.info({ feature, what, from: iso(from), until: iso(Math.min(until, plan.end)) }, 'fault')
    // The start is in the seed, so that a second run has other request ids.
    const own = seed ^ (plan.start / PAST_STEP_MS)
    const service = new ScoringService(own, plan, PER_HOUR, ride => labels.add(ride))
    await cycle(options, plan, service, labels)
    total += service.sent.records
  }
  return total
}

/** Loads what "ride-pricing" was trained on, unless there is a baseline. */
async function train({ log, clock, monitor, seed, logger, signal }: ProduceOptions, start: number): Promise<void> {
  const knowledge = await Knowledge.follow(log)
  const { version } = nextVersion(knowledge, monitor, clock.now())
  await knowledge.stop()
  if (version > 1) return
  const baseline = trainingBaseline(monitor, seed, start)
  await publishBaseline(log, baseline)
  const { model } = baseline
  await activate(log, { model, modelVersion: null, baseline: version, from: null, by: 'demo', at: clock.now() })
  logger.info({ model, version, rows: baseline.rows }, 'baseline loaded')
  await pause(REACH_MS, signal)
}

async function cycle(
  { log, clock, monitor, rate, logger, signal }: ProduceOptions,
  plan: { readonly start: number; readonly end: number },
  service: ScoringService,
  labels: Labels,
): Promise<void> {
  const { topic } = monitor.serving
  let at = plan.start
  let toldAt = clock.now()
  let toldRecords = 0
  while (at < plan.end && !signal.aborted) {
    const step = clock.now() - at > PAST_STEP_MS ? PAST_STEP_MS : PRESENT_STEP_MS
    await pause(Math.max(0, at + step - clock.now()), signal)
    if (signal.aborted) break
    const records = service.records(at, at + step)
    const began = clock.now()
    await log.append(topic, records)
    at += step
    if (monitor.labels !== undefined) await log.append(monitor.labels.topic, labels.records(at))
    await pause(Math.max(0, began + (1000 * records.length) / rate - clock.now()), signal)
    const now = clock.now()
    if (now - toldAt < TELL_MS) continue
    const perSecond = Math.round((1000 * (service.sent.records - toldRecords)) / (now - toldAt))
    logger.info({ eventTime: iso(at), records: service.sent.records, perSecond }, 'producing')
    toldAt = now
    toldRecords = service.sent.records
  }
  await log.append(topic, service.rest())
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
