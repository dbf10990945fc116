import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DriftlineError } from '../core/error.js'
import { ageSeries } from '../core/feature-age.js'
import {
  type Dimension,
  type FeatureSpec,
  type FeatureTime,
  MOST_KEYS,
  MOST_NUMBERS,
  type Monitor,
} from '../core/monitor.js'
import { type Fault, faultsError } from './fault.js'
import { readText } from './file-text.js'
import { identify } from './monitor-identity.js'
import { joinedOf } from './monitor-joins.js'
import { inOrder, split, splitOrNull } from './monitor-paths.js'
import { conflicts, defaultReviseFor } from './monitor-rules.js'
import { type MonitorFile, monitorSchema } from './monitor-schema.js'
import { seasonNotices } from './season-notes.js'
import { validate } from './validate.js'
import { YamlSource } from './yaml-source.js'

export interface Monitors {
  readonly monitors: readonly Monitor[]
  /** One line each: what the files hold that is without effect. */
  readonly notices: readonly string[]
}

/** Everything that one or more files say, wrong or right. */
export interface ReadMonitors extends Monitors {
  readonly faults: readonly Fault[]
}

/** The monitors of a file, or of all .yaml and .yml files of a folder. Throws one DriftlineError that names every fault. */
export function loadMonitors(path: string): Monitors {
  const { monitors, notices, faults } = readMonitors(path)
  if (faults.length > 0) throw faultsError(faults)
  return { monitors, notices }
}

/**
 * As `loadMonitors`, with the faults as values. Throws only when there is nothing to read at the path.
 * @param isFollowed a folder may have become empty: nothing is to be watched any more
 */
export function readMonitors(path: string, isFollowed = false): ReadMonitors {
  const files = monitorFiles(path, isFollowed).map(file => readMonitor(file))
  return {
    monitors: files.flatMap(file => file.monitors),
    notices: files.flatMap(file => file.notices),
    faults: [...files.flatMap(file => file.faults), ...duplicates(files.flatMap(file => file.names))],
  }
}

/** One monitor file, given as text. */
export function parseMonitor(text: string, file: string): ReadMonitors {
  const { names: _, ...read } = readAs(file, text)
  return read
}

interface Named {
  readonly model: string
  readonly source: YamlSource
}

type ReadFile = ReadMonitors & { readonly names: readonly Named[] }

function monitorFiles(path: string, mayBeEmpty: boolean): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const files = readdirSync(path)
      .filter(name => /^[^.].*\.ya?ml$/.test(name))
      .sort()
    if (files.length > 0 || mayBeEmpty) return files.map(name => join(path, name))
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file or folder' : String(error)
    throw new DriftlineError('bad-input', `${path}: ${why}. Name a monitor file, or a folder of them.`, {
      cause: error,
    })
  }
  throw new DriftlineError(
    'bad-input',
    `${path}: no .yaml file in this folder. Put a monitor there, or name another folder.`,
  )
}

function readMonitor(file: string): ReadFile {
  const read = readText(file)
  return 'text' in read ? readAs(file, read.text) : { monitors: [], notices: [], faults: [read.fault], names: [] }
}

function readAs(file: string, text: string): ReadFile {
  const source = new YamlSource(file, text)
  const { value, data, faults } = checked(source)
  const model = monitorSchema.shape.model.safeParse((value as { model?: unknown } | null | undefined)?.model).data
  const names = model === undefined ? [] : [{ model, source }]
  const monitors = data === null || faults.length > 0 ? [] : [monitorOf(data, file)]
  return { monitors, notices: data === null ? [] : noticesOf(data, source), faults, names }
}

interface Checked {
  readonly value: unknown
  readonly data: MonitorFile | null
  readonly faults: readonly Fault[]
}

function checked(source: YamlSource): Checked {
  const { value, faults: syntax } = source.read()
  if (syntax.length > 0) return { value, data: null, faults: syntax }
  const { data, faults } = validate(monitorSchema, source, value)
  const all = [...faults, ...conflicts(source, value)]
  return { value, data, faults: all.sort((a, b) => a.line - b.line || a.column - b.column) }
}

function duplicates(names: readonly Named[]): Fault[] {
  return names.flatMap(({ model, source }, index) => {
    const first = names.findIndex(other => other.model === model)
    if (first === index) return []
    const found = `${JSON.stringify(model)} also in ${names[first]!.source.file}`
    return [
      source.fault('duplicate', ['model'], 'value', {
        expected: 'one monitor a model',
        found,
        remedy: 'Rename or remove one of the two.',
      }),
    ]
  })
}

function noticesOf(data: MonitorFile, source: YamlSource): string[] {
  return [...taskAlone(data, source), ...agelessSources(data, source), ...seasonNotices(data, source)]
}

function taskAlone({ task, labels, shadow }: MonitorFile, source: YamlSource): string[] {
  if (task === undefined || labels !== undefined || shadow !== undefined) return []
  const { line } = source.position(['task'], 'key')
  return [`${source.file}:${line} task: without effect until labels says where what came true arrives`]
}

