import { formatDuration } from '../config/duration.js'
import { type AlertEvent, type Evidence, isOver, type SeriesFacts } from '../core/alert/event.js'
import { number, percent } from '../core/alert/words.js'
import { TRAFFIC } from '../core/detect/traffic.js'
import { namedSource } from '../core/source.js'
import { colours as pc } from './colours.js'
import { table, time } from './output.js'
import { measureTable } from './performance-text.js'

export const COLOUR = {
  info: pc.dim,
  warn: pc.yellow,
  major: pc.red,
  critical: (text: string) => pc.bold(pc.red(text)),
} as const
const BAR = 24
/** So many digits of an id tell it from the others; `show` takes any beginning. */
export const ID_DIGITS = 10

/** One alert on one line. */
export function alertLine(alert: AlertEvent): string {
  const { window, status, severity, kind, series, summary, reason } = alert
  return [
    pc.dim(time(window.end)),
    statusMark(alert),
    COLOUR[severity](severity.padEnd(8)),
    kind.padEnd(7),
    `${series.model} ${series.modelVersion} ${segmentText(series)}`,
    isOver(status) ? `${seriesText(series)}: ${reason}` : summary,
    pc.dim(alert.alertId.slice(0, ID_DIGITS)),
  ].join('  ')
}

/** The latest state of each alert. */
export function alertTable(alerts: readonly AlertEvent[]): string {
  const rows = alerts.map(alert => [
    alert.alertId.slice(0, ID_DIGITS),
    statusMark(alert),
    COLOUR[alert.severity](alert.severity),
    alert.kind,
    time(alert.openedAt),
    formatDuration(alert.durationMs),
    `${alert.series.model} ${alert.series.modelVersion}`,
    segmentText(alert.series),
    alert.summary,
  ])
  return table(['alert', 'status', 'severity', 'kind', 'since', 'for', 'model', 'segment', 'what'], rows)
}

/** All that somebody on call needs. @param events of one alert, in order; the last is shown in full */
export function alertText(events: readonly AlertEvent[]): string {
  const alert = events.at(-1)!
  const { window, series, baseline, monitor, cause } = alert
  const blocks = [
    `${statusMark(alert)}  ${COLOUR[alert.severity](alert.severity)}  ${pc.bold(alert.summary)}\n${alert.reason}`,
    facts([
      ['alert', alert.alertId],
      [
        'series',
        `model ${series.model}, version ${series.modelVersion}, segment ${segmentText(series)}, ${whatText(alert)}`,
      ],
      [
        'what',
        `${alert.kind}, check ${alert.check}; open since ${time(alert.openedAt)}, for ${formatDuration(alert.durationMs)}`,
      ],
      ['worst', `${number(alert.peak.value)} in the window that ended ${time(alert.peak.windowEnd)}`],
      ['next step', alert.suggestedAction === 'none' ? null : alert.suggestedAction.replaceAll('-', ' ')],
      ['operator', operatorText(alert)],
      ['runbook', monitor.runbook],
      ['link', monitor.link],
      [
        'owner',
        [monitor.owner ?? '', ...Object.entries(monitor.tags).map(([name, value]) => `${name}=${value}`)]
          .join(' ')
          .trim() || null,
      ],
      ['cause', `${cause.sentence} (${cause.code}, confidence ${cause.confidence})`],
      ['who moved', cause.whoMoved === 'unknown' ? null : cause.whoMoved],
      ['incident', alert.incidentId],
    ]),
  ]
  if (alert.moved.length > 0) blocks.push(`${pc.bold('What moved')}\n${movedBars(alert)}`)
  const { measures } = alert
  if (measures.length > 0) blocks.push(`${pc.bold('Measures')}\n${indented(measureTable(measures))}`)
  else blocks.push(`${pc.bold('Evidence')}\n${evidenceTable(alert.evidence)}`)
  if (alert.quantiles !== null) blocks.push(`${pc.bold('Quantiles')}\n${quantileTable(alert.quantiles)}`)
  const counters = counterTable(alert)
  if (counters !== null) blocks.push(`${pc.bold('Counters')}\n${counters}`)
  blocks.push(
    facts([
      [
        'window',
        `${time(window.start)} to ${time(window.end)}, revision ${window.revision}${window.provisional ? ', provisional' : ''}`,
      ],
      ['rows', rowsText(alert)],
      [
        'baseline',
        `version ${baseline.version}, ${baseline.rows} rows of ${baseline.source}${baseline.note === null ? '' : `; ${baseline.note}`}`,
      ],
      [
        'input',
        alert.input.map(({ topic, partition, from, to }) => `${topic}/${partition} ${from} to ${to - 1}`).join(', ') ||
          null,
      ],
      ['decided by', `monitor ${monitor.hash.slice(0, 12)}, driftline ${alert.software}`],
    ]),
  )
  if (events.length > 1) blocks.push(`${pc.bold('History')}\n${events.map(historyLine).join('\n')}`)
  return blocks.join('\n\n')
}

