import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import { FrequentCategories, hashText } from '../../../src/core/sketch/heavy-categories.js'
import { seeded } from '../../random.js'

function add(heavy: FrequentCategories, text: string): void {
  const bytes = utf8(text)
  heavy.add(hashBytes(bytes, 0, bytes.length), bytes, 0, bytes.length)
}

function counted(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

test('exact up to 256 distinct categories of any length and alphabet', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('', 'a'),
  )
  fc.assert(
    fc.property(fc.array(text, { maxLength: 250, size: 'max' }), texts => {
      const heavy = new FrequentCategories()
      for (const one of texts) add(heavy, one)
      const state = heavy.state()
      expect(heavy.overflowed).toBe(false)
      // Lone surrogates have no UTF-8 of their own.
      expect(new Map(state.map(({ value, count }) => [value, count]))).toEqual(
        counted(texts.map(one => one.replace(/[\ud800-\udfff]/gu, '\ufffd'))),
      )
      expect(state.every(({ error }) => error === 0)).toBe(true)
    }),
  )
})

test('beyond, a count overstates by at most its error, which is at most n/256', () => {
  for (const seed of [1, 2, 3, 4]) {
    const random = seeded(seed)
    const texts = Array.from({ length: 20_000 }, () =>
      random.chance(0.4) ? `top-${random.integer(0, 9)}` : `value ${Math.floor((200 * seed) / (random.next() + 1e-3))}`,
    )
    const heavy = new FrequentCategories()
    for (const text of texts) add(heavy, text)
    const truth = counted(texts)
    const state = heavy.state()
    expect(state.length).toBe(256)
    expect(state.reduce((sum, { count }) => sum + count, 0)).toBe(texts.length)
    for (const { value, count, error } of state) {
      expect(count).toBeGreaterThanOrEqual(truth.get(value)!)
      expect(count - error).toBeLessThanOrEqual(truth.get(value)!)
      expect(error).toBeLessThanOrEqual(texts.length / 256)
    }
    const least = state[255].count
    for (const [value, count] of truth)
      if (!state.some(one => one.value === value)) expect(count).toBeLessThanOrEqual(least)
  }
})

test('ten thousand ids give way to one another, and a frequent one stays', () => {
  const heavy = new FrequentCategories()
  for (let i = 0; i < 10_000; i++) add(heavy, i % 20 === 0 ? 'often' : `id-${i}`)
  expect(heavy.state()[0]).toMatchObject({ value: 'often', count: 500 + heavy.state()[0].error })
})

test('a long category is told by its beginning and its hash', () => {
  const heavy = new FrequentCategories()
  const long = 'ü'.repeat(300)
  const other = `${'ü'.repeat(299)}x`
  const odd = `x${'ü'.repeat(300)}`
  for (const text of [long, other, long, odd, 'short', long]) add(heavy, text)
  const state = heavy.state()
  expect(state.map(({ count }) => count)).toEqual([3, 1, 1, 1])
  const hex = (text: string): string => (hashOf(text) >>> 0).toString(16).padStart(8, '0')
  expect(state[0].value).toBe(`${'ü'.repeat(128)}…${hex(long)}`)
  expect(state.map(({ value }) => value)).toContain(`x${'ü'.repeat(127)}…${hex(odd)}`)
  expect(hashText(state[0].value)).toBe(hashOf(long))
  expect(hashText('short')).toBe(hashOf('short'))
})

function hashOf(text: string): number {
  const bytes = utf8(text)
  return hashBytes(bytes, 0, bytes.length)
}

test('equal hashes do not make equal categories', () => {
  const heavy = new FrequentCategories()
  const [a, b, c] = ['a', 'b', 'c'.repeat(400)].map(utf8)
  for (let i = 0; i < 3; i++) for (const bytes of [a, b, c]) heavy.add(7, bytes, 0, bytes.length)
  expect(heavy.state().map(({ count }) => count)).toEqual([3, 3, 3])
  for (let i = 0; i < 2000; i++) {
    const bytes = utf8(`id-${i}`)
    heavy.add(i & 3, bytes, 0, bytes.length) // long probes and many removals
  }
  expect(heavy.state().reduce((sum, { count }) => sum + count, 0)).toBe(2009)
})
