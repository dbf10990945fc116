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

const number = fc.integer({ min: 0, max: 2 ** 50 })
const time = fc.oneof(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.double({ noNaN: true, min: -1e15, max: 1e15 }))
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

  it('keeps what has changed until it is written, and forgets what was not used lately', () => {
    const cache = new EntryCache<Entry>(2)
    cache.put('changed', entryOf(1))
    cache.load('absent', null)
    cache.load('a', entryOf(2))
    cache.trim()
    expect(['changed', 'absent', 'a'].map(key => cache.has(key))).toEqual([true, true, true])
    expect(cache.get('absent')).toBeNull()
    cache.load('b', entryOf(3))
    cache.load('c', entryOf(4))
    cache.trim()
    expect(['changed', 'absent', 'a', 'b', 'c'].map(key => cache.has(key))).toEqual([true, false, false, true, true])
    expect(cache.changes).toBe(1)
    cache.written()
    expect(cache.changes).toBe(0)
    expect(cache.get('changed')?.shelf).toBe(1)
  })
})
