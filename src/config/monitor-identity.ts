import { createHash } from 'node:crypto'
import type { Monitor } from '../core/monitor.js'

type Parsed = Omit<Monitor, 'hash' | 'version' | 'file' | 'falseIncidents' | 'task' | 'labels' | 'offline'>

/**
 * Two names of what a monitor means, whatever its comments, key order or spelling of defaults.
 *
 * `hash` is of everything and goes into event ids. `version` is of what decides which rows count and how they are counted (not thresholds,
 * notifications or the idle guess) and goes into checkpoint and part keys: a change of it starts new parts.
 *
 * @param joined empty where neither labels nor offline values are declared: the names are then those of before there were any
 * @param written what else the file says, as it says it
 */
export function identify(
  monitor: Parsed,
  { task, labels, offline }: Pick<Monitor, 'task' | 'labels' | 'offline'>,
  written: object,
): Pick<Monitor, 'hash' | 'version'> {
  const { topic, format, where, key, entity, time, version, fixedVersion, features, ignore, prediction, maxAheadMs } =
    monitor.serving
  const { sizeMs, advanceMs, graceMs, reviseForMs } = monitor.window
  const kinds = [...monitor.features].flatMap(([name, { kind }]) => (kind === null ? [] : [[name, kind]]))
  const ranges = Object.fromEntries([...monitor.features].map(([name, { range }]) => [name, range]))
  const times = monitor.times.length === 0 ? null : monitor.times
  const counting = {
    model: monitor.model,
    serving: {
      topic,
      format,
      where,
      key,
      entity,
      time,
      version,
      fixedVersion,
      features,
      ignore,
      prediction,
      maxAheadMs,
    },
    window: { sizeMs, advanceMs, graceMs, reviseForMs },
    segments: monitor.segments,
    kinds,
    ranges,
    times,
    joint: monitor.joint ?? null,
    hashed: monitor.privacy?.hash.length ? monitor.privacy.hash : null,
    limits: monitor.limits,
    // What a mistake costs is no matter of counting.
    task: task === undefined ? null : { ...task, costs: null },
    labels: labels ?? null,
    // Nor what is told of a difference, and from how many on.
    offline: offline === undefined ? null : { ...offline, maxMismatch: null, examples: null },
  }
  return { hash: sha256({ ...monitor, times, later: written }), version: sha256(counting).slice(0, 12) }
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

/** JSON with sorted keys; null and empty maps left out, so that a field added later does not change the hash of files without it. */
function canonical(value: unknown): string {
  if (value instanceof Map) return canonical(Object.fromEntries(value))
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null)
  const fields = Object.entries(value)
    .map(([key, field]) => [key, canonical(field ?? null)] as const)
    .filter(([, text]) => text !== 'null' && text !== '{}')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join()}}`
}
