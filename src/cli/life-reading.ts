import { type Command, Option } from 'commander'
import { HandledIds } from '../client/duplicates.js'
import { headerFilter, type Where } from '../client/where.js'
import { jsonBytes } from '../codec/form.js'
import type { PublicEvent } from '../codec/public-decoder.js'
import type { AlertKind, AlertStatus } from '../core/alert/event.js'
import { DriftlineError } from '../core/error.js'
import type { Severity } from '../core/monitor.js'
import { ALERTS } from '../service/topics.js'
import { readEvents } from './event-reading.js'
import { parseSince } from './since-option.js'
import { untilStopped } from './until-stopped.js'

/** Reading what has a life of several events, alerts and incidents alike: tail, list and show. */
export interface LifeOptions {
  readonly topic: string
  readonly model?: string[]
  readonly kind?: AlertKind[]
  readonly severity?: Severity[]
  readonly status?: AlertStatus[]
  readonly since?: string
  readonly follow?: boolean
  readonly json?: boolean
}

/** An event of a life, with what both kinds have. */
type LifeEvent = Extract<PublicEvent, { type: 'alert' | 'incident' }>['event']

/** How one kind of event is named and told. */
export interface Life<E extends LifeEvent> {
  readonly type: 'alert' | 'incident'
  idOf(event: E): string
  line(event: E): string
  table(events: readonly E[]): string
  /** @param events of one life, in order */
  text(events: readonly E[]): string
  json(event: E): object
}

const KINDS: readonly AlertKind[] = [
  ...(['skew', 'drift', 'schema', 'quality', 'volume', 'freshness', 'capacity'] as const),
  ...(['performance', 'parity', 'label-shift', 'concept-drift', 'feedback-loop'] as const),
]
const SEVERITIES: readonly Severity[] = ['info', 'warn', 'major', 'critical']
const STATUSES: readonly AlertStatus[] = ['firing', 'ongoing', 'resolved', 'retracted']

export function common(command: Command): Command {
  return command.option('--topic <name>', 'topic of the alerts', ALERTS).option('--json', 'events as NDJSON on stdout')
}

export function filtered(command: Command): Command {
  return common(command)
    .option('--model <names...>', 'only of these models')
    .addOption(new Option('--kind <kinds...>', 'only of these kinds').choices(KINDS))
    .addOption(new Option('--severity <severities...>', 'only of these severities').choices(SEVERITIES))
    .addOption(new Option('--status <statuses...>', 'only of these statuses').choices(STATUSES))
}

export async function tail<E extends LifeEvent>(life: Life<E>, options: LifeOptions): Promise<void> {
  const since = parseSince('--since', options.since ?? 'now')
  const matches = headerFilter(options)
  const printed = new HandledIds(10_000)
  const onEvent = (event: E): void => {
    if (printed.has(event.id)) return
    printed.add(event.id)
    // From `now` on everything that is written counts, however old its window.
    if (options.since === 'now' || event.window.end >= since)
      print(options.json ? jsonLine(life, event) : life.line(event))
  }
  await read(life, options, since, options.follow ?? true, matches, onEvent)
}

export async function list<E extends LifeEvent>(life: Life<E>, options: LifeOptions): Promise<void> {
  const since = parseSince('--since', options.since ?? 'earliest')
  // Only what stays the same all its life is told by the headers: what was firing may be resolved by now.
  const { model, kind, severity, status }: Where = options
  const matches = headerFilter({ ...(model && { model }), ...(kind && { kind }) })
  const latest = new Map<string, E>()
  await read(life, options, since, false, matches, event => {
    const before = latest.get(life.idOf(event))
    if (before === undefined || event.sequence >= before.sequence) latest.set(life.idOf(event), event)
  })
  const shown = [...latest.values()]
    .filter(
      one =>
        one.window.end >= since &&
        (!severity || severity.includes(one.severity)) &&
        (!status || status.includes(one.status)),
    )
    .sort((a, b) => a.openedAt - b.openedAt || a.window.end - b.window.end)
  if (options.json) for (const event of shown) print(jsonLine(life, event))
  else print(shown.length === 0 ? `no ${life.type}s` : life.table(shown))
}

export async function show<E extends LifeEvent>(life: Life<E>, id: string, options: LifeOptions): Promise<void> {
  const events = new Map<string, Map<number, E>>()
  await read(
    life,
    options,
    Number.NEGATIVE_INFINITY,
    false,
    () => true,
    event => {
      const its = life.idOf(event)
      if (!its.startsWith(id)) return
      events.set(its, (events.get(its) ?? new Map<number, E>()).set(event.sequence, event))
    },
  )
  const [first, ...others] = events.values()
  if (first === undefined)
    throw new DriftlineError(
      'bad-input',
      `no ${life.type} with the id ${id} in "${options.topic}"; \`driftline ${life.type}s list\` shows those there are`,
    )
  if (others.length > 0)
    throw new DriftlineError(
      'bad-input',
      `${events.size} ${life.type}s begin with ${id}: ${[...events.keys()].join(', ')}; write more of the id`,
    )
  const inOrder = [...first.values()].sort((a, b) => a.sequence - b.sequence)
  if (options.json) for (const event of inOrder) print(jsonLine(life, event))
  else print(life.text(inOrder))
}

async function read<E extends LifeEvent>(
  { type }: Life<E>,
  { topic }: LifeOptions,
  since: number,
  follow: boolean,
  matches: ReturnType<typeof headerFilter>,
  onLife: (event: E) => void,
): Promise<void> {
  // An event is written after its window's end, so nothing before that time is missed by not reading it.
  const start = Number.isFinite(since) ? { time: since } : 'earliest'
  const onEvent = (one: PublicEvent): void => {
    if (one.type === type) onLife(one.event as E)
  }
  const { unreadable } = await untilStopped(signal => readEvents({ topic, start, follow, signal, matches, onEvent }))
  if (unreadable > 0)
    process.stderr.write(`${unreadable} records of "${topic}" are no events that this version can read\n`)
}

function jsonLine<E extends LifeEvent>(life: Life<E>, event: E): string {
  return jsonBytes(life.json(event)).toString()
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
