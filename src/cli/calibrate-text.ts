import { formatDuration } from '../config/duration.js'
import { number } from '../core/alert/words.js'
import { type Calibration, type SeriesCalibration, TARGET } from '../service/calibrate.js'
import { colours as pc } from './colours.js'
import { table, time } from './output.js'

const BAR = 24
const WIDEST = 32

/** What a calibration found, for a terminal. */
export function calibrationText(found: Calibration, advice: readonly string[]): string {
  const parts = [head(found)]
  if (found.judged > 0)
    parts.push(`${pc.bold('How far the scores went')} (largest |z| of a window)\n${peaksPlot(found)}`)
  if (found.incidents.length > 0) parts.push(`${pc.bold('False incidents, if nothing was wrong')}\n${incidents(found)}`)
  const whole = found.series.filter(({ segment }) => segment === '')
  if (whole.length > 0) parts.push(`${pc.bold('The smallest change that each series shows')}\n${seriesTable(whole)}`)
  const segments = found.series.length - whole.length
  if (segments > 0) parts.push(pc.dim(`${segments} series of segments: --json`))
  if (advice.length > 0) parts.push(`${pc.bold('Advice')}\n${advice.map(one => `· ${one}`).join('\n')}`)
  return `${parts.join('\n\n')}\n`
}

function head({
  model,
  windowMs,
  windows,
  judged,
  weeks,
  budget,
  predicted,
  measured,
  incidents,
  ...rest
}: Calibration): string {
  const step = rest.advanceMs === windowMs ? '' : ` each ${formatDuration(rest.advanceMs)}`
  const capped = budget < rest.asked ? `; at most 3 in 1000 windows for each, which makes ${number(budget)}` : ''
  const rows = [
    [
      'history',
      `${rest.events} events, ${windows} windows of ${formatDuration(windowMs)}${step}; ${judged} of them (${number(weeks)} weeks) judged by the ones before`,
    ],
    ['budget', `${number(rest.asked)} false incidents a week${capped}`],
    ['predicted', predicted === null ? '–' : `${number(predicted)} a week, from how far the scores go`],
    ['measured', measured === null ? '–' : `${number(measured)} a week: ${incidents.length} in ${number(weeks)} weeks`],
  ]
  if (rest.againstTraining > 0)
    rows.push(['', `and ${rest.againstTraining} alerts against training, before there was a history`])
  return table(['monitor', model], rows)
}

function peaksPlot({ peaks, judged, series }: Calibration): string {
  const largest = Math.max(...peaks)
  const first = peaks.findIndex(count => count > 0)
  const farthest = Math.max(...series.map(({ limits }) => limits.once), 0)
  const last = Math.max(
    peaks.findLastIndex(count => count > 0),
    Math.min(Math.floor(farthest), peaks.length - 1),
  )
  const limits = series.map(({ limits }) => limits.once).sort((a, b) => a - b)
  const rows = peaks.flatMap((count, z) => {
    if (z < first || z > last) return []
    const label = z === peaks.length - 1 ? `over ${z}` : `${z} to ${z + 1}`
    const share = `${number((100 * count) / judged)} %`
    const some = limits.filter(limit => limit >= z && limit < z + 1).length
    return [
      [label.padStart(7), pc.cyan(bar(count / largest)), share.padStart(6), some > 0 ? `limit of ${some} series` : ''],
    ]
  })
  return table(['|z|', '', 'windows', 'in one window'], rows)
}

function incidents({ incidents: found }: Calibration): string {
  return table(
    ['opened', 'severity', 'what'],
    found.map(({ openedAt, severity, summary }) => [time(openedAt), severity, summary]),
  )
}

function seriesTable(series: readonly SeriesCalibration[]): string {
  const shifts = series.map(({ sees }) => sees.shift?.twice ?? 0).filter(Number.isFinite)
  const largest = Math.min(1, Math.max(0.01, ...shifts))
  const rows = [...series].sort(byShift).map(({ feature, limits, sees, windowFor, useless }) => {
    const { shift, nulls, label, count } = sees
    return [
      shortened(feature),
      String(Math.round(count)),
      `${limits.once.toFixed(1)} · ${limits.twice.toFixed(1)}`,
      shift === null ? '' : `${sigma(shift.once)} · ${sigma(shift.twice)}`,
      shift === null ? '' : pc.yellow(bar(Math.min(1, shift.twice / largest))),
      nulls === null ? '' : `${points(nulls.once)} · ${points(nulls.twice)}`,
      label === null ? '' : `${points(label.once)} · ${points(label.twice)} of ${label.value}`,
      useless !== null ? useless : shift === null ? '' : windowFor === null ? 'never' : formatDuration(windowFor),
    ]
  })
  const head = ['series', 'rows', 'limits', 'shift, σ', '', 'nulls, points', 'label, points', `shows ${TARGET} σ in`]
  return `${table(head, rows)}\n${pc.dim('once · in two windows running')}`
}

/** Names of relations are long. */
function shortened(name: string): string {
  return name.length > WIDEST ? `${name.slice(0, WIDEST - 6)}…${name.slice(-5)}` : name
}

function byShift(a: SeriesCalibration, b: SeriesCalibration): number {
  return (
    (a.sees.shift?.twice ?? Number.POSITIVE_INFINITY) - (b.sees.shift?.twice ?? Number.POSITIVE_INFINITY) ||
    (a.feature < b.feature ? -1 : 1)
  )
}

const sigma = (x: number): string => x.toFixed(2)
const points = (x: number): string => (Number.isFinite(x) ? (100 * x).toFixed(1) : '–')

function bar(share: number): string {
  return '█'.repeat(share > 0 ? Math.max(1, Math.round(BAR * share)) : 0).padEnd(BAR, '·')
}
