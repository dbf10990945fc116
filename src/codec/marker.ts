import type { OutgoingRecord } from '../core/ports.js'
import type { Counts, Marker, MonitorProgress } from '../core/window/marker.js'
import { RecordType } from './record-type.js'

/** As schemas/marker.avsc has it: the counts beside the rest. */
interface MarkerRecord extends Omit<Marker, 'monitors'> {
  readonly monitors: readonly (Omit<MonitorProgress, 'counts'> & Counts)[]
}

const MARKER = new RecordType<MarkerRecord>(['history/marker-1.avsc', 'history/marker-2.avsc', 'marker.avsc'])

/** The message, for every partition of driftline.panes or driftline.joins: its key is the source partition. */
export function encodeMarker(marker: Marker): OutgoingRecord & { readonly value: Uint8Array } {
  const monitors = marker.monitors.map(({ counts, ...progress }) => ({ ...progress, ...counts }))
  const headers = { type: 'marker', 'schema-version': String(MARKER.version) }
  return { key: `${marker.topic}/${marker.partition}`, value: MARKER.encode({ ...marker, monitors }), headers }
}

export function decodeMarker(bytes: Uint8Array, version: number): Marker | null {
  const record = MARKER.decode(bytes, version)
  if (record === null) return null
  const monitors = record.monitors.map(({ aggregated, late, rejected, notSelected, gap, ...progress }) => ({
    ...progress,
    counts: { aggregated, late, rejected, notSelected, gap },
  }))
  return { ...record, monitors }
}
