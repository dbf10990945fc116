import type { Held, Progress } from '../core/intake.js'
import type { Counts } from '../core/window/marker.js'
import { decodeOpenPart } from './open-part.js'
import { RecordType } from './record-type.js'

/** A monitor version in a checkpoint. */
export interface HeldMonitor extends Held {
  /** See `EventTimeGuard`. */
  readonly suspicious: number
}

/** As it is written: its parts encoded already, each when its rows last changed. */
export interface EncodedMonitor extends Omit<HeldMonitor, 'parts'> {
  readonly parts: readonly Buffer[]
}

/** As schemas/checkpoint.avsc has it. */
interface CheckpointRecord {
  readonly monitors: readonly (Omit<Progress, 'counts'> & Counts & Omit<EncodedMonitor, 'progress'>)[]
}

const CHECKPOINT = new RecordType<CheckpointRecord>([
  'history/checkpoint-1.avsc',
  'history/checkpoint-2.avsc',
  'checkpoint.avsc',
])

/** One byte, the schema version; then the record. */
export function encodeCheckpoint(held: readonly EncodedMonitor[]): Buffer {
  const monitors = held.map(({ progress: { counts, ...progress }, ...one }) => ({ ...progress, ...counts, ...one }))
  return Buffer.concat([Buffer.of(CHECKPOINT.version), CHECKPOINT.encode({ monitors })])
}

/** Null for what another version has written, or what is no checkpoint: its task is then rebuilt from the log. */
export function decodeCheckpoint(bytes: Uint8Array): HeldMonitor[] | null {
  if (bytes[0] !== CHECKPOINT.version) return null
  const record = CHECKPOINT.decode(bytes.subarray(1))
  const monitors = record?.monitors.map(
    ({ monitor, oldest, roundStart, watermark, gapped, suspicious, parts, ...counts }) => {
      const opened = parts.flatMap(part => decodeOpenPart(part) ?? [])
      if (opened.length < parts.length) return null
      return {
        progress: { monitor, oldest, roundStart, watermark, counts, open: 0 },
        gapped,
        suspicious,
        parts: opened,
      }
    },
  )
  return monitors === undefined || monitors.includes(null) ? null : (monitors as HeldMonitor[])
}
