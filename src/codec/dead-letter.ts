import type { Batch, OutgoingRecord } from '../core/ports.js'
import { REMEDY, type Rejection } from '../core/rejection.js'

const PREFIX = 'driftline_'

/**
 * The dead letter of a rejected record: its bytes, key and headers as they came, and why and whence as further headers, so that it can be
 * replayed as it was.
 */
export function deadLetter(batch: Batch, index: number, cause: Rejection, now: number): OutgoingRecord {
  const { topic, partition } = batch
  return {
    key: copy(batch.key(index)),
    value: copy(batch.value(index)),
    headers: {
      ...Object.fromEntries(Object.entries(batch.headers(index)).map(([name, value]) => [name, copy(value)!])),
      driftline_cause: cause,
      driftline_topic: topic,
      driftline_partition: String(partition),
      driftline_offset: String(batch.offset(index)),
      driftline_timestamp: new Date(batch.timestamp(index)).toISOString(),
      driftline_time: new Date(now).toISOString(),
      driftline_remedy: REMEDY[cause],
    },
  }
}

/** What a dead letter says of the record that was rejected. */
export interface DeadLetter {
  readonly cause: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** The record's own timestamp, ISO. */
  readonly timestamp: string
  /** When it was rejected, ISO. */
  readonly time: string
  readonly remedy: string
  /** The record's own headers. */
  readonly headers: Readonly<Record<string, Uint8Array>>
}

/** Null for a record that is no dead letter. */
export function decodeDeadLetter(headers: Readonly<Record<string, Uint8Array>>): DeadLetter | null {
  const said = (name: string): string => Buffer.from(headers[PREFIX + name] ?? []).toString()
  if (headers[`${PREFIX}cause`] === undefined) return null
  return {
    cause: said('cause'),
    topic: said('topic'),
    partition: Number(said('partition')),
    offset: Number(said('offset')),
    timestamp: said('timestamp'),
    time: said('time'),
    remedy: said('remedy'),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX))),
  }
}

/** Batches own their memory: what outlives the call is copied. */
function copy(bytes: Uint8Array | null): Uint8Array | null {
  return bytes && new Uint8Array(bytes)
}
