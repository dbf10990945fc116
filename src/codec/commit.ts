import { DriftlineError } from '../core/error.js'
import type { Progress } from '../core/intake.js'
import type { OutgoingRecord } from '../core/ports.js'
import type { Counts } from '../core/window/marker.js'
import { RecordType } from './record-type.js'

/** As schemas/commit.avsc has it. */
interface CommitRecord {
  readonly began: number
  readonly monitors: readonly (Omit<Progress, 'counts'> & Counts)[]
  readonly offset: number
  readonly held: readonly HeldKeys[]
}

const COMMIT = new RecordType<CommitRecord>([
  'history/commit-1.avsc',
  'history/commit-2.avsc',
  'history/commit-3.avsc',
  'commit.avsc',
])

/** Kafka's limit: `offset.metadata.max.bytes`. */
const LARGEST = 4096

/** What an owner says of its task with its offset. */
export interface TaskCommit {
  /** When the group first took the partition, epoch ms; 0 where the commit does not tell. */
  readonly began: number
  readonly progress: readonly Progress[]
}

/** How many keys of a model wait in a partition of driftline.joins. */
export interface HeldKeys {
  readonly model: string
  readonly keys: number
}

/** A commit's metadata: with many monitors the progress lies in driftline.state. */
export interface CommitMetadata extends TaskCommit {
  readonly elsewhere: boolean
  /** None where it is a commit of stage 1. */
  readonly held: readonly HeldKeys[]
}

/**
 * Commit metadata: the schema version, a colon, and the record in base64. Null where it is more than Kafka keeps, from about 45 monitors on: then
 * `encodeProgress` goes to driftline.state first, and the metadata is `encodePointer`.
 */
export function encodeCommit(commit: TaskCommit): string | null {
  const metadata = metadataOf({ ...recordOf(commit), offset: -1 })
  return metadata.length > LARGEST ? null : metadata
}

/** Of the join. @param keys that wait, by model; left out where the models are too many to tell of */
export function encodeJoinCommit(began: number, keys: ReadonlyMap<string, number>): string {
  const record = { began, monitors: [], offset: -1 }
  const metadata = metadataOf({ ...record, held: [...keys].map(([model, keys]) => ({ model, keys })) })
  return metadata.length > LARGEST ? metadataOf({ ...record, held: [] }) : metadata
}

/** Metadata that says where the progress lies. @param offset that is committed */
export function encodePointer(began: number, offset: number): string {
  return metadataOf({ began, monitors: [], offset, held: [] })
}

/** The progress at an offset, for driftline.state. */
export function encodeProgress(key: string, commit: TaskCommit, offset: number): OutgoingRecord {
  const headers = { 'schema-version': String(COMMIT.version) }
  return { key, value: COMMIT.encode({ ...recordOf(commit), offset }), headers }
}

/** Null for what cannot be read. */
export function decodeProgress(
  bytes: Uint8Array,
  version: number,
): { readonly offset: number; readonly commit: TaskCommit } | null {
  const record = COMMIT.decode(bytes, version)
  return record && { offset: record.offset, commit: { began: record.began, progress: progressOf(record) } }
}

/** None where the metadata is empty, as after an operator has reset the offset. Throws where it is not ours. */
export function decodeCommit(metadata: string): CommitMetadata {
  if (metadata === '') return { began: 0, progress: [], elsewhere: false, held: [] }
  const [, version, base64] = /^(\d+):([A-Za-z0-9+/=]*)$/.exec(metadata) ?? []
  const record = version === undefined ? null : COMMIT.decode(Buffer.from(base64, 'base64'), Number(version))
  if (record === null) {
    const shown = metadata.length > 60 ? `${metadata.slice(0, 60)}…` : metadata
    const remedy = 'another program or a later version of Driftline has committed in this group; use another --group'
    throw new DriftlineError('bad-input', `commit metadata "${shown}" cannot be read: ${remedy}`)
  }
  return { began: record.began, progress: progressOf(record), elsewhere: record.offset >= 0, held: record.held }
}

function metadataOf(record: CommitRecord): string {
  return `${COMMIT.version}:${COMMIT.encode(record).toString('base64')}`
}

function recordOf({ began, progress }: TaskCommit): Omit<CommitRecord, 'offset'> {
  return { began, monitors: progress.map(({ counts, ...one }) => ({ ...one, ...counts })), held: [] }
}

function progressOf({ monitors }: CommitRecord): Progress[] {
  return monitors.map(({ monitor, oldest, roundStart, watermark, open, ...counts }) => ({
    monitor,
    oldest,
    roundStart,
    watermark,
    counts,
    open,
  }))
}
