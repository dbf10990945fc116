import type { Baseline, FeatureBaseline } from '../core/baseline/baseline.js'
import type { Leakage } from '../core/baseline/leakage.js'
import { textOf } from '../core/dictionary.js'
import type { OutgoingRecord } from '../core/ports.js'
import { FEATURE, type FeatureRecord, featureOf, featureRecords } from './baseline-feature.js'
import { type JoinedLeafRecord, joinedLeaf, joinedLeafRecord } from './joined-part.js'
import { RecordType } from './record-type.js'

/** As schemas/baseline-manifest.avsc has it. */
export interface ManifestRecord extends Omit<Baseline, 'segments' | 'features' | 'leakage' | 'scores'> {
  readonly segments: readonly { readonly name: string; readonly values: readonly string[] }[]
  readonly features: readonly { readonly name: string; readonly chunks: number }[]
  readonly leakage: Leakage | null
  readonly scores: { readonly outputs: readonly string[]; readonly leaves: readonly JoinedLeafRecord[] } | null
}

export const MANIFEST = new RecordType<ManifestRecord>(
  ['history/baseline-manifest-1.avsc', 'history/baseline-manifest-2.avsc', 'baseline-manifest.avsc'],
  ['scores.avsc', 'joined-leaf.avsc'],
)

/** The records of driftline.baselines: each feature's, and the manifest last, so that who reads it has the rest. */
export function encodeBaseline(baseline: Baseline): OutgoingRecord[] {
  const { segments, features, leakage = null, scores, ...rest } = baseline
  const key = keyOf(baseline.model, baseline.version)
  const records: OutgoingRecord[] = []
  const entries = features.map(feature => {
    const chunks = featureRecords(baseline, feature)
    chunks.forEach((value, chunk) => {
      const name = `${key}/${encodeURIComponent(feature.name)}${chunk === 0 ? '' : `/${chunk}`}`
      records.push({ key: name, value, headers: headers('feature', FEATURE.version) })
    })
    return { name: feature.name, chunks: chunks.length }
  })
  const dimensions = [...segments].map(([name, values]) => ({ name, values }))
  const trained = scores === undefined ? null : { ...scores, leaves: scores.leaves.map(joinedLeafRecord) }
  const manifest = { ...rest, segments: dimensions, features: entries, leakage, scores: trained }
  records.push({ key, value: MANIFEST.encode(manifest), headers: headers('manifest', MANIFEST.version) })
  return records
}

/** The topic as a table. Holds bytes and decoded baselines; a baseline is seen once all its records are there. */
export class BaselineTable {
  readonly #manifests = new Map<string, ManifestRecord>()
  readonly #features = new Map<string, FeatureRecord>()
  readonly #complete = new Map<string, Baseline>()

  /** Takes one record; one that cannot be read leaves its baseline incomplete. */
  apply(key: Uint8Array | null, value: Uint8Array | null, header: Readonly<Record<string, Uint8Array>>): void {
    if (key === null) return
    const name = textOf(key, 0, key.length)
    const baseline = name.split('/').slice(0, 2).join('/')
    this.#complete.delete(baseline)
    if (value === null) {
      this.#manifests.delete(name)
      this.#features.delete(name)
      return
    }
    // The table outlives the batch.
    const bytes = new Uint8Array(value)
    const version = Number(said(header['schema-version']))
    if (said(header['type']) === 'manifest') {
      const manifest = MANIFEST.decode(bytes, version)
      if (manifest !== null) this.#manifests.set(name, manifest)
    } else {
      const feature = FEATURE.decode(bytes, version)
      if (feature !== null) this.#features.set(name, feature)
    }
  }

  /** The complete baselines of a model, in the order of their versions. */
  of(model: string): Baseline[] {
    const all = [...this.#manifests].filter(([, manifest]) => manifest.model === model)
    const complete = all.flatMap(([name, manifest]) => this.#baseline(name, manifest) ?? [])
    return complete.sort((a, b) => a.version - b.version)
  }

  /** Models that have a baseline, complete or not. */
  models(): string[] {
    return [...new Set([...this.#manifests.values()].map(({ model }) => model))].sort()
  }

  #baseline(name: string, manifest: ManifestRecord): Baseline | null {
    const known = this.#complete.get(name)
    if (known !== undefined) return known
    const features: FeatureBaseline[] = []
    for (const entry of manifest.features) {
      const key = `${name}/${encodeURIComponent(entry.name)}`
      const chunks = Array.from({ length: entry.chunks }, (_, i) => this.#features.get(i === 0 ? key : `${key}/${i}`))
      if (!chunks.every(chunk => chunk !== undefined && chunk.hash === manifest.hash)) return null
      features.push(featureOf(chunks as FeatureRecord[]))
    }
    const { timeRange, segments, leakage, scores, ...rest } = manifest
    const baseline: Baseline = {
      ...rest,
      timeRange: timeRange && { ...timeRange },
      segments: new Map(segments.map(({ name: dimension, values }) => [dimension, values])),
      features,
      ...(leakage === null ? {} : { leakage: plainLeakage(leakage) }),
      ...(scores === null ? {} : { scores: { outputs: [...scores.outputs], leaves: scores.leaves.map(joinedLeaf) } }),
    }
    this.#complete.set(name, baseline)
    return baseline
  }
}

/** Decoded records have a class of their own; what is compared and written as JSON has none. */
function plainLeakage({ features, ...rest }: Leakage): Leakage {
  return { ...rest, features: features.map(feature => ({ ...feature })) }
}

function keyOf(model: string, version: number): string {
  return `${encodeURIComponent(model)}/${version}`
}

function headers(type: string, version: number): Record<string, string> {
  return { type, 'schema-version': String(version) }
}

function said(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : textOf(bytes, 0, bytes.length)
}
