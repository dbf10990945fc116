import { decodeJoinMessage } from '../../src/codec/join-message.js'
import type { SideRows } from '../../src/core/join/side-rows.js'
import type { Marker } from '../../src/core/window/marker.js'
import { JOINS } from '../../src/service/topics.js'
import type { Site, Stored } from './site.js'

/** A row of driftline.joins, as the join takes it. */
export interface Joined {
  readonly side: string
  readonly source: string
  readonly offset: number
  readonly joins: number
  readonly key: string
  readonly time: number
  readonly version: string | undefined
  readonly segment: Readonly<Record<string, string>> | undefined
  /** Numbers, or classes. */
  readonly values: readonly (number | string)[]
}

function rowsOf(rows: SideRows, joins: number): Joined[] {
  return Array.from({ length: rows.size }, (_, i) => ({
    side: rows.side,
    source: `${rows.topic}/${rows.partition}`,
    offset: rows.offsets[i],
    joins,
    key: `${rows.keys[2 * i]}/${rows.keys[2 * i + 1]}`,
    time: rows.times[i],
    version: rows.versions[rows.versionOf[i]],
    segment: rows.segments[rows.segmentOf[i]],
    values: rows.values.map(values => (Number.isNaN(values[i]) ? Number.NaN : (rows.texts[values[i]] ?? values[i]))),
  }))
}

export interface ReadJoins {
  /** Without those that the join skips: their source offset is not beyond all that it has of their source. */
  readonly rows: readonly Joined[]
  /** Rows of all messages. */
  readonly sent: number
  readonly messages: number
  /** Rows that came after a marker that says they had been sent; there must be none. */
  readonly afterTheirMarker: readonly Joined[]
  readonly markers: readonly Marker[]
}

/** Reads driftline.joins as the join does, each partition in its order. */
export async function readJoins(site: Site): Promise<ReadJoins> {
  const rows: Joined[] = []
  const afterTheirMarker: Joined[] = []
  const markers: Marker[] = []
  let sent = 0
  let messages = 0
  const seen = new Map<string, number>()
  const told = new Map<string, number>()
  for (const record of await site.records(JOINS)) {
    const message = messageOf(record)
    if (message.type === 'marker') {
      const { topic, partition, nextOffset, monitors } = message.marker
      markers.push(message.marker)
      for (const { monitor, side } of monitors) {
        const source = `${record.partition} ${monitor} ${side} ${topic}/${partition}`
        told.set(source, Math.max(told.get(source) ?? 0, nextOffset))
      }
      continue
    }
    messages++
    for (const row of rowsOf(message.rows, record.partition)) {
      sent++
      const source = `${row.joins} ${message.rows.monitor} ${row.side} ${row.source}`
      if (row.offset <= (seen.get(source) ?? -1)) continue
      seen.set(source, row.offset)
      rows.push(row)
      if (row.offset < (told.get(source) ?? 0)) afterTheirMarker.push(row)
    }
  }
  return { rows, sent, messages, afterTheirMarker, markers }
}

function messageOf({ headers, value }: Stored) {
  const message = decodeJoinMessage(headers, value)
  if (message === null) throw new Error('a message of driftline.joins cannot be read')
  return message
}
