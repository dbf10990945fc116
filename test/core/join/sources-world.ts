import type { Side, SideRows } from '../../../src/core/join/side-rows.js'
import type { Marker } from '../../../src/core/window/marker.js'
import type { Random } from '../../random.js'

/** A message of driftline.joins. */
export type Message = { readonly rows: SideRows } | { readonly marker: Marker }

/** A row that comes in at a side of a join. */
export interface SideEvent {
  readonly side: Side
  readonly key: number
  readonly time: number
}

/** A row where it lies in its source. */
export type InSource<E extends SideEvent> = E & { readonly partition: number; readonly offset: number }

export interface Delivery<E extends SideEvent> {
  /** How far rows may be out of order: within grace, nothing may depend on it. */
  readonly disorder: number
  /** Topic of each side. */
  readonly topics: Readonly<Partial<Record<Side, string>>>
  /** Rows of one source partition, in the order of their offsets. */
  readonly rows: (some: readonly InSource<E>[]) => SideRows
}

const PARTITIONS = 2
/** From one row of a source to the next: offsets need not be without holes. */
const STEP = 3

/** The events in their sources, and the messages that come of them in some order of the sources; at the end every source is. */
export function deliver<E extends SideEvent>(
  random: Random,
  events: readonly E[],
  { disorder, topics, rows }: Delivery<E>,
): { readonly placed: readonly InSource<E>[]; readonly messages: readonly Message[] } {
  const sources = (Object.keys(topics) as Side[]).flatMap(side =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({
      ...{ side, partition, placed: [] as InSource<E>[], sent: 0, watermark: Number.NEGATIVE_INFINITY },
    })),
  )
  const arriving = events
    .map(event => ({ event, at: event.time + random.next() * disorder }))
    .sort((a, b) => a.at - b.at)
  for (const { event } of arriving) {
    const { placed, partition } = random.pick(sources.filter(({ side }) => side === event.side))
    placed.push({ ...event, partition, offset: STEP * placed.length })
  }
  const messages: Message[] = []
  const mark = ({ side, partition, sent, watermark }: (typeof sources)[number]): void => {
    const counts = { aggregated: sent, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    const progress = {
      ...{ model: 'm', monitor: 'v', side, watermark, idle: false, closeTo: Number.NEGATIVE_INFINITY, counts },
      ...{ oldest: -1, roundStart: 0, open: 0, gaps: [] },
    }
    const at = { topic: topics[side]!, partition, partitions: PARTITIONS, nextOffset: STEP * sent }
    messages.push({ marker: { ...at, monitors: [progress] } })
  }
  const waiting = () => sources.filter(({ sent, placed }) => sent < placed.length)
  while (waiting().length > 0) {
    const source = random.pick(waiting())
    // Sometimes one source runs far ahead of the others.
    for (let burst = random.chance(0.1) ? 12 : 1; burst > 0 && source.sent < source.placed.length; burst--) {
      const some = source.placed.slice(source.sent, source.sent + random.integer(1, 6))
      messages.push({ rows: rows(some) })
      source.sent += some.length
      source.watermark = Math.max(source.watermark, ...some.map(({ time }) => time))
      if (random.chance(0.5)) mark(source)
    }
  }
  for (const source of sources) mark(Object.assign(source, { watermark: Number.POSITIVE_INFINITY }))
  return { placed: sources.flatMap(({ placed }) => placed), messages }
}

/** What rows of every join have. */
export function headOf(some: readonly InSource<SideEvent>[], topic: string) {
  const { side, partition } = some[0]!
  return {
    ...{ model: 'm', monitor: 'v', side, topic, partition, size: some.length },
    offsets: Float64Array.from(some, ({ offset }) => offset),
    keys: Uint32Array.from(some.flatMap(({ key }) => [Math.imul(key, 0x9e3779b1) >>> 0, key])),
    times: Float64Array.from(some, ({ time }) => time),
  }
}

/** Model versions and segments of the rows of a serving side; none on the others. */
export function described(
  rows: readonly { readonly version: string; readonly segment?: Readonly<Record<string, string>> }[],
): Pick<SideRows, 'versions' | 'versionOf' | 'segments' | 'segmentOf'> {
  const textOf = ({ segment = {} }: (typeof rows)[number]): string => JSON.stringify(segment)
  const versions = [...new Set(rows.map(({ version }) => version))]
  const segments = [...new Set(rows.map(textOf))]
  return {
    versions,
    versionOf: Int32Array.from(rows, ({ version }) => versions.indexOf(version)),
    segments: segments.map(text => JSON.parse(text) as Record<string, string>),
    segmentOf: Int32Array.from(rows, row => segments.indexOf(textOf(row))),
  }
}

/** The boundaries at which a pane may change. */
export function boundariesOf(pane: number, advance: number): number[] {
  const end = pane + advance
  return [end, ...[1, 2, 4, 8, 16].map(steps => end + steps * advance)]
}
