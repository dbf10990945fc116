import type { Task } from '../monitor.js'
import type { Interval } from '../statistic/intervals.js'
import { binaryMeasures } from './binary-measures.js'
import { classMeasures } from './class-measures.js'
import { regressionMeasures } from './regression-measures.js'
import type { ScoreState } from './score-state.js'

export type MeasureName =
  | 'log-loss'
  | 'brier'
  | 'calibration-error'
  | 'auc'
  | 'precision'
  | 'recall'
  | 'f1'
  | 'accuracy'
  | 'base-rate'
  | 'cost'
  | 'mae'
  | 'rmse'
  | 'bias'
  | 'r2'
  | 'macro-f1'

/** How well an output did, of the rows whose labels came; `low` and `high` are the ends of its 95 % interval. */
export interface Measure extends Interval {
  readonly name: MeasureName
  /** Of one class of a multiclass output; null: of all. */
  readonly class: string | null
  readonly value: number
  /** Labelled rows that it is made of: precision has those predicted positive, recall the positive ones. */
  readonly n: number
  readonly better: 'higher' | 'lower' | 'none'
}

export interface MeasureOptions {
  /** Per wrong decision, for the business cost of a prediction. */
  readonly costs?: Task['costs']
  /**
   * What the variance of counting is multiplied by: the overdispersion of the past windows (`overdispersion`), times the design effect where
   * labels were reweighted. Default 1.
   */
  readonly phi?: (name: MeasureName, of: string | null) => number
}

/**
 * All measures of an output's labelled rows. One that cannot be told (AUC without a positive, precision without a predicted positive) is
 * left out, all where there is no label.
 */
export function measuresOf(state: ScoreState, options: MeasureOptions = {}): Measure[] {
  const phi = options.phi ?? (() => 1)
  const found =
    state.type === 'binary'
      ? binaryMeasures(state, phi, options.costs ?? null)
      : state.type === 'regression'
        ? regressionMeasures(state, phi)
        : classMeasures(state, phi)
  return found.filter(({ value }) => Number.isFinite(value))
}

const BETTER: Readonly<Record<MeasureName, Measure['better']>> = {
  'log-loss': 'lower',
  brier: 'lower',
  'calibration-error': 'lower',
  auc: 'higher',
  precision: 'higher',
  recall: 'higher',
  f1: 'higher',
  accuracy: 'higher',
  'base-rate': 'none',
  cost: 'lower',
  mae: 'lower',
  rmse: 'lower',
  bias: 'none',
  r2: 'higher',
  'macro-f1': 'higher',
}

export type Phi = NonNullable<MeasureOptions['phi']>

/** A measure whose interval is known. */
export function measure(
  name: MeasureName,
  value: number,
  { low, high }: Interval,
  n: number,
  of: string | null = null,
): Measure {
  return { name, class: of, value, low, high, n, better: BETTER[name] }
}
