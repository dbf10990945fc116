import { Command } from 'commander'
import pino from 'pino'
import { privacyKey } from '../config/environment.js'
import { CALMEST, RESTLESS } from '../core/detect/limits.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { mapEvents } from '../files/event-mapping.js'
import { parseFieldMap } from '../files/field-map.js'
import { openTable } from '../files/table.js'
import { type Calibration, calibrate } from '../service/calibrate.js'
import { adviceOf } from '../service/calibrate-advice.js'
import { calibrateRunning } from '../service/calibrate-running.js'
import { Seen } from '../service/calibrate-seen.js'
import { wallClock } from '../service/clock.js'
import { ALERTS, VERDICTS } from '../service/topics.js'
import { withKnowledge } from './baseline-table.js'
import { calibrationText } from './calibrate-text.js'
import { modelIn, readEvents } from './event-reading.js'
import { type FileFlags, fileOptions, tableOptionsOf, tellUnreadable } from './file-options.js'
import { Progress } from './progress.js'
import { baselineOf, only } from './replay.js'
import { parseRange } from './time-option.js'
import { untilStopped } from './until-stopped.js'

interface Options extends FileFlags {
  readonly baseline?: string
  readonly baselineFrom?: string
  readonly baselineTo?: string
  readonly events?: string
  readonly from?: string
  readonly to?: string
  readonly map: string[]
  readonly json?: boolean
}

export function calibrateCommand(): Command {
  const command = new Command('calibrate')
    .description(
      'Runs a monitor over a history that nothing was wrong in: false incidents, what each feature can show, what to change.',
    )
    .argument('<monitor>', 'monitor file')
    .option('--baseline <file>', 'training data: CSV(.gz), NDJSON(.gz) or Parquet')
    .option('--events <file>', 'served events, likewise; without files: what the service at KAFKA_BROKERS has seen')
    .option('--baseline-from <time>', 'only training rows from this event time on')
    .option('--baseline-to <time>', 'only training rows before this event time')
    .option('--from <time>', 'only events from this event time on')
    .option('--to <time>', 'only events before this event time')
    .option(
      '--map <field=column...>',
      'where the event fields are in the files, e.g. eventTime=trip_start_timestamp:s requestId=#',
      [],
    )
    .option('--json', 'everything that was found as one JSON object on stdout')
  return fileOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  driftline calibrate monitor.yaml --baseline train.parquet --events served.csv.gz
  driftline calibrate taxi.yaml --baseline trips.csv.gz --baseline-to 2014-01-01 --events trips.csv.gz --from 2014-01-01 \\
    --map eventTime=trip_start_timestamp:s requestId=#
  driftline calibrate monitor.yaml --baseline train.csv --events served.csv --json | jq .measured
  driftline calibrate monitor.yaml --from 2026-03-01      of the running service: its histories, verdicts and alerts

What was really wrong in the history counts as a false incident too: leave such times out by --from and --to.
Of the running service, what an operator has said to be "expected" does not count.

Exit codes: 0 done · 2 bad input · 3 Kafka cannot be reached`,
    )
    .action(run)
}

async function run(path: string, options: Options): Promise<void> {
  const monitor = only(path, 'calibrate')
  const found = await (isOnFiles(options) ? onFiles(monitor, options) : inService(monitor, options))
  const advice = adviceOf(found, { calmest: CALMEST, restless: RESTLESS })
  process.stdout.write(options.json ? `${JSON.stringify({ ...found, advice })}\n` : calibrationText(found, advice))
}

type OnFiles = Options & { readonly baseline: string; readonly events: string }

function isOnFiles({ baseline, events, ...others }: Options): boolean {
  if ((baseline === undefined) !== (events === undefined))
    throw new DriftlineError(
      'bad-input',
      'a history in files takes both --baseline and --events; without either, that of the running service is taken',
    )
  if (baseline === undefined && (others.baselineFrom ?? others.baselineTo ?? others.map[0]) !== undefined)
    throw new DriftlineError(
      'bad-input',
      '--map, --baseline-from and --baseline-to are about files: give --baseline and --events',
    )
  return baseline !== undefined
}

async function onFiles(monitor: Monitor, options: Options): Promise<Calibration> {
  const { baseline: training, events: served } = options as OnFiles
  const range = parseRange({ from: options.from, to: options.to })
  const map = parseFieldMap(options.map)
  const events = await openTable(served, tableOptionsOf(options, served))
  tellUnreadable(events)
  const baseline = await baselineOf(monitor, training, options)
  const total = (await events.rowCount()) ?? 0
  const progress = new Progress('history {bar} {percentage}% · {rows} rows', options.json)
  const found = await calibrate({
    monitor,
    baseline,
    events,
    mapping: mapEvents(monitor, events, map, { time: true, key: 'row number' }),
    range,
    partitions: 1,
    privacyKey: privacyKey(),
    logger: pino({ level: 'error' }, pino.destination(2)),
    onProgress: rows => progress.update(rows / Math.max(1, total), { rows }),
  })
  progress.stop()
  await events.close()
  if (found.events === 0)
    throw new DriftlineError('bad-input', `${served}: no event in the time asked for; see --from and --to`)
  return found
}

/** From the decision state, and what the topics still have of verdicts and alerts. */
async function inService(monitor: Monitor, options: Options): Promise<Calibration> {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = parseRange({
    from: options.from,
    to: options.to,
  })
  return withKnowledge(async (log, knowledge) => {
    const expected = knowledge.answers(monitor.model).filter(({ action }) => action === 'expected')
    const seen = new Seen(expected)
    const progress = new Progress('{rows} events', options.json)
    let rows = 0
    for (const topic of [VERDICTS, ALERTS])
      await untilStopped(signal =>
        readEvents({
          ...{ topic, start: 'earliest', follow: false, signal },
          matches: headers => modelIn(headers) === monitor.model,
          onEvent: one => {
            progress.update(0, { rows: ++rows })
            const { window, monitor: of } = one.event
            if (of.hash === monitor.hash && window.start >= from && window.end <= to) seen.take(one)
          },
        }),
      )
    progress.stop()
    return calibrateRunning(log, knowledge, monitor, { seen, now: wallClock.now() })
  })
}
