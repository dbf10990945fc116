import { conceptDrift } from '../../src/core/performance/concept-drift.js'
import { decisionsOf } from '../../src/core/performance/decide.js'
import { estimatesOf } from '../../src/core/performance/estimate.js'
import { feedbackLoop } from '../../src/core/performance/feedback-loop.js'
import { estimatedLabelShift, labelShift } from '../../src/core/performance/label-shift.js'
import { type Measure, type MeasureName, measuresOf } from '../../src/core/performance/measure.js'
import type { ScoreState } from '../../src/core/performance/score-state.js'
import { california } from '../core/performance/california.js'
import { type BinaryLaw, binaryRows, classRows, numberRows } from '../core/performance/laws.js'
import { BINARY, CLASSES, counted, type Kind, NUMBER, type Scored } from '../core/performance/scored.js'
import { exactAuc } from '../exact-auc.js'
import { type Random, seeded } from '../random.js'

/**
 * What performance monitoring tells: California housing by sixth, and by simulation how often it rings without a change and with one.
 * `npx tsx test/bench/performance.ts [trials] [seed]`
 */
const TRIALS = Number(process.argv[2] ?? 500)
const random = seeded(Number(process.argv[3] ?? 1))
const ROWS = [200, 1000, 5000]
/** Rows of a reference, and how many are drawn. */
const REFERENCE = 6000
const REFERENCES = 25

const find = (measures: readonly Measure[], name: MeasureName): Measure => measures.find(m => m.name === name)!
const three = (x: number): string => x.toFixed(3)

/** A line of the table a sixth. */
function housingBySixth() {
  const { reference, sixths } = california()
  const before = counted(BINARY, reference)
  return sixths.map((rows, k) => {
    const window = counted(BINARY, rows)
    const auc = find(measuresOf(window), 'auc')
    const estimate = find(estimatesOf(window, before), 'auc')
    const fall = decisionsOf([auc], measuresOf(before))[0]!
    const [real] = labelShift(window, before)
    const [guess] = estimatedLabelShift(window, before)
    const concept = conceptDrift(window, before)!
    return [
      k + 1,
      `${three(auc.value)} (${three(auc.low)}–${three(auc.high)})`,
      three(exactAuc(rows)),
      fall.verdict,
      `${three(estimate.value)} (${three(estimate.low)}–${three(estimate.high)})`,
      `${real!.value.toFixed(2)} ${real!.shifts ? 'shift' : ''}`,
      guess!.value.toFixed(2),
      `${concept.effect.toFixed(2)} psi ${concept.scores!.psi.toFixed(2)}${concept.drifts ? ' drift' : ''}`,
    ]
  })
}

print(
  ['sixth', 'AUC', 'exact', 'against .908', 'estimate', 'label share (.64)', 'BBSE', 'at a score'],
  housingBySixth(),
)

type Draw = (random: Random, n: number) => Scored[]
const binary =
  (law: Partial<BinaryLaw> = {}): Draw =>
  (random, n) =>
    binaryRows(random, n, law)
const numbers =
  (of: Parameters<typeof numberRows>[2] = {}): Draw =>
  (random, n) =>
    numberRows(random, n, of)
const classes =
  (of: Parameters<typeof classRows>[2] = {}): Draw =>
  (random, n) =>
    classRows(random, n, of)

const SETTINGS = [
  [
    'binary',
    BINARY,
    binary(),
    [
      ['noise 2', binary({ unknown: 2 })],
      ['noise 4', binary({ unknown: 4 })],
    ],
  ],
  [
    'regression',
    NUMBER,
    numbers(),
    [
      ['× 1.2', numbers({ scale: 1.2 })],
      ['× 1.5', numbers({ scale: 1.5 })],
      ['bias 2', numbers({ bias: 2 })],
    ],
  ],
  [
    'multiclass',
    CLASSES,
    classes(),
    [
      ['.75 right', classes({ right: 0.75 })],
      ['.65 right', classes({ right: 0.65 })],
    ],
  ],
] as const

const COSTS = { falsePositive: 1, falseNegative: 5 }
const told: (string | number)[][] = []
for (const [name, kind, clean, changes] of SETTINGS) {
  const references = drawn(kind, clean).map(state => measuresOf(state, { costs: COSTS }))
  for (const [change, draw] of [['none', clean] as const, ...changes]) {
    const counts = new Map<string, number[]>()
    for (const [i, n] of ROWS.entries())
      for (let trial = 0; trial < TRIALS; trial++) {
        const before = references[trial % REFERENCES]!
        const breaches = decisionsOf(measuresOf(counted(kind, draw(random, n)), { costs: COSTS }), before).filter(
          ({ verdict }) => verdict === 'breach',
        )
        for (const measure of new Set([...breaches.map(b => b.name), ...(breaches.length > 0 ? ['any'] : [])])) {
          const row = counts.get(measure) ?? ROWS.map(() => 0)
          row[i]!++
          counts.set(measure, row)
        }
      }
    for (const [measure, row] of counts) told.push([name, change, measure, ...row.map(percent)])
    if (counts.size === 0) told.push([name, change, 'any', ...ROWS.map(() => percent(0))])
  }
}
print(['task', 'change', 'breach of', ...ROWS.map(n => `${n} labels`)], told)

