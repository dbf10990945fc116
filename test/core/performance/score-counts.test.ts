import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_BINS } from '../../../src/core/performance/bin-table.js'
import { ClassCounts } from '../../../src/core/performance/class-counts.js'
import { mergeScores } from '../../../src/core/performance/merge-scores.js'
import { scoreCounts } from '../../../src/core/performance/score-counts.js'
import { keyOfNumber, keyOfScore, numberBetween, scoreBetween } from '../../../src/core/performance/score-key.js'
import type {
  BinaryScores,
  ClassScores,
  RegressionScores,
  ScoreState,
} from '../../../src/core/performance/score-state.js'
import { BINARY, CLASSES, count, counted, type Kind, NUMBER, type Scored, TEXTS } from './scored.js'

const label = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const rows: readonly [Kind, fc.Arbitrary<Scored[]>][] = [
  [
    BINARY,
    fc.array(
      fc.record({
        value: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5, Number.NaN, -0.1)),
        label: label(fc.constantFrom(0, 1)),
      }) as fc.Arbitrary<Scored>,
      { maxLength: 600, size: 'max' },
    ),
  ],
  [
    NUMBER,
    fc.array(
      fc.record({
        // Fractions of 8, small enough that all sums of powers are exact in any order.
        value: fc.oneof(
          fc.integer({ min: -800, max: 800 }).map(x => x / 8),
          fc.constantFrom(Number.NaN, 0, -0),
        ),
        label: label(fc.integer({ min: -800, max: 800 }).map(x => x / 8)),
      }) as fc.Arbitrary<Scored>,
      { maxLength: 600, size: 'max' },
    ),
  ],
  [
    CLASSES,
    fc.array(
      fc.record({
        value: fc.constantFrom(0, 1, 2, 3, Number.NaN),
        label: label(fc.nat(4)),
      }) as fc.Arbitrary<Scored>,
      { maxLength: 60 },
    ),
  ],
]

/** Counts equal; sums of fractions up to what their order rounds. */
function expectSame(found: ScoreState, expected: ScoreState): void {
  const close = (a: unknown, b: unknown, name: string): void => {
    if (typeof a === 'number') expect(Math.abs(a - (b as number)), name).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(a)))
    else if (typeof a === 'object' && a !== null) {
      expect(Object.keys(a), name).toEqual(Object.keys(b as object))
      for (const [key, value] of Object.entries(a)) close(value, (b as Record<string, unknown>)[key], `${name}.${key}`)
    } else expect(a, name).toBe(b)
  }
  close(found, expected, found.type)
}

describe.each(rows)('counts of a %o', (kind, arbitrary) => {
  it('of parts add up to that of all rows, however they are cut', () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(600), fc.nat(600), (all, a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a]
        const parts = [all.slice(0, from), all.slice(from, to), all.slice(to)].map(part => counted(kind, part))
        expectSame(mergeScores(parts), counted(kind, all))
        expectSame(mergeScores([mergeScores([parts[2]!, parts[0]!]), parts[1]!]), counted(kind, all))
      }),
      { numRuns: 25 },
    )
  })

  it('are the same in any order, labels before or after', () => {
    fc.assert(
      fc.property(arbitrary, all => {
        const late = scoreCounts(kind, TEXTS)
        for (const { value, label } of [...all].reverse()) if (label !== undefined) late.labelled(value, label, 1)
        for (const { value } of all) late.predicted(value, 1)
        expectSame(late.state(), counted(kind, all))
      }),
      { numRuns: 25 },
    )
  })

  it('are restored when rows are taken back, here or in another part', () => {
    fc.assert(
      fc.property(arbitrary, arbitrary, (kept, gone) => {
        const here = count(count(scoreCounts(kind, TEXTS), [...kept, ...gone]), gone, -1).state()
        // What was taken back leaves bins at 0, and the width of bins that it needed.
        const zeros = mergeScores([counted(kind, kept), mergeScores([counted(kind, gone), negative(kind, gone)])])
        expectSame(here, zeros)
        expect(usedIn(here)).toEqual(usedIn(mergeScores([counted(kind, kept), empty(here)])))
      }),
      { numRuns: 25 },
    )
  })
})

const negative = (kind: Kind, rows: readonly Scored[]): ScoreState => count(scoreCounts(kind, TEXTS), rows, -1).state()

/** Nothing, in bins as wide. */
function empty(state: ScoreState): ScoreState {
  if (state.type === 'multiclass') return new ClassCounts().state()
  const none = counted(state.type === 'binary' ? BINARY : NUMBER, []) as BinaryScores | RegressionScores
  return { ...none, shift: state.shift }
}

