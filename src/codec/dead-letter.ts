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
  /** Id of the dead letter that the rejected record was a replay of; null for a record that came as usual. */
  readonly replayOf: string | null
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
    replayOf: said('replay_of') || null,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX))),
  }
}

/** Where the rejected record lies: two dead letters of one record, as after a crash, share it. */
export function letterId({ topic, partition, offset }: Pick<DeadLetter, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}-${partition}-${offset}`
}

/** The record as it came, for its own topic, and marked as a replay: if it is rejected again, its dead letter says so. */
export function replayOf(
  letter: DeadLetter,
  key: Uint8Array | null,
  value: Uint8Array | null,
): OutgoingRecord & { readonly value: Uint8Array | null } {
  return { key: copy(key), value: copy(value), headers: { ...letter.headers, driftline_replay_of: letterId(letter) } }
}

/** Says that a dead letter has been replayed; it lies in the topic of the dead letters and goes when they do. */
export interface ReplayNote extends Pick<DeadLetter, 'topic' | 'partition' | 'offset'> {
  readonly by: string
  /** When, ISO. */
  readonly at: string
}

export function encodeReplayNote({ topic, partition, offset, by, at }: ReplayNote): OutgoingRecord {
  const headers = {
    driftline_replayed: topic,
    driftline_partition: String(partition),
    driftline_offset: String(offset),
    driftline_by: by,
    driftline_at: at,
  }
  return { key: letterId({ topic, partition, offset }), value: null, headers }
}

/** Null for what is no such note. */
export function decodeReplayNote(headers: Readonly<Record<string, Uint8Array>>): ReplayNote | null {
  const said = (name: string): string => Buffer.from(headers[PREFIX + name] ?? []).toString()
  if (headers[`${PREFIX}replayed`] === undefined || headers[`${PREFIX}cause`] !== undefined) return null
  return {
    topic: said('replayed'),
    partition: Number(said('partition')),
    offset: Number(said('offset')),
    by: said('by'),
    at: said('at'),
  }
}

/** Batches own their memory: what outlives the call is copied. */
function copy(bytes: Uint8Array | null): Uint8Array | null {
  return bytes && new Uint8Array(bytes)
}