type Test = (now: ScoreState, before: ScoreState) => boolean
const shares = [0.35, 0.35, 0.2, 0.1]
const OTHERS: readonly (readonly [string, typeof BINARY, Test, Draw, readonly (readonly [string, Draw])[]])[] = [
  [
    'concept drift, binary',
    BINARY,
    (a, b) => conceptDrift(a, b)?.drifts ?? false,
    binary(),
    [
      ['scores + .4', binary({ mean: -0.6 })],
      ['scores − .5', binary({ mean: -1.5 })],
      ['scores × .75', binary({ spread: 1.12 })],
      ['logit + .2', binary({ shift: 0.2 })],
      ['logit + .5', binary({ shift: 0.5 })],
      ['logit + 1', binary({ shift: 1 })],
      ['noise 3', binary({ unknown: 3 })],
    ],
  ],
  [
    'concept drift, regression',
    NUMBER,
    (a, b) => conceptDrift(a, b)?.drifts ?? false,
    numbers(),
    [
      ['bias .5', numbers({ bias: 0.5 })],
      ['bias 2', numbers({ bias: 2 })],
      ['× 1.3', numbers({ scale: 1.3 })],
    ],
  ],
  [
    'concept drift, multiclass',
    CLASSES,
    (a, b) => conceptDrift(a, b)?.drifts ?? false,
    classes(),
    [
      ['.75 right', classes({ right: 0.75 })],
      ['.65 right', classes({ right: 0.65 })],
    ],
  ],
  [
    'label shift, binary',
    BINARY,
    (a, b) => labelShift(a, b)[0]!.shifts,
    binary(),
    [
      ['share + .05', binary({ mean: -0.7 })],
      ['share + .1', binary({ mean: -0.45 })],
      ['share + .2', binary({ mean: 0.1 })],
    ],
  ],
  [
    'label shift, multiclass',
    CLASSES,
    (a, b) => labelShift(a, b)[0]!.shifts,
    classes(),
    [['.5 → .35', classes({ shares })]],
  ],
  [
    'label shift from predictions',
    CLASSES,
    (a, b) => estimatedLabelShift(a, b)[0]!.shifts,
    classes(),
    [['.5 → .35', classes({ shares })]],
  ],
  [
    'narrowing',
    BINARY,
    (a, b) => feedbackLoop(a, b).narrowing,
    binary(),
    [
      ['spread × .9', binary({ spread: 1.35 })],
      ['× .7', binary({ spread: 1.05 })],
      ['× .5', binary({ spread: 0.75 })],
    ],
  ],
  [
    'labels by score',
    BINARY,
    a => feedbackLoop(a, null).selective,
    some(() => 0.6),
    [
      ['.5 to .7', some(p => 0.5 + 0.2 * p)],
      ['.3 to .9', some(p => 0.3 + 0.6 * p)],
      ['only above .5', some(p => (p > 0.5 ? 0.9 : 0))],
    ],
  ],
]
print(
  ['', 'change', ...ROWS.map(n => `${n} rows`)],
  OTHERS.flatMap(([name, kind, test, clean, changes]) => {
    const references = drawn(kind, clean)
    return [['none', clean] as const, ...changes].map(([change, draw]) => [
      name,
      change,
      ...ROWS.map(n => {
        let count = 0
        for (let trial = 0; trial < TRIALS; trial++)
          if (test(counted(kind, draw(random, n)), references[trial % REFERENCES]!)) count++
        return percent(count)
      }),
    ])
  }),
)

function drawn(kind: Kind, clean: Draw): ScoreState[] {
  return Array.from({ length: REFERENCES }, () => counted(kind, clean(random, REFERENCE)))
}

/** Rows whose label comes with a probability that depends on the score. */
function some(chance: (score: number) => number): Draw {
  return (random, n) =>
    binaryRows(random, n).map(({ value, label }) => (random.chance(chance(value)) ? { value, label } : { value }))
}

function percent(count: number): string {
  return `${((100 * count) / TRIALS).toFixed(1)} %`
}

function print(head: readonly string[], lines: readonly (readonly (string | number)[])[]): void {
  console.log([head, head.map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n'), '\n')
}
