import { type Interval, Z } from '../statistic/intervals.js'
import { type LabelCoverage, labelCoverage } from './label-coverage.js'
import { logit } from './score-key.js'
import type { ScoreState } from './score-state.js'
import { valuesOf } from './strata.js'

/** Signs that a model decides which labels it will learn from. */
export interface FeedbackLoop {
  readonly coverage: LabelCoverage
  /** Labels come for some scores rather than for others: the interval of the split is beyond `SELECTIVE`. To be asked of mature windows. */
  readonly selective: boolean
  /** Spread of the scores (of their logits) over the reference's; null of a multiclass output, or where either has none. */
  readonly spread: SpreadRatio | null
  /** Scores narrow: the interval of the ratio lies below `NARROW`. */
  readonly narrowing: boolean
}

/** Ratio of standard deviations, with its 95 % interval. */
export interface SpreadRatio extends Interval {
  readonly value: number
}

/** Coverage that differs by less between low and high scores does no harm that reweighting does not undo. */
export const SELECTIVE = 0.2
/** Scores that are spread by less than this part of the reference's. */
export const NARROW = 0.8

/**
 * @param reference null: only the coverage is looked at
 * @param phi overdispersion of coverage, and of the spread, between past windows
 */
export function feedbackLoop(now: ScoreState, reference: ScoreState | null, phi = 1): FeedbackLoop {
  const coverage = labelCoverage(now, phi)
  const difference = coverage.split?.difference
  const spread = reference === null ? null : spreadRatio(now, reference, phi)
  return {
    ...{ coverage, spread },
    selective:
      coverage.varies && difference !== undefined && (difference.low > SELECTIVE || difference.high < -SELECTIVE),
    narrowing: spread !== null && spread.high < NARROW,
  }
}

/** With the variance of ln s, (κ − 1)/4n on either side: no normal scores are assumed. */
function spreadRatio(now: ScoreState, reference: ScoreState, phi: number): SpreadRatio | null {
  const [a, b] = [spreadOf(now), spreadOf(reference)]
  if (a === null || b === null) return null
  const value = a.deviation / b.deviation
  const half = Z * Math.sqrt(phi * (a.variance + b.variance))
  return { value, low: value * Math.exp(-half), high: value * Math.exp(half) }
}

/** Standard deviation of all predictions, of a score's logit, by bins; and the variance of its logarithm. */
function spreadOf(state: ScoreState): { readonly deviation: number; readonly variance: number } | null {
  if (state.type === 'multiclass') return null
  const values = state.type === 'binary' ? valuesOf(state).map(logit) : valuesOf(state)
  const moment = (power: number, middle: number): number => {
    let [sum, n] = [0, 0]
    for (let b = 0; b < values.length; b++) {
      if (!(state.n[b] > 0)) continue
      sum += state.n[b] * (values[b] - middle) ** power
      n += state.n[b]
    }
    return sum / n
  }
  const mean = moment(1, 0)
  const variance = moment(2, mean)
  if (!(variance > 0)) return null
  const rows = state.n.reduce((sum, n) => sum + n, 0)
  return { deviation: Math.sqrt(variance), variance: Math.max(0, moment(4, mean) / variance ** 2 - 1) / (4 * rows) }
}
