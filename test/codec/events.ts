import fc from 'fast-check'
import type { AlertEvent, VerdictEvent } from '../../src/core/alert/event.js'
import type { IncidentEvent } from '../../src/core/alert/incident-event.js'
import type { ParityEvent } from '../../src/core/parity/event.js'
import type { PerformanceEvent } from '../../src/core/performance/event.js'
import type { ShadowEvent } from '../../src/core/shadow/event.js'

/** Alert and verdict events of any content. */
const text = fc.string({ maxLength: 12 })
const name = fc.oneof(
  fc.constantFrom('taxi-tips', 'v12', 'payment_type', 'a/b c', 'ü'),
  fc.string({ minLength: 1, maxLength: 8 }),
)
const time = fc.integer({ min: 0, max: 4_000_000_000_000 })
const count = fc.nat()
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(x => x + 0)
const texts = <V>(value: fc.Arbitrary<V>) =>
  fc.dictionary(fc.constantFrom('a', 'tier', 'payment_type'), value, { noNullPrototype: true })
const outcome = fc.constantFrom('ok', 'breach', 'insufficient-data')

const series = fc.record({
  model: name,
  modelVersion: name,
  segment: texts(text),
  feature: name,
  featureKind: fc.constantFrom('numeric', 'categorical', 'boolean', 'unknown'),
  importance: fc.option(number),
})
const window = fc.record({
  start: time,
  end: time,
  revision: fc.nat(50),
  provisional: fc.boolean(),
  rows: count,
  expectedRows: fc.option(number),
  late: count,
  rejected: count,
  sampleRate: number,
  partitions: fc.record({ expected: fc.nat(50), present: fc.nat(50) }),
  gaps: fc.array(fc.record({ topic: name, partition: fc.nat(50), from: count, to: count }), { maxLength: 2 }),
})
const evidence = fc.record({
  against: fc.constant('training'),
  check: text,
  statistic: text,
  value: number,
  threshold: number,
  thresholdFrom: fc.constantFrom('effect', 'floor'),
  noiseFloor: number,
  alpha: number,
  phi: fc.option(number),
  calibrated: fc.boolean(),
  n: number,
  m: number,
  outcome,
  because: fc.option(text),
  decides: fc.boolean(),
})
const moved = fc.record({
  value: fc.oneof(number, text),
  baselineShare: number,
  windowShare: number,
  contribution: number,
})
const numbers = fc.array(number, { maxLength: 3 })
const common = {
  id: fc.uuid(),
  series,
  window,
  moved: fc.array(moved, { maxLength: 2 }),
  quantiles: fc.option(fc.record({ p: numbers, baseline: numbers, window: numbers })),
  counters: texts(fc.record({ baseline: fc.option(number), window: number })),
  monitor: fc.record({
    hash: text,
    owner: fc.option(text),
    tags: texts(text),
    runbook: fc.option(text),
    link: fc.option(text),
  }),
  input: fc.array(fc.record({ topic: text, partition: fc.nat(9), from: count, to: count }), { maxLength: 2 }),
  software: text,
}
const baseline = fc.record({
  version: fc.nat(99),
  hash: text,
  rows: count,
  source: text,
  activeFrom: fc.option(time),
  note: fc.option(text),
})
const distance = fc.option(number)

export const verdict = fc.record({
  ...common,
  outcome,
  skew: outcome,
  drift: outcome,
  because: fc.option(text),
  checks: fc.array(evidence, { maxLength: 3 }),
  cusum: fc.option(fc.record({ statistic: text, value: number, since: time, through: time })),
  distances: fc.record({
    psi: distance,
    kl: distance,
    js: distance,
    ks: distance,
    w1: distance,
    chi2: distance,
    hellinger: distance,
  }),
  baseline: fc.option(baseline),
}) as unknown as fc.Arbitrary<VerdictEvent>

