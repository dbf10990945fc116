import { Command, Option } from 'commander'
import { formatDuration } from '../config/duration.js'
import { type AlertEvent, isOver } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import { DriftlineError } from '../core/error.js'
import type { Severity } from '../core/monitor.js'
import { wallClock } from '../service/clock.js'
import { type ModelStatus, statusOf } from '../service/status.js'
import { ALERTS } from '../service/topics.js'
import { alertTable, COLOUR } from './alert-text.js'
import { withKnowledge } from './baseline-table.js'
import { colours as pc } from './colours.js'
import { modelIn, readEvents } from './event-reading.js'
import { incidentTable } from './incident-text.js'
import { EXIT, table, time } from './output.js'
import { untilStopped } from './until-stopped.js'

interface Options {
  readonly model?: string
  readonly failOn?: Severity
  readonly group: string
  readonly topic: string
  readonly json?: boolean
}

/** What is open now, the newest event of each. */
interface Open {
  readonly alerts: readonly AlertEvent[]
  readonly incidents: readonly IncidentEvent[]
}

const SEVERITIES: readonly Severity[] = ['info', 'warn', 'major', 'critical']

export function statusCommand(): Command {
  return new Command('status')
    .description(
      'Who reads and judges what, how far behind, against which baselines, and what fires: a look, and a gate for deployments.',
    )
    .option('--model <name>', 'only this model')
    .addOption(
      new Option(
        '--fail-on <severity>',
        'exit 1 when an alert or incident of this severity or worse fires, 3 when nobody watches',
      ).choices(SEVERITIES),
    )
    .option('--group <prefix>', 'prefix of the consumer groups, as `up` has it', 'driftline')
    .option('--topic <name>', 'topic of the alerts', ALERTS)
    .option('--json', 'one object on stdout')
    .addHelpText(
      'after',
      `
Examples:
  driftline status
  driftline status --model taxi-tips --fail-on major && deploy     a gate: stops while something major fires
  driftline status --json | jq '.models[] | {model, delayMs, firing}'

Lag and watermarks are those of the last commit, at most some seconds old. The delay is the wall clock less the least watermark of
the partitions that are not idle. Keys are those that driftline.joins holds for labels, offline values or the other version.`,
    )
    .action(status)
}

async function status(options: Options): Promise<void> {
  const { group, model, failOn, topic } = options
  const now = wallClock.now()
  const models = await withKnowledge((log, knowledge) =>
    statusOf(log, knowledge, { group, now, ...(model !== undefined && { model }) }),
  )
  const open = await openNow(topic, new Set(models.map(one => one.model)))
  process.stdout.write(`${options.json ? statusJson(models, open) : statusText(models, open)}\n`)
  if (failOn === undefined) return
  const worst = Math.max(-1, ...[...open.alerts, ...open.incidents].map(one => SEVERITIES.indexOf(one.severity)))
  if (worst >= SEVERITIES.indexOf(failOn)) process.exitCode = EXIT.finding
  else mustBeWatched(models, group)
}

/** Silence of a line that does not run is no answer. */
function mustBeWatched(models: readonly ModelStatus[], group: string): void {
  if (models.length === 0)
    throw new DriftlineError('infrastructure', 'no model is watched; start `driftline up` with its monitor')
  for (const { model, owner, sources } of models) {
    const unread = sources.filter(one => one.owner === null)
    const where = unread.map(({ topic, partition }) => `${topic}/${partition}`).join(', ')
    if (unread.length === 0 && owner !== null) continue
    throw new DriftlineError(
      'infrastructure',
      `${where === '' ? `nobody judges ${model}` : `nobody reads ${where} for ${model}`} in the groups ${group}.*; is \`driftline up\` running?`,
    )
  }
}

async function openNow(topic: string, models: ReadonlySet<string>): Promise<Open> {
  const alerts = new Map<string, AlertEvent>()
  const incidents = new Map<string, IncidentEvent>()
  const matches = (headers: Readonly<Record<string, Uint8Array>>): boolean => models.has(modelIn(headers))
  await untilStopped(signal =>
    readEvents({
      ...{ topic, start: 'earliest', follow: false, signal, matches },
      onEvent: one => {
        if (one.type === 'alert') keep(alerts, one.event.alertId, one.event)
        else if (one.type === 'incident') keep(incidents, one.event.incidentId, one.event)
      },
    }),
  )
  return { alerts: [...alerts.values()], incidents: [...incidents.values()] }
}

