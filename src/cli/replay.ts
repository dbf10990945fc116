import { Command, Option } from 'commander'
import pino from 'pino'
import { PublicDecoder } from '../codec/public-decoder.js'
import { privacyKey } from '../config/environment.js'
import { loadMonitors } from '../config/monitor.js'
import { type AlertEvent, isOver } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor, Severity } from '../core/monitor.js'
import { mapEvents } from '../files/event-mapping.js'
import { parseFieldMap } from '../files/field-map.js'
import { mapLabels } from '../files/label-mapping.js'
import { mapOffline } from '../files/offline-mapping.js'
import { openTable, type Table } from '../files/table.js'
import { buildBaseline } from '../service/build-baseline.js'
import type { Line } from '../service/line.js'
import { replay } from '../service/replay.js'
import { trainedLabel, withScores } from '../service/trained-scores.js'
import { tellShortSeasons } from './baseline-history.js'
import { colours as pc } from './colours.js'
import { type FileFlags, fileOptions, tableOptionsOf, tellUnreadable } from './file-options.js'
import { incidentLine } from './incident-text.js'
import { Judged } from './judged.js'
import { adviceJson, adviceTable, LastAdvice } from './last-advice.js'
import { EXIT, table as textTable, time } from './output.js'
import { labelsOf, offlineOf, tellNumbered } from './produce-target.js'
import { Progress } from './progress.js'
import { parseRange, parseTime } from './time-option.js'

interface Options extends FileFlags {
  readonly baseline?: string
  readonly baselineFrom?: string
  readonly baselineTo?: string
  readonly events: string
  readonly map: string[]
  readonly labels?: string
  readonly labelMap: string[]
  readonly offline?: string
  readonly offlineMap: string[]
  readonly partitions: string
  readonly from?: string
  readonly failOn?: Severity
  readonly json?: boolean
}

