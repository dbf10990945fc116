import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import pino from 'pino'
import { environment } from '../config/environment.js'
import { loadMonitors } from '../config/monitor.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { produceRides } from '../demo/produce.js'
import { show } from '../demo/show.js'
import { wallClock } from '../service/clock.js'
import { openKafka } from '../service/kafka.js'
import { colours } from './colours.js'

interface Options {
  readonly seed: number
  readonly hours?: number
  readonly days?: number
  readonly speed?: number
  readonly faults: boolean
  readonly produce?: boolean
  readonly rate: number
  readonly json?: boolean
}

const HOUR_MS = 3_600_000
const MONITOR = fileURLToPath(new URL('../../topology/monitors/demo.yaml', import.meta.url))
/** Under half a day a fault would not last for the three windows that show it. */
const FEWEST_HOURS = 12
const USUAL_HOURS = 24

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'The whole line on an embedded log, with a simulated scoring service and known faults. Needs no infrastructure.',
    )
    .option('--seed <n>', 'of the simulation; the same seed gives the same events', whole, 7)
    .option('--hours <n>', `simulated time, at least ${FEWEST_HOURS}; ${USUAL_HOURS} unless told`, number)
    .option('--days <n>', 'simulated time in days', number)
    .option('--speed <x>', 'simulated seconds a second; as fast as it goes unless told', number)
    .option('--no-faults', 'clean events: nothing should ring')
    .option(
      '--produce',
      'write the simulated events to Kafka at KAFKA_BROKERS instead, until stopped; loads the baseline if there is none',
    )
    .option('--rate <n>', 'with --produce: most records a second while it catches up with the present', number, 1000)
    .option('--json', 'alert and incident events as NDJSON on stdout, the summary as the last object')
    .addHelpText(
      'after',
      `
Examples:
  driftline demo                          a day in some ten seconds
  driftline demo --seed 3 --hours 48
  driftline demo --no-faults              what rings when nothing is wrong
  driftline demo --speed 3600 --days 1    an hour a second
  driftline demo --json > alerts.ndjson
  KAFKA_BROKERS=localhost:9092 driftline demo --produce --rate 500`,
    )
    .action(demo)
}

async function demo(options: Options): Promise<void> {
  const durationMs = durationOf(options)
  const [monitor] = loadMonitors(MONITOR).monitors
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    if (options.produce) await produce(monitor, options, durationMs, stopping.signal)
    else await run(monitor, options, durationMs, stopping.signal)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

async function run(monitor: Monitor, options: Options, durationMs: number, signal: AbortSignal): Promise<void> {
  const { seed, faults, speed, json = false } = options
  const out = process.stdout
  const logger = pino({ level: 'error' }, pino.destination(2))
  await show(
    { monitor, seed, durationMs, faults, logger, signal, ...(speed === undefined ? {} : { speed }) },
    { out, colours, json },
  )
}

async function produce(monitor: Monitor, options: Options, durationMs: number, signal: AbortSignal): Promise<void> {
  const { seed, faults, rate } = options
  const logger = pino({ timestamp: pino.stdTimeFunctions.isoTime })
  const log = openKafka(environment().kafka, logger)
  try {
    if ((await log.partitions(monitor.serving.topic)) === null)
      throw new DriftlineError(
        'infrastructure',
        `topic ${monitor.serving.topic} does not exist; create it with \`driftline topics apply\``,
      )
    const records = await produceRides({
      log,
      clock: wallClock,
      monitor,
      seed,
      durationMs,
      faults,
      rate,
      logger,
      signal,
    })
    logger.info({ records }, 'stopped')
  } finally {
    await log.close()
  }
}

function durationOf({ hours, days }: Options): number {
  if (hours !== undefined && days !== undefined)
    throw new DriftlineError('bad-input', '--hours and --days both say how long; give one of them')
  const all = hours ?? (days === undefined ? USUAL_HOURS : 24 * days)
  if (all < FEWEST_HOURS || all > 24 * 60)
    throw new DriftlineError('bad-input', `${all} hours: expected from ${FEWEST_HOURS} (--hours) to 60 days (--days)`)
  return Math.round(all * HOUR_MS)
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('expected a number above 0')
  return value
}

function whole(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new InvalidArgumentError('expected a whole number from 0 to 4294967295')
  return value
}
