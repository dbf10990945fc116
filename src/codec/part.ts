import type { OutgoingRecord } from '../core/ports.js'
import type { KeySampleState } from '../core/sketch/key-sample.js'
import type { SketchState } from '../core/sketch/state.js'
import type { Leaf, Part } from '../core/window/part.js'
import { itemsIn, packedSketches } from './avro-views.js'
import type { Chunk } from './chunks.js'
import { packCounts, packWords, unpackCounts, unpackWords } from './packed.js'
import { packedLeaf } from './part-assembler.js'
import { RecordType } from './record-type.js'
import { type SketchRecord, sketchRecord, sketchState } from './sketch.js'

/** A chunk of a part: `part` has the whole part's identity and rows, but only the leaves and features of this chunk. */
export interface PartChunk extends Chunk<Part> {
  /** Places of its leaves in the whole part. */
  readonly places: readonly number[]
}

interface LeafRecord extends Omit<Leaf, 'features' | 'unpacked'> {
  readonly index: number
  readonly features: readonly SketchRecord[]
}

interface KeySampleRecord {
  readonly threshold: number
  readonly keys: Uint8Array
  readonly counts: Uint8Array
}

interface PartRecord extends Omit<Part, 'leaves' | 'news' | 'offsets' | 'keys'> {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly news: readonly { readonly name: string; readonly rows: number }[]
  readonly chunk: number
  readonly chunks: number
  readonly leaves: readonly LeafRecord[]
  readonly keys: KeySampleRecord | null
}

interface PackedRecord extends Omit<PartRecord, 'leaves'> {
  readonly leaves: readonly (Omit<LeafRecord, 'features'> & { readonly features: Buffer })[]
}

const PART = new RecordType<PartRecord>(['history/part-1.avsc', 'history/part-2.avsc', 'part.avsc'], ['sketch.avsc'])
/** The newest, to be read with its sketches as bytes. */
const PACKED = new RecordType<PackedRecord>(['part.avsc'], ['sketch.avsc'], packedSketches)
const SKETCH = new RecordType<SketchRecord>(['sketch.avsc'])

/** Bytes of a message: below Kafka's 1 MiB with room for headers and framing. */
const LARGEST = 900_000
/** Of a leaf without its features: counts, and its values, which are limited in number. */
const LEAF = 64

/** The messages of a part, keyed by model: mostly one. */
export function encodePart(part: Part, largest = LARGEST): OutgoingRecord[] {
  const { offsets, news, leaves, keys, ...identity } = part
  const head = {
    ...identity,
    firstOffset: offsets.from,
    lastOffset: offsets.to,
    news: [...news].map(([name, rows]) => ({ name, rows })),
  }
  const sample = keys && keySampleRecord(keys)
  const record = (chunk: number, chunks: number, some: readonly LeafRecord[]): Buffer =>
    PART.encode({ ...head, chunk, chunks, leaves: some, keys: chunk === 0 ? sample : null })
  const all = leaves.map((leaf, index) => ({ ...leaf, index, features: leaf.features.map(sketchRecord) }))
  const whole = record(0, 1, all)
  const room = largest - record(0, 1, []).length - 16
  const groups = whole.length <= largest ? null : [...split(all, room)]
  const values = groups === null ? [whole] : groups.map((some, chunk) => record(chunk, groups.length, some))
  const headers = { type: 'part', 'schema-version': String(PART.version) }
  return values.map(value => ({ key: part.model, value, headers }))
}

/** Runs of leaves and features that fit into `room` bytes each; a feature larger than that stands alone. */
function* split(leaves: readonly LeafRecord[], room: number): Generator<LeafRecord[]> {
  let some: LeafRecord[] = []
  let used = 0
  for (const leaf of leaves) {
    const frame = LEAF + leaf.values.reduce((sum, value) => sum + 6 + Buffer.byteLength(value ?? ''), 0)
    let features: SketchRecord[] = []
    const open = (): void => {
      features = []
      some.push({ ...leaf, features })
      used += frame
    }
    open()
    for (const feature of leaf.features) {
      const size = SKETCH.encode(feature).length + 8
      if (used + size > room && (features.length > 0 || some.length > 1)) {
        if (features.length === 0) some.pop()
        yield some
        some = []
        used = 0
        open()
      }
      features.push(feature)
      used += size
    }
  }
  if (some.length > 0) yield some
}

/**
 * Null for bytes that are no part of a version we know. Its sketches stay bytes and are unpacked one by one whenever they are asked for, once for
 * each window that is judged: stage 2 holds the parts of all panes that may be revised, and unpacked they take four times the memory.
 */
export function decodePart(bytes: Uint8Array, version: number): PartChunk | null {
  const newest = version === PART.version ? bytes : rewritten(bytes, version)
  // A copy: not the memory of all that was fetched with it.
  const record = newest && PACKED.decode(new Uint8Array(newest))
  if (record === null) return null
  const { firstOffset, lastOffset, news, chunk, chunks, leaves, keys, ...identity } = record
  const part: Part = {
    ...identity,
    offsets: { from: firstOffset, to: lastOffset },
    news: new Map(news.map(({ name, rows }) => [name, rows])),
    leaves: leaves.map(({ group, values, rows, features }) =>
      packedLeaf({ group, values, rows }, () => unpack(features)),
    ),
    keys: keys && keySampleState(keys),
  }
  return { part, places: leaves.map(({ index }) => index), chunk, chunks }
}

/** A part of an earlier version as the newest has it; null where it is none. */
function rewritten(bytes: Uint8Array, version: number): Buffer | null {
  const record = PART.decode(bytes, version)
  return record && PART.encode(record)
}

function* unpack(features: Buffer): Generator<SketchState> {
  for (const one of itemsIn(features, SKETCH)) yield sketchState(one)
}

function keySampleRecord({ threshold, keys, counts }: KeySampleState): KeySampleRecord {
  return { threshold, keys: packWords(keys), counts: packCounts(counts) }
}

function keySampleState({ threshold, keys, counts }: KeySampleRecord): KeySampleState {
  return { threshold, keys: unpackWords(keys), counts: unpackCounts(counts) }
}

export { PartAssembler } from './part-assembler.js'
