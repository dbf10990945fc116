import { loadMonitors } from '../config/monitor.js'
import { DriftlineError } from '../core/error.js'
import type { Labels, Monitor, Offline } from '../core/monitor.js'
import { type EventMapping, mapEvents } from '../files/event-mapping.js'
import type { FieldMap } from '../files/field-map.js'
import { mapLabels } from '../files/label-mapping.js'
import { mapOffline } from '../files/offline-mapping.js'
import type { Table } from '../files/table.js'
import type { What } from './produce-options.js'

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
  map: FieldMap,
): { topic: string; format: 'avro' | 'json'; mapping: EventMapping } {
  if (what === 'features') {
    const mapping = mapEvents(monitor, table, map, { time: true, key: 'row number' })
    if (
      mapping.key &&
      'column' in mapping.key.source &&
      mapping.key.source.column === '#' &&
      !map.has(monitor.serving.key.join('.'))
    )
      process.stderr.write(
        `note: ${table.source} has no column ${monitor.serving.key.join('.')}: the rows are numbered\n`,
      )
    return { topic: monitor.serving.topic, format: monitor.serving.format, mapping }
  }
  if (what === 'offline') {
    const offline = offlineOf(monitor)
    return { topic: offline.topic, format: offline.format, mapping: mapOffline(monitor, offline, table, map) }
  }
  const labels = labelsOf(monitor)
  return { topic: labels.topic, format: labels.format, mapping: mapLabels(labels, monitor.file, table, map) }
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