/** A `maxAge` of values whose age nothing tells. */
function agelessSources({ sources, features }: MonitorFile, source: YamlSource): string[] {
  const ageless = Object.entries(sources).filter(
    ([, one]) => one.maxAge !== undefined && !one.time && !one.features.some(name => features[name]?.time),
  )
  return ageless.map(([name]) => {
    const { line } = source.position(['sources', name, 'maxAge'], 'key')
    return `${source.file}:${line} sources.${name}.maxAge: without effect until sources.${name}.time says when the values were computed`
  })
}

function monitorOf(file: MonitorFile, path: string): Monitor {
  const { serving, window, limits } = file
  const { dimension, keys } = limits
  const advanceMs = window.advance ?? window.size
  const { version } = serving
  const parsed = {
    model: file.model,
    owner: file.owner ?? null,
    tags: Object.fromEntries(inOrder(file.tags)),
    mode: file.mode,
    serving: {
      topic: serving.topic,
      format: serving.format,
      where: inOrder(serving.where).map(([at, equals]) => ({ path: split(at), equals })),
      key: split(serving.key),
      entity: splitOrNull(serving.entity),
      time: { path: split(serving.time.path), unit: serving.time.unit },
      version: typeof version === 'string' ? split(version) : null,
      fixedVersion: typeof version === 'object' ? version.fixed : 'default',
      features: serving.features,
      ignore: serving.ignore,
      prediction: splitOrNull(serving.prediction),
      sampleRate: serving.sampleRate,
      maxAheadMs: serving.maxAhead,
      idleAfterMs: serving.idleAfter,
    },
    window: {
      sizeMs: window.size,
      advanceMs,
      graceMs: window.grace,
      reviseForMs: window.reviseFor ?? defaultReviseFor(advanceMs),
      minRows: window.minRows ?? 200,
      historyMinRows: window.minRows ?? 50,
    },
    ...seasonsOf(file),
    baseline: file.baseline,
    segments: inOrder(file.segments).map(([name, { path: at, values, top }]): Dimension => {
      return { name, path: splitOrNull(at), values: values ?? null, top: top ?? 8 }
    }),
    // What is left at its default is left out, as before there was such a key: the names of what is counted stay.
    ...(file.joint === 'auto' ? {} : { joint: file.joint }),
    features: new Map(inOrder(file.features).map(([name, feature]) => [name, featureOf(feature)])),
    sources: Object.fromEntries(inOrder(file.sources).map(([name, { features }]) => [name, { features }])),
    times: timesOf(file),
    limits: {
      series: limits.series,
      segments: limits.segments,
      ...(dimension === MOST_NUMBERS ? {} : { dimension }),
      ...(keys === MOST_KEYS ? {} : { keys }),
    },
    ...privacyOf(file),
    notify: {
      minSeverity: file.notify.minSeverity,
      runbook: file.notify.runbook ?? null,
      link: file.notify.link ?? null,
    },
  }
  const { task, labels, offline, shadow, timezone, seasons, sources, falseIncidents, privacy } = file
  const written = { task, labels, offline, shadow, timezone, seasons, sources, falseIncidents, privacy }
  const joined = joinedOf(file)
  return {
    ...parsed,
    ...identify(parsed, joined, written),
    ...joined,
    falseIncidents: falseIncidents.perWeek,
    file: path,
  }
}

/** Left out at their defaults, as before there were seasons. */
function seasonsOf({ seasons: kind, timezone: zone }: MonitorFile): Pick<Monitor, 'seasons'> {
  return kind === 'auto' && zone === 'UTC' ? {} : { seasons: { kind, zone } }
}

/** Left out at its defaults, likewise. */
function privacyOf({ privacy: { hash, minCount } }: MonitorFile): Pick<Monitor, 'privacy'> {
  return hash.length === 0 && minCount === 1 ? {} : { privacy: { hash: [...new Set(hash)].sort(), minCount } }
}

/** Where events say how old features are: each feature's own time, else its source's. */
function timesOf({ features, sources }: MonitorFile): FeatureTime[] {
  const own = inOrder(features).flatMap(([name, { time }]): FeatureTime[] => {
    const limits = Object.values(sources).flatMap(one => (one.features.includes(name) && one.maxAge) || [])
    const maxAgeMs = limits.length === 0 ? null : Math.min(...limits)
    return time
      ? [{ series: ageSeries(name), path: split(time.path), unit: time.unit, features: [name], maxAgeMs }]
      : []
  })
  const common = inOrder(sources).flatMap(([name, { time, features: all, maxAge }]): FeatureTime[] => {
    const mine = all.filter(feature => !features[feature]?.time)
    const at = time && { path: split(time.path), unit: time.unit }
    return at ? [{ series: ageSeries(name), ...at, features: mine, maxAgeMs: maxAge ?? null }] : []
  })
  return [...own, ...common]
}

function featureOf({ kind, unit, importance, range, checks, runbook }: MonitorFile['features'][string]): FeatureSpec {
  const tuned = Object.entries(checks).flatMap(([name, check]) =>
    check === undefined ? [] : [[name, { delta: check.delta ?? null, enabled: check.enabled }] as const],
  )
  return {
    kind: kind ?? null,
    unit: unit ?? null,
    importance: importance ?? null,
    range: range ?? null,
    runbook: runbook ?? null,
    checks: Object.fromEntries(tuned),
  }
}
