import type { PairJoinerState } from '../core/join/pair-joiner.js'
import type { PairOutcomesState } from '../core/join/pair-outcomes.js'
import type { OpenPairsState } from '../core/join/pair-parts.js'
import { type SourceRecord, sourceRecord, sourceState } from './join-source.js'
import { packBytes } from './packed.js'
import { decodeCounted, encodeCounted } from './pair-counted.js'
import { RecordType } from './record-type.js'

/** As schemas/pair-joiner.avsc has it. */
interface PairJoinerRecord extends Omit<PairJoinerState, 'counts' | 'sides' | 'parts'>, PairOutcomesState {
  readonly sides: readonly (Omit<PairJoinerState['sides'][number], 'sources'> & {
    readonly sources: readonly SourceRecord[]
  })[]
  readonly parts: readonly OpenPairsState<Uint8Array>[]
}

const PAIR_JOINER = new RecordType<PairJoinerRecord>(['pair-joiner.avsc'])

/** One byte, the schema version; then the record. */
export function encodePairJoiner({ counts, sides, parts, ...state }: PairJoinerState): Uint8Array {
  const record = {
    ...state,
    ...counts,
    sides: sides.map(({ sources, ...side }) => ({ ...side, sources: sources.map(sourceRecord) })),
    parts: parts.map(part => ({ ...part, counted: packBytes(encodeCounted(state.join, part.counted)) })),
  }
  return Buffer.concat([Buffer.of(PAIR_JOINER.version), PAIR_JOINER.encode(record)])
}

/** Null for what a later version has written. */
export function decodePairJoiner(bytes: Uint8Array): PairJoinerState | null {
  const record = PAIR_JOINER.decode(bytes.subarray(1), bytes[0])
  if (record === null) return null
  const { served, other, sides, parts, ...state } = record
  const opened = parts.map(part => ({ ...part, counted: decodeCounted(state.join, part.counted) }))
  if (opened.some(({ counted }) => counted === null)) return null
  return {
    ...state,
    counts: { served: { ...served }, other: { ...other } },
    segments: state.segments.map(segment => ({ ...segment })),
    sides: sides.map(({ sources, ...side }) => ({ ...side, sources: sources.map(sourceState) })),
    parts: opened,
  }
}