const status = fc.constantFrom('firing', 'ongoing', 'resolved', 'retracted')
const kind = fc.constantFrom(
  'skew',
  'drift',
  'schema',
  'quality',
  'volume',
  'freshness',
  'performance',
  'parity',
  'label-shift',
  'shadow',
)
const severity = fc.constantFrom('info', 'warn', 'major', 'critical')
const action = fc.constantFrom('fix-pipeline', 'investigate', 'retrain', 'roll-back', 'none')
const cause = {
  code: text,
  confidence: fc.constantFrom('low', 'medium', 'high'),
  sentence: text,
  numbers: texts(number),
  alternatives: fc.array(text, { maxLength: 2 }),
  whoMoved: fc.constantFrom('pipeline', 'world', 'both', 'unknown'),
}

const operator = fc.record({
  state: fc.constantFrom('none', 'acked', 'muted', 'expected'),
  by: fc.option(text),
  until: fc.option(time),
  note: fc.option(text),
})

const labelKind = fc.constantFrom('performance', 'label-shift', 'concept-drift', 'feedback-loop')
const measure = fc.record({
  name: text,
  class: fc.option(text),
  kind: labelKind,
  value: number,
  low: number,
  high: number,
  n: count,
  better: fc.constantFrom('higher', 'lower', 'none'),
  estimate: fc.boolean(),
  reference: fc.option(number),
  tolerance: fc.option(number),
  outcome,
  decides: fc.boolean(),
})

export const performance = fc.record({
  id: common.id,
  series,
  window,
  outcome,
  because: fc.option(text),
  predictions: count,
  unusable: count,
  labelled: count,
  coverage: number,
  expectedCoverage: fc.option(number),
  finalCoverage: fc.option(number),
  measures: fc.array(measure, { maxLength: 3 }),
  reference: fc.record({
    from: fc.constantFrom('baseline', 'windows', 'none'),
    windows: fc.nat(5),
    labelled: count,
  }),
  baseline: fc.option(baseline),
  monitor: common.monitor,
  input: common.input,
  software: text,
}) as unknown as fc.Arbitrary<PerformanceEvent>

const parityFacts = fc.record({
  ...{ pairs: count, matched: count, mismatched: count, nullServed: count, nullOffline: count, types: count },
  ...{ rate: number, low: number, high: number, tolerated: number },
  ...{ meanDifference: fc.option(number), medianRatio: fc.option(number), lagMs: fc.option(number) },
  differences: fc.option(fc.record({ p: numbers, value: numbers })),
  causes: fc.array(fc.record({ code: text, share: number, sentence: text, numbers: texts(number) }), { maxLength: 2 }),
  ...{ unexplained: number, sampled: count },
  examples: fc.array(
    fc.record({
      ...{ servedPartition: fc.nat(9), servedOffset: count, offlinePartition: fc.nat(9), offlineOffset: count },
      ...{ served: fc.option(text), offline: fc.option(text) },
    }),
    { maxLength: 2 },
  ),
})

export const parity = fc.record({
  ...{ id: common.id, series, window, outcome, because: fc.option(text), note: fc.option(text) },
  join: fc.record({
    ...{ served: count, joined: count, unmatched: count, duplicatesServed: count, duplicatesOffline: count },
    apartMs: fc.option(number),
  }),
  parity: fc.option(parityFacts),
  ...{ baseline: fc.option(baseline), monitor: common.monitor, input: common.input, software: text },
}) as unknown as fc.Arbitrary<ParityEvent>

