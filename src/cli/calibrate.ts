import { Command } from 'commander'
import pino from 'pino'
import { privacyKey } from '../config/environment.js'
import { CALMEST, RESTLESS } from '../core/detect/limits.js'
import { DriftlineError } from '../core/error.js'
import { mapEvents } from '../files/event-mapping.js'
import { parseFieldMap } from '../files/field-map.js'
import { openTable } from '../files/table.js'
import { calibrate } from '../service/calibrate.js'
import { adviceOf } from '../service/calibrate-advice.js'
import { calibrationText } from './calibrate-text.js'
import { tellUnreadable } from './file-options.js'
import { Progress } from './progress.js'
import { baselineOf, only } from './replay.js'
import { parseTime } from './time-option.js'

interface Options {
  readonly baseline: string
  readonly baselineFrom?: string
  readonly baselineTo?: string
  readonly events: string
  readonly from?: string
  readonly to?: string
  readonly map: string[]
  readonly json?: boolean
}

export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description(
      'Runs a monitor over a history that nothing was wrong in: false incidents, what each feature can show, what to change.',
    )
    .argument('<monitor>', 'monitor file')
    .requiredOption('--baseline <file>', 'training data: CSV(.gz), NDJSON(.gz) or Parquet')
    .requiredOption('--events <file>', 'served events, likewise')
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
    .addHelpText(
      'after',
      `
Examples:
  driftline calibrate monitor.yaml --baseline train.parquet --events served.csv.gz
  driftline calibrate taxi.yaml --baseline trips.csv.gz --baseline-to 2014-01-01 --events trips.csv.gz --from 2014-01-01 \\
    --map eventTime=trip_start_timestamp:s requestId=#
  driftline calibrate monitor.yaml --baseline train.csv --events served.csv --json | jq .measured

What was really wrong in the history counts as a false incident too: leave such times out by --from and --to.

Exit codes: 0 done · 2 bad input`,
    )
    .action(run)
}

async function run(path: string, options: Options): Promise<void> {
  const monitor = only(path, 'calibrate')
  const range = {
    ...(options.from === undefined ? {} : { from: parseTime('--from', options.from) }),
    ...(options.to === undefined ? {} : { to: parseTime('--to', options.to) }),
  }
  const map = parseFieldMap(options.map)
  const events = await openTable(options.events)
  tellUnreadable(events)
  const baseline = await baselineOf(monitor, options.baseline, options)
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
    throw new DriftlineError('bad-input', `${options.events}: no event in the time asked for; see --from and --to`)
  const advice = adviceOf(found, { calmest: CALMEST, restless: RESTLESS })
  process.stdout.write(options.json ? `${JSON.stringify({ ...found, advice })}\n` : calibrationText(found, advice))
}
