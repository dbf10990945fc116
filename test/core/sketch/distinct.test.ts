import { describe, expect, test } from 'vitest'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import { Distinct, estimateDistinct, hashNumber } from '../../../src/core/sketch/distinct.js'
import { seeded } from '../../random.js'

const random = seeded(3)
const hashText = (text: string): number => {
  const bytes = utf8(text)
  return hashBytes(bytes, 0, bytes.length)
}
const KINDS: Record<string, (i: number) => number> = {
  integers: i => hashNumber(i),
  'negative integers': i => hashNumber(-i),
  'multiples of 1000': i => hashNumber(1000 * i),
  'big integers': i => hashNumber(2 ** 40 + 4096 * i),
  timestamps: i => hashNumber(1.7e12 + 60_000 * i),
  cents: i => hashNumber(i / 100),
  normal: () => hashNumber(random.normal()),
  ids: i => hashText(`user-${i}`),
  'short texts': i => hashText(i.toString(36)),
}

describe('within four standard errors', () => {
  test.each(Object.entries(KINDS))('%s', (kind, hash) => {
    for (const n of [1, 10, 100, 300, 1000, 2500, 5000, 20_000, 100_000]) {
      const distinct = new Distinct()
      for (let i = 0; i < n; i++) distinct.add(hash(i))
      expect(Math.abs(distinct.estimate() / n - 1), `n = ${n}`).toBeLessThan(4 * 0.032)
      // Seen again, nothing changes.
      const before = distinct.registers.slice()
      for (let i = 0; kind !== 'normal' && i < Math.min(n, 100); i++) distinct.add(hash(i))
      expect(distinct.registers).toEqual(before)
      if (n <= 100) expect(Math.abs(distinct.estimate() - n)).toBeLessThan(1 + 0.1 * n)
    }
  })
})

test('without bias over the whole range', () => {
  for (const n of [200, 1000, 2500, 4000, 10_000]) {
    let sum = 0
    const runs = 60
    for (let run = 0; run < runs; run++) {
      const distinct = new Distinct()
      for (let i = 0; i < n; i++) distinct.add(hashNumber(random.next()))
      sum += distinct.estimate() / n
    }
    expect(Math.abs(sum / runs - 1), `n = ${n}`).toBeLessThan(4 * (0.032 / Math.sqrt(runs)))
  }
})

test('merging is adding to one', () => {
  const [a, b, both] = [new Distinct(), new Distinct(), new Distinct()]
  for (let i = 0; i < 5000; i++) {
    const hash = hashNumber(i)
    if (i < 3000) a.add(hash)
    if (i >= 1000) b.add(hash)
    both.add(hash)
  }
  a.merge(b.registers)
  expect(a.registers).toEqual(both.registers)
})

test('nothing is 0', () => {
  expect(estimateDistinct(new Uint8Array(1024))).toBe(0)
})
