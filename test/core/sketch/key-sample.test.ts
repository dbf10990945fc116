import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import { ALL_KEYS, KeySample, type KeySampleState } from '../../../src/core/sketch/key-sample.js'
import { seeded } from '../../random.js'

function sampled(hashes: Iterable<number>, most?: number): KeySampleState {
  const sample = new KeySample(most)
  for (const hash of hashes) sample.add(hash)
  return sample.state()
}

/** Rows by key, ascending: two samples that say the same may list their keys in different orders. */
function rowsByKey({ keys, counts }: KeySampleState): [number, number][] {
  return [...keys].map((key, i): [number, number] => [key, counts[i] ?? 1]).sort(([a], [b]) => a - b)
}

const hash = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 40 }))
const hashes = fc.array(hash, { maxLength: 120 })

describe('a sample of keys', () => {
  test('holds every key with all its rows while there are few, else all below the highest halving that leaves few enough', () => {
    fc.assert(
      fc.property(hashes, fc.integer({ min: 45, max: 80 }), (all, most) => {
        const truth = new Map<number, number>()
        for (const one of all) truth.set(one >>> 0, (truth.get(one >>> 0) ?? 0) + 1)
        let threshold = ALL_KEYS
        while ([...truth.keys()].filter(key => key < threshold).length > most) threshold /= 2
        const state = sampled(all, most)
        expect(state.threshold).toBe(threshold)
        expect(rowsByKey(state)).toEqual([...truth].filter(([key]) => key < threshold).sort(([a], [b]) => a - b))
        expect([...state.counts].every(count => count > 1)).toBe(true)
      }),
    )
  })

  test('does not depend on the order of rows, and merging is sampling them all at once', () => {
    const parts = fc.array(fc.tuple(hashes, fc.integer({ min: 30, max: 60 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(parts, all => {
        const most = 30
        const merged = new KeySample(most)
        for (const [part, own] of all) merged.merge(sampled(part, own))
        const rows = all.flatMap(([part]) => part)
        const whole = sampled(rows.reverse(), most)
        expect(merged.state().threshold).toBe(whole.threshold)
        expect(rowsByKey(merged.state())).toEqual(rowsByKey(whole))
      }),
    )
  })

  test('a state given out does not change with the sample', () => {
    const sample = new KeySample()
    sample.add(1)
    sample.add(1)
    const early = sample.state()
    const copy = structuredClone(early)
    for (let i = 0; i < 5000; i++) sample.add(Math.imul(i, 0x9e3779b1))
    expect(early).toEqual(copy)
  })

  test('the hashes of keys as services number them are spread evenly enough', () => {
    const random = seeded(1)
    const namings: ((i: number) => string)[] = [
      i => String(i),
      i => `ride-${1e9 + i}`,
      i => `2026-01-05T10:00:00.${i}Z/${i % 7}`,
      () => Array.from({ length: 8 }, () => random.integer(0, 65_535).toString(16).padStart(4, '0')).join('-'),
    ]
    for (const name of namings) {
      const texts = Array.from({ length: 100_000 }, (_, i) => utf8(name(i)))
      const { threshold, keys } = sampled(texts.map(bytes => hashBytes(bytes, 0, bytes.length)))
      const estimate = keys.length * (ALL_KEYS / threshold)
      expect(Math.abs(estimate / 100_000 - 1)).toBeLessThan(4 / Math.sqrt(keys.length))
    }
  })
})
