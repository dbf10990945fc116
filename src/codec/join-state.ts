import type { JoinerState } from '../core/join/joiner-state.js'
import type { PairJoinerState } from '../core/join/pair-joiner.js'
import { type SourceRecord, sourceRecord, sourceState } from './join-source.js'
import { type JoinedLeafRecord, joinedLeaf, joinedLeafRecord } from './joined-part.js'
import { decodePairJoiner, encodePairJoiner } from './pair-joiner.js'
import { RecordType } from './record-type.js'

/** What a task of the join holds besides its entries. */
export interface JoinTaskState {
  /** Number of the next shelf. */
  readonly nextShelf: number
  readonly joiners: readonly JoinerState[]
  /** Joins of pairs. */
  readonly pairs: readonly PairJoinerState[]
}

type Side = JoinerState['sides'][number]
type OpenPart = JoinerState['parts'][number]

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
  readonly pairs: readonly Uint8Array[]
}

const JOIN_STATE = new RecordType<JoinStateRecord>(
  ['history/join-state-1.avsc', 'join-state.avsc'],
  ['scores.avsc', 'joined-leaf.avsc'],
)

/** One byte, the schema version; then the record. */
export function encodeJoinState({ nextShelf, joiners, pairs }: JoinTaskState): Buffer {
  const record = { nextShelf, joiners: joiners.map(joinerRecord), pairs: pairs.map(encodePairJoiner) }
  return Buffer.concat([Buffer.of(JOIN_STATE.version), JOIN_STATE.encode(record)])
}

/** Null for what a later version has written, or what is no such state: the log is then read again. */
export function decodeJoinState(bytes: Uint8Array): JoinTaskState | null {
  const record = JOIN_STATE.decode(bytes.subarray(1), bytes[0])
  if (record === null) return null
  const pairs = record.pairs.map(decodePairJoiner)
  if (pairs.some(pair => pair === null)) return null
  return {
    nextShelf: record.nextShelf,
    joiners: record.joiners.map(joinerState),
    pairs: pairs as PairJoinerState[],
  }
}

function joinerRecord({ counts, sides, parts, ...state }: JoinerState): JoinerRecord {
  return {
    ...state,
    ...counts,
    sides: sides.map(({ sources, ...side }) => ({ ...side, sources: sources.map(sourceRecord) })),
    parts: parts.map(({ leaves, ...part }) => ({ ...part, leaves: leaves.map(joinedLeafRecord) })),
  }
}

function joinerState({ predictions, labels, sides, parts, ...state }: JoinerRecord): JoinerState {
  return {
    ...state,
    counts: { predictions, labels },
    segments: state.segments.map(segment => ({ ...segment })),
    sides: sides.map(({ sources, ...side }) => ({ ...side, sources: sources.map(sourceState) })),
    parts: parts.map(({ leaves, ...part }) => ({ ...part, leaves: leaves.map(joinedLeaf) })),
  }
}
