import { readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { Command } from 'commander'
import pino from 'pino'
import { BaselineTable, encodeBaseline } from '../codec/baseline.js'
import { environment } from '../config/environment.js'
import { loadMonitors } from '../config/monitor.js'
import { activeBaseline } from '../core/baseline/active.js'
import type { Baseline, FeatureBaseline } from '../core/baseline/baseline.js'
import { categoricalCells } from '../core/detect/cells.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { ecdf } from '../core/sketch/ecdf.js'
import { kolmogorovSmirnov } from '../core/statistic/kolmogorov-smirnov.js'
import { psi } from '../core/statistic/psi.js'
import { wasserstein } from '../core/statistic/wasserstein.js'
import { parseFieldMap } from '../files/field-map.js'
import { openTable } from '../files/table.js'
import type { KafkaLog } from '../log/kafka/kafka-log.js'
import { activate, nextVersion, promotion, publishBaseline } from '../service/baselines.js'
import { buildBaseline, buildFromDigests } from '../service/build-baseline.js'
import { wallClock } from '../service/clock.js'
import { openKafka } from '../service/kafka.js'
import { Knowledge } from '../service/knowledge.js'
import { colours as pc } from './colours.js'
import { type FileFlags, fileOptions, tableOptions, tellUnreadable } from './file-options.js'
import { table, time } from './output.js'
import { Progress } from './progress.js'
import { parseTime } from './time-option.js'

interface LoadOptions extends FileFlags {
  readonly monitor: string
  readonly map: string[]
  readonly modelVersion?: string
  readonly from?: string
  readonly to?: string
  readonly tdigest?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

export function baselineCommand(): Command {
  const command = new Command('baseline')
    .description('Baselines: what a model was trained on, kept as sketches in driftline.baselines.')
    .addHelpText(
      'after',
      `
Examples:
  driftline baseline load train.parquet --monitor monitors/taxi.yaml
  driftline baseline load trips.csv.gz --monitor taxi.yaml --to 2014-01-01 --map eventTime=trip_start_timestamp:s
  driftline baseline list taxi-tips
  driftline baseline diff taxi-tips 1 2
  driftline baseline promote taxi-tips 2
  driftline baseline rollback taxi-tips`,
    )
  fileOptions(command.command('load <file>'))
    .description(
      'reads a training file (CSV, NDJSON, Parquet; gzipped too) into a new version; the first one is active at once',
    )
    .requiredOption('--monitor <file>', 'the monitor whose fields the columns are mapped to')
    .option('--map <field=column...>', 'event fields that have other names in the file', [])
    .option('--model-version <version>', 'model version that was trained on it; any when absent')
    .option('--from <time>', 'only rows from this event time on')
    .option('--to <time>', 'only rows before this event time')
    .option('--tdigest', 'the file is a JSON dump of npm tdigest: feature → digest.toArray()')
    .option('--dry-run', 'build and show it, write nothing')
    .option('--json', 'the manifest as JSON')
    .action(load)
  command.command('list [model]').description('versions, and which is active').option('--json', 'as JSON').action(list)
  command
    .command('show <model> [version]')
    .description('its features, edges and quantiles')
    .option('--json', 'as JSON')
    .action(show)
  command
    .command('diff <model> <a> <b>')
    .description('distances between two versions, feature by feature')
    .option('--json', 'as JSON')
    .action(diff)
  command
    .command('promote <model> <version>')
    .description('judge against this version from a pane on (by default the first that counts at its edges)')
    .option('--at <time>', 'first window start judged against it')
    .action((model: string, version: string, options: { at?: string }) => promote(model, Number(version), options.at))
  command.command('rollback <model>').description('judge against the version that was active before').action(rollback)
  command
    .command('export <model> <version>')
    .description('writes it as JSON')
    .option('--out <file>', 'file; stdout when absent')
    .action(exportOne)
  command
    .command('import <file>')
    .description('loads an exported baseline as a new version')
    .requiredOption('--monitor <file>', 'the monitor it is for')
    .action(importOne)
  return command
}

/** Runs with the log and its tables, and lets go of them whatever happens. */
async function withKnowledge<T>(work: (log: KafkaLog, knowledge: Knowledge) => Promise<T>): Promise<T> {
  const log = openKafka(environment().kafka, pino({ level: 'error' }, pino.destination(2)))
  try {
    const knowledge = await Knowledge.follow(log)
    return await work(log, knowledge)
  } finally {
    await log.close()
  }
}

function monitorIn(path: string): Monitor {
  const { monitors } = loadMonitors(path)
  if (monitors.length === 1) return monitors[0]
  throw new DriftlineError('bad-input', `${path}: expected one monitor, it has ${monitors.length}; name one file`)
}

async function load(file: string, options: LoadOptions): Promise<void> {
  const monitor = monitorIn(options.monitor)
  const build = await builderOf(file, monitor, options)
  if (options.dryRun) return tellLoaded(await build({ version: 0, from: null }), null, options.json)
  await withKnowledge(async (log, knowledge) => {
    const baseline = await build(nextVersion(knowledge, monitor, wallClock.now()))
    const same = knowledge.baselines(monitor.model).find(known => known.hash === baseline.hash)
    if (same !== undefined) return tellLoaded(same, 'has the same contents already; nothing was written', options.json)
    await publishBaseline(log, baseline)
    const active = knowledge.activations(monitor.model).some(word => word.modelVersion === baseline.modelVersion)
    if (!active) await activate(log, { ...word(baseline), from: baseline.from })
    const remedy = `judged against after: driftline baseline promote ${monitor.model} ${baseline.version}`
    tellLoaded(baseline, active ? remedy : 'active at once', options.json)
  })
}

/** Opens the file first, so that what is wrong with it is told before anything else. */
async function builderOf(
  file: string,
  monitor: Monitor,
  options: LoadOptions,
): Promise<(next: { version: number; from: number | null }) => Promise<Baseline>> {
  const provenance = { modelVersion: options.modelVersion ?? null, source: file, loadedAt: wallClock.now() }
  if (options.tdigest) return next => buildFromDigests(monitor, file, { ...provenance, ...next })
  const rows = await openTable(file, tableOptions(options))
  tellUnreadable(rows)
  const range = {
    ...(options.from === undefined ? {} : { from: parseTime('--from', options.from) }),
    ...(options.to === undefined ? {} : { to: parseTime('--to', options.to) }),
  }
  return async next => {
    const progress = new Progress('reading {bar} {percentage}% · {rows} rows · {eta_formatted} left', options.json)
    try {
      return await buildBaseline(monitor, rows, {
        map: parseFieldMap(options.map),
        provenance: { ...provenance, ...next },
        ...range,
        onProgress: (done, read) => progress.update(done, { rows: read }),
      })
    } finally {
      progress.stop()
      await rows.close()
    }
  }
}

function word(baseline: Baseline) {
  const { model, modelVersion, version } = baseline
  return { model, modelVersion, baseline: version, by: operator(), at: wallClock.now() }
}

const operator = (): string => process.env['DRIFTLINE_OPERATOR'] ?? userInfo().username

function manifest({
  model,
  version,
  modelVersion,
  hash,
  source,
  rows,
  loadedAt,
  from,
  timeRange,
  features,
  segments,
}: Baseline) {
  return {
    model,
    version,
    modelVersion,
    hash,
    source,
    rows,
    loadedAt,
    from,
    timeRange,
    features: features.length,
    segments: Object.fromEntries(segments),
  }
}

function tellLoaded(baseline: Baseline, note: string | null, json = false): void {
  if (json) {
    console.log(JSON.stringify({ ...manifest(baseline), note }))
    return
  }
  const { model, version, rows, features } = baseline
  const kinds = ['numeric', 'categorical', 'boolean'].map(
    kind => `${features.filter(f => f.kind === kind).length} ${kind}`,
  )
  console.log(
    `${pc.green('baseline')} ${model} version ${version}: ${rows} rows, ${kinds.join(', ')}${note === null ? '' : `; ${note}`}`,
  )
}

async function list(model: string | undefined, { json }: { json?: boolean }): Promise<void> {
  await withKnowledge(async (_, knowledge) => {
    const models = model === undefined ? knowledge.models() : [model]
    const all = models.flatMap(name => {
      const words = knowledge.activations(name)
      return knowledge.baselines(name).map(baseline => ({
        ...manifest(baseline),
        active:
          activeBaseline(knowledge.baselines(name), words, baseline.modelVersion ?? '', Number.POSITIVE_INFINITY)
            ?.baseline === baseline,
      }))
    })
    if (json) return console.log(JSON.stringify(all))
    if (all.length === 0)
      return console.log('no baselines; load one with `driftline baseline load FILE --monitor MONITOR`')
    const rows = all.map(one => [
      one.model,
      String(one.version),
      one.active ? pc.green('active') : '',
      one.modelVersion ?? 'any',
      String(one.rows),
      String(one.features),
      one.from === null ? 'the beginning' : time(one.from),
      one.source,
      one.hash.slice(0, 12),
    ])
    console.log(
      table(['model', 'version', '', 'model version', 'rows', 'features', 'counts from', 'source', 'hash'], rows),
    )
  })
}

function pick(knowledge: Knowledge, model: string, version?: number): Baseline {
  const all = knowledge.baselines(model)
  const found = version === undefined ? all.at(-1) : all.find(one => one.version === version)
  if (found !== undefined) return found
  throw new DriftlineError(
    'bad-input',
    `model ${model} has no baseline${version === undefined ? '' : ` ${version}`}; see \`driftline baseline list\``,
  )
}

async function show(model: string, version: string | undefined, { json }: { json?: boolean }): Promise<void> {
  await withKnowledge(async (_, knowledge) => {
    const baseline = pick(knowledge, model, version === undefined ? undefined : Number(version))
    if (json) return console.log(JSON.stringify({ ...manifest(baseline), features: baseline.features.map(contract) }))
    tellLoaded(baseline, baseline.source)
    const rows = baseline.features.map(({ name, kind, numeric, values, segments }) => {
      const whole = segments.get('')
      const what = numeric
        ? `median ${short(numeric.fences.q50)}, 98 % in [${short(numeric.fences.q01)}, ${short(numeric.fences.q99)}], atoms ${[...numeric.grid.atoms].map(short).join(' ') || 'none'}`
        : values.slice(0, 6).join(', ') + (values.length > 6 ? ` and ${values.length - 6} more` : '')
      return [name, kind, String(whole?.rows ?? 0), what]
    })
    console.log(table(['feature', 'kind', 'rows', 'values'], rows))
  })
}

const short = (x: number): string => String(Number(x.toPrecision(4)))

async function diff(model: string, a: string, b: string, { json }: { json?: boolean }): Promise<void> {
  await withKnowledge(async (_, knowledge) => {
    const [one, two] = [pick(knowledge, model, Number(a)), pick(knowledge, model, Number(b))]
    const names = [...new Set([...one.features, ...two.features].map(({ name }) => name))].sort()
    const found = names.map(name => {
      const [x, y] = [one, two].map(baseline => baseline.features.find(feature => feature.name === name))
      if (x === undefined || y === undefined)
        return { name, note: x === undefined ? `only in ${b}` : `only in ${a}`, psi: null, ks: null, w1: null }
      if (x.kind !== y.kind) return { name, note: `${x.kind} → ${y.kind}`, psi: null, ks: null, w1: null }
      const medians = [x, y].map(feature => feature.numeric && short(feature.numeric.fences.q50))
      return { name, note: medians[0] === null ? '' : `median ${medians.join(' → ')}`, ...distance(x, y) }
    })
    if (json) return console.log(JSON.stringify(found))
    const cell = (value: number | null): string => (value === null ? '–' : value.toFixed(3))
    console.log(
      table(
        ['feature', 'psi', 'ks', 'w1/σ', ''],
        found.map(one => [one.name, cell(one.psi), cell(one.ks), cell(one.w1), one.note]),
      ),
    )
  })
}

/** Numeric features by their curves (their bins differ), the others over the first version's values. */
function distance(
  x: FeatureBaseline,
  y: FeatureBaseline,
): { psi: number | null; ks: number | null; w1: number | null } {
  const [a, b] = [x, y].map(feature => feature.segments.get('')!)
  if (x.numeric && y.numeric) {
    const curves = [ecdf(a.sketch.numeric!, x.numeric.grid), ecdf(b.sketch.numeric!, y.numeric.grid)] as const
    return { psi: null, ks: kolmogorovSmirnov(...curves), w1: wasserstein(...curves) / x.numeric.sigma }
  }
  const cells = categoricalCells(x, a, b, Number.POSITIVE_INFINITY)
  return { psi: psi(cells.baseline, cells.window), ks: null, w1: null }
}

function contract({ name, kind, unit, numeric, values }: FeatureBaseline) {
  const cuts = numeric && {
    edges: [...numeric.quantileEdges],
    atoms: [...numeric.grid.atoms],
    sigma: numeric.sigma,
    fences: numeric.fences,
  }
  return { name, kind, unit, numeric: cuts, values }
}

async function promote(model: string, version: number, at: string | undefined): Promise<void> {
  await withKnowledge(async (log, knowledge) => {
    const asked = at === undefined ? null : parseTime('--at', at)
    const activation = promotion(knowledge, model, version, { at: asked, by: operator(), now: wallClock.now() })
    await activate(log, activation)
    const from = activation.from === null ? 'the beginning' : time(activation.from)
    console.log(
      `${pc.green('promoted')} ${model} version ${version}: windows that start at ${from} or later are judged against it`,
    )
  })
}

async function rollback(model: string): Promise<void> {
  await withKnowledge(async (log, knowledge) => {
    const words = knowledge.activations(model)
    const [current, before] = [words.at(-1), words.filter(one => one.baseline !== words.at(-1)?.baseline).at(-1)]
    if (current === undefined || before === undefined)
      throw new DriftlineError(
        'bad-input',
        `model ${model} has no version that was active before; see \`driftline baseline list ${model}\``,
      )
    await activate(log, { ...before, from: wallClock.now(), by: operator(), at: wallClock.now() })
    console.log(`${pc.green('rolled back')} ${model} to version ${before.baseline} from version ${current.baseline}`)
  })
}

/** The records as they lie in driftline.baselines, a line each. */
async function exportOne(model: string, version: string, { out }: { out?: string }): Promise<void> {
  await withKnowledge(async (_, knowledge) => {
    const records = encodeBaseline(pick(knowledge, model, Number(version)))
    const base64 = (bytes: Uint8Array | string | null): string => Buffer.from(bytes ?? '').toString('base64')
    const lines = records.map(({ key, value, headers }) =>
      JSON.stringify({ key: base64(key), value: base64(value), headers }),
    )
    if (out === undefined) console.log(lines.join('\n'))
    else writeFileSync(out, `${lines.join('\n')}\n`)
  })
}

async function importOne(file: string, options: { monitor: string }): Promise<void> {
  const monitor = monitorIn(options.monitor)
  const read = importFrom(file)
  await withKnowledge(async (log, knowledge) => {
    const next = nextVersion(knowledge, monitor, wallClock.now())
    const baseline = { ...read, model: monitor.model, ...next, loadedAt: wallClock.now() }
    await publishBaseline(log, baseline)
    const first = next.version === 1
    if (first) await activate(log, { ...word(baseline), from: null })
    tellLoaded(
      baseline,
      first ? 'active at once' : `judged against after: driftline baseline promote ${monitor.model} ${next.version}`,
    )
  })
}

function importFrom(file: string): Baseline {
  const table = new BaselineTable()
  try {
    for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
      const { key, value, headers } = JSON.parse(line) as {
        key: string
        value: string
        headers: Record<string, string>
      }
      const bytes = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]))
      table.apply(Buffer.from(key, 'base64'), Buffer.from(value, 'base64'), bytes)
    }
  } catch (cause) {
    throw new DriftlineError(
      'bad-input',
      `${file}: not a baseline written by \`driftline baseline export\` (${String(cause)})`,
      { cause },
    )
  }
  const [baseline] = table.models().flatMap(model => table.of(model))
  if (baseline === undefined) throw new DriftlineError('bad-input', `${file}: holds no whole baseline; export it again`)
  return baseline
}
