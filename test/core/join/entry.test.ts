import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeEntry,
  type Entry,
  encodeEntry,
  insertLabel,
  type Label,
  MOST_LABELS,
} from '../../../src/core/join/entry.js'
import { EntryCache } from '../../../src/core/join/entry-cache.js'
import { KeyIndex } from '../../../src/core/join/key-index.js'

const number = fc.integer({ min: 0, max: 2 ** 50 })
// A time is never −0, which its bytes do not tell from 0.
const time = fc
  .oneof(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.double({ noNaN: true, min: -1e15, max: 1e15 }))
  .map(ms => ms + 0)
const value = fc.oneof(fc.constantFrom(0, 1, Number.NaN, -0), fc.float(), fc.double())
const label = fc.record({ time, value, copies: fc.integer({ min: 1, max: 300 }) })
const entry = (outputs: number): fc.Arbitrary<Entry> =>
  fc.record({
    shelf: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    prediction: fc.option(
      fc.record({
        ...{ time, partition: number, offset: number, version: number, segment: number },
        values: fc.array(value, { minLength: outputs, maxLength: outputs }),
      }),
    ),
    labels: fc.array(label, { maxLength: MOST_LABELS }),
  })

describe('an entry', () => {
  it('is in its bytes to the last digit', () => {
    const any = fc.integer({ min: 1, max: 200 }).chain(outputs => fc.tuple(fc.constant(outputs), entry(outputs)))
    fc.assert(
      fc.property(any, ([outputs, one]) => {
        expect(decodeEntry(one.shelf, encodeEntry(one), outputs)).toEqual(one)
      }),
    )
  })

  it('takes few bytes where it waits for its label', () => {
    const prediction = { time: 1.8e12, partition: 3, offset: 3e9, version: 1, segment: 7, values: [Math.fround(0.123)] }
    expect(encodeEntry({ shelf: 1, prediction, labels: [] }).length).toBeLessThanOrEqual(20)
    expect(
      encodeEntry({ shelf: 1, prediction: { ...prediction, values: [0.1] }, labels: [] }).length,
    ).toBeLessThanOrEqual(24)
  })

  it('has its labels by time and value, and copies of one counted, whatever their order', () => {
    const few = fc.array(fc.record({ time: fc.integer({ min: 0, max: 3 }), value: fc.integer({ min: 0, max: 2 }) }))
    fc.assert(
      fc.property(few, came => {
        const labels: Label[] = []
        for (const one of came) insertLabel(labels, { ...one, copies: 1 })
        expect(labels.map(({ copies }) => copies).reduce((a, b) => a + b, 0)).toBe(came.length)
        const keys = labels.map(one => 10 * one.time + one.value)
        expect(keys).toEqual([...new Set(came.map(one => 10 * one.time + one.value))].sort((a, b) => a - b))
      }),
    )
  })
})

describe('the cache of entries', () => {
  const entryOf = (shelf: number): Entry => ({ shelf, prediction: null, labels: [] })

  it('keeps what has changed until it is written, and of the rest so much', () => {
    const cache = new EntryCache<Entry>(2)
    const has = () => [1, 2, 3, 4].map(low => cache.has(0, low))
    cache.put(0, 1, entryOf(1))
    cache.load(0, 2, null)
    cache.trim()
    expect(has()).toEqual([true, true, false, false])
    expect(cache.get(0, 2)).toBeNull()
    cache.load(0, 3, entryOf(3))
    cache.put(0, 3, entryOf(30))
    cache.load(0, 4, entryOf(4))
    expect([1, 2, 3, 4].map(low => cache.get(0, low)?.shelf)).toEqual([1, undefined, 30, 4])
    cache.trim()
    expect(has()).toEqual([true, false, true, false])
    expect([...cache.changed()].map(({ low, entry }) => [low, entry.shelf])).toEqual([
      [1, 1],
      [3, 30],
    ])
    cache.written()
    expect(cache.changes).toBe(0)
    expect(has()).toEqual([false, false, false, false])
  })
})

describe('the index of keys', () => {
  it('is a map, whatever is put and taken out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.nat(3), fc.oneof(fc.nat(40), fc.nat(4000)), fc.nat(2 ** 32 - 2)), {
          maxLength: 4000,
          size: 'max',
        }),
        steps => {
          const index = new KeyIndex()
          const map = new Map<string, number>()
          for (const [puts, high, low, place] of steps) {
            const key = `${high}/${low}`
            if (puts) {
              index.set(high, low, place)
              map.set(key, place)
            } else {
              expect(index.delete(high, low)).toBe(map.get(key) ?? -1)
              map.delete(key)
            }
          }
          expect(index.size).toBe(map.size)
          for (const [, high, low] of steps) expect(index.get(high, low)).toBe(map.get(`${high}/${low}`) ?? -1)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('keeps the keys of one partition apart, which share bits of their words', () => {
    const index = new KeyIndex()
    for (let i = 0; i < 100_000; i++) index.set(i * 1024, 0xffffffff - (i % 3), i)
    for (let i = 0; i < 100_000; i += 2) expect(index.delete(i * 1024, 0xffffffff - (i % 3))).toBe(i)
    expect(index.size).toBe(50_000)
    for (let i = 0; i < 100_000; i++)
      if (index.get(i * 1024, 0xffffffff - (i % 3)) !== (i % 2 ? i : -1)) throw new Error(`key ${i}`)
  })
})
