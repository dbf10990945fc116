import type { Outcome } from '../alert/event.js'
import type { Task } from '../monitor.js'
import { calibrate, expectedScores } from './calibration.js'
import { conceptDrift, TOLERATED } from './concept-drift.js'
import { type Decision, decisionsOf, type Tolerance } from './decide.js'
import { reweighted } from './early-labels.js'
import type { LabelKind, MeasureFacts } from './event.js'
import { feedbackLoop, NARROW, SELECTIVE } from './feedback-loop.js'
import { type Measure, type MeasureName, type MeasureOptions, measuresOf } from './measure.js'
import type { Reference } from './reference.js'
import { labelledOf, predictionsOf } from './reference.js'
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
/** Labels from which on anything is said. */
const FEWEST = 1

/**
 * All that is measured of an output in a window. While labels are few they are reweighted by score, and estimates that need none stand beside
 * them: what the measures would be if scores meant what they did in the reference (blind to concept drift, and to a shift of the labels alone).
 */
export function readOutput(reading: Reading): MeasureFacts[] {
  const { scores, reference, mature } = reading
  const measured = labelledOf(scores) < FEWEST ? [] : performanceOf(reading)
  const estimates = mature || reference === null ? [] : estimatesOf(reading, reference)
  return [...measured, ...estimates, ...conceptOf(reading), ...feedbackOf(reading), ...scoresOf(reading)]
}

function performanceOf(reading: Reading): MeasureFacts[] {
  const { scores, phi, costs, mature } = reading
  const { state, designEffect } = mature ? { state: scores, designEffect: 1 } : reweighted(scores)
  const now = measuresOf(state, { costs, phi: (name, of) => phi(name, of) * designEffect })
  return compared(reading, now, false)
}

/** What the labels of all predictions would say by the reference's calibration. */
function estimatesOf(reading: Reading, { scores: before }: Reference): MeasureFacts[] {
  const { scores, costs, phi } = reading
  if (scores.type !== 'binary' || before.type !== 'binary') return []
  const calibration = calibrate(before)
  return calibration === null
    ? []
    : compared(reading, measuresOf(expectedScores(scores, calibration), { costs, phi }), true)
}

function compared(reading: Reading, now: readonly Measure[], estimate: boolean): MeasureFacts[] {
  const before = reading.reference?.measures ?? []
  const decisions = decisionsOf(now, before, tolerancesOf(reading))
  return now.map(one => {
    const decision = decisions.find(({ name, class: of }) => name === one.name && of === one.class)
    const known = before.find(({ name, class: of }) => name === one.name && of === one.class)
    const { name, class: of, value, low, high, n, better } = one
    return {
      ...{ name, class: of, kind: kindOf(name), value, low, high, n, better, estimate },
      reference: known?.value ?? null,
      tolerance: decision?.tolerance ?? null,
      outcome: outcomeOf(decision),
      decides: !estimate && reading.mature && decision !== undefined && isAsked(reading, one),
    }
  })
}

function kindOf(name: MeasureName): LabelKind {
  return name === 'base-rate' ? 'label-shift' : 'performance'
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
  return { 'base-rate': { absolute: LABEL_SHARE }, ...Object.fromEntries(said) }
}

/** Points by which the share of a label may move. */
const LABEL_SHARE = 0.05

/** A measure that the monitor sets a tolerance for decides too; one that it switches off does not. */
function isAsked({ checks, scores }: Reading, { name, class: of }: Pick<Measure, 'name' | 'class'>): boolean {
  const check = checks[name]
  if (check !== undefined) return check.enabled
  if (name === 'base-rate') return true
  return of === null && DECIDING.has(name) && !(scores.type === 'binary' && NOT_OF_BINARY.has(name))
}

function conceptOf(reading: Reading): MeasureFacts[] {
  const { scores, reference, phi, mature } = reading
  const found = reference && conceptDrift(scores, reference.scores, phi(lossOf(scores), null))
  if (found === null) return []
  return [
    {
      ...{ name: 'concept-drift', class: null, kind: 'concept-drift', n: labelledOf(scores), better: 'lower' },
      ...{ value: found.effect, low: found.effect, high: found.effect, estimate: false },
      ...{ reference: 0, tolerance: TOLERATED, outcome: found.drifts ? 'breach' : 'ok' },
      decides: mature && reading.checks['concept-drift']?.enabled !== false,
    },
  ]
}

/** Where labels come for some scores only, and where scores narrow. */
function feedbackOf(reading: Reading): MeasureFacts[] {
  const { scores, reference, mature, checks } = reading
  const { coverage, selective, spread, narrowing } = feedbackLoop(scores, reference?.scores ?? null)
  const decides = mature && checks['feedback-loop']?.enabled !== false
  const common = { class: null, kind: 'feedback-loop', n: predictionsOf(scores), estimate: false, decides } as const
  const { split } = coverage
  const byScore: MeasureFacts[] =
    split === null
      ? []
      : [
          {
            ...{ ...common, name: 'coverage-by-score', value: split.above - split.below, ...split.difference },
            ...{ better: 'none', reference: 0, tolerance: SELECTIVE, outcome: selective ? 'breach' : 'ok' },
          },
        ]
  const narrow: MeasureFacts[] =
    spread === null
      ? []
      : [
          {
            ...{ ...common, name: 'score-spread', value: spread.value, low: spread.low, high: spread.high },
            ...{ better: 'higher', reference: 1, tolerance: 1 - NARROW, outcome: narrowing ? 'breach' : 'ok' },
          },
        ]
  return [...byScore, ...narrow]
}

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
