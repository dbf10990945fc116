import { Command, Option } from 'commander'
import { jsonBytes, TO_JSON } from '../codec/form.js'
import type { PublicEvent } from '../codec/public-decoder.js'
import { castVerdict } from '../codec/verdict.js'
import type { Outcome, VerdictEvent } from '../core/alert/event.js'
import { number } from '../core/alert/words.js'
import { DriftlineError } from '../core/error.js'
import { VERDICTS } from '../service/topics.js'
import { segmentText } from './alert-text.js'
import { colours as pc } from './colours.js'
import { readEvents } from './event-reading.js'
import { table, time } from './output.js'
import { parseSince } from './since-option.js'
import { parseTime } from './time-option.js'
import { untilStopped } from './until-stopped.js'

interface Options {
  readonly topic: string
  readonly model?: string[]
  readonly feature?: string[]
  readonly segment?: string[]
  readonly window?: string
  readonly outcome?: Outcome[]
  readonly since?: string
  readonly limit?: string
  readonly json?: boolean
}

const OUTCOMES: readonly Outcome[] = ['ok', 'breach', 'insufficient-data']

export function verdictsCommand(): Command {
  const command = new Command('verdicts')
    .description('What every check said of every series and window, read from the verdicts topic at KAFKA_BROKERS.')
    .addHelpText(
      'after',
      `
Examples:
  driftline verdicts list --model taxi-tips --feature trip_miles
  driftline verdicts list --outcome insufficient-data --since 1d
  driftline verdicts list --segment payment_type=Cash --window 2014-05-01
  driftline verdicts tail --outcome breach --json`,
    )
  command.addCommand(
    filtered(new Command('list').description('The last revision of each series and window, the newest last.'))
      .option('--since <time>', 'only windows that end after this: 2h, an ISO time or earliest', 'earliest')
      .option('--limit <n>', 'the newest so many', '1000')
      .action(list),
  )
  command.addCommand(
    filtered(new Command('tail').description('Verdicts as they come, one line each, until Ctrl-C.'))
      .option('--since <time>', 'begin with windows that end after this: 2h, an ISO time, earliest or now', 'now')
      .action(tail),
  )
  return command
}

function filtered(command: Command): Command {
  return command
    .option('--topic <name>', 'topic of the verdicts', VERDICTS)
    .option('--model <names...>', 'only of these models')
    .option('--feature <names...>', 'only of these features')
    .option('--segment <name=value...>', 'only of this segment; all for the rows of every segment')
    .option('--window <time>', 'only windows that contain this event time, an ISO time')
    .addOption(new Option('--outcome <outcomes...>', 'only with these outcomes').choices(OUTCOMES))
    .option('--json', 'events as NDJSON on stdout')
}

async function list(options: Options): Promise<void> {
  const since = parseSince('--since', options.since ?? 'earliest')
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1)
    throw new DriftlineError('bad-input', `--limit ${options.limit}: expected a whole number from 1`)
  let latest = new Map<string, VerdictEvent>()
  await read(options, since, false, verdict => {
    const { series, window } = verdict
    const key = JSON.stringify([
      series.model,
      series.modelVersion,
      segmentText(series),
      series.feature,
      window.start,
      window.end,
    ])
    const before = latest.get(key)
    if (before !== undefined && before.window.revision > window.revision) return
    latest.set(key, verdict)
    // Months of verdicts are more than memory; only the newest are asked for.
    if (latest.size > 4 * limit)
      latest = new Map([...latest].sort(([, a], [, b]) => a.window.end - b.window.end).slice(-limit))
  })
  const outcome = options.outcome
  const all = [...latest.values()]
    .filter(one => !outcome || outcome.includes(one.outcome))
    .sort((a, b) => a.window.end - b.window.end)
  const shown = all.slice(-limit)
  if (options.json) for (const verdict of shown) print(jsonLine(verdict))
  else
    print(
      shown.length === 0
        ? 'no verdicts'
        : table(
            ['window end', 'outcome', 'model', 'segment', 'feature', 'rows', 'measured', 'because'],
            shown.map(cells),
          ),
    )
}

async function tail(options: Options): Promise<void> {
  const since = parseSince('--since', options.since ?? 'now')
  const { outcome } = options
  await read(options, since, true, verdict => {
    if (!outcome || outcome.includes(verdict.outcome))
      print(options.json ? jsonLine(verdict) : cells(verdict).join('  '))
  })
}

async function read(
  options: Options,
  since: number,
  follow: boolean,
  onVerdict: (verdict: VerdictEvent) => void,
): Promise<void> {
  const { topic, model, feature, segment } = options
  const at = options.window === undefined ? null : parseTime('--window', options.window)
  const models = model && new Set(model)
  const matches = (headers: Readonly<Record<string, Uint8Array>>): boolean =>
    !models || models.has(Buffer.from(headers['ce_model'] ?? []).toString())
  const onEvent = (one: PublicEvent): void => {
    if (one.type !== 'verdict') return
    const { series, window } = one.event
    if (options.since !== 'now' && window.end < since) return
    if (feature && !feature.includes(series.feature)) return
    if (segment && segmentText(series) !== segment.join(' ')) return
    if (at !== null && (at < window.start || at >= window.end)) return
    onVerdict(one.event)
  }
  const start = Number.isFinite(since) ? { time: since } : 'earliest'
  const { unreadable } = await untilStopped(signal => readEvents({ topic, start, follow, signal, matches, onEvent }))
  if (unreadable > 0)
    process.stderr.write(`${unreadable} records of "${topic}" are no events that this version can read\n`)
}

function cells({ series, window, outcome, checks, because }: VerdictEvent): string[] {
  const colour = { ok: pc.green, breach: pc.red, 'insufficient-data': pc.dim }[outcome]
  // What broke, else the first that decides.
  const decided = checks.find(one => one.decides && one.outcome === 'breach') ?? checks.find(one => one.decides)
  return [
    time(window.end),
    colour(outcome),
    `${series.model} ${series.modelVersion}`,
    segmentText(series),
    series.feature,
    String(window.rows),
    decided === undefined ? '' : `${decided.check} ${number(decided.value)} of ${number(decided.threshold)}`,
    because ?? decided?.because ?? '',
  ]
}

function jsonLine(verdict: VerdictEvent): string {
  return jsonBytes(castVerdict(verdict, TO_JSON)).toString()
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