export function operatorText({ operator: { state, by, until, note } }: Pick<AlertEvent, 'operator'>): string | null {
  if (by === null) return null
  const word = state === 'none' ? '' : `${state} `
  return `${word}by ${by}${until === null ? '' : ` until ${time(until)}`}${note === null ? '' : `: ${note}`}`
}

export function statusMark({ status, severity }: Pick<AlertEvent, 'status' | 'severity'>): string {
  return isOver(status) ? pc.green(`▼ ${status}`) : COLOUR[severity](`▲ ${status}`.padEnd(10))
}

function whatText({ series, measures }: AlertEvent): string {
  const { feature, featureKind } = series
  if (measures.length > 0) return `output ${feature} (${featureKind})`
  if (feature === TRAFFIC) return 'the rows themselves'
  return seriesText(series) === feature ? `feature ${feature} (${featureKind})` : seriesText(series)
}

/** What an alert is about: its feature, its source, or the rows. */
export function seriesText({ feature }: Pick<SeriesFacts, 'feature'>): string {
  if (feature === TRAFFIC) return 'rows'
  const source = namedSource(feature)
  return source === null ? feature : `source ${source}`
}

export function segmentText({ segment }: Pick<SeriesFacts, 'segment'>): string {
  return (
    Object.entries(segment)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ') || 'all'
  )
}

/** Two bars a value: training above, this window below. */
function movedBars({ moved }: AlertEvent): string {
  const most = Math.max(...moved.map(({ baselineShare, windowShare }) => Math.max(baselineShare, windowShare)))
  const width = Math.max(...moved.map(({ value }) => String(value).length))
  return moved
    .map(({ value, baselineShare, windowShare, contribution }) => {
      const name = (text: string) => `  ${text.padStart(width)}`
      const training = `${name(String(value))}  training ${pc.cyan(bar(baselineShare / most))} ${percent(baselineShare)}`
      return `${training}\n${name('')}  window   ${pc.yellow(bar(windowShare / most))} ${percent(windowShare)}  ${pc.dim(`adds ${number(contribution)}`)}`
    })
    .join('\n')
}

function bar(share: number): string {
  return '█'.repeat(share > 0 ? Math.max(1, Math.round(BAR * share)) : 0).padEnd(BAR, '·')
}

export function evidenceTable(evidence: readonly Evidence[]): string {
  const rows = evidence.map(one => [
    one.check,
    one.outcome === 'breach' ? pc.red(one.outcome) : one.outcome,
    `${one.statistic} ${number(one.value)}`,
    `${number(one.threshold)} (${one.thresholdFrom})`,
    number(one.noiseFloor),
    `${one.n} against ${one.m}`,
    one.because ?? (one.decides ? '' : 'does not decide'),
  ])
  return indented(table(['check', 'outcome', 'measured', 'threshold', 'noise floor', 'rows', ''], rows))
}

function quantileTable({ p, baseline, window }: NonNullable<AlertEvent['quantiles']>): string {
  const cells = (values: readonly number[]) => p.map((_, i) => (values[i] === undefined ? '' : number(values[i])))
  const head = ['', ...p.map(one => `${Number((100 * one).toFixed(1))} %`)]
  return indented(
    table(head, [
      ['training', ...cells(baseline)],
      ['window', ...cells(window)],
    ]),
  )
}

/** Only what is not zero on both sides. */
function counterTable({ counters }: AlertEvent): string | null {
  const rows = Object.entries(counters)
    .filter(([, { baseline, window }]) => (baseline ?? 0) !== 0 || (window ?? 0) !== 0)
    .map(([name, { baseline, window }]) => [
      name,
      baseline === null ? '–' : percent(baseline),
      window === null ? '–' : percent(window),
    ])
  return rows.length === 0 ? null : indented(table(['', 'training', 'window'], rows))
}

function rowsText({ window }: AlertEvent): string {
  const { rows, expectedRows, late, rejected, sampleRate, partitions } = window
  const expected = expectedRows === null ? '' : ` (${number(expectedRows)} expected)`
  const sample = sampleRate === 1 ? '' : `, a sample of ${percent(sampleRate)}`
  return `${rows}${expected}${sample}; ${late} late, ${rejected} rejected; ${partitions.present} of ${partitions.expected} partitions`
}

function historyLine(alert: AlertEvent): string {
  const { sequence, window, evidence, reason } = alert
  const value = evidence[0] === undefined ? '' : `${evidence[0].statistic} ${number(evidence[0].value)}`
  return `  ${String(sequence).padStart(3)}  ${time(window.end)}  ${statusMark(alert)}  ${value}  ${pc.dim(reason)}`
}

export function facts(all: readonly (readonly [string, string | null])[]): string {
  return all.flatMap(([name, value]) => (value === null ? [] : [`${pc.dim(name.padEnd(10))}  ${value}`])).join('\n')
}

export function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
