import { loadMonitors } from '../config/monitor.js'
import { DriftlineError } from '../core/error.js'
import type { Labels, Monitor, Offline } from '../core/monitor.js'
import { type EventMapping, mapEvents, type TimeRequired } from '../files/event-mapping.js'
import { type FieldMap, parseFieldMap } from '../files/field-map.js'
import { mapLabels } from '../files/label-mapping.js'
import { mapOffline } from '../files/offline-mapping.js'
import type { Table } from '../files/table.js'
import type { ProduceFlags, What } from './produce-options.js'

/** The monitor of a path; of several, the one of that model. */
export function oneMonitor(path: string, model?: string): Monitor {
  const { monitors } = loadMonitors(path)
  const chosen = model ? monitors.filter(monitor => monitor.model === model) : monitors
  if (chosen.length === 1) return chosen[0]!
  const names = monitors.map(monitor => monitor.model).join(', ')
  throw new DriftlineError('bad-input', `${path}: choose one of its monitors with --model (${names})`)
}

/** Topic, format and columns of what is produced. */
export function target(
  what: What,
  monitor: Monitor,
  table: Table,
  flags: ProduceFlags,
): { topic: string; format: 'avro' | 'json'; mapping: EventMapping } {
  const map = parseFieldMap(flags.map)
  const required = timeRequired(flags)
  if (what === 'features') {
    const mapping = mapEvents(monitor, table, map, { ...required, key: 'row number' })
    tellNumbered(monitor, table, mapping, map)
    return { topic: monitor.serving.topic, format: monitor.serving.format, mapping }
  }
  if (what === 'offline') {
    const offline = offlineOf(monitor)
    return { topic: offline.topic, format: offline.format, mapping: mapOffline(monitor, offline, table, map, required) }
  }
  const labels = labelsOf(monitor)
  return { topic: labels.topic, format: labels.format, mapping: mapLabels(labels, monitor.file, table, map, required) }
}

/** Says that rows were given their number for a key, unless that was asked for. */
export function tellNumbered({ serving }: Monitor, table: Table, { key }: EventMapping, map: FieldMap): void {
  const name = serving.key.join('.')
  if (key && 'column' in key.source && key.source.column === '#' && !map.has(name))
    process.stderr.write(`note: ${table.source} has no column ${name}: the rows are numbered\n`)
}

/** Times of sending are event times as good as those of a file, but the order, the pace and the range of a file are by its own. */
function timeRequired({ clock, speed, since, until }: ProduceFlags): TimeRequired {
  const given = Object.entries({ speed, since, until }).filter(([, value]) => value !== undefined)
  const drop = given.length === 0 ? null : `drop ${given.map(([name]) => `--${name}`).join(' and ')}`
  if (clock === 'now') return drop === null ? { time: false } : { time: true, instead: drop }
  const instead = 'make the time of sending the event time with --clock now'
  return { time: true, instead: drop === null ? instead : `${instead} and ${drop}` }
}

/** Where the monitor says that labels are; throws where it says nothing. */
export function labelsOf({ labels, file }: Monitor): Labels {
  if (labels !== undefined) return labels
  throw new DriftlineError(
    'bad-input',
    `${file} has no labels; add task: { type } and labels: { topic, key, time, value } to it`,
  )
}

/** Where the monitor says that offline values are; throws where it says nothing. */
export function offlineOf({ offline, file }: Monitor): Offline {
  if (offline !== undefined) return offline
  throw new DriftlineError('bad-input', `${file} has no offline values; add offline: { topic, key, time } to it`)
}
