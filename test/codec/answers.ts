import fc from 'fast-check'
import type { Answer, Scope } from '../../src/core/alert/answer.js'
import type { LastSeen } from '../../src/core/alert/ended.js'
import type { OperatorState } from '../../src/core/alert/operators.js'
import { SEVERITIES } from '../../src/core/monitor.js'

const text = fc.string({ maxLength: 20 })
const count = fc.nat()
const time = fc.integer({ min: 0, max: 2 ** 45 })
const number = fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.POSITIVE_INFINITY))
const segment = fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true })

const scope: fc.Arbitrary<Scope> = fc.record({
  modelVersion: fc.option(text),
  segment: fc.option(segment),
  feature: fc.option(text),
  check: fc.option(text),
})

export const answer: fc.Arbitrary<Answer> = fc.record({
  id: text,
  model: text,
  action: fc.constantFrom('ack', 'mute', 'unmute', 'expected', 'resolve'),
  alertId: fc.option(text),
  scope: fc.option(scope),
  by: text,
  at: time,
  until: fc.option(time),
  note: fc.option(text),
})

const last: fc.Arbitrary<LastSeen> = fc.record({
  alertId: text,
  modelVersion: text,
  segment,
  feature: text,
  featureKind: fc.constantFrom('numeric', 'categorical', 'boolean', 'unknown'),
  check: text,
  kind: fc.constantFrom('skew', 'drift', 'schema', 'quality'),
  severity: fc.constantFrom(...SEVERITIES),
  summary: text,
  cause: fc.record({
    code: text,
    confidence: fc.constantFrom('low', 'medium', 'high'),
    sentence: text,
    numbers: fc.dictionary(text, number, { maxKeys: 2, noNullPrototype: true }),
    alternatives: fc.array(text, { maxLength: 2 }),
    whoMoved: fc.constantFrom('pipeline', 'world', 'both', 'unknown'),
  }),
  ratio: number,
  window: fc.record({
    start: time,
    end: time,
    revision: count,
    provisional: fc.boolean(),
    rows: count,
    expectedRows: fc.option(count),
    late: count,
    rejected: count,
    sampleRate: number,
    gaps: fc.constant([]),
    partitions: fc.record({ expected: count, present: count }),
  }),
  baseline: fc.record({
    version: count,
    hash: text,
    rows: count,
    source: text,
    activeFrom: fc.option(time),
    note: fc.option(text),
  }),
})

export const operators: fc.Arbitrary<OperatorState> = fc.record({
  answered: fc.array(text, { maxLength: 3 }),
  mutes: fc.array(answer, { maxLength: 3 }),
  expected: fc.array(
    fc.record({
      key: text,
      alertId: text,
      by: text,
      note: fc.option(text),
      ratio: number,
      from: time,
      to: time,
      calm: count,
    }),
    { maxLength: 2 },
  ),
  alerts: fc.array(
    fc.record({
      part: fc.record({
        acked: fc.option(fc.record({ by: text, note: fc.option(text), severity: fc.constantFrom(...SEVERITIES) })),
        withheld: fc.integer({ min: -100, max: 100 }),
        untold: fc.boolean(),
        owed: fc.boolean(),
      }),
      last,
    }),
    { maxLength: 3 },
  ),
})
