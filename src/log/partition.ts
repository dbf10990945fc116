/**
 * Partition of a key as Kafka's Java client and kafkajs's default partitioner choose it: murmur2 of the UTF-8 bytes,
 * sign bit cleared, modulo. One function for both logs and for stage 1, so that equal keys meet wherever they are written.
 */
export function partitionOf(key: Uint8Array | string, partitions: number): number {
  const bytes = typeof key === 'string' ? encoder.encode(key) : key
  return (murmur2(bytes) & 0x7fffffff) % partitions
}

const encoder = new TextEncoder()
const M = 0x5bd1e995

function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  let h = 0x9747b28c ^ length
  let i = 0
  for (; i + 4 <= length; i += 4) {
    let k = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  const rest = length - i
  if (rest === 3) h ^= bytes[i + 2] << 16
  if (rest >= 2) h ^= bytes[i + 1] << 8
  if (rest >= 1) h = Math.imul(h ^ bytes[i], M)
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}
