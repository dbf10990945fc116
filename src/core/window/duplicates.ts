import { ALL_KEYS, KeySample } from '../sketch/key-sample.js'
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
 */
export function duplicatesOf(parts: readonly Pick<Part, 'keys'>[]): Duplicates | null {
  const samples = parts.flatMap(({ keys }) => keys ?? [])
  if (samples.length === 0) return null
  const window = new KeySample(MOST_KEYS_OF_WINDOW)
  // The lowest threshold first: what lies above it is not taken in at all.
  for (const sample of samples.sort((a, b) => a.threshold - b.threshold)) window.merge(sample)
  const { threshold, keys, counts } = window.state()
  const repeated = counts.reduce((sum, count) => sum + count - 1, 0)
  const sampled = keys.length + repeated
  const byChance = (keys.length * (ALL_KEYS / threshold)) / (2 * ALL_KEYS)
  return { share: sampled === 0 ? 0 : Math.max(0, repeated / sampled - byChance), sampled, repeated }
}
