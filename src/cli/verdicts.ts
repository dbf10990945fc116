import { Command, Option } from 'commander'
import { jsonBytes, TO_JSON } from '../codec/form.js'
import { castParity } from '../codec/parity.js'
import { castPerformance } from '../codec/performance.js'
import type { PublicEvent } from '../codec/public-decoder.js'
import { castShadow } from '../codec/shadow.js'
import { castVerdict } from '../codec/verdict.js'
import type { Outcome, VerdictEvent } from '../core/alert/event.js'
import { number, percent } from '../core/alert/words.js'
import { DriftlineError } from '../core/error.js'
import { VERDICTS } from '../service/topics.js'
import { evidenceTable, facts, indented, segmentText } from './alert-text.js'
import { colours as pc } from './colours.js'
import { modelIn, readEvents } from './event-reading.js'
import { addExamples } from './examples.js'
import { table, time } from './output.js'
import { parityHeadline, parityText } from './parity-text.js'
import { headline, measureTable, referenceText } from './performance-text.js'
import { adviceText, shadowText } from './shadow-text.js'
import { parseSince } from './since-option.js'
import { parseTime } from './time-option.js'
import { untilStopped } from './until-stopped.js'

/** What was seen of a feature, how good an output was, how far served values are their offline values, or a challenger is from its champion. */
type Seen = Extract<PublicEvent, { type: 'verdict' | 'performance' | 'parity' | 'shadow' }>

interface Options {
  readonly topic: string
  readonly performance?: boolean
  readonly parity?: boolean
  readonly shadow?: boolean
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
  const command = new Command('verdicts').description(
    'What every check said of every series and window, how good the model was, whether served values are their offline values, and how far a challenger is from its champion, from the verdicts topic at KAFKA_BROKERS.',
  )
  command.addCommand(
    filtered(new Command('list').description('The last revision of each series and window, the newest last.'))
      .option('--since <time>', 'only windows that end after this: 2h, an ISO time or earliest', 'earliest')
      .option('--limit <n>', 'the newest so many', '1000')
      .action(list),
  )
  command.addCommand(
    filtered(new Command('show').description('The newest window of each series in full: every check, every measure.'))
      .option('--since <time>', 'only windows that end after this: 2h, an ISO time or earliest', 'earliest')
      .action(show),
  )
  command.addCommand(
    filtered(new Command('tail').description('Verdicts as they come, one line each, until Ctrl-C.'))
      .option('--since <time>', 'begin with windows that end after this: 2h, an ISO time, earliest or now', 'now')
      .action(tail),
  )
  addExamples(command, [
    'driftline verdicts list --model taxi-tips --feature trip_miles',
    'driftline verdicts list --outcome insufficient-data --since 1d',
    'driftline verdicts list --segment payment_type=Cash --window 2014-05-01',
    'driftline verdicts show --performance --model taxi-tips',
    'driftline verdicts show --parity --model taxi-tips --outcome breach',
    'driftline verdicts show --shadow --model taxi-tips',
    'driftline verdicts tail --outcome breach --json',
  ])
  return command
}

