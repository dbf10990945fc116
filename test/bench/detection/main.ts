/** How well faults are found and how seldom nothing is called something, beside simple rules, in one run. Prints; never fails on a figure. */
import { existsSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { alwaysFire, type Detector, neverFire } from './detector.js'
import { FAULTS } from './faults.js'
import { DriftLine } from './line.js'
import { plainRule } from './plain-scheme.js'
import { CLASSES, report, type SchemeFigures } from './report.js'
import { add, type Incident, incidents, type Judged, judged, type Quiet, quiet, tally } from './score.js'
import { FAMILIES, type Family, type Stream, streams } from './streams.js'
import { type Half, hasTables } from './tables.js'
import { textbookRule } from './textbook.js'
import { plan, run, type Trial } from './trials.js'
import type { Column } from './values.js'
import { Yardstick } from './yardstick.js'

const SCHEMES: Readonly<Record<string, (stream: Stream, baseline: readonly Column[]) => Detector>> = {
  driftline: (stream, baseline) => new DriftLine(stream, baseline),
  plain: (stream, baseline) => new Yardstick('plain', stream, baseline, plainRule),
  textbook: (stream, baseline) => new Yardstick('textbook', stream, baseline, textbookRule),
  always: alwaysFire,
  never: neverFire,
}

/** Trials of each fault on one stream: few streams of a family, more trials on each. */
const TIMES: Readonly<Record<Family, { full: number; quick: number }>> = {
  'row-shuffled': { full: 1, quick: 1 },
  'window-shuffled': { full: 1, quick: 1 },
  ordered: { full: 4, quick: 1 },
  seasonal: { full: 12, quick: 4 },
  wide: { full: 4, quick: 1 },
}
const SEEDS = { full: 20, quick: 1 }

interface Gathered {
  readonly quiet: Map<Family, Quiet>
  readonly incidents: Incident[]
  readonly trials: Judged[]
}

interface Options {
  readonly half: Half
  readonly streams?: readonly Family[]
  readonly faults?: string
  readonly schemes?: readonly string[]
  readonly seeds?: number
  readonly trials?: number
  readonly quick: boolean
  readonly within: boolean
  readonly tables?: string
  readonly json?: string
}

const list = (known: readonly string[]) => (text: string) => {
  const names = text.split(',')
  const strange = names.find(name => !known.includes(name))
  if (strange !== undefined) throw new InvalidArgumentError(`${strange} is none of ${known.join(', ')}`)
  return names
}
const folder = (path: string): string => {
  if (!existsSync(path) || !hasTables(path)) throw new InvalidArgumentError('a folder with .csv or .csv.gz files')
  return path
}
const count = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number from 1 on')
  return Number(text)
}

const program = new Command('bench:detection')
  // Bad input ends with 2, as in Driftline's own commands.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'Faults found, causes named and false incidents of Driftline and of simple rules, on real and generated streams',
  )
  .addOption(
    new Option('--half <half>', 'streams to choose a scheme on, or to judge it on: other sizes, seeds, kinds and zone')
      .choices(['development', 'judgement'])
      .default('development'),
  )
  .option('--streams <families>', `of ${FAMILIES.join(', ')}`, list(FAMILIES))
  .option('--faults <text>', 'only the fault kinds that contain it')
  .option('--schemes <names>', `of ${Object.keys(SCHEMES).join(', ')}`, list(Object.keys(SCHEMES)))
  .option('--seeds <n>', `shuffled copies of each table and window size (${SEEDS.full}; quick: ${SEEDS.quick})`, count)
  .option('--trials <n>', 'trials of each fault on each stream, instead of what its family has', count)
  .option('--quick', 'one copy, short generated streams, few trials: under a minute', false)
  .option('--within', 'faults begin within a window, as deployments do; else with one', false)
  .option('--tables <folder>', 'its CSV files, each in time order, instead of the three data sets', folder)
  .option('--json <file>', 'writes all figures and every trial there')
  .addHelpText(
    'after',
    `
Examples:
  npm run bench:detection -- --quick
  npm run bench:detection -- --half judgement --json figures.json
  npm run bench:detection -- --quick --tables own/ --streams row-shuffled,window-shuffled,ordered
  npm run bench:detection -- --streams ordered,seasonal --faults unit --schemes driftline,plain`,
  )

function main(options: Options): void {
  const { half, quick: short, json } = options
  const size = short ? 'quick' : 'full'
  const faults = FAULTS.filter(({ kind }) => kind.includes(options.faults ?? ''))
  if (faults.length === 0) program.error(`error: no fault contains "${options.faults}"; there are ${kinds()}`)
  const seeds = options.seeds ?? SEEDS[size]
  const families = options.streams ?? FAMILIES
  const names = options.schemes ?? Object.keys(SCHEMES)
  const began = performance.now()
  const gathered = new Map<string, Gathered>()
  for (const stream of streams({ half, seeds, families, quick: short, folder: options.tables ?? null })) {
    progress(`${stream.name} (${seconds(began)} s)`)
    const times = options.trials ?? TIMES[stream.family][size]
    watch(stream, plan(stream, faults, times, stream.baseline(), options.within), names, gathered)
  }
  progress('')
  const schemes = [...gathered].map(([name, figures]): SchemeFigures => ({ name, ...figures }))
  const load = loadavg().map(one => one.toFixed(1))
  const head = `${half} streams, ${seeds} seeds, ${size}${options.within ? ', faults within windows' : ''}; ${seconds(began)} s on ${cpus().length} cores, load ${load.join(' ')}`
  console.log(`${head}\n\n${report(schemes)}`)
  if (json === undefined) return
  writeFileSync(
    json,
    `${JSON.stringify({ half, seeds, size, node: process.version, schemes: schemes.map(plainly) }, null, 1)}\n`,
  )
  console.log(`\nEvery figure and trial: ${json}`)
}

function watch(
  stream: Stream,
  trials: readonly Trial[],
  names: readonly string[],
  gathered: Map<string, Gathered>,
): void {
  const baseline = stream.baseline()
  const detectors = names.map(name => SCHEMES[name]!(stream, baseline))
  const rows = stream.window(stream.history)[0]!.length
  for (const result of run(stream, detectors, trials)) {
    let figures = gathered.get(result.name)
    if (figures === undefined) gathered.set(result.name, (figures = { quiet: new Map(), incidents: [], trials: [] }))
    const before = figures.quiet.get(stream.family)
    const now = quiet(stream, result)
    figures.quiet.set(stream.family, before === undefined ? now : add(before, now))
    figures.incidents.push(...incidents(stream, result))
    figures.trials.push(...judged(stream, result, rows))
  }
}

function plainly({ name, quiet: families, incidents, trials }: SchemeFigures) {
  return {
    name,
    quiet: Object.fromEntries(families),
    classes: Object.fromEntries(CLASSES.map(({ title, has }) => [title, tally(trials.filter(has))])),
    kinds: Object.fromEntries(FAULTS.map(({ kind }) => [kind, ofKind(trials.filter(one => one.kind === kind))])),
    incidents,
    trials,
  }
}

/** What was named, whether rightly or not, of those found. */
function ofKind(trials: readonly Judged[]) {
  const causes: Record<string, number> = {}
  for (const { cause } of trials) if (cause !== null) causes[cause] = (causes[cause] ?? 0) + 1
  return { ...tally(trials), causes }
}

const kinds = (): string => FAULTS.map(({ kind }) => kind).join(', ')
const seconds = (began: number): string => ((performance.now() - began) / 1000).toFixed(0)

/** On one line of a terminal; nothing elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

main(program.parse().opts<Options>())
