import { DriftlineError } from '../core/error.js'
import type { Progress } from '../core/intake.js'
import type { Counts } from '../core/window/marker.js'
import { RecordType } from './record-type.js'

/** As schemas/commit.avsc has it. */
interface CommitRecord {
  readonly began: number
  readonly monitors: readonly (Omit<Progress, 'counts'> & Counts)[]
}

const COMMIT = new RecordType<CommitRecord>(['history/commit-1.avsc', 'commit.avsc'])

/** Kafka's limit: `offset.metadata.max.bytes`. */
const LARGEST = 4096

/** What an owner says of its task with its offset. */
export interface TaskCommit {
  /** When the group first took the partition, epoch ms; 0 where the commit does not tell. */
  readonly began: number
  readonly progress: readonly Progress[]
}

/** Commit metadata: the schema version, a colon, and the record in base64. */
export function encodeCommit({ began, progress }: TaskCommit): string {
  const monitors = progress.map(({ counts, ...one }) => ({ ...one, ...counts }))
  const metadata = `${COMMIT.version}:${COMMIT.encode({ began, monitors }).toString('base64')}`
  if (metadata.length > LARGEST) {
    const needed = `the progress of ${progress.length} monitors on one topic takes ${metadata.length} bytes of commit metadata`
    const remedy = 'let fewer monitors read one topic, or give some of them a topic of their own'
    throw new DriftlineError('bad-input', `${needed}, and Kafka keeps ${LARGEST}: ${remedy}`)
  }
  return metadata
}

/** None where the metadata is empty, as after an operator has reset the offset. Throws where it is not ours. */
export function decodeCommit(metadata: string): TaskCommit {
  if (metadata === '') return { began: 0, progress: [] }
  const [, version, base64] = /^(\d+):([A-Za-z0-9+/=]*)$/.exec(metadata) ?? []
  const record = version === undefined ? null : COMMIT.decode(Buffer.from(base64, 'base64'), Number(version))
  if (record === null) {
    const shown = metadata.length > 60 ? `${metadata.slice(0, 60)}…` : metadata
    const remedy = 'another program or a later version of Driftline has committed in this group; use another --group'
    throw new DriftlineError('bad-input', `commit metadata "${shown}" cannot be read: ${remedy}`)
  }
  const progress = record.monitors.map(({ monitor, oldest, roundStart, watermark, ...counts }) => ({
    monitor,
    oldest,
    roundStart,
    watermark,
    counts,
  }))
  return { began: record.began, progress }
}
