import type { Baseline, FeatureBaseline, NumericContract, Trained } from '../core/baseline/baseline.js'
import type { Joint, JointTerm, Origin, TextPart } from '../core/derive/origin.js'
import type { Swing, Swings } from '../core/detect/swings.js'
import type { FeatureKind } from '../core/row.js'
import { packDoubles, packWords, unpackDoubles, unpackWords } from './packed.js'
import { RecordType } from './record-type.js'
import { type SketchRecord, sketchRecord, sketchState } from './sketch.js'
import { type TrainedRecord, trainedHistory, trainedRecord } from './trained-history.js'

/** As schemas/baseline-feature.avsc has it. */
export interface FeatureRecord {
  readonly model: string
  readonly version: number
  readonly hash: string
  readonly chunk: number
  readonly name: string
  readonly kind: string
  readonly unit: string | null
  readonly numeric: ContractRecord | null
  readonly values: readonly string[]
  readonly segments: readonly SegmentRecord[]
  readonly origin: OriginRecord | null
}

interface SegmentRecord {
  readonly key: string
  readonly rows: number
  readonly sketch: SketchRecord
  readonly history: TrainedRecord | null
  readonly swings: SwingsRecord | null
}

interface SwingsRecord {
  readonly sizeMs: number
  readonly checks: readonly (Swing & { readonly check: string })[]
}

interface ContractRecord {
  readonly edges: Uint8Array
  readonly atoms: Uint8Array
  readonly quantileEdges: Uint8Array
  readonly sigma: number
  readonly q01: number
  readonly q50: number
  readonly q95: number
  readonly q99: number
}

interface OriginRecord {
  readonly what: string
  readonly detail: string
  readonly terms: readonly JointTerm[]
  readonly of: string
  readonly part: number
  readonly dimension: number | null
  readonly vocabulary: Uint8Array
}

export const FEATURE = new RecordType<FeatureRecord>(
  [
    'history/baseline-feature-1.avsc',
    'history/baseline-feature-2.avsc',
    'history/baseline-feature-3.avsc',
    'baseline-feature.avsc',
  ],
  ['sketch.avsc'],
)

/** Bytes of a record, as of a part's message. */
const LARGEST = 900_000

/** The records of one feature: mostly one, more where its segments do not fit. */
export function featureRecords(
  { model, version, hash }: Baseline,
  feature: FeatureBaseline,
  largest = LARGEST,
): Buffer[] {
  const { name, kind, unit, numeric } = feature
  const record = (chunk: number, segments: FeatureRecord['segments']): Buffer => {
    const values = chunk === 0 ? feature.values : []
    return FEATURE.encode({
      model,
      version,
      hash,
      chunk,
      name,
      kind,
      unit,
      numeric: numeric && contractRecord(numeric),
      values,
      segments,
      origin: chunk === 0 && feature.origin !== undefined ? originRecord(feature.origin) : null,
    })
  }
  const records: Buffer[] = []
  let segments: FeatureRecord['segments'][number][] = []
  let used = record(0, []).length
  for (const [key, trained] of feature.segments) {
    const segment = segmentRecord(key, trained)
    const size = record(1, [segment]).length
    if (used + size > largest && segments.length > 0) {
      records.push(record(records.length, segments))
      segments = []
      used = 0
    }
    segments.push(segment)
    used += size
  }
  records.push(record(records.length, segments))
  return records
}

/** @param chunks in order, at least one */
export function featureOf(chunks: readonly FeatureRecord[]): FeatureBaseline {
  const { name, kind, unit, numeric, values, origin } = chunks[0]
  const segments = chunks.flatMap(chunk => chunk.segments)
  return {
    name,
    kind: kind as FeatureKind,
    unit,
    numeric: numeric && contract(numeric),
    values,
    segments: new Map(segments.map(segment => [segment.key, trainedOf(segment)])),
    ...(origin === null ? {} : { origin: originOf(origin) }),
  }
}

function segmentRecord(key: string, { rows, sketch, history, swings }: Trained): SegmentRecord {
  return {
    key,
    rows,
    sketch: sketchRecord(sketch),
    history: history === undefined ? null : trainedRecord(history),
    swings: swings === undefined ? null : swingsRecord(swings),
  }
}

function trainedOf({ rows, sketch, history, swings }: SegmentRecord): Trained {
  return {
    rows,
    sketch: sketchState(sketch),
    ...(history === null ? {} : { history: trainedHistory(history) }),
    ...(swings === null ? {} : { swings: swingsOf(swings) }),
  }
}

function swingsRecord({ sizeMs, checks }: Swings): SwingsRecord {
  return { sizeMs, checks: [...checks].map(([check, swing]) => ({ check, ...swing })) }
}

function swingsOf({ sizeMs, checks }: SwingsRecord): Swings {
  return { sizeMs, checks: new Map(checks.map(({ check, windows, largest }) => [check, { windows, largest }])) }
}

const NO_ORIGIN = { detail: '', terms: [], of: '', part: 0, dimension: null, vocabulary: Buffer.alloc(0) }

function originRecord(origin: Origin): OriginRecord {
  const { what } = origin
  if (what === 'joint') return { ...NO_ORIGIN, what, detail: origin.chosen, terms: origin.terms }
  if (what === 'embedding') return { ...NO_ORIGIN, ...origin }
  return {
    ...NO_ORIGIN,
    what,
    of: origin.of,
    detail: origin.part,
    vocabulary: packWords(Uint32Array.from(origin.vocabulary)),
  }
}

function originOf({ what, detail, terms, of, part, dimension, vocabulary }: OriginRecord): Origin {
  if (what === 'joint') return { what, chosen: detail as Joint['chosen'], terms: terms.map(term => ({ ...term })) }
  if (what === 'embedding') return { what, of, part, dimension }
  return { what: 'text', of, part: detail as TextPart['part'], vocabulary: Int32Array.from(unpackWords(vocabulary)) }
}

function contractRecord({ grid, quantileEdges, sigma, fences }: NumericContract): ContractRecord {
  return {
    edges: packDoubles(grid.edges),
    atoms: packDoubles(grid.atoms),
    quantileEdges: packDoubles(quantileEdges),
    sigma,
    ...fences,
  }
}

function contract({ edges, atoms, quantileEdges, sigma, q01, q50, q95, q99 }: ContractRecord): NumericContract {
  return {
    grid: { edges: unpackDoubles(edges), atoms: unpackDoubles(atoms) },
    quantileEdges: unpackDoubles(quantileEdges),
    sigma,
    fences: { q01, q50, q95, q99 },
  }
}
