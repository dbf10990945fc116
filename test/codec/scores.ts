import fc from 'fast-check'
import type { JoinedLeaf, JoinedPart } from '../../src/core/performance/joined-part.js'
import type { ScoreState } from '../../src/core/performance/score-state.js'

const text = fc.string({ maxLength: 12 })
/** Counts are signed: a label that another one replaces is taken back. Never −0, which no sum of them is. */
const count = fc.oneof(fc.nat(300), fc.nat(), fc.integer())
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map(x => x + 0)
const int = fc.integer()
const pair = fc.tuple(finite, finite)
const column = (of: fc.Arbitrary<number>, size: number) =>
  fc.array(of, { minLength: size, maxLength: size }).map(all => Float64Array.from(all))
const words = (size: number) =>
  fc.array(int, { minLength: size, maxLength: size }).map(all => Int32Array.from(all).sort())

const binary = fc.nat(40).chain(size =>
  fc.record({
    type: fc.constant('binary' as const),
    threshold: finite,
    shift: fc.nat(30),
    bins: words(size),
    n: column(count, size),
    labelled: column(count, size),
    scores: column(finite, size),
    positive: column(count, size),
    loss: pair,
    brier: pair,
    unusable: count,
  }),
)
const regression = fc.nat(40).chain(size =>
  fc.record({
    type: fc.constant('regression' as const),
    shift: fc.nat(30),
    bins: words(size),
    n: column(count, size),
    labelled: column(count, size),
    errors: column(finite, size),
    squares: column(finite, size),
    absolute: column(finite, size),
    fourth: finite,
    predictions: pair,
    labels: pair,
    unusable: count,
  }),
)
const multiclass = fc.tuple(fc.nat(5), fc.nat(9)).chain(([classes, cells]) =>
  fc.record({
    type: fc.constant('multiclass' as const),
    classes: fc.array(text, { minLength: classes, maxLength: classes }),
    n: column(count, classes),
    confusion: fc.record({ predicted: words(cells), label: words(cells), count: column(count, cells) }),
    unusable: count,
  }),
)
export const scores: fc.Arbitrary<ScoreState> = fc.oneof(binary, regression, multiclass)

export const joinedLeaf: fc.Arbitrary<JoinedLeaf> = fc.record({
  segment: fc.dictionary(fc.constantFrom('city', 'payment type', 'ü'), text, { maxKeys: 2, noNullPrototype: true }),
  outputs: fc.array(scores, { maxLength: 3 }),
})

const position = fc.integer({ min: 0, max: 2 ** 52 })

export const joinedPart: fc.Arbitrary<JoinedPart> = fc.record({
  model: text,
  monitor: text,
  modelVersion: text,
  pane: fc.maxSafeInteger(),
  round: fc.maxSafeInteger(),
  topic: text,
  partition: fc.nat(1000),
  nextOffset: position,
  gap: fc.boolean(),
  offsets: fc.record({ from: position, to: position }),
  rows: position,
  leaves: fc.array(joinedLeaf, { maxLength: 5 }),
})
