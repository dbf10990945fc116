import type { PairPart } from '../core/join/pair-parts.js'
import type { PairJoin } from '../core/join/side-rows.js'
import type { OutgoingRecord } from '../core/ports.js'
import { type Chunk, ChunkAssembler } from './chunks.js'
import { packBytes } from './packed.js'
import { decodeCounted, encodeCounted } from './pair-counted.js'
import { RecordType } from './record-type.js'

/** A piece of a part of pairs: the bytes of what was counted follow those of the pieces before. */
export type PairChunk = Chunk<PairPart<Uint8Array>>

/** As schemas/pair-part.avsc has it. */
interface PairPartRecord extends Omit<PairPart, 'counted' | 'offsets'> {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly chunk: number
  readonly chunks: number
  readonly counted: Uint8Array
}

const PAIR_PART = new RecordType<PairPartRecord>(['pair-part.avsc'])

/** Bytes of a message: below Kafka's 1 MiB with room for headers and framing. */
const LARGEST = 900_000

/** The messages of a part of pairs, keyed by model: mostly one. */
export function encodePairPart(part: PairPart, largest = LARGEST): OutgoingRecord[] {
  const { offsets, counted, ...identity } = part
  const bytes = packBytes(encodeCounted(part.join, counted))
  const chunks = Math.max(1, Math.ceil(bytes.length / largest))
  const headers = { type: 'pair-part', 'schema-version': String(PAIR_PART.version) }
  return Array.from({ length: chunks }, (_, chunk) => {
    const some = bytes.subarray(chunk * largest, (chunk + 1) * largest)
    const record = { ...identity, firstOffset: offsets.from, lastOffset: offsets.to, chunk, chunks, counted: some }
    return { key: part.model, value: PAIR_PART.encode(record), headers }
  })
}

/** Null for bytes that are no part of pairs of a version we know. */
export function decodePairPart(bytes: Uint8Array, version: number): PairChunk | null {
  const record = PAIR_PART.decode(bytes, version)
  if (record === null) return null
  const { firstOffset, lastOffset, chunk, chunks, counted, ...identity } = record
  // Chunks wait for one another longer than the batch that their bytes lie in.
  const part = { ...identity, offsets: { from: firstOffset, to: lastOffset }, counted: Uint8Array.from(counted) }
  return { part, chunk, chunks }
}

/** Puts parts together from their chunks, of one join. */
export class PairPartAssembler extends ChunkAssembler<PairPart<Uint8Array>> {
  constructor() {
    super(chunks => ({ ...chunks.at(-1)!.part, counted: Buffer.concat(chunks.map(({ part }) => part.counted)) }))
  }
}

/** What the part has counted, in the core's form; null where it cannot be read. */
export function openedPart(part: PairPart<Uint8Array>): PairPart | null {
  const counted = decodeCounted(part.join as PairJoin, part.counted)
  return counted === null ? null : { ...part, counted }
}
