import { KeySample, type KeySampleState } from '../sketch/key-sample.js'
import type { Part } from './part.js'

/** Keys of a window that are looked at: a share of 1 % is then known to ±.1 points. */
const MOST_KEYS_OF_WINDOW = 16_384

/** How many rows of a window have a request key that another row has too: a retry, a redelivery of the producer, a join that fanned out. */
export interface Duplicates {
  /** Share of rows that are not the first of their key; 0 to 1. */
  readonly share: number
  /** Rows that were looked at: all of them, or those of a sample of the keys. */
  readonly sampled: number
  /** Of them those that are not the first of their key. */
  readonly repeated: number
}

/**
 * Rows − distinct keys, as a share of the rows, over all parts of a window: exact while there are few keys but for the hashes' collisions,
 * else of the keys whose hash is below a threshold. Of n keys about n/2^33 share their 32-bit hash with another by chance, which is taken
 * off the share (.01 % at a million). Null where no part knows its keys.
 * @param apart model versions score the same requests: a key is looked for among the rows of its own version
 */
export function duplicatesOf(parts: readonly Pick<Part, 'keys' | 'modelVersion'>[], apart = false): Duplicates | null {
  const groups = new Map<string, KeySampleState[]>()
  for (const { keys, modelVersion } of parts) {
    if (keys === null) continue
    const group = apart ? modelVersion : ''
    groups
      .set(group, groups.get(group) ?? [])
      .get(group)!
      .push(keys)
  }
  if (groups.size === 0) return null
  const samples = [...groups.values()].map(merged)
  // Of each the same part of its keys.
  const threshold = Math.min(...samples.map(one => one.threshold))
  const sum = { share: 0, sampled: 0, repeated: 0 }
  let byChance = 0
  for (const { keys, counts } of samples) {
    let distinct = 0
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] >= threshold) continue
      distinct++
      sum.repeated += (counts[i] ?? 1) - 1
    }
    sum.sampled += distinct
    byChance += distinct ** 2 / (2 * threshold)
  }
  sum.sampled += sum.repeated
  if (sum.sampled > 0) sum.share = Math.max(0, (sum.repeated - byChance) / sum.sampled)
  return sum
}

function merged(samples: KeySampleState[]): KeySampleState {
  const window = new KeySample(MOST_KEYS_OF_WINDOW)
  // The lowest threshold first: what lies above it is not taken in at all.
  for (const sample of samples.sort((a, b) => a.threshold - b.threshold)) window.merge(sample)
  return window.state()
}
