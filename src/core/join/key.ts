/**
 * The low word of a join key's 64-bit hash, of bytes[from, from + length); `hashBytes` is the high word. Another recurrence than that one, so
 * that keys which share one word are no likelier to share the other: of 5 million keys two have the same hash once in a million runs.
 */
export function lowWord(bytes: Uint8Array, from: number, length: number): number {
  let hash = length | 0
  for (let i = from, end = from + length; i < end; i++) {
    hash = Math.imul(hash + bytes[i] + 1, 0x2545f491)
    hash = (hash << 15) | (hash >>> 17)
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x5bd1e995)
  hash = Math.imul(hash ^ (hash >>> 13), 0x68e31da4 | 1)
  return hash ^ (hash >>> 16)
}

/** The partition of driftline.joins that a key belongs to, by the high word of its hash. */
export function joinPartition(highWord: number, partitions: number): number {
  return (highWord >>> 0) % partitions
}

/** The high word under which a challenger's prediction is held, beside the champion's of the same key. */
export function twinWord(highWord: number): number {
  return (highWord ^ 0x5bd1e995) >>> 0
}