const SEVERITIES: readonly Severity[] = ['info', 'warn', 'major', 'critical']

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Runs the same line over files, to the end, without Kafka. Same input, same bytes.')
    .argument('<monitor>', 'monitor file')
    .requiredOption('--events <file>', 'served events: CSV(.gz), NDJSON(.gz) or Parquet')
    .option('--baseline <file>', 'training data; without it the verdicts say that there is no baseline')
    .option('--baseline-from <time>', 'only training rows from this event time on')
    .option('--baseline-to <time>', 'only training rows before this event time')
    .option(
      '--map <field=column...>',
      'where the event fields are in the files, e.g. eventTime=trip_start_timestamp:s requestId=#',
      [],
    )
    .option('--labels <file>', 'what came true, as the labels of the monitor say: CSV(.gz), NDJSON(.gz) or Parquet')
    .option('--label-map <field=column...>', 'where the fields of labels are in that file', [])
    .option('--offline <file>', 'values recomputed offline, as the monitor says: CSV(.gz), NDJSON(.gz) or Parquet')
    .option('--offline-map <field=column...>', 'where the fields of offline values are in that file', [])
    .option('--partitions <n>', 'partitions of the source topic that events are spread over by key', '1')
    .option('--from <time>', 'alerts only for windows that end after this; earlier events only build history')
    .addOption(
      new Option(
        '--fail-on <severity>',
        'exit 1 when an alert of this severity or worse fired, 3 when nothing was judged',
      ).choices(SEVERITIES),
    )
    .option('--json', 'alert and incident events as NDJSON on stdout, the summary on stderr')
  return fileOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  driftline replay monitor.yaml --baseline train.parquet --events served.csv.gz
  driftline replay monitor.yaml --baseline trips.csv.gz --baseline-to 2014-01-01 --events trips.csv.gz \\
    --from 2014-01-01 --map eventTime=trip_start_timestamp:s requestId=#
  driftline replay monitor.yaml --baseline train.csv --events canary.csv --fail-on major --json > alerts.ndjson`,
    )
    .action(run)
}

async function run(path: string, options: Options): Promise<void> {
  const monitor = only(path)
  const map = parseFieldMap(options.map)
  const alertsFrom = options.from === undefined ? Number.NEGATIVE_INFINITY : parseTime('--from', options.from)
  const partitions = Number(options.partitions)
  if (!Number.isInteger(partitions) || partitions < 1)
    throw new DriftlineError('bad-input', `--partitions ${options.partitions}: expected a whole number from 1 on`)
  mustHaveFiles(options)
  const events = await openTable(options.events, tableOptionsOf(options, options.events))
  tellUnreadable(events)
  const mapping = mapEvents(monitor, events, map, { time: true, key: 'row number' })
  if (monitor.labels ?? monitor.offline ?? monitor.shadow) tellNumbered(monitor, events, mapping, map)
  const labels = options.labels === undefined ? null : await labelsIn(options.labels, monitor, options)
  const offline = options.offline === undefined ? null : await offlineIn(options.offline, monitor, options)
  const baseline = options.baseline === undefined ? null : await baselineOf(monitor, options.baseline, options)
  const written: { headers: Readonly<Record<string, Uint8Array>>; value: Uint8Array }[] = []
  const lastAdvice = new LastAdvice()
  const judged = new Judged(alertsFrom)
  const progress = new Progress('events {bar} {percentage}% · {rows} rows', options.json)
  const total = (await events.rowCount()) ?? 0
  const logger = pino({ level: 'error' }, pino.destination(2))
  const {
    line,
    events: count,
    skipped,
    labels: labelled,
    offline: recomputed,
  } = await replay({
    monitor,
    baseline,
    events,
    mapping,
    ...(labels && { labels }),
    ...(offline && { offline }),
    partitions,
    logger,
    privacyKey: privacyKey(),
    alertsFrom,
    onProgress: rows => progress.update(rows / Math.max(1, total), { rows }),
    onVerdicts: batch => {
      judged.take(batch)
      if (monitor.shadow) lastAdvice.take(batch)
    },
    onAlerts: batch => {
      for (let i = 0; i < batch.size; i++) {
        written.push({ headers: batch.headers(i), value: new Uint8Array(batch.value(i)!) })
        if (options.json) process.stdout.write(`${Buffer.from(batch.value(i)!).toString()}\n`)
      }
    },
  })
  progress.stop()
  await events.close()
  await labels?.table.close()
  await offline?.table.close()
  const decoder = new PublicDecoder(null)
  const decoded = await Promise.all(written.map(({ headers, value }) => decoder.decode(headers, value)))
  const alerts = decoded.flatMap(one => (one?.type === 'alert' ? [one.event] : []))
  const incidents = decoded.flatMap(one => (one?.type === 'incident' ? [one.event] : []))
  const outcomes = await outcomesOf(line, monitor.serving.topic)
  const verdicts = Object.fromEntries(
    (await line.metrics.verdicts.get()).values.map(v => [String(v.labels.outcome), v.value]),
  )
  const advice = await lastAdvice.advised()
  const summary = {
    events: count,
    records: outcomes,
    skipped,
    ...(labelled && { labels: { ...labelled, records: await outcomesOf(line, monitor.labels!.topic) } }),
    ...(recomputed && { offline: { ...recomputed, records: await outcomesOf(line, monitor.offline!.topic) } }),
    verdicts,
    ...(monitor.shadow && { shadow: advice.map(adviceJson) }),
    alerts: alerts.length,
    incidents: new Set(incidents.map(({ incidentId }) => incidentId)).size,
    baseline: baseline?.rows ?? null,
  }
  if (options.json) process.stderr.write(`${JSON.stringify(summary)}\n`)
  else tell(alerts, incidents, summary, monitor.shadow === undefined ? null : adviceTable(advice, monitor.shadow))
  const retracted = new Set(alerts.filter(({ status }) => status === 'retracted').map(({ alertId }) => alertId))
  const worst = Math.max(
    -1,
    ...alerts
      .filter(({ status, alertId }) => status === 'firing' && !retracted.has(alertId))
      .map(({ severity }) => SEVERITIES.indexOf(severity)),
  )
  if (options.failOn === undefined) return
  if (worst >= SEVERITIES.indexOf(options.failOn)) process.exitCode = EXIT.finding
  else await judged.mustBeAny({ events: count, rejected: outcomes['rejected'] ?? 0, hasBaseline: baseline !== null })
}

/** What is said of a file that is not given would be ignored. */
function mustHaveFiles({ baseline, baselineFrom, baselineTo, labels, labelMap, offline, offlineMap }: Options): void {
  const alone = (option: string, file: string): DriftlineError =>
    new DriftlineError(
      'bad-input',
      `${option} is about the file of ${file}, and there is none: add ${file} FILE, or leave it out`,
    )
  if (labels === undefined && labelMap.length > 0) throw alone('--label-map', '--labels')
  if (offline === undefined && offlineMap.length > 0) throw alone('--offline-map', '--offline')
  if (baseline !== undefined) return
  if (baselineFrom !== undefined) throw alone('--baseline-from', '--baseline')
  if (baselineTo !== undefined) throw alone('--baseline-to', '--baseline')
}

async function labelsIn(file: string, monitor: Monitor, { labelMap, ...flags }: Options) {
  const labels = labelsOf(monitor)
  const table = await openTable(file, tableOptionsOf(flags, file))
  tellUnreadable(table)
  return { table, mapping: mapLabels(labels, monitor.file, table, parseFieldMap(labelMap, '--label-map')) }
}

async function offlineIn(file: string, monitor: Monitor, { offlineMap, ...flags }: Options) {
  const declared = offlineOf(monitor)
  const table = await openTable(file, tableOptionsOf(flags, file))
  tellUnreadable(table)
  return { table, mapping: mapOffline(monitor, declared, table, parseFieldMap(offlineMap, '--offline-map')) }
}

/** Records of a topic by what became of them. */
async function outcomesOf(line: Line, topic: string): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {}
  for (const { labels, value } of (await line.metrics.records.get()).values)
    if (labels.topic === topic) outcomes[String(labels.outcome)] = (outcomes[String(labels.outcome)] ?? 0) + value
  return outcomes
}

/** The one monitor of the file. */
export function only(path: string, command = 'replay'): Monitor {
  const { monitors } = loadMonitors(path)
  if (monitors.length !== 1)
    throw new DriftlineError(
      'bad-input',
      `${path}: ${command} takes one monitor, and this has ${monitors.length}; name one file`,
    )
  return monitors[0]
}

export async function baselineOf(
  monitor: Monitor,
  file: string,
  options: FileFlags & Pick<Options, 'json' | 'map' | 'baselineFrom' | 'baselineTo'>,
) {
  const table: Table = await openTable(file, tableOptionsOf(options, file))
  tellUnreadable(table)
  const progress = new Progress('baseline {bar} {percentage}% · {rows} rows', options.json)
  const range = parseRange({ from: options.baselineFrom, to: options.baselineTo }, 'baseline-')
  const how = {
    map: parseFieldMap(options.map),
    provenance: { version: 1, modelVersion: null, source: file, loadedAt: 0, from: null },
    privacyKey: privacyKey(),
    ...range,
    onProgress: (done: number, rows: number) => progress.update(done, { rows }),
  }
  const built = await buildBaseline(monitor, table, how)
  const label = trainedLabel(monitor, table, how.map)
  const baseline = label === null ? built : await withScores(monitor, table, built, label, how)
  progress.stop()
  await table.close()
  tellShortSeasons(monitor, baseline)
  return baseline
}

function tell(
  alerts: readonly AlertEvent[],
  incidents: readonly IncidentEvent[],
  summary: Record<string, unknown>,
  advice: string | null,
): void {
  const colour = { info: pc.dim, warn: pc.yellow, major: pc.red, critical: pc.red }
  const rows = alerts.map(({ window, status, severity, kind, check, series, summary: words }) => [
    time(window.end),
    isOver(status) ? pc.green(status) : colour[severity](status),
    severity,
    kind,
    check,
    Object.entries(series.segment)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ') || 'all',
    words,
  ])
  if (rows.length > 0)
    console.log(textTable(['window end', 'status', 'severity', 'kind', 'check', 'segment', 'what'], rows))
  else console.log('no alerts')
  if (incidents.length > 0) console.log(`\n${incidents.map(incidentLine).join('\n')}\n`)
  if (advice !== null) console.log(`\n${advice}\n`)
  console.log(pc.dim(JSON.stringify(summary)))
}
