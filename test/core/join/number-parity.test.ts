import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../random.js'
import { numbers, type Pair } from './pairs.js'

const random = seeded(5)
const amounts = Array.from({ length: 400 }, () => Math.round(100 * Math.exp(2 + random.normal())) / 100)
const top = (pairs: readonly Pair<number | string>[], way = {}) => numbers(pairs, way).causes[0]
const EXACT = { abs: 0, rel: 0 }

describe('counts of a numeric feature', () => {
  it('has each pair in one place; rows of one file are no pairs', () => {
    const found = numbers([
      [1, 1],
      [1, 2],
      [null, 3],
      [4, null],
      [null, null],
      ['"5"', 5],
      ['x', 'x'],
      [undefined, 6],
      [7, undefined],
    ])
    expect(found).toMatchObject({ pairs: 7, matched: 3, mismatched: 1, nullInA: 1, nullInB: 1, types: 1 })
    expect(found.rate).toBeCloseTo(4 / 7, 12)
  })

  const value = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: null })
  const pairs = fc.array(fc.tuple(value, value), { maxLength: 60 })

  it('adds up, and turns with the sides where the tolerance is absolute', () => {
    fc.assert(
      fc.property(pairs, pairs => {
        const tolerance = { abs: 1, rel: 0 }
        const one = numbers(pairs, { tolerance })
        const other = numbers(
          pairs.map(([a, b]) => [b, a] as const),
          { tolerance },
        )
        expect(one.matched + one.mismatched + one.nullInA + one.nullInB + one.types).toBe(pairs.length)
        expect([other.matched, other.mismatched, other.nullInA, other.nullInB]).toEqual([
          one.matched,
          one.mismatched,
          one.nullInB,
          one.nullInA,
        ])
        if (one.difference !== null) expect(other.difference!.mean).toBeCloseTo(-one.difference.mean, 6)
      }),
    )
  })

  it('is the same in any order of the rows', () => {
    const mixed: Pair<number>[] = amounts.map((b, i) => [i % 4 === 0 ? b * 2.54 : i % 4 === 1 ? Math.trunc(b) : b, b])
    const shuffled = [...mixed].sort(() => random.next() - 0.5)
    const [one, other] = [numbers(mixed), numbers(shuffled)]
    expect({ ...other, examples: [], difference: null }).toEqual({ ...one, examples: [], difference: null })
    expect(other.difference!.quantiles).toEqual(one.difference!.quantiles)
  })

  it('says the mean, the quantiles and the ratio of what differs, and the distance of the distributions', () => {
    const { difference, distributions } = numbers([
      [1, 1],
      [4, 2],
      [12, 4],
      [-8, -2],
    ])
    expect(difference!.mean).toBeCloseTo((2 + 8 - 6) / 3, 12)
    expect(difference!.medianRatio).toBe(3)
    expect(difference!.quantiles).toEqual([-6, -6, -6, 2, 8, 8, 8])
    expect(distributions.ks).toBeCloseTo(0.25, 12)
  })

  it('masks examples unless they are to be shown', () => {
    const pairs: Pair<number>[] = [[-12.5, 7]]
    expect(numbers(pairs).examples).toEqual([{ rowA: 1, rowB: 1, key: null, a: '-99.9', b: '9' }])
    expect(numbers(pairs, { shown: true }).examples).toEqual([{ rowA: 1, rowB: 1, key: 'key 0', a: '-12.5', b: '7' }])
  })
})