export const shadow = fc.record({
  ...{ id: common.id, series, champion: name, mode: fc.constantFrom('shadow', 'canary'), window },
  advice: fc.constantFrom('promote', 'hold', 'roll-back'),
  ...{ because: fc.option(text), summary: text, outcome },
  rows: fc.record({ champion: count, challenger: count, pairs: count, unusable: count }),
  within: fc.record({ windows: fc.nat(9), needed: fc.nat(9) }),
  divergences: fc.array(
    fc.record({
      name: fc.constantFrom('flips', 'score', 'latency', 'bias', 'score-psi'),
      ...{ class: fc.option(text), value: number, low: number, high: number, n: count, limit: fc.option(number) },
      verdict: fc.option(fc.constantFrom('within', 'beyond', 'open')),
      needed: fc.option(count),
    }),
    { maxLength: 3 },
  ),
  flips: fc.array(fc.record({ champion: text, challenger: text, count }), { maxLength: 2 }),
  quantiles: fc.record({ p: numbers, score: numbers, latency: numbers }),
  ...{ baseline: fc.option(baseline), monitor: common.monitor, input: common.input, software: text },
}) as unknown as fc.Arbitrary<ShadowEvent>

const championed = fc
  .tuple(evidence, fc.constantFrom('training', 'history', 'champion'))
  .map(([one, against]) => ({ ...one, against }))

export const alert = fc.record({
  ...common,
  alertId: fc.uuid(),
  sequence: fc.nat(99),
  status,
  reason: text,
  kind,
  check: text,
  severity,
  summary: text,
  suggestedAction: action,
  openedAt: time,
  durationMs: count,
  peak: fc.record({ value: number, windowEnd: time }),
  evidence: fc.array(championed, { maxLength: 3 }),
  measures: fc.array(measure, { maxLength: 2 }),
  cause: fc.record(cause),
  incidentId: fc.option(text),
  supersedes: fc.option(text),
  operator,
  baseline,
}) as unknown as fc.Arbitrary<AlertEvent>

const { id, monitor, input, software } = common

export const incident = fc.record({
  ...{ id, window, monitor, input, software, status, kind, severity },
  incidentId: fc.uuid(),
  sequence: fc.nat(99),
  reason: text,
  mergedInto: fc.option(fc.uuid()),
  summary: text,
  suggestedAction: fc.constantFrom('fix-pipeline', 'investigate', 'retrain', 'none'),
  model: name,
  modelVersion: name,
  openedAt: time,
  durationMs: count,
  peak: fc.record({ alerts: fc.nat(999), windowEnd: time }),
  cause: fc.record({ ...cause, source: fc.option(text) }),
  scope: fc.record({
    where: fc.constantFrom('whole', 'segment', 'some-segments', 'mix'),
    dimension: fc.option(text),
    segments: fc.array(fc.record({ segment: texts(text), usualShare: fc.option(number), share: number }), {
      maxLength: 2,
    }),
    sentence: text,
  }),
  featureCount: fc.nat(999),
  features: fc.array(
    fc.record({
      feature: name,
      importance: fc.option(number),
      severity,
      check: text,
      causeCode: text,
      sentence: text,
      numbers: texts(number),
      z: fc.option(number),
      adjustedP: number,
      effect: number,
      derived: fc.boolean(),
      alerts: fc.nat(99),
    }),
    { maxLength: 2 },
  ),
  effects: fc.array(
    fc.record({
      ...{ alertId: fc.uuid(), kind, check: text, feature: name, segment: texts(text), severity, openedAt: time },
      ...{ status: fc.constantFrom('firing', 'resolved'), sentence: text, numbers: texts(number) },
    }),
    { maxLength: 2 },
  ),
  alertCount: fc.nat(999),
  alerts: fc.array(
    fc.record({
      alertId: fc.uuid(),
      feature: name,
      segment: texts(text),
      kind,
      check: text,
      causeCode: text,
      severity,
      status: fc.constantFrom('firing', 'resolved', 'retracted'),
      openedAt: time,
      explainedBy: fc.option(fc.uuid()),
      operator: fc.constantFrom('none' as const, 'acked' as const, 'muted' as const),
    }),
    { maxLength: 3 },
  ),
  operator,
  baseline: fc.option(baseline),
}) as unknown as fc.Arbitrary<IncidentEvent>
