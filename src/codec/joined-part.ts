import type { JoinedLeaf, JoinedPart } from '../core/performance/joined-part.js'
import type { OutgoingRecord } from '../core/ports.js'
import { type Chunk, ChunkAssembler } from './chunks.js'
import { RecordType } from './record-type.js'
import { type ScoresRecord, scoreState, scoresRecord } from './scores.js'

/** A piece of a joined part: its leaves follow those of the pieces before. */
export type JoinedChunk = Chunk<JoinedPart>

export interface JoinedLeafRecord {
  readonly segment: JoinedLeaf['segment']
  readonly outputs: readonly ScoresRecord[]
}

/** As schemas/joined-part.avsc has it. */
interface JoinedPartRecord extends Omit<JoinedPart, 'leaves' | 'offsets'> {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly chunk: number
  readonly chunks: number
  readonly leaves: readonly JoinedLeafRecord[]
}

const JOINED_PART = new RecordType<JoinedPartRecord>(['joined-part.avsc'], ['scores.avsc', 'joined-leaf.avsc'])
const LEAF = new RecordType<JoinedLeafRecord>(['joined-leaf.avsc'], ['scores.avsc'])

/** Bytes of a message: below Kafka's 1 MiB with room for headers and framing. */
const LARGEST = 900_000

/** The messages of a joined part, keyed by model: mostly one. */
export function encodeJoinedPart(part: JoinedPart, largest = LARGEST): OutgoingRecord[] {
  const { offsets, leaves, ...identity } = part
  const head = { ...identity, firstOffset: offsets.from, lastOffset: offsets.to }
  const encode = (chunk: number, chunks: number, some: readonly JoinedLeafRecord[]): Buffer =>
    JOINED_PART.encode({ ...head, chunk, chunks, leaves: some })
  const groups = groupsOf(leaves.map(joinedLeafRecord), largest - encode(0, 1, []).length)
  const headers = { type: 'joined-part', 'schema-version': String(JOINED_PART.version) }
  return groups.map((some, i) => ({ key: part.model, value: encode(i, groups.length, some), headers }))
}

/** Runs of leaves of `room` bytes each; a leaf larger than that stands alone. */
function groupsOf(leaves: readonly JoinedLeafRecord[], room: number): JoinedLeafRecord[][] {
  const groups: JoinedLeafRecord[][] = [[]]
  let used = 0
  for (const leaf of leaves) {
    const size = LEAF.encode(leaf).length + 2
    if (used + size > room && groups.at(-1)!.length > 0) {
      groups.push([])
      used = 0
    }
    groups.at(-1)!.push(leaf)
    used += size
  }
  return groups
}

/** Null for bytes that are no joined part of a version we know. */
export function decodeJoinedPart(bytes: Uint8Array, version: number): JoinedChunk | null {
  const record = JOINED_PART.decode(bytes, version)
  if (record === null) return null
  const { firstOffset, lastOffset, chunk, chunks, leaves, ...identity } = record
  const part = { ...identity, offsets: { from: firstOffset, to: lastOffset }, leaves: leaves.map(joinedLeaf) }
  return { part, chunk, chunks }
}

export function joinedLeafRecord({ segment, outputs }: JoinedLeaf): JoinedLeafRecord {
  return { segment, outputs: outputs.map(scoresRecord) }
}

export function joinedLeaf({ segment, outputs }: JoinedLeafRecord): JoinedLeaf {
  return { segment: { ...segment }, outputs: outputs.map(scoreState) }
}

export class JoinedPartAssembler extends ChunkAssembler<JoinedPart> {
  constructor() {
    super(chunks => ({ ...chunks.at(-1)!.part, leaves: chunks.flatMap(({ part }) => part.leaves) }))
  }
}
