import type { Monitor, Offline } from '../core/monitor.js'
import { type EventMapping, mapEvents, type TimeRequired } from './event-mapping.js'
import type { FieldMap } from './field-map.js'
import type { Table } from './table.js'

/** How rows of a file are offline values: features as those of served events are, and a key of their own, as rows that are numbered could not be joined. */
export function mapOffline(
  monitor: Monitor,
  offline: Offline,
  table: Table,
  map: FieldMap,
  required: TimeRequired = { time: true },
): EventMapping {
  const { task: _, ...rest } = monitor
  const { topic, format, where, key, time, features } = offline
  const serving = { ...monitor.serving, topic, format, where, key, time, features }
  const own = { ...serving, entity: null, version: null, prediction: null }
  return mapEvents({ ...rest, serving: own, segments: [], times: [] }, table, map, { ...required, key: 'column' })
}
