import { formatDuration } from '../config/duration.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import { number, percent } from '../core/alert/words.js'
import { COLOUR, facts, ID_DIGITS, indented, operatorText, segmentText, seriesText, statusMark } from './alert-text.js'
import { colours as pc } from './colours.js'
import { table, time } from './output.js'

/** One incident on one line. */
export function incidentLine(incident: IncidentEvent): string {
  const { window, severity, status, model, modelVersion, summary, reason, incidentId } = incident
  return [
    pc.dim(time(window.end)),
    statusMark(incident),
    COLOUR[severity](severity.padEnd(8)),
    `${model} ${modelVersion}`,
    status === 'firing' ? summary : `${summary} ${pc.dim(`(${reason})`)}`,
    pc.dim(incidentId.slice(0, ID_DIGITS)),
  ].join('  ')
}

/** The latest state of each incident. */
export function incidentTable(incidents: readonly IncidentEvent[]): string {
  const rows = incidents.map(one => [
    one.incidentId.slice(0, ID_DIGITS),
    statusMark(one),
    COLOUR[one.severity](one.severity),
    one.cause.code,
    time(one.openedAt),
    formatDuration(one.durationMs),
    `${one.model} ${one.modelVersion}`,
    String(one.featureCount),
    one.summary,
  ])
  return table(['incident', 'status', 'severity', 'cause', 'since', 'for', 'model', 'features', 'what'], rows)
}

/** All that somebody on call needs. @param events of one incident, in order; the last is shown in full */
export function incidentText(events: readonly IncidentEvent[]): string {
  const incident = events.at(-1)!
  const { cause, scope, monitor, window, peak, baseline } = incident
  const blocks = [
    `${statusMark(incident)}  ${COLOUR[incident.severity](incident.severity)}  ${pc.bold(incident.summary)}\n${incident.reason}`,
    facts([
      ['incident', incident.incidentId],
      ['goes on in', incident.mergedInto],
      ['model', `${incident.model}, version ${incident.modelVersion}`],
      ['what', `${incident.kind}; open since ${time(incident.openedAt)}, for ${formatDuration(incident.durationMs)}`],
      ['cause', `${cause.sentence} (${cause.code}, confidence ${cause.confidence})`],
      ['or else', cause.alternatives.join(', ') || null],
      ['who moved', cause.whoMoved === 'unknown' ? null : cause.whoMoved],
      ['where', scope.sentence],
      ['worst', `${peak.alerts} alerts at once, in the window that ended ${time(peak.windowEnd)}`],
      ['next step', incident.suggestedAction === 'none' ? null : incident.suggestedAction.replaceAll('-', ' ')],
      ['operator', operatorText(incident)],
      ['runbook', monitor.runbook],
      ['link', monitor.link],
      ['owner', monitor.owner],
      ['window', `${time(window.start)} to ${time(window.end)}, ${window.rows} rows`],
      ['baseline', baseline && `version ${baseline.version}, ${baseline.rows} rows of ${baseline.source}`],
    ]),
    `${pc.bold('Features')}, the most telling first\n${featureTable(incident)}`,
  ]
  if (incident.effects.length > 0) blocks.push(`${pc.bold('What labels say')}\n${effectTable(incident)}`)
  if (scope.segments.length > 0) blocks.push(`${pc.bold('Segments')}\n${segmentTable(incident)}`)
  blocks.push(`${pc.bold('Alerts')}\n${alertTable(incident)}`)
  if (events.length > 1) blocks.push(`${pc.bold('History')}\n${events.map(historyLine).join('\n')}`)
  return blocks.join('\n\n')
}

function featureTable({ features, featureCount }: IncidentEvent): string {
  const rows = features.map(one => [
    seriesText(one),
    COLOUR[one.severity](one.severity),
    one.causeCode,
    one.z === null ? '–' : number(one.z),
    number(one.effect),
    one.importance === null ? '–' : percent(one.importance),
    one.sentence,
  ])
  const more = featureCount - features.length
  const head = ['feature', 'severity', 'cause', 'z', 'effect', 'importance', 'what']
  return indented(table(head, rows)) + (more > 0 ? `\n  and ${more} more` : '')
}

function effectTable({ effects }: IncidentEvent): string {
  const rows = effects.map(one => [
    one.kind,
    statusMark(one),
    COLOUR[one.severity](one.severity),
    segmentText(one),
    time(one.openedAt),
    one.sentence,
  ])
  return indented(table(['kind', 'status', 'severity', 'segment', 'since', 'what'], rows))
}

function segmentTable({ scope }: IncidentEvent): string {
  const rows = scope.segments.map(({ segment, usualShare, share }) => [
    segmentText({ segment }),
    usualShare === null ? '–' : percent(usualShare),
    percent(share),
  ])
  return indented(table(['segment', 'usual share', 'share now'], rows))
}

function alertTable({ alerts, alertCount }: IncidentEvent): string {
  const rows = alerts.map(one => [
    one.alertId.slice(0, ID_DIGITS),
    statusMark(one),
    one.kind,
    one.check,
    seriesText(one),
    segmentText(one),
    one.operator === 'none' ? '' : one.operator,
    one.explainedBy === null ? '' : `explained by ${one.explainedBy.slice(0, ID_DIGITS)}`,
  ])
  const more = alertCount - alerts.length
  return (
    indented(table(['alert', 'status', 'kind', 'check', 'feature', 'segment', 'operator', ''], rows)) +
    (more > 0 ? `\n  and ${more} more` : '')
  )
}

function historyLine(incident: IncidentEvent): string {
  const { sequence, window, reason } = incident
  return `  ${String(sequence).padStart(3)}  ${time(window.end)}  ${statusMark(incident)}  ${pc.dim(reason)}`
}
