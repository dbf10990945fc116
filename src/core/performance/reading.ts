import type { Outcome } from '../alert/event.js'
import type { Task } from '../monitor.js'
import type { Interval } from '../statistic/intervals.js'
import { conceptDrift, TOLERATED } from './concept-drift.js'
import { type Decision, decisionsOf, FEWEST_LABELLED, type Tolerance } from './decide.js'
import { estimatesOf } from './estimate.js'
import type { MeasureFacts } from './event.js'
import { feedbackLoop, NARROW, SELECTIVE } from './feedback-loop.js'
import { estimatedLabelShift, type LabelShift, labelShift } from './label-shift.js'
import type { Measure, MeasureName, MeasureOptions } from './measure.js'
import { measured } from './measured.js'
import { labelledOf, predictionsOf, type Reference } from './reference.js'
import { scoreDrift } from './score-drift.js'
import type { ScoreState } from './score-state.js'

/** One output in a window, with what it is compared with. */
export interface Reading {
  readonly scores: ScoreState
  readonly reference: Reference | null
  readonly costs: Task['costs']
  readonly phi: NonNullable<MeasureOptions['phi']>
  /** The labels are in; otherwise nothing decides. */
  readonly mature: boolean
  /** What the monitor says of a measure. */
  readonly checks: Readonly<Record<string, { readonly delta: number | null; readonly enabled: boolean }>>
}

/** Measures that decide where the monitor does not say; the others are reported beside them. */
const DECIDING: ReadonlySet<string> = new Set<MeasureName>(['auc', 'log-loss', 'cost', 'accuracy', 'mae'])
/** Of a binary output accuracy follows from threshold and label share: ranks and losses decide. */
const NOT_OF_BINARY: ReadonlySet<string> = new Set<MeasureName>(['accuracy'])
/** What there is of measures without a label, and without a reference. */
const NOTHING: readonly Measure[] = []

/**
 * All that is measured of an output in a window. Labels that came for some scores rather than for others are reweighted; while they are few,
 * estimates that need none stand beside (`BLIND_SPOT`).
 */
export function readOutput(reading: Reading): MeasureFacts[] {
  const { scores, reference, costs, phi, mature } = reading
  const found = labelledOf(scores) === 0 ? NOTHING : measured(scores, { costs, phi }).measures
  const estimates = mature || reference === null ? NOTHING : estimatesOf(scores, reference.scores, { costs, phi })
  return [
    ...compared(reading, found, false),
    ...compared(reading, estimates, true),
    ...labelsOf(reading, found),
    ...conceptOf(reading),
    ...feedbackOf(reading),
    ...scoresOf(reading),
  ]
}

/** Measures of performance beside the reference's. */
function compared(reading: Reading, all: readonly Measure[], estimate: boolean): MeasureFacts[] {
  const now = all.filter(({ name }) => name !== LABEL_SHARE)
  const before = reading.reference?.measures ?? NOTHING
  const decisions = decisionsOf(now, before, tolerancesOf(reading))
  return now.map(one => {
    const decision = decisions.find(other => isSame(other, one))
    const { name, class: of, value, low, high, n, better } = one
    return {
      ...{ name, class: of, kind: 'performance', value, low, high, n, better, estimate },
      reference: before.find(other => isSame(other, one))?.value ?? null,
      tolerance: decision?.tolerance ?? null,
      outcome: outcomeOf(decision),
      decides: !estimate && reading.mature && decision !== undefined && isAsked(reading, one),
    }
  })
}

const LABEL_SHARE: MeasureName = 'base-rate'

type Named = Pick<Measure, 'name' | 'class'>

function isSame(one: Named, other: Named): boolean {
  return one.name === other.name && one.class === other.class
}

function outcomeOf(decision: Decision | undefined): Outcome {
  if (decision === undefined || decision.verdict === 'insufficient') return 'insufficient-data'
  return decision.verdict
}

/** The monitor's tolerances are in the unit of the measure. */
function tolerancesOf({ checks }: Reading): Partial<Record<MeasureName, Tolerance>> {
  const said = Object.entries(checks).flatMap(([name, { delta }]) =>
    delta === null ? [] : [[name, { absolute: delta }] as const],
  )
  return Object.fromEntries(said)
}

/** A measure that the monitor names decides too, and one that it switches off does not. */
function isAsked({ checks, scores }: Reading, { name, class: of }: Named): boolean {
  const check = checks[name]
  if (check !== undefined) return check.enabled
  return of === null && DECIDING.has(name) && !(scores.type === 'binary' && NOT_OF_BINARY.has(name))
}

