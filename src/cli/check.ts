import { Command } from 'commander'
import { requireSources } from '../config/broker-topics.js'
import { formatDuration } from '../config/duration.js'
import { environment, type KafkaAccess } from '../config/environment.js'
import { faultsError } from '../config/fault.js'
import { readMonitors } from '../config/monitor.js'
import { timestampRule } from '../config/plan-topics.js'
import { percent } from '../core/alert/words.js'
import {
  DIVERGENCES,
  type Labels,
  MOST_KEYS,
  MOST_NUMBERS,
  type Monitor,
  type Path,
  type Shadow,
  type Task,
} from '../core/monitor.js'
import { unitOf } from '../core/shadow/words.js'
import { table } from './output.js'

const DAY_MS = 86_400_000
const USUAL_SEASONS = { kind: 'auto', zone: 'UTC' } as const

interface CheckOptions {
  readonly json?: boolean
  readonly broker?: boolean
}

export function checkCommand(): Command {
  return new Command('check')
    .description(
      'Reads monitor files as the service does: every fault with file, line, field and remedy, or what was understood.',
    )
    .argument('<monitors>', 'a monitor file, or a folder of them')
    .option('--broker', 'also ask Kafka (KAFKA_BROKERS) whether the topics are there')
    .option('--json', 'faults, or the monitors with all defaults, as JSON on standard output')
    .addHelpText(
      'after',
      `
Examples:
  driftline check topology/monitors
  driftline check monitors/taxi.yaml --json
  KAFKA_BROKERS=localhost:9092 driftline check monitors --broker

Exit codes: 0 all is right · 2 a fault · 3 with --broker: Kafka does not answer`,
    )
    .action(check)
}

async function check(path: string, options: CheckOptions): Promise<void> {
  const { monitors, notices, faults } = readMonitors(path)
  if (faults.length > 0) {
    if (options.json) write(JSON.stringify({ ok: false, faults, notices }, null, 2))
    throw faultsError(faults)
  }
  const sources = options.broker ? await sourcesOf(monitors, environment().kafka) : new Map<string, string>()
  if (options.json) return write(checkedJson(monitors, notices, sources))
  for (const monitor of monitors) write(checkedText(monitor, sources))
  for (const notice of notices) write(`note  ${notice}`)
  write(`${monitors.length === 1 ? '1 monitor' : `${monitors.length} monitors`}: no fault`)
}

/** Source topic → what the broker says of it. */
async function sourcesOf(monitors: readonly Monitor[], access: KafkaAccess): Promise<ReadonlyMap<string, string>> {
  const cluster = await requireSources(monitors, access)
  return new Map(
    [...cluster.topics].map(([topic, { partitions, configs }]) => {
      const rule = timestampRule(configs)
      const stamps = rule.type === 'append' ? 'LogAppendTime' : `CreateTime, ${rule.bounded ? 'bounded' : 'unbounded'}`
      return [
        topic,
        `${partitions === 1 ? '1 partition' : `${partitions} partitions`} at ${cluster.address}, ${stamps}`,
      ]
    }),
  )
}

function checkedJson(
  monitors: readonly Monitor[],
  notices: readonly string[],
  sources: ReadonlyMap<string, string> = new Map(),
): string {
  const plain = monitors.map(withDefaults)
  return JSON.stringify({ ok: true, monitors: plain, notices, sources: Object.fromEntries(sources) }, null, 2)
}

/** With what a monitor leaves out at its default. */
function withDefaults(monitor: Monitor): object {
  return {
    ...monitor,
    features: Object.fromEntries(monitor.features),
    seasons: monitor.seasons ?? USUAL_SEASONS,
    joint: monitor.joint ?? 'auto',
    limits: {
      ...monitor.limits,
      dimension: monitor.limits.dimension ?? MOST_NUMBERS,
      keys: monitor.limits.keys ?? MOST_KEYS,
    },
    privacy: monitor.privacy ?? { hash: [], minCount: 1 },
  }
}

/** What was understood of one monitor, defaults included, as a short table. */
export function checkedText(monitor: Monitor, sources: ReadonlyMap<string, string> = new Map()): string {
  const { serving, window, segments, limits, notify } = monitor
  const rows = [
    ['file', monitor.file],
    ['topic', topicText(serving, sources)],
    ['where', serving.where.map(({ path, equals }) => `${dotted(path)} = ${equals}`).join(', ') || 'every record'],
    ['key', `${dotted(serving.key)}${serving.entity === null ? '' : `, entity ${dotted(serving.entity)}`}`],
    [
      'event time',
      `${dotted(serving.time.path)} (${serving.time.unit}), at most ${formatDuration(serving.maxAheadMs)} ahead`,
    ],
    ['model version', serving.version === null ? `always ${serving.fixedVersion}` : dotted(serving.version)],
    ['features', featuresText(monitor)],
    ['window', windowText(window)],
    ['seasons', seasonsText(monitor)],
    ['segments', segments.map(segmentText).join(', ') || 'none: all rows together'],
    ['baseline', typeof monitor.baseline === 'number' ? `version ${monitor.baseline}` : monitor.baseline],
    ...joinRows(monitor, sources),
    ...offlineRows(monitor, sources),
    ['limits', `${limits.series} series, ${limits.segments} segments a dimension`],
    ['tells', monitor.mode === 'observe' ? 'verdicts only (mode: observe)' : `alerts from ${notify.minSeverity} on`],
    ['version', `${monitor.version}, hash ${monitor.hash.slice(0, 12)}`],
  ]
  return `${table(['monitor', monitor.model], rows)}\n`
}