/** Only what is open, so that a year of alerts is not held; sequences of one life come in order. */
function keep<E extends AlertEvent | IncidentEvent>(open: Map<string, E>, id: string, event: E): void {
  if (isOver(event.status)) open.delete(id)
  else if (event.sequence >= (open.get(id)?.sequence ?? 0)) open.set(id, event)
}

function statusText(models: readonly ModelStatus[], { alerts, incidents }: Open): string {
  if (models.length === 0) return 'no model is watched; start `driftline up` with a monitor'
  const blocks = [
    table(
      ['model', 'monitor', 'baselines', 'closed to', 'watermark', 'delay', 'judged by', 'firing'],
      models.map(one => [
        one.model,
        one.monitor.slice(0, 8),
        one.baselines.map(baselineWord).join(', ') || 'none yet',
        one.closedTo === null ? 'none yet' : time(one.closedTo),
        one.watermark === null ? 'none yet' : time(Math.floor(one.watermark / 1000) * 1000),
        one.delayMs === null ? '' : formatDuration(Math.max(0, Math.round(one.delayMs / 1000)) * 1000),
        one.owner === null ? pc.red('nobody') : short(one.owner),
        firingWord(severities(alerts, one.model)),
      ]),
    ),
    table(
      ['topic', 'partition', 'model', 'read by', 'lag', 'watermark', 'aggregated', 'late', 'rejected', 'gap', 'keys'],
      models.flatMap(({ sources }) =>
        sources.map(({ topic, partition, model, owner, lag, watermark, idle, counts, keys }) => [
          topic,
          String(partition),
          model,
          owner === null ? pc.red('nobody') : short(owner),
          lag === null ? '–' : String(lag),
          `${watermark === null ? '–' : time(Math.floor(watermark / 1000) * 1000)}${idle ? ' (idle)' : ''}`,
          ...[counts?.aggregated, counts?.late, counts?.rejected, counts?.gap, keys].map(count => String(count ?? '–')),
        ]),
      ),
    ),
  ]
  if (incidents.length > 0) blocks.push(incidentTable(incidents))
  if (alerts.length > 0) blocks.push(alertTable(alerts))
  else blocks.push(pc.green('nothing fires'))
  return blocks.join('\n\n')
}

function statusJson(models: readonly ModelStatus[], { alerts, incidents }: Open): string {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  return JSON.stringify({
    models: models.map(one => ({
      ...one,
      closedTo: iso(one.closedTo),
      watermark: iso(one.watermark),
      sources: one.sources.map(source => ({ ...source, watermark: iso(source.watermark) })),
      firing: severities(alerts, one.model),
      incidents: severities(
        incidents.map(({ model, severity }) => ({ series: { model }, severity })),
        one.model,
      ),
    })),
    alerts: alerts.map(({ alertId, severity, summary, series }) => ({
      alertId,
      severity,
      summary,
      model: series.model,
    })),
    incidents: incidents.map(({ incidentId, severity, summary, model }) => ({ incidentId, severity, summary, model })),
  })
}

function severities(
  open: readonly { readonly series: { readonly model: string }; readonly severity: Severity }[],
  model: string,
): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {}
  for (const { series, severity } of open) if (series.model === model) counts[severity] = (counts[severity] ?? 0) + 1
  return counts
}

function firingWord(counts: Partial<Record<Severity, number>>): string {
  const worstFirst = [...SEVERITIES].reverse().filter(severity => counts[severity] !== undefined)
  return (
    worstFirst.map(severity => COLOUR[severity](`${counts[severity]} ${severity}`)).join(', ') || pc.green('nothing')
  )
}

function baselineWord({ modelVersion, version }: ModelStatus['baselines'][number]): string {
  return `${version}${modelVersion === null ? '' : ` (${modelVersion})`}`
}

/** A member's id is the client's name and a UUID, of which eight digits tell it from the others. */
function short(owner: string): string {
  return owner.replace(/-([0-9a-f]{8})[0-9a-f-]{28}@/, '-$1@')
}