/** Bins, or classes, that hold something, with their predictions and labels. */
function usedIn(state: ScoreState): unknown {
  if (state.type !== 'multiclass')
    return [...state.bins]
      .map((bin, b) => [bin, state.n[b], state.labelled[b]])
      .filter(([, n, m]) => n !== 0 || m !== 0)
  const { predicted, label, count } = state.confusion
  return [
    state.classes.map((text, c) => [text, state.n[c]]).filter(([, n]) => n !== 0),
    [...count].map((n, i) => [state.classes[predicted[i]!], state.classes[label[i]!], n]).filter(([, , n]) => n !== 0),
  ]
}

it('keys keep the order of what they stand for; those from 0 on are at or above the threshold', () => {
  const score = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(score, score, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, threshold) => {
      const [x, y] = [keyOfScore(a, threshold), keyOfScore(b, threshold)]
      if (a < b) expect(x).toBeLessThanOrEqual(y)
      expect(x >= 0).toBe(a >= threshold)
      expect(x | 0).toBe(x)
    }),
  )
  const number = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(number, number, (a, b) => {
      if (a < b) expect(keyOfNumber(a)).toBeLessThanOrEqual(keyOfNumber(b))
      if (Math.abs(a - b) > 4e-6 * Math.abs(a) && Math.abs(a) > 1e-300) expect(keyOfNumber(a)).not.toBe(keyOfNumber(b))
    }),
  )
  expect(keyOfNumber(-0)).toBe(keyOfNumber(0))
  fc.assert(
    fc.property(score, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (a, threshold) => {
      const key = keyOfScore(a, threshold)
      expect(scoreBetween(key, key, threshold)).toBeCloseTo(a, 6)
    }),
  )
  fc.assert(
    fc.property(number, a => {
      const key = keyOfNumber(a)
      expect(Math.abs(numberBetween(key, key) - a)).toBeLessThanOrEqual(1e-6 * Math.abs(a) + 1e-300)
    }),
  )
})

it('few different scores keep a bin each; many are halved to no more than 256 and no fewer than 128', () => {
  const few = counted(
    BINARY,
    Array.from({ length: 1000 }, (_, i) => ({ value: (i % 101) / 100 })),
  ) as BinaryScores
  expect(few.bins.length).toBe(101)
  expect(few.shift).toBe(0)
  const many = counted(
    NUMBER,
    Array.from({ length: 5000 }, (_, i) => ({ value: 1000 + i / 300 })),
  ) as RegressionScores
  expect(many.bins.length).toBeGreaterThanOrEqual(MOST_BINS / 2)
  expect(many.bins.length).toBeLessThanOrEqual(MOST_BINS)
  expect(many.n.reduce((sum, n) => sum + n)).toBe(5000)
})

it('known sums: a score of .8 that came true, one of .3 that did not, one without a label, one that is none', () => {
  const state = counted(BINARY, [
    { value: 0.8, label: 1 },
    { value: 0.3, label: 0 },
    { value: 0.8 },
    { value: 1.2, label: 1 },
  ]) as BinaryScores
  expect([...state.n]).toEqual([1, 2])
  expect([...state.labelled]).toEqual([1, 1])
  expect([...state.positive]).toEqual([0, 1])
  expect([...state.scores]).toEqual([0.3, 1.6])
  expect(state.loss[0]).toBeCloseTo(-Math.log(0.8) - Math.log(0.7), 12)
  expect(state.brier[0]).toBeCloseTo(0.04 + 0.09, 12)
  expect(state.brier[1]).toBeCloseTo(0.04 ** 2 + 0.09 ** 2, 12)
  expect(state.unusable).toBe(1)
})

it('known sums: numbers, and classes by their texts', () => {
  const number = counted(NUMBER, [{ value: 3, label: 1 }, { value: 3, label: 4 }, { value: -2 }]) as RegressionScores
  expect([...number.n]).toEqual([1, 2])
  expect([...number.errors]).toEqual([0, 1])
  expect([...number.squares]).toEqual([0, 5])
  expect([...number.absolute]).toEqual([0, 3])
  expect(number).toMatchObject({ fourth: 17, predictions: [4, 22], labels: [5, 17] })
  const classes = counted(CLASSES, [
    { value: 0, label: 1 },
    { value: 1, label: 1 },
    { value: 9, label: 0 },
  ]) as ClassScores
  expect(classes.classes).toEqual(['cat', 'dog'])
  expect([...classes.n]).toEqual([1, 1])
  expect(classes.confusion).toEqual({
    predicted: Int32Array.of(0, 1),
    label: Int32Array.of(1, 1),
    count: Float64Array.of(1, 1),
  })
  expect(classes.unusable).toBe(1)
})

it('scores of different thresholds or types do not add up', () => {
  const at = (threshold: number): ScoreState => counted({ type: 'binary', threshold }, [{ value: 0.5 }])
  expect(() => mergeScores([at(0.5), at(0.6)])).toThrow('scores at the thresholds 0.5 and 0.6 do not add up')
  expect(() => mergeScores([at(0.5), counted(NUMBER, [])])).toThrow('of a binary and of a regression output')
})
