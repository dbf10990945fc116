import type { JoinerState } from '../core/join/joiner-state.js'
import type { Counts } from '../core/window/marker.js'
import type { SourceState } from '../core/window/sources.js'
import { type JoinedLeafRecord, joinedLeaf, joinedLeafRecord } from './joined-part.js'
import { RecordType } from './record-type.js'

/** What a task of the join holds besides its entries. */
export interface JoinTaskState {
  /** Number of the next shelf. */
  readonly nextShelf: number
  readonly joiners: readonly JoinerState[]
}

type Side = JoinerState['sides'][number]
type OpenPart = JoinerState['parts'][number]

/** What a stage 1 would need to rebuild its parts is of no use here. */
type SourceRecord = Omit<SourceState, 'counts' | 'oldest' | 'roundStart' | 'open'> & Counts

interface JoinerRecord extends Omit<JoinerState, 'counts' | 'sides' | 'parts'> {
  readonly predictions: JoinerState['counts']['predictions']
  readonly labels: JoinerState['counts']['labels']
  readonly sides: readonly (Omit<Side, 'sources'> & { readonly sources: readonly SourceRecord[] })[]
  readonly parts: readonly (Omit<OpenPart, 'leaves'> & { readonly leaves: readonly JoinedLeafRecord[] })[]
}

/** As schemas/join-state.avsc has it. */
interface JoinStateRecord {
  readonly nextShelf: number
  readonly joiners: readonly JoinerRecord[]
}

const JOIN_STATE = new RecordType<JoinStateRecord>(['join-state.avsc'], ['scores.avsc', 'joined-leaf.avsc'])

/** One byte, the schema version; then the record. */
export function encodeJoinState({ nextShelf, joiners }: JoinTaskState): Buffer {
  const record = { nextShelf, joiners: joiners.map(joinerRecord) }
  return Buffer.concat([Buffer.of(JOIN_STATE.version), JOIN_STATE.encode(record)])
}

/** Null for what another version has written, or what is no such state: the log is then read again. */
export function decodeJoinState(bytes: Uint8Array): JoinTaskState | null {
  const record = bytes[0] === JOIN_STATE.version ? JOIN_STATE.decode(bytes.subarray(1)) : null
  return record && { nextShelf: record.nextShelf, joiners: record.joiners.map(joinerState) }
}

function joinerRecord({ counts, sides, parts, ...state }: JoinerState): JoinerRecord {
  return {
    ...state,
    ...counts,
    sides: sides.map(({ sources, ...side }) => ({
      ...side,
      sources: sources.map(({ counts: own, oldest: _, roundStart: __, open: ___, ...source }) => ({
        ...source,
        ...own,
      })),
    })),
    parts: parts.map(({ leaves, ...part }) => ({ ...part, leaves: leaves.map(joinedLeafRecord) })),
  }
}

function joinerState({ predictions, labels, sides, parts, ...state }: JoinerRecord): JoinerState {
  return {
    ...state,
    counts: { predictions, labels },
    segments: state.segments.map(segment => ({ ...segment })),
    sides: sides.map(({ sources, ...side }) => ({
      ...side,
      sources: sources.map(({ topic, partition, partitions, nextOffset, watermark, idle, ...own }) => ({
        ...{ topic, partition, partitions, nextOffset, watermark, idle, counts: own },
        ...{ oldest: -1, roundStart: 0, open: 0 },
      })),
    })),
    parts: parts.map(({ leaves, ...part }) => ({ ...part, leaves: leaves.map(joinedLeaf) })),
  }
}