describe('causes of a numeric feature', () => {
  it.each([
    [1.609344, 'miles ↔ km'],
    [1 / 2.54, 'inches ↔ cm'],
    [3600, 'hours ↔ seconds'],
    [0.01, 'per cent'],
    [30.44, 'months ↔ days'],
  ])('another unit: a factor of %s is %s', (factor, words) => {
    const cause = top(amounts.map(b => [b * factor, b]))!
    expect(cause).toMatchObject({ code: 'unit', rows: 400, share: 1 })
    expect(cause.numbers['factor']).toBeCloseTo(factor, 9)
    expect(cause.sentence).toContain(words)
  })

  it('a factor whose results were rounded', () => {
    const cause = top(amounts.map(b => [Math.round(b * 160.9344) / 100, b]))!
    expect(cause.code).toBe('unit')
    expect(cause.numbers['factor']).toBeCloseTo(1.609, 3)
    expect(cause.share).toBeGreaterThan(0.99)
  })

  it('a factor without a name', () => {
    expect(top(amounts.map(b => [b * 1.1, b]))!.sentence).toBe("A's values are B's multiplied by 1.1")
  })

  it('degrees', () => {
    const cause = top(amounts.map(b => [b * 1.8 + 32, b]))!
    expect(cause).toMatchObject({ code: 'unit', rows: 400, numbers: { scale: 1.8, offset: 32 } })
    expect(cause.sentence).toContain('°C became °F')
  })

  it('a shift', () => {
    const cause = top(amounts.map(b => [b + 273.15, b]))!
    expect(cause.code).toBe('unit')
    expect(top(amounts.map(b => [b - 4.25, b]))).toMatchObject({ code: 'unit', rows: 400, numbers: { shift: -4.25 } })
  })

  it('the sign', () => {
    expect(top(amounts.map(b => [-b, b]))).toMatchObject({ code: 'sign-flip', rows: 400 })
  })

  it('decimals cut off, rounded, in either file, also below zero', () => {
    const signed = amounts.map((b, i) => (i % 2 === 0 ? b : -b))
    const differing = signed.filter(b => !Number.isInteger(b)).length
    expect(top(signed.map(b => [Math.trunc(b), b]))).toMatchObject({ code: 'truncation', rows: differing })
    const cause = top(signed.map(b => [b, Math.trunc(b)]))!
    expect(cause.sentence).toBe('B has whole numbers where A has decimals: cut off')
    expect(top(signed.map(b => [Math.round(b), b]))!.sentence).toContain('rounded')
    expect(top(signed.map(b => [Math.round(10 * b) / 10, b]))).toMatchObject({
      code: 'rounding',
      numbers: { step: 0.1 },
    })
    expect(top(signed.map(b => [Math.trunc(10 * b) / 10, b]))!.sentence).toBe(
      "A has B's values cut off to multiples of 0.1",
    )
  })

  it('a default, and nulls that were filled in', () => {
    const defaulted = numbers(amounts.map((b, i) => [i % 5 === 0 ? 0 : b, b]))
    expect(defaulted.causes).toMatchObject([{ code: 'imputation', rows: 80, share: 0.2, numbers: { value: 0 } }])
    const filled = numbers(amounts.map((b, i) => [i % 8 === 0 ? -1 : b, i % 8 === 0 ? null : b]))
    expect(filled.causes).toMatchObject([{ code: 'imputation', rows: 50, numbers: { value: -1, filled: 50 } }])
    expect(filled.causes[0]!.sentence).toBe('A has -1 where B has no value: nulls filled in')
    const nulls = numbers(amounts.map((b, i) => [i % 8 === 0 ? null : b, b]))
    expect(nulls.causes).toMatchObject([{ code: 'null', rows: 50 }])
  })

  it('hours around the clock, times of another zone, epoch seconds too', () => {
    const hours = Array.from({ length: 300 }, () => random.integer(0, 23))
    expect(top(hours.map(b => [(b + 18) % 24, b]))).toMatchObject({
      code: 'hours-shifted',
      rows: 300,
      numbers: { hours: -6 },
    })
    const times = Array.from({ length: 300 }, () => Date.UTC(2024, 0, 1) + random.integer(0, 1e9))
    const zone = top(
      times.map(b => [b - 5 * 3_600_000, b]),
      { kind: 'time', tolerance: EXACT },
    )!
    expect(zone).toMatchObject({ code: 'hours-shifted', rows: 300, numbers: { hours: -5 } })
    expect(zone.sentence).toBe("A's times are 5 h earlier than B's: the clock of another time zone")
    const seconds = times.map(b => Math.floor(b / 1000))
    expect(top(seconds.map(b => [b + 19_800, b]))).toMatchObject({ code: 'hours-shifted', numbers: { hours: 5.5 } })
  })

  it('a summer and a winter hour are two shifts', () => {
    const times = Array.from(
      { length: 300 },
      (_, i) => Date.UTC(2024, 0, 1) + i * 86_400_000 + random.integer(0, 80_000) * 1000,
    )
    const { causes } = numbers(
      times.map((b, i) => [b - (i % 3 === 0 ? 5 : 6) * 3_600_000, b]),
      { kind: 'time', tolerance: EXACT },
    )
    expect(causes.map(({ numbers, rows }) => [numbers['hours'], rows])).toEqual([
      [-6, 200],
      [-5, 100],
    ])
  })

  it('times cut to the minute', () => {
    const times = Array.from({ length: 300 }, () => Date.UTC(2024, 0, 1) + random.integer(0, 1e9))
    const cause = top(
      times.map(b => [Math.trunc(b / 60_000) * 60_000, b]),
      { kind: 'time', tolerance: EXACT },
    )!
    expect(cause).toMatchObject({ code: 'rounding', numbers: { step: 60_000 } })
    expect(cause.sentence).toBe("A has B's values cut off to multiples of 1 min")
  })

  it('is not made up: values of other rows, noise and a few rows have none', () => {
    const others = amounts.map((b, i) => [amounts[(i + 17) % amounts.length]!, b] as const)
    expect(numbers(others).causes).toEqual([])
    const noisy = numbers(amounts.map(b => [b * (1 + 0.05 * random.normal()), b]))
    expect(noisy.causes).toEqual([])
    expect(noisy.unexplained).toBe(noisy.mismatched)
    const digits = Array.from({ length: 2000 }, () => [random.integer(1, 7), random.integer(1, 7)] as const)
    expect(numbers(digits).causes).toEqual([])
    expect(
      numbers([
        [2, 1],
        [4, 2],
        [6, 3],
      ]).causes,
    ).toEqual([])
  })

  it('goes on finding beyond what it keeps: causes that begin late, in a long file', () => {
    const many = Array.from({ length: 30_000 }, (_, i) => amounts[i % amounts.length]! + i)
    const { causes, unexplained } = numbers(
      many.map((b, i) => [i < 12_000 ? b * (1.5 + random.next()) : i < 20_000 ? b * 1.609344 : -b, b]),
    )
    const rows = Object.fromEntries(causes.map(({ code, rows }) => [code, rows]))
    expect(rows['unit']).toBeGreaterThan(3800)
    expect(rows['sign-flip']).toBeGreaterThan(9900)
    expect(unexplained + causes.reduce((sum, { rows }) => sum + rows, 0)).toBe(30_000)
  })
})

