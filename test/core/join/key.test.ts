import { describe, expect, it } from 'vitest'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import { joinPartition, lowWord } from '../../../src/core/join/key.js'

/** Keys as they come: consecutive numbers, texts that differ in one place, short ones, long ones. */
const KEYS: Readonly<Record<string, (i: number) => string>> = {
  'whole numbers': i => String(i),
  'the same text with a number at its end': i => `request-2026-01-05-${i}`,
  'the same text with a number at its start': i => `${i}-0f3a-4c1e-9b7d-55aa66bb77cc`,
  'numbers of one length': i => String(10_000_000_000 + 7919 * i),
}
const COUNT = 100_000
/** Pairs that share so many bits where hashes are random; structured keys may share fewer. */
const BITS = 26
const BY_CHANCE = COUNT ** 2 / 2 / 2 ** BITS

describe.each(Object.entries(KEYS))('the hash of %s', (_, keyOf) => {
  const high = new Uint32Array(COUNT)
  const low = new Uint32Array(COUNT)
  for (let i = 0; i < COUNT; i++) {
    const key = utf8(keyOf(i))
    high[i] = hashBytes(key, 0, key.length)
    low[i] = lowWord(key, 0, key.length)
  }

  /** Pairs of keys that share these bits. */
  const pairs = (bits: (high: number, low: number) => number): number => {
    const sorted = Float64Array.from(high, (word, i) => bits(word, low[i])).sort()
    return sorted.reduce((same, hash, i) => same + Number(i > 0 && hash === sorted[i - 1]), 0)
  }

  it('has words whose bits are as good as random', () => {
    expect(pairs(word => word >>> (32 - BITS))).toBeLessThan(1.5 * BY_CHANCE)
    expect(pairs(word => word % 2 ** BITS)).toBeLessThan(1.5 * BY_CHANCE)
    expect(pairs((_, word) => word >>> (32 - BITS))).toBeLessThan(1.5 * BY_CHANCE)
    expect(pairs((_, word) => word % 2 ** BITS)).toBeLessThan(1.5 * BY_CHANCE)
  })

  it('has words that know nothing of each other', () => {
    const half = 2 ** (BITS / 2)
    for (const shift of [0, 9, 19]) {
      const both = (high: number, low: number) => ((high >>> shift) % half) * half + ((low >>> shift) % half)
      expect(pairs(both)).toBeLessThan(1.5 * BY_CHANCE)
    }
    expect(pairs((high, low) => high * 2 ** 16 + (low >>> 16))).toBe(0)
  })

  it('spreads them over the partitions', () => {
    for (const partitions of [4, 12]) {
      const counts = new Float64Array(partitions)
      for (const word of high) counts[joinPartition(word, partitions)]++
      const fair = COUNT / partitions
      for (const count of counts) expect(Math.abs(count - fair)).toBeLessThan(6 * Math.sqrt(fair))
    }
  })
})
