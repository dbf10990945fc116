import { differenceInterval } from '../statistic/intervals.js'
import type { Measure, MeasureName } from './measure.js'

/** By how much a measure may be worse than the reference's: so much, or a part of the reference's value of `of` (of itself, where not said). */
export type Tolerance = { readonly absolute: number } | { readonly relative: number; readonly of?: MeasureName }

/**
 * What a model may lose before it is told. A fall of .03 in AUC, .05 in a rate, or a tenth in a loss is about what a retraining must gain to be
 * worth it. Shares of labels have a kind of their own (`label-shift.ts`) and are not judged here.
 */
const TOLERANCES: Readonly<Partial<Record<MeasureName, Tolerance>>> = {
  'log-loss': { relative: 0.1 },
  brier: { relative: 0.1 },
  'calibration-error': { absolute: 0.03 },
  auc: { absolute: 0.03 },
  precision: { absolute: 0.05 },
  recall: { absolute: 0.05 },
  f1: { absolute: 0.05 },
  accuracy: { absolute: 0.05 },
  cost: { relative: 0.1 },
  mae: { relative: 0.1 },
  rmse: { relative: 0.1 },
  bias: { relative: 0.1, of: 'mae' },
  r2: { absolute: 0.05 },
  'macro-f1': { absolute: 0.05 },
}

/** Rows of a measure, here and in the reference, from which on it is judged: below, intervals are too short. */
export const FEWEST_LABELLED = 50
/** An interval that reaches this many tolerances to a side tells nothing. */
const WIDEST = 4

/** A measure against the reference's; `low` and `high` are the ends of the 95 % interval of `worse`. */
export interface Decision {
  readonly name: MeasureName
  readonly class: string | null
  readonly value: number
  readonly before: number
  /** Labelled rows of the window's measure. */
  readonly n: number
  /** How much worse than the reference: positive is worse. Where neither way is better, the distance. */
  readonly worse: number
  readonly low: number
  readonly high: number
  readonly tolerance: number
  /** `breach`: the whole interval is beyond the tolerance. `insufficient`: too few rows, or an interval too wide to tell. */
  readonly verdict: 'breach' | 'ok' | 'insufficient'
}

/** @param tolerance in the measure's own unit, not negative */
export function decide(now: Measure, before: Measure, tolerance: number): Decision {
  const difference = differenceInterval(now, before)
  const turned = now.better === 'higher' || (now.better === 'none' && difference.value < 0)
  const [worse, low, high] = turned
    ? [-difference.value, -difference.high, -difference.low]
    : [difference.value, difference.low, difference.high]
  const few = Math.min(now.n, before.n) < FEWEST_LABELLED || Math.max(high - worse, worse - low) > WIDEST * tolerance
  const verdict =
    Math.min(now.n, before.n) >= FEWEST_LABELLED && low > tolerance ? 'breach' : few ? 'insufficient' : 'ok'
  const { name, class: of, value, n } = now
  return { name, class: of, value, before: before.value, n, worse, low, high, tolerance, verdict }
}

/**
 * All measures that the reference has too and that have a tolerance.
 * @param tolerances instead of the usual ones
 */
export function decisionsOf(
  now: readonly Measure[],
  before: readonly Measure[],
  tolerances: Readonly<Partial<Record<MeasureName, Tolerance>>> = {},
): Decision[] {
  const referenceOf = (name: MeasureName, of: string | null): Measure | undefined =>
    before.find(other => other.name === name && other.class === of)
  return now.flatMap(measure => {
    const reference = referenceOf(measure.name, measure.class)
    const tolerance = tolerances[measure.name] ?? TOLERANCES[measure.name]
    if (reference === undefined || tolerance === undefined) return []
    if ('absolute' in tolerance) return [decide(measure, reference, tolerance.absolute)]
    const base = referenceOf(tolerance.of ?? measure.name, measure.class)
    return base === undefined ? [] : [decide(measure, reference, tolerance.relative * Math.abs(base.value))]
  })
}
