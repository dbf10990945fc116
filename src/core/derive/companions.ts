import { hashBytes } from '../dictionary.js'
import type { FeatureKind } from '../row.js'
import { PROJECTIONS } from './embedding.js'
import type { Origin } from './origin.js'

/** A series that a feature's values are made into. */
export interface Companion {
  readonly name: string
  readonly origin: Exclude<Origin, { what: 'joint' }>
}

const NONE = new Int32Array(0)

/** Features that are no series themselves, but what theirs are made of. */
export function isSource(kind: FeatureKind | 'auto'): kind is 'embedding' | 'text' {
  return kind === 'embedding' || kind === 'text'
}

/** The series of a vector or text feature that need nothing learnt: norm and projections; length and tokens. */
export function companionsOf(
  feature: string,
  kind: 'embedding' | 'text',
  dimension: number | null = null,
): Companion[] {
  if (kind === 'text')
    return (['length', 'tokens'] as const).map(part => ({
      name: `${feature}.${part}`,
      origin: { what: 'text', of: feature, part, vocabulary: NONE },
    }))
  return Array.from({ length: 1 + PROJECTIONS }, (_, part) => ({
    name: `${feature}.${part === 0 ? 'norm' : `p${part}`}`,
    origin: { what: 'embedding', of: feature, part, dimension },
  }))
}

/** The out-of-vocabulary share of a text feature. Its name tells the vocabulary: at a change of baselines two are counted. */
export function unfamiliarOf(feature: string, vocabulary: Int32Array): Companion {
  const bytes = new Uint8Array(vocabulary.buffer, vocabulary.byteOffset, vocabulary.byteLength)
  const digits = (hashBytes(bytes, 0, bytes.length) >>> 16).toString(16).padStart(4, '0')
  return { name: `${feature}.oov.${digits}`, origin: { what: 'text', of: feature, part: 'oov', vocabulary } }
}

/**
 * The companions among series whose values are no longer at hand: by their names, where a feature has all of them.
 * @param names of all series
 */
export function companionsAmong(names: readonly string[]): Map<string, Companion> {
  const known = new Set(names)
  const found = new Map<string, Companion>()
  for (const name of names) {
    const feature = name.slice(0, Math.max(0, name.lastIndexOf('.')))
    const kind = name.endsWith('.norm') ? 'embedding' : name.endsWith('.length') ? 'text' : null
    if (kind === null || feature === '') continue
    const all = companionsOf(feature, kind)
    if (all.every(companion => known.has(companion.name))) for (const one of all) found.set(one.name, one)
  }
  return found
}