/** Shares of labels, or the mean of numeric ones, beside the reference's; while labels are few also what predictions let expect of them. */
function labelsOf(reading: Reading, measures: readonly Measure[]): MeasureFacts[] {
  const { scores, reference, phi, mature, checks } = reading
  const shares = measures.filter(({ name }) => name === LABEL_SHARE)
  if (reference === null) return shares.map(share => labelFacts(scores.type, share, null, share, false, false))
  const swing = phi(LABEL_SHARE, null)
  const asked = mature && checks[LABEL_SHARE]?.enabled !== false
  const expected = mature ? [] : estimatedLabelShift(scores, reference.scores, swing)
  return [...labelShift(scores, reference.scores, swing), ...expected].map(found => {
    const shift = toleratedBy(found, checks[LABEL_SHARE]?.delta ?? null)
    const estimate = shift.from === 'predictions'
    const own = estimate ? undefined : shares.find(({ class: of }) => of === shift.class)
    const { low, high } = shift.difference
    const interval = own ?? { low: shift.before + low, high: shift.before + high }
    const isEnough = Math.min(shift.n, reference.facts.labelled) >= FEWEST_LABELLED
    return labelFacts(scores.type, shift, isEnough ? shift : null, interval, estimate, asked && !estimate)
  })
}

function toleratedBy(shift: LabelShift, tolerance: number | null): LabelShift {
  if (tolerance === null) return shift
  const { low, high } = shift.difference
  return { ...shift, tolerance, shifts: low > tolerance || high < -tolerance }
}

function labelFacts(
  type: ScoreState['type'],
  { class: of, value, n }: Pick<LabelShift, 'class' | 'value' | 'n'>,
  shift: LabelShift | null,
  { low, high }: Interval,
  estimate: boolean,
  asked: boolean,
): MeasureFacts {
  return {
    ...{
      name: type === 'regression' ? 'label-mean' : LABEL_SHARE,
      class: of,
      kind: 'label-shift',
      value,
      low,
      high,
      n,
      better: 'none',
      estimate,
    },
    ...{ reference: shift?.before ?? null, tolerance: shift?.tolerance ?? null },
    outcome: shift === null ? 'insufficient-data' : shift.shifts ? 'breach' : 'ok',
    decides: asked && shift !== null,
  }
}

function conceptOf(reading: Reading): MeasureFacts[] {
  const { scores, reference, phi, mature } = reading
  const found = reference && conceptDrift(scores, reference.scores, phi(lossOf(scores), null))
  if (found === null) return []
  return [
    {
      ...{ name: 'concept-drift', class: null, kind: 'concept-drift', n: labelledOf(scores), better: 'lower' },
      ...{ value: found.effect, low: found.low, high: found.high, estimate: false },
      ...{ reference: 0, tolerance: TOLERATED, outcome: found.drifts ? 'breach' : 'ok' },
      decides: mature && reading.checks['concept-drift']?.enabled !== false,
    },
  ]
}

/** Predictions from which on the scores of a window say how they are spread. */
const FEWEST_SCORES = 200

/**
 * Where labels come for some scores only, and where scores narrow. Narrow scores alone are also what other rows would have: they decide where
 * labels are selective too, or the monitor asks for it.
 */
function feedbackOf(reading: Reading): MeasureFacts[] {
  const { scores, reference, mature, checks } = reading
  const { coverage, selective, spread, narrowing } = feedbackLoop(scores, reference?.scores ?? null)
  const n = predictionsOf(scores)
  const ready = mature && n >= FEWEST_SCORES
  const common = { class: null, kind: 'feedback-loop', n, estimate: false } as const
  const { split } = coverage
  const byScore: MeasureFacts[] =
    split === null
      ? []
      : [
          {
            ...{ ...common, name: COVERAGE, value: split.above - split.below, ...split.difference, better: 'none' },
            ...{ reference: 0, tolerance: SELECTIVE, outcome: selective ? 'breach' : 'ok' },
            decides: ready && checks[COVERAGE]?.enabled !== false,
          },
        ]
  const narrow: MeasureFacts[] =
    spread === null
      ? []
      : [
          {
            ...{ ...common, name: SPREAD, value: spread.value, low: spread.low, high: spread.high, better: 'higher' },
            ...{ reference: 1, tolerance: 1 - NARROW, outcome: narrowing ? 'breach' : 'ok' },
            decides: ready && (checks[SPREAD]?.enabled ?? selective),
          },
        ]
  return [...byScore, ...narrow]
}

const COVERAGE = 'coverage-by-score'
const SPREAD = 'score-spread'

/** How far the predictions moved; features' own series decide on that. */
function scoresOf({ scores, reference }: Reading): MeasureFacts[] {
  const found = reference && scoreDrift(scores, reference.scores)
  if (found === null) return []
  const { psi, limit, quiet } = found
  return [
    {
      ...{ name: 'score-psi', class: null, kind: 'concept-drift', value: psi, low: psi, high: psi },
      ...{ n: predictionsOf(scores), better: 'lower', estimate: false, reference: 0, tolerance: limit },
      ...{ outcome: quiet ? 'ok' : 'breach', decides: false },
    },
  ]
}

function lossOf({ type }: ScoreState): MeasureName {
  return type === 'binary' ? 'log-loss' : type === 'regression' ? 'mae' : 'accuracy'
}