function filtered(command: Command): Command {
  return command
    .option('--topic <name>', 'topic of the verdicts', VERDICTS)
    .option('--model <names...>', 'only of these models')
    .option('--feature <names...>', 'only of these features, or outputs')
    .option('--performance', 'only how good outputs were, as far as labels have come')
    .option('--parity', 'only how far served values are their offline values')
    .option('--shadow', 'only how far challengers are from their champions, and what to do about them')
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
  let latest = new Map<string, Seen>()
  await read(options, since, false, seen => {
    const { window } = seen.event
    const key = `${seriesKey(seen)} ${window.start} ${window.end}`
    const before = latest.get(key)
    if (before !== undefined && before.event.window.revision > window.revision) return
    latest.set(key, seen)
    // Months of verdicts are more than memory; only the newest are asked for.
    if (latest.size > 4 * limit) latest = new Map([...latest].sort(([, a], [, b]) => byEnd(a, b)).slice(-limit))
  })
  const outcome = options.outcome
  const shown = [...latest.values()]
    .filter(({ event }) => !outcome || outcome.includes(event.outcome))
    .sort(byEnd)
    .slice(-limit)
  if (options.json) for (const seen of shown) print(jsonLine(seen))
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

async function show(options: Options): Promise<void> {
  const since = parseSince('--since', options.since ?? 'earliest')
  const newest = new Map<string, Seen>()
  await read(options, since, false, seen => {
    const before = newest.get(seriesKey(seen))
    if (before === undefined || isNewer(seen, before)) newest.set(seriesKey(seen), seen)
  })
  const { outcome } = options
  const shown = [...newest.values()].filter(({ event }) => !outcome || outcome.includes(event.outcome))
  if (options.json) for (const seen of shown) print(jsonLine(seen))
  else print(shown.length === 0 ? 'no verdicts' : shown.map(textOf).join('\n\n'))
}

async function tail(options: Options): Promise<void> {
  const since = parseSince('--since', options.since ?? 'now')
  const { outcome } = options
  await read(options, since, true, seen => {
    if (!outcome || outcome.includes(seen.event.outcome)) print(options.json ? jsonLine(seen) : cells(seen).join('  '))
  })
}

function seriesKey({ type, event: { series } }: Seen): string {
  return JSON.stringify([type, series.model, series.modelVersion, segmentText(series), series.feature])
}

function byEnd(a: Seen, b: Seen): number {
  return a.event.window.end - b.event.window.end
}

function isNewer({ event: { window } }: Seen, { event: { window: before } }: Seen): boolean {
  return window.end > before.end || (window.end === before.end && window.revision >= before.revision)
}

async function read(options: Options, since: number, follow: boolean, onVerdict: (seen: Seen) => void): Promise<void> {
  const { topic, model, feature, segment } = options
  const at = options.window === undefined ? null : parseTime('--window', options.window)
  const models = model && new Set(model)
  const matches = (headers: Readonly<Record<string, Uint8Array>>): boolean => !models || models.has(modelIn(headers))
  const onEvent = (one: PublicEvent): void => {
    if (!isWanted(one, options)) return
    const { series, window } = one.event
    if (options.since !== 'now' && window.end < since) return
    if (feature && !feature.includes(series.feature)) return
    if (segment && segmentText(series) !== segment.join(' ')) return
    if (at !== null && (at < window.start || at >= window.end)) return
    onVerdict(one)
  }
  const start = Number.isFinite(since) ? { time: since } : 'earliest'
  const { unreadable } = await untilStopped(signal => readEvents({ topic, start, follow, signal, matches, onEvent }))
  if (unreadable > 0)
    process.stderr.write(`${unreadable} records of "${topic}" are no events that this version can read\n`)
}

/** Of the kinds that are asked for; of all where none is. */
function isWanted(one: PublicEvent, options: Options): one is Seen {
  if (one.type === 'alert' || one.type === 'incident') return false
  const asked: string[] = (['performance', 'parity', 'shadow'] as const).filter(name => options[name])
  return asked.length === 0 || asked.includes(one.type)
}

const COLOUR = { ok: pc.green, breach: pc.red, 'insufficient-data': pc.dim } as const

function cells(seen: Seen): string[] {
  const { series, window, outcome, because } = seen.event
  return [
    time(window.end),
    COLOUR[outcome](outcome),
    `${series.model} ${series.modelVersion}`,
    segmentText(series),
    series.feature,
    String(window.rows),
    measured(seen),
    (seen.type === 'shadow' ? null : because) ?? (seen.type === 'verdict' ? decisive(seen.event)?.because : null) ?? '',
  ]
}

function measured(seen: Seen): string {
  if (seen.type === 'shadow') return adviceText(seen.event)
  if (seen.type === 'performance') return headline(seen.event)
  return seen.type === 'parity' ? parityHeadline(seen.event) : (decisive(seen.event)?.text ?? '')
}

/** What broke, else the first check that decides. */
function decisive({ checks }: Extract<Seen, { type: 'verdict' }>['event']) {
  const one = checks.find(({ decides, outcome }) => decides && outcome === 'breach') ?? checks.find(one => one.decides)
  return one && { text: `${one.check} ${number(one.value)} of ${number(one.threshold)}`, because: one.because }
}

/** One window of a series, for who wants to know everything. */
function textOf(seen: Seen): string {
  const { series, window, outcome, because } = seen.event
  const head = `${COLOUR[outcome](outcome)}  ${pc.bold(`${series.model} ${series.modelVersion}, ${segmentText(series)}, ${series.feature}`)}`
  const when = `${time(window.start)} to ${time(window.end)}, revision ${window.revision}${window.provisional ? ', provisional' : ''}`
  if (seen.type === 'verdict')
    return `${head}\n${facts([
      ['window', when],
      ['because', because],
      ['cusum', cusumText(seen.event.cusum)],
    ])}\n${evidenceTable(seen.event.checks)}`
  if (seen.type === 'parity')
    return `${head}\n${facts([
      ['window', when],
      ['because', because],
    ])}\n${parityText(seen.event)}`
  if (seen.type === 'shadow') return `${head}\n${shadowText(seen.event, when)}`
  const { predictions, unusable, labelled, coverage, finalCoverage } = seen.event
  const usual = finalCoverage === null ? '' : `, ${percent(finalCoverage)} in the end as a rule`
  return `${head}\n${facts([
    ['window', when],
    ['because', because],
    ['rows', `${predictions} predictions${unusable > 0 ? `, ${unusable} without a usable score` : ''}`],
    ['labels', `${labelled} (${percent(coverage)}${usual})`],
    ['reference', referenceText(seen.event)],
  ])}\n${indented(measureTable(seen.event.measures))}`
}

function cusumText(cusum: VerdictEvent['cusum'] | undefined): string | null {
  return cusum ? `${cusum.statistic} ${number(cusum.value)} since ${time(cusum.since)}` : null
}

function jsonLine(seen: Seen): string {
  if (seen.type === 'verdict') return jsonBytes(castVerdict(seen.event, TO_JSON)).toString()
  if (seen.type === 'parity') return jsonBytes(castParity(seen.event, TO_JSON)).toString()
  const event = seen.type === 'shadow' ? castShadow(seen.event, TO_JSON) : castPerformance(seen.event, TO_JSON)
  return jsonBytes(event).toString()
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
