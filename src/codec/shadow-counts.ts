import type { PairState } from '../core/shadow/pair-counts.js'
import type { ArmState, ShadowLeaf, ShadowState } from '../core/shadow/shadow-counts.js'
import type { Spread } from '../core/shadow/spread.js'
import { packCounts, packWords, unpackCounts, unpackWords } from './packed.js'
import { plain } from './plain.js'
import { RecordType } from './record-type.js'
import { type ScoresRecord, scoreState, scoresRecord } from './scores.js'

interface SpreadRecord extends Omit<Spread, 'bins' | 'counts'> {
  readonly bins: Uint8Array
  readonly counts: Uint8Array
}

/** As schemas/shadow-counts.avsc has it. */
interface LeafRecord extends Pick<ShadowState, 'pairs'> {
  readonly segment: ShadowLeaf['segment']
  readonly champion: number
  readonly challenger: number
  readonly outputs: readonly (Omit<PairState, 'difference' | 'scale'> & {
    readonly difference: SpreadRecord
    readonly scale: readonly number[]
  })[]
  readonly slower: SpreadRecord
  readonly arms: readonly { readonly outputs: readonly ScoresRecord[]; readonly latency: SpreadRecord }[]
}

const SHADOW_COUNTS = new RecordType<{ readonly leaves: readonly LeafRecord[] }>(
  ['shadow-counts.avsc'],
  ['scores.avsc'],
)

export const SHADOW_COUNTED = {
  encode(leaves: readonly ShadowLeaf[]): Uint8Array {
    return Buffer.concat([Buffer.of(SHADOW_COUNTS.version), SHADOW_COUNTS.encode({ leaves: leaves.map(leafRecord) })])
  },
  decode(bytes: Uint8Array): readonly ShadowLeaf[] | null {
    return SHADOW_COUNTS.decode(bytes.subarray(1), bytes[0])?.leaves.map(leafOf) ?? null
  },
}

function leafRecord({ segment, counts: { rows, pairs, outputs, slower, arms } }: ShadowLeaf): LeafRecord {
  return {
    ...{ segment, champion: rows[0], challenger: rows[1], pairs, slower: spreadRecord(slower) },
    outputs: outputs.map(one => ({ ...one, difference: spreadRecord(one.difference) })),
    arms: arms.map(arm => ({ outputs: arm.outputs.map(scoresRecord), latency: spreadRecord(arm.latency) })),
  }
}

function leafOf({ segment, champion, challenger, pairs, outputs, slower, arms }: LeafRecord): ShadowLeaf {
  return {
    segment: { ...segment },
    counts: {
      ...{ rows: [champion, challenger], pairs, slower: spreadOf(slower) },
      outputs: outputs.map(({ difference, decisions, scale: [sum, squares, products], ...one }) => ({
        ...{ ...one, difference: spreadOf(difference), decisions: plain(decisions), scale: [sum, squares, products] },
      })),
      arms: arms.map((arm): ArmState => ({ outputs: arm.outputs.map(scoreState), latency: spreadOf(arm.latency) })),
    },
  }
}

function spreadRecord({ bins, counts, ...sums }: Spread): SpreadRecord {
  return { ...sums, bins: packWords(bins), counts: packCounts(counts) }
}

function spreadOf({ bins, counts, n, sum, squares, shift }: SpreadRecord): Spread {
  return { n, sum, squares, shift, bins: new Int32Array(unpackWords(bins)), counts: unpackCounts(counts) }
}
