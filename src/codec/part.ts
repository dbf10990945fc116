import type { OutgoingRecord } from '../core/ports.js'
import type { KeySampleState } from '../core/sketch/key-sample.js'
import type { Leaf, Part } from '../core/window/part.js'
import type { Chunk } from './chunks.js'
import { packCounts, packWords, unpackCounts, unpackWords } from './packed.js'
import { RecordType } from './record-type.js'
import { type SketchRecord, sketchRecord, sketchState } from './sketch.js'

/** A chunk of a part: `part` has the whole part's identity and rows, but only the leaves and features of this chunk. */
export interface PartChunk extends Chunk<Part> {
  /** Places of its leaves in the whole part. */
  readonly places: readonly number[]
}

interface LeafRecord extends Omit<Leaf, 'features'> {
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

const PART = new RecordType<PartRecord>(['history/part-1.avsc', 'history/part-2.avsc', 'part.avsc'], ['sketch.avsc'])
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
 * Null for bytes that are no part of a version we know. Its leaves stay bytes and are unpacked whenever they are asked for, once for each window
 * that is judged: stage 2 holds the parts of all panes that may be revised, and unpacked they take four times the memory.
 */
export function decodePart(bytes: Uint8Array, version: number): PartChunk | null {
  const record = PART.decode(bytes, version)
  if (record === null) return null
  const { firstOffset, lastOffset, news, chunk, chunks, leaves, keys, ...identity } = record
  // Not the memory of all that was fetched with it.
  const packed = new Uint8Array(bytes)
  const part: Part = {
    ...identity,
    offsets: { from: firstOffset, to: lastOffset },
    news: new Map(news.map(({ name, rows }) => [name, rows])),
    get leaves() {
      return PART.decode(packed, version)!.leaves.map(leaf)
    },
    keys: keys && keySampleState(keys),
  }
  return { part, places: leaves.map(({ index }) => index), chunk, chunks }
}

function leaf({ group, values, rows, features }: LeafRecord): Leaf {
  return { group, values, rows, features: features.map(sketchState) }
}

function keySampleRecord({ threshold, keys, counts }: KeySampleState): KeySampleRecord {
  return { threshold, keys: packWords(keys), counts: packCounts(counts) }
}

function keySampleState({ threshold, keys, counts }: KeySampleRecord): KeySampleState {
  return { threshold, keys: unpackWords(keys), counts: unpackCounts(counts) }
}

export { PartAssembler } from './part-assembler.js'