function topicText({ topic, format }: Pick<Labels, 'topic' | 'format'>, sources: ReadonlyMap<string, string>): string {
  const source = sources.get(topic)
  return `${topic} (${format})${source === undefined ? '' : `: ${source}`}`
}

/** What is predicted, where what came true arrives, and which versions are compared; nothing where neither is declared. */
function joinRows({ task, labels, shadow }: Monitor, sources: ReadonlyMap<string, string>): string[][] {
  if (task === undefined) return []
  const { type, positive, outputs } = task
  const meant = type === 'binary' ? `, ${positive ?? 'true or 1'} is positive` : ''
  return [
    ['task', `${type}${meant}: ${outputs.map(({ name, path }) => `${name} at ${dotted(path)}`).join(', ')}`],
    ...(labels === undefined ? [] : labelRows(labels, sources)),
    ...(shadow === undefined ? [] : [['shadow', shadowText(shadow, type)]]),
  ]
}

function labelRows(labels: Labels, sources: ReadonlyMap<string, string>): string[][] {
  const { where, key, time, value, horizonMs } = labels
  const selected = where.map(({ path, equals }) => `, ${dotted(path)} = ${equals}`).join('')
  return [
    ['labels', topicText(labels, sources)],
    [
      'label',
      `${dotted(value)} by ${dotted(key)} at ${dotted(time.path)} (${time.unit})${selected}; up to ${formatDuration(horizonMs)} after the prediction`,
    ],
  ]
}

function shadowText(shadow: Shadow, type: Task['type']): string {
  const { champion, challenger, mode, withinMs, limits, minRows, windows } = shadow
  const limited = DIVERGENCES.flatMap(name => {
    const limit = limits[name]
    return limit === undefined ? [] : [`${name} up to ${unitOf({ name }, type)(limit)}`]
  })
  const how =
    mode === 'shadow'
      ? `by the requests that both score, up to ${formatDuration(withinMs)} apart`
      : 'by the part of the traffic that each has'
  return `${challenger} against ${champion} ${how}; ${limited.join(', ')}; from ${minRows} ${mode === 'shadow' ? 'pairs' : 'rows of each'} on, ${windows} windows promote`
}

/** Where values recomputed offline arrive; nothing where none are declared. */
function offlineRows({ offline }: Monitor, sources: ReadonlyMap<string, string>): string[][] {
  if (offline === undefined) return []
  const { where, key, time, features, tolerance, horizonMs, maxMismatch } = offline
  const selected = where.map(({ path, equals }) => `, ${dotted(path)} = ${equals}`).join('')
  return [
    ['offline', topicText(offline, sources)],
    [
      'offline value',
      `${features.join(', ')} by ${dotted(key)} at ${dotted(time.path)} (${time.unit})${selected}; waits ${formatDuration(horizonMs)} for the other side`,
    ],
    [
      'parity',
      `equal within ${tolerance.abs} or ${tolerance.rel} of the offline value; ${percent(maxMismatch)} of the rows may differ`,
    ],
  ]
}

function windowText({ sizeMs, advanceMs, graceMs, reviseForMs, minRows }: Monitor['window']): string {
  const step = advanceMs === sizeMs ? 'tumbling' : `each ${formatDuration(advanceMs)}`
  return (
    `${formatDuration(sizeMs)}, ${step}; waits ${formatDuration(graceMs)}, revises for ${formatDuration(reviseForMs)}; ` +
    `from ${minRows} rows on`
  )
}

function seasonsText({ seasons, window }: Monitor): string {
  const { kind, zone } = seasons ?? USUAL_SEASONS
  if (kind === 'none' || window.sizeMs > DAY_MS) return 'none'
  return `${kind === 'auto' ? 'where the history shows them' : kind}, on the clocks of ${zone}`
}

function featuresText({ serving, features }: Monitor): string {
  const without = serving.ignore.length === 0 ? '' : ` without ${serving.ignore.join(', ')}`
  return `${serving.features.join(', ')}${without}${features.size === 0 ? '' : `; ${features.size} described: ${[...features.keys()].join(', ')}`}`
}

function segmentText({ name, path, values, top }: Monitor['segments'][number]): string {
  const at = path === null ? '' : ` at ${dotted(path)}`
  return `${name}${at} (${values === null ? `top ${top}` : values.join(', ')})`
}

function dotted(path: Path): string {
  return path.join('.')
}

function write(text: string): void {
  process.stdout.write(`${text}\n`)
}
