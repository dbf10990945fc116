import type { PairJoin, Side, SideRows } from '../core/join/side-rows.js'
import type { OutgoingRecord } from '../core/ports.js'
import { packBytes, packCounts, packWords, unpackBytes, unpackCounts, unpackWords } from './packed.js'
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
  readonly pair: {
    readonly join: PairJoin
    readonly columns: readonly string[]
    readonly flags: readonly Uint8Array[]
    readonly entities: Uint8Array
  } | null
}

const SIDE_ROWS = new RecordType<SideRowsRecord>(['history/side-rows-1.avsc', 'side-rows.avsc'])

/** The message, for the joins partition of its keys; `rows` has at least one row. */
export function encodeSideRows(rows: SideRows, partition: number): OutgoingRecord & { readonly value: Uint8Array } {
  const { offsets, times, keys, versionOf, segmentOf, values, pair, ...same } = rows
  let firstTime = Number.POSITIVE_INFINITY
  for (let i = 0; i < times.length; i++) if (times[i] < firstTime) firstTime = times[i]
  const value = SIDE_ROWS.encode({
    ...same,
    firstOffset: offsets[0],
    steps: packCounts(stepsOf(offsets)),
    keys: packWords(keys),
    firstTime,
    times: packCounts(shifted(times, -firstTime)),
    versionOf: packCounts(new Float64Array(versionOf)),
    segmentOf: packCounts(new Float64Array(segmentOf)),
    values: values.map(packCounts),
    pair: pair && { ...pair, flags: pair.flags.map(packBytes), entities: packWords(pair.entities) },
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
  const { firstOffset, steps, firstTime, times, keys, versionOf, segmentOf, values, pair, ...same } = record
  const offsets = unpackCounts(steps)
  for (let i = 0, offset = firstOffset; i < offsets.length; i++) offsets[i] = offset += offsets[i]
  const rows: SideRows = {
    ...same,
    offsets,
    keys: unpackWords(keys),
    times: shifted(unpackCounts(times), firstTime),
    versionOf: new Int32Array(unpackCounts(versionOf)),
    segmentOf: new Int32Array(unpackCounts(segmentOf)),
    values: values.map(unpackCounts),
    pair: pair && { ...pair, flags: pair.flags.map(unpackBytes), entities: unpackWords(pair.entities) },
  }
  const { size, side } = rows
  const columns = [
    rows.offsets,
    rows.times,
    ...rows.values,
    ...(side === 'serving' ? [rows.versionOf, rows.segmentOf] : []),
    ...(rows.pair === null ? [] : [...rows.pair.flags, rows.pair.entities]),
  ]
  const named =
    rows.pair === null || [rows.values, rows.pair.flags].every(one => one.length === rows.pair!.columns.length)
  return named && rows.keys.length === 2 * size && columns.every(({ length }) => length === size) ? rows : null
}

function stepsOf(offsets: Float64Array): Float64Array {
  const steps = new Float64Array(offsets.length)
  for (let i = 1; i < offsets.length; i++) steps[i] = offsets[i] - offsets[i - 1]
  return steps
}

function shifted(times: Float64Array, by: number): Float64Array {
  const moved = new Float64Array(times.length)
  for (let i = 0; i < times.length; i++) moved[i] = times[i] + by
  return moved
}
