import type { Rejection } from './rejection.js'
import type { Row } from './row.js'

/** Wall time, for idleness, heartbeats and time stamps of writing; nothing that is counted depends on it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
}

/** Makes ids: equal inputs, equal ids, on every machine. */
export interface Ids {
  /** 32 hex digits of a cryptographic hash over the parts. */
  hash(...parts: readonly (string | number)[]): string
  /** SHA-256, 64 hex digits. */
  digest(bytes: Uint8Array): string
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/**
 * Consecutive records of one partition as fetched. Read by index, so that an implementation need not make an object a record.
 * Nothing of it may be kept after the call it was handed to.
 */
export interface Batch extends TopicPartition {
  readonly size: number
  /** Offset after the last record, also over records that a compacted log no longer has. */
  readonly nextOffset: number
  /** Offset after the last record of the partition when it was fetched. */
  readonly highWatermark: number
  offset(index: number): number
  /** Null for a tombstone. */
  value(index: number): Uint8Array | null
  /** For those who read the value in place, without a view made for it: the bytes it lies in, … */
  memory(index: number): Uint8Array
  /** … where it starts there, … */
  valueStart(index: number): number
  /** … and where it ends; −1 for a tombstone. */
  valueEnd(index: number): number
  key(index: number): Uint8Array | null
  /** Kafka's record timestamp, epoch ms. */
  timestamp(index: number): number
  headers(index: number): Readonly<Record<string, Uint8Array>>
}

export interface OutgoingRecord {
  /** Chosen by the key's hash where absent. */
  readonly partition?: number
  readonly key: Uint8Array | string | null
  readonly value: Uint8Array | null
  readonly headers?: Readonly<Record<string, string | Uint8Array>>
  /** Epoch ms; the time of writing where absent. */
  readonly timestamp?: number
}

/** What an owner left with its committed offset. */
export interface Committed {
  readonly offset: number
  readonly metadata: string
}

export interface Offsets {
  /** Oldest offset the log still has, and the one after its last record. */
  readonly first: number
  readonly end: number
}

/** How records' timestamps came about: `append` by the broker; `create` by the producer, `bounded` if the broker rejects the future. */
export type TimestampRule = { readonly type: 'append' } | { readonly type: 'create'; readonly bounded: boolean }

/** A partitioned, append-only log: kafka, or embedded in the process. */
export interface Log {
  /** Number of partitions; null when there is no such topic. */
  partitions(topic: string): Promise<number | null>
  offsets(topic: string): Promise<readonly Offsets[]>
  timestampRule(topic: string): Promise<TimestampRule>
  /** First offset whose timestamp is at or after `time`. */
  offsetAt(topic: string, time: number): Promise<readonly number[]>
  /** Resolves when every record is acknowledged by all replicas in sync. Retries without end while the log is away. */
  append(topic: string, records: readonly OutgoingRecord[]): Promise<void>
  /** Joins a consumer group. */
  join(group: string, topics: readonly string[], member: GroupMember, options?: JoinOptions): Promise<Membership>
  /** Reads all partitions of a topic from their beginning and goes on reading. */
  follow(topic: string, onRecords: (batch: Batch) => void): Promise<Following>
  close(): Promise<void>
}

export interface JoinOptions {
  /** Where a partition without a commit starts; `latest` unless told. */
  readonly start?: 'earliest' | 'latest' | { readonly time: number }
}

/** The side of a consumer that the topology writes. Calls for one partition never overlap. */
export interface GroupMember {
  /**
   * A partition is ours. Returns the offset to read from; no batch is handed over before it resolves (restore barrier).
   * @param start where reading would begin: the commit, or the start option; never below `bounds.first`
   */
  assigned(at: TopicPartition, committed: Committed | null, bounds: Offsets, start: number): Promise<number>
  /** May await (publishing); `heartbeat` keeps the membership through long work. */
  batch(batch: Batch, heartbeat: () => Promise<void>): Promise<void>
  /** No longer ours; another owner may be at work already. */
  revoked(at: TopicPartition): void
}

export interface Membership {
  /** Whether the first assignment has come and every partition of it is restored. */
  readonly settled: boolean
  /** Commits exactly these offsets; a commit that is refused because the partition moved on is not an error. */
  commit(at: TopicPartition, offset: number, metadata: string): Promise<void>
  pause(at: TopicPartition): void
  resume(at: TopicPartition): void
  /** Stops fetching, waits for the batches at work, and leaves the group. */
  leave(): Promise<void>
}

export interface Following {
  /** Resolves when everything that was in the topic at the call has been handed over. */
  catchUp(): Promise<void>
  stop(): Promise<void>
}

/** What a task of stage 1 holds after reading up to `nextOffset`. */
export interface Checkpoint {
  /** When the group first took the partition, epoch ms: a topic made anew, or a group reset, is another beginning. */
  readonly began: number
  readonly nextOffset: number
  readonly state: Uint8Array
}

/**
 * Keeps one checkpoint a task, so that an owner need not read the log again: on local disk (lmdb), or shared (redis). Losing it costs time,
 * never counts. Both calls take the tasks of a batch at once, answer in their order, and throw `infrastructure` when the store does not answer.
 */
export interface StateStore {
  /** Where it is, for people; no credentials. */
  readonly place: string
  /** Null where nothing is kept. */
  read(tasks: readonly string[]): Promise<(Checkpoint | null)[]>
  /**
   * Each is written whole or not at all.
   * @returns false where one of the same beginning with an equal or higher next offset is kept already: that one stays
   */
  write(checkpoints: readonly (Checkpoint & { readonly task: string })[]): Promise<boolean[]>
  /** Of tasks that have one: their owners write them anew, or rebuild from the log. */
  remove(tasks: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** What a task that keeps entries by key holds besides them, after reading up to `nextOffset`. */
export interface KeyedHead {
  /** See `Checkpoint.began`. */
  readonly began: number
  readonly nextOffset: number
  readonly state: Uint8Array
}

/** An entry as it is kept. Entries of one shelf go together. */
export interface KeyedEntry {
  readonly shelf: number
  readonly bytes: Uint8Array
}

/** What a task has changed since it wrote last. */
export interface KeyedChange extends KeyedHead {
  /** Of the entries to put: high and low words, two a key. */
  readonly keys: Uint32Array
  readonly entries: readonly KeyedEntry[]
  /** Shelves to be cleared: entries that lie on them, after the puts, are removed. A shelf's number is never used again. */
  readonly cleared: readonly number[]
}

/**
 * Keeps entries by 64-bit key for the tasks of the join, with the state that they belong to: in memory, on local disk (lmdb), or shared (redis).
 * Throws `infrastructure` when it does not answer.
 */
export interface KeyedStore {
  /** Where it is, for people; no credentials. */
  readonly place: string
  /** Null where nothing is kept of the task. */
  load(task: string): Promise<KeyedHead | null>
  /**
   * Entries by key, in order; null: no such entry.
   * @returns null as a whole where another state than this one is kept: others have written, or it is lost
   */
  read(
    task: string,
    state: Pick<KeyedHead, 'began' | 'nextOffset'>,
    keys: Uint32Array,
  ): Promise<(KeyedEntry | null)[] | null>
  /**
   * Written whole or not at all. What another beginning has left is removed. At an equal next offset shelves may be cleared, and nothing is put.
   * @returns false where an equal or higher next offset of the same beginning, or a later beginning, is kept already: that stays
   */
  write(task: string, change: KeyedChange): Promise<boolean>
  /** The task is another's now: nothing of it need be held in memory to answer sooner. */
  release(task: string): void
  close(): Promise<void>
}

/** Decodes the records of one source topic into rows of the monitors on it; one pass, no await. */
export interface RecordReader {
  /**
   * Fills `row` for the monitor at `index` (its own row, of its own layout) from the record at bytes[from, end): all bytes unless told.
   * @returns READ, NOT_SELECTED, NEEDS_SCHEMA, or why it is rejected
   */
  read(
    bytes: Uint8Array,
    index: number,
    row: Row,
    from?: number,
    end?: number,
  ): typeof READ | typeof NOT_SELECTED | typeof NEEDS_SCHEMA | Rejection
  /**
   * Gets the writer's schema that the record names and compiles it. Throws when the registry cannot be reached (retry);
   * a schema that the registry does not know makes later reads answer a rejection.
   */
  prepare(bytes: Uint8Array): Promise<void>
}

export const READ = 0
export const NOT_SELECTED = 1
export const NEEDS_SCHEMA = 2
