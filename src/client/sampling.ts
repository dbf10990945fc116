const UTF8 = new TextEncoder()

/**
 * Whether a request is in a sample of this rate. Decided by the id alone, so features and labels of one request are in or out together, in
 * every process and at every time, and a sample of a lower rate is part of every sample of a higher one.
 * @param rate 0 to 1
 */
export function isSampled(requestId: string, rate: number): boolean {
  return rate >= 1 || fraction(requestId) < rate
}

/**
 * A place in [0, 1) for an id: FNV-1a (32 bits) over its UTF-8 bytes, then MurmurHash3's finaliser, without which ids that only count up
 * would fall close together. Simple enough to be written again in other languages.
 */
export function fraction(id: string): number {
  let hash = 0x811c9dc5
  for (const byte of UTF8.encode(id)) hash = Math.imul(hash ^ byte, 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  hash ^= hash >>> 16
  return (hash >>> 0) / 0x1_0000_0000
}