describe('lateness', () => {
  const of = Array.from({ length: 40 }, (_, entity) => entity).flatMap(entity =>
    Array.from({ length: 20 }, (_, day) => [entity, day * 86_400_000] as const),
  )
  const values = of.map(() => random.pick(amounts))
  const at = (i: number, back: number): number => (of[i]![1] >= back * 86_400_000 ? values[i - back]! : values[i]!)

  it.each([1, 2, 7])('A is %s days behind', days => {
    const { lag, causes } = numbers(
      values.map((b, i) => [at(i, days), b]),
      { of },
    )
    expect(lag).toMatchObject({ ms: days * 86_400_000, rowsBack: days })
    expect(causes[0]!.code).toBe('lag')
    expect(causes[0]!.sentence).toContain(`A is stale by ${days} day`)
  })

  it('B is behind, in a part of the rows', () => {
    const late = values.map((_, i) => i % 4 === 0 && of[i]![1] > 0)
    const found = numbers(
      values.map((a, i) => [a, late[i] ? at(i, 1) : a]),
      { of },
    )
    expect(found.lag).toMatchObject({ ms: -86_400_000, rowsBack: -1 })
    expect(found.causes[0]!.rows).toBe(found.mismatched)
  })

  it('is not told without entities, nor where values of other entities are served', () => {
    const pairs = values.map((b, i) => [at(i, 1), b] as const)
    expect(numbers(pairs).lag).toBeNull()
    const others = values.map((b, i) => [values[(i + 137) % values.length]!, b] as const)
    expect(numbers(others, { of }).lag).toBeNull()
  })
})
