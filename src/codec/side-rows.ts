import type { Side, SideRows } from '../core/join/side-rows.js'
import type { OutgoingRecord } from '../core/ports.js'
import { packCounts, packWords, unpackCounts, unpackWords } from './packed.js'
import { RecordType } from './record-type.js'

/** As schemas/side-rows.avsc has it. */
interface SideRowsRecord {
  readonly model: string
  readonly monitor: string
  readonly side: Side
  readonly topic: string
  readonly partition: number
  readonly size: number
  readonly firstOffset: number
  readonly steps: Uint8Array
  readonly keys: Uint8Array
  readonly firstTime: number
  readonly times: Uint8Array
  readonly versions: readonly string[]
  readonly versionOf: Uint8Array
  readonly segments: SideRows['segments']
  readonly segmentOf: Uint8Array
  readonly values: readonly Uint8Array[]
  readonly texts: readonly string[]
}

export const SIDE_ROWS = new RecordType<SideRowsRecord>(['side-rows.avsc'])

/** The message, for the joins partition of its keys; `rows` has at least one row. */
export function encodeSideRows(rows: SideRows, partition: number): OutgoingRecord & { readonly value: Uint8Array } {
  const { offsets, times, keys, versionOf, segmentOf, values, ...same } = rows
  const firstTime = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
  const value = SIDE_ROWS.encode({
    ...same,
    firstOffset: offsets[0],
    steps: packCounts(offsets.map((offset, i) => (i === 0 ? 0 : offset - offsets[i - 1]))),
    keys: packWords(keys),
    firstTime,
    times: packCounts(times.map(time => time - firstTime)),
    versionOf: packCounts(Float64Array.from(versionOf)),
    segmentOf: packCounts(Float64Array.from(segmentOf)),
    values: values.map(packCounts),
  })
  return {
    partition,
    key: rows.model,
    value,
    headers: { type: 'side-rows', 'schema-version': String(SIDE_ROWS.version) },
  }
}

/** Null for bytes that are no rows of a version we know, and where the columns are not of one length. */
export function decodeSideRows(bytes: Uint8Array, version: number): SideRows | null {
  const record = SIDE_ROWS.decode(bytes, version)
  if (record === null) return null
  const { firstOffset, steps, firstTime, times, keys, versionOf, segmentOf, values, ...same } = record
  let offset = firstOffset
  const rows: SideRows = {
    ...same,
    offsets: unpackCounts(steps).map(step => (offset += step)),
    keys: unpackWords(keys),
    times: unpackCounts(times).map(time => firstTime + time),
    versionOf: Int32Array.from(unpackCounts(versionOf)),
    segmentOf: Int32Array.from(unpackCounts(segmentOf)),
    values: values.map(unpackCounts),
  }
  const { size, side } = rows
  const columns = [
    rows.offsets,
    rows.times,
    ...rows.values,
    ...(side === 'serving' ? [rows.versionOf, rows.segmentOf] : []),
  ]
  return rows.keys.length === 2 * size && columns.every(({ length }) => length === size) ? rows : null
}
