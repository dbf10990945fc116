import { Digest } from './digest.js'
import { SortedPairs } from './sort-pairs.js'
import type { Weighted } from './state.js'

/** Digests that are compressed together: fewer compressions, less error, bounded scratch. */
const AT_ONCE = 64

const pairs = new SortedPairs()
const merged = new Digest()

/**
 * The digest of all that the given ones hold. All centroids are sorted, equal ones in the order given, and compressed 64 digests at a time:
 * the result depends on the digests and their order alone, and is better than that of merging them one by one. It lives until the next call.
 */
export function mergeDigests(digests: readonly Weighted[]): Digest {
  merged.clear()
  for (let from = 0; from < digests.length; from += AT_ONCE) {
    pairs.fill(digests.length <= AT_ONCE ? digests : digests.slice(from, from + AT_ONCE))
    merged.mergeWeighted(pairs.values, pairs.weights, pairs.size)
  }
  return merged
}
