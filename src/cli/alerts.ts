import { Command, Option } from 'commander'
import { HandledIds } from '../client/duplicates.js'
import { headerFilter, type Where } from '../client/where.js'
import { castAlert } from '../codec/alert.js'
import { jsonBytes, TO_JSON } from '../codec/form.js'
import type { AlertEvent, AlertKind, AlertStatus } from '../core/alert/event.js'
import { SEVERITIES, type Severity } from '../core/monitor.js'
import { ALERTS } from '../service/topics.js'
import { findAlerts, unknownAlert } from './alert-finding.js'
import { alertLine, alertTable, alertText } from './alert-text.js'
import { answerCommands } from './alerts-answer.js'
import { answersCommand } from './alerts-answers.js'
import { readEvents } from './event-reading.js'
import { parseSince } from './since-option.js'
import { untilStopped } from './until-stopped.js'

interface Options {
  readonly topic: string
  readonly model?: string[]
  readonly kind?: AlertKind[]
  readonly severity?: Severity[]
  readonly status?: AlertStatus[]
  readonly since?: string
  readonly follow?: boolean
  readonly json?: boolean
}

const KINDS: readonly AlertKind[] = ['skew', 'drift', 'schema', 'quality']
const STATUSES: readonly AlertStatus[] = ['firing', 'ongoing', 'resolved']

export function alertsCommand(): Command {
  const command = new Command('alerts')
    .description(
      'What Driftline sees, read from the alerts topic at KAFKA_BROKERS (and SCHEMA_REGISTRY_URL), and what you answer.',
    )
    .addHelpText(
      'after',
      `
Examples:
  driftline alerts tail                               one line an alert, as they come, until Ctrl-C
  driftline alerts tail --since 2h --severity major critical
  driftline alerts list --status firing ongoing       what is open now
  driftline alerts show 7f3a90                        everything about one alert; the beginning of its id will do
  driftline alerts ack 7f3a90 --note "looking into it"
  driftline alerts mute 7f3a90 --until 2h
  driftline alerts answers                            who said what of which alert, and why
  driftline alerts tail --json | jq .summary`,
    )
  command.addCommand(
    filtered(new Command('tail').description('Alerts as they come, one line each.'))
      .option('--since <time>', 'begin with windows that end after this: 2h, an ISO time, earliest or now', 'now')
      .option('--no-follow', 'end where the topic ends now')
      .action(tail),
  )
  command.addCommand(
    filtered(new Command('list').description('The latest state of each alert, the newest last.'))
      .option(
        '--since <time>',
        'only alerts with a window that ends after this: 2h, an ISO time or earliest',
        'earliest',
      )
      .action(list),
  )
  command.addCommand(
    common(
      new Command('show').description(
        'Everything about one alert: what moved, evidence, window, baseline, runbook, history.',
      ),
    )
      .argument('<id>', 'alert id, or its beginning')
      .action(show),
  )
  for (const answer of answerCommands()) command.addCommand(answer)
  command.addCommand(answersCommand())
  return command
}

function common(command: Command): Command {
  return command.option('--topic <name>', 'topic of the alerts', ALERTS).option('--json', 'events as NDJSON on stdout')
}

function filtered(command: Command): Command {
  return common(command)
    .option('--model <names...>', 'only of these models')
    .addOption(new Option('--kind <kinds...>', 'only of these kinds').choices(KINDS))
    .addOption(new Option('--severity <severities...>', 'only of these severities').choices(SEVERITIES))
    .addOption(new Option('--status <statuses...>', 'only of these statuses').choices(STATUSES))
}

async function tail(options: Options): Promise<void> {
  const since = parseSince('--since', options.since ?? 'now')
  const matches = headerFilter(options)
  const printed = new HandledIds(10_000)
  const onAlert = (alert: AlertEvent): void => {
    if (printed.has(alert.id)) return
    printed.add(alert.id)
    // From `now` on everything that is written counts, however old its window.
    if (options.since === 'now' || alert.window.end >= since) print(options.json ? jsonLine(alert) : alertLine(alert))
  }
  await read(options, since, options.follow ?? true, matches, onAlert)
}

async function list(options: Options): Promise<void> {
  const since = parseSince('--since', options.since ?? 'earliest')
  // Only what stays the same all its life is told by the headers: an alert that was firing may be resolved by now.
  const { model, kind, severity, status }: Where = options
  const matches = headerFilter({ ...(model && { model }), ...(kind && { kind }) })
  const latest = new Map<string, AlertEvent>()
  await read(options, since, false, matches, alert => {
    const before = latest.get(alert.alertId)
    if (before === undefined || alert.sequence >= before.sequence) latest.set(alert.alertId, alert)
  })
  const shown = [...latest.values()]
    .filter(
      one =>
        one.window.end >= since &&
        (!severity || severity.includes(one.severity)) &&
        (!status || status.includes(one.status)),
    )
    .sort((a, b) => a.openedAt - b.openedAt || a.window.end - b.window.end)
  if (options.json) for (const alert of shown) print(jsonLine(alert))
  else print(shown.length === 0 ? 'no alerts' : alertTable(shown))
}

async function show(id: string, options: Options): Promise<void> {
  const [events] = await findAlerts(options.topic, [id])
  if (events == null) throw unknownAlert(options.topic, id)
  if (options.json) for (const alert of events) print(jsonLine(alert))
  else print(alertText(events))
}

async function read(
  { topic }: Options,
  since: number,
  follow: boolean,
  matches: ReturnType<typeof headerFilter>,
  onAlert: (alert: AlertEvent) => void,
): Promise<void> {
  // An event is written after its window's end, so nothing before that time is missed by not reading it.
  const start = Number.isFinite(since) ? { time: since } : 'earliest'
  const onEvent = (one: { type: string; event: unknown }): void => {
    if (one.type === 'alert') onAlert(one.event as AlertEvent)
  }
  const { unreadable } = await untilStopped(signal => readEvents({ topic, start, follow, signal, matches, onEvent }))
  if (unreadable > 0)
    process.stderr.write(`${unreadable} records of "${topic}" are no events that this version can read\n`)
}

function jsonLine(alert: AlertEvent): string {
  return jsonBytes(castAlert(alert, TO_JSON)).toString()
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
