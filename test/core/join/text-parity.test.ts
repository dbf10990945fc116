import { describe, expect, it } from 'vitest'
import { apportion } from '../../../src/core/join/mismatches.js'
import { masked, span } from '../../../src/core/join/words.js'
import { seeded } from '../../random.js'
import { texts } from './pairs.js'

const random = seeded(11)
const LABELS = ['Cash', 'Credit Card', 'Unknown', 'No Charge', '007']
const labels = Array.from({ length: 500 }, () => random.pick(LABELS))

describe('parity of labels', () => {
  it('counts, and tells which stand for which', () => {
    const found = texts([
      ['a', 'a'],
      ['a', 'b'],
      ['a', 'b'],
      ['c', 'b'],
      [null, 'a'],
      ['a', null],
      [null, null],
      [undefined, 'z'],
    ])
    expect(found).toMatchObject({ pairs: 7, matched: 2, mismatched: 3, nullInA: 1, nullInB: 1, types: 0 })
    expect(found.confusions).toEqual([
      { a: 'a', b: 'b', rows: 2 },
      { a: 'c', b: 'b', rows: 1 },
    ])
    // Shares of A: a 4/5, c 1/5; of B: a 2/6, b 3/6, z 1/6.
    expect(found.distributions.tvd).toBeCloseTo((4 / 5 - 2 / 6 + 1 / 5 + 3 / 6 + 1 / 6) / 2, 12)
  })

  it.each([
    ['case', (label: string) => label.toUpperCase(), 'case'],
    ['white space', (label: string) => ` ${label} `, 'white space'],
    ['leading zeros', (label: string) => label.replace(/^0+/, ''), 'leading zeros'],
  ])('spelled differently: %s', (_, of, words) => {
    const { causes, mismatched } = texts(labels.map(b => [of(b), b]))
    expect(causes[0]).toMatchObject({ code: 'encoding', rows: mismatched })
    expect(causes[0]!.sentence).toBe(`A writes B's values differently: ${words}`)
  })

  it('exchanged, renamed, cut short, filled in', () => {
    const swap: Record<string, string> = { Cash: 'Unknown', Unknown: 'Cash' }
    expect(texts(labels.map(b => [swap[b] ?? b, b])).causes[0]).toMatchObject({
      code: 'permuted-labels',
      numbers: { labels: 2 },
    })
    expect(texts(labels.map(b => [`type ${LABELS.indexOf(b)}`, b])).causes[0]).toMatchObject({
      code: 'encoding',
      rows: 500,
      numbers: { labels: 5 },
    })
    const names = Array.from({ length: 200 }, (_, i) => `company number ${i * 7919}`)
    expect(texts(names.map(b => [b.slice(0, 12), b])).causes[0]!.sentence).toBe(
      "A's texts are cut off after 12 characters",
    )
    const defaulted = texts(labels.map((b, i) => [i % 4 === 0 ? 'other' : b, b]))
    expect(defaulted.causes).toMatchObject([{ code: 'imputation', rows: 125, share: 0.25 }])
    expect(defaulted.causes[0]!.sentence).toContain('"other"')
  })

  it('of other rows has no cause', () => {
    const { causes, unexplained, mismatched } = texts(labels.map((b, i) => [labels[(i + 3) % 500]!, b]))
    expect(causes).toEqual([])
    expect(unexplained).toBe(mismatched)
  })

  it('late, where labels change', () => {
    const of = labels.map((_, i) => [Math.floor(i / 50), (i % 50) * 60_000] as const)
    const found = texts(
      labels.map((b, i) => [i % 50 === 0 ? b : labels[i - 1]!, b]),
      { of },
    )
    expect(found.lag).toMatchObject({ ms: 60_000, rowsBack: 1 })
    expect(found.causes[0]!.rows).toBe(found.mismatched)
  })

  it('shows labels of categories, and masks what may be anyone', () => {
    const few = texts([['Ann', 'Bob']])
    expect(few.confusions).toEqual([{ a: 'Ann', b: 'Bob', rows: 1 }])
    expect(few.examples[0]).toMatchObject({ a: 'Aaa', b: 'Aaa', key: null })
    const many = texts(Array.from({ length: 200 }, (_, i) => [`Ann ${i}`, `Bob ${i}`] as const))
    expect(many.confusions.every(({ a }) => /^Aaa 9+$/.test(a))).toBe(true)
  })
})

describe('words', () => {
  it('masks what a value says and keeps how it is written', () => {
    expect(masked(' Élan-42.50 ')).toBe(' Aaaa-99.99 ')
  })

  it.each([
    [86_400_000, '1 day'],
    [3 * 86_400_000, '3 days'],
    [6 * 3_600_000, '6 h'],
    [5.5 * 3_600_000, '330 min'],
    [1500, '1500 ms'],
    [90_061_001, '25 h'],
  ])('%s ms is %s', (ms, words) => {
    expect(span(ms)).toBe(words)
  })
})

describe('rows that several hypotheses explain', () => {
  it('go where the clear rows go, and none is lost', () => {
    const rows = apportion(
      new Map([
        [0b01, 900],
        [0b10, 100],
        [0b11, 500],
      ]),
      2,
    )
    expect(rows[0]! + rows[1]!).toBeCloseTo(1500, 9)
    expect(rows[0]).toBeCloseTo(1350, 6)
  })

  it('a hypothesis without a row of its own is left with nothing', () => {
    const rows = apportion(
      new Map([
        [0b01, 900],
        [0b11, 500],
      ]),
      2,
    )
    expect(rows[0]).toBeCloseTo(1400, 3)
  })
})
