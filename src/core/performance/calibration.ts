import { lowerBound } from '../sketch/search.js'
import { isotonic } from '../statistic/isotonic.js'
import { believed } from './score-key.js'
import type { BinaryScores } from './score-state.js'

/** Share that comes true by score, from labelled reference rows: knots of a line that never falls, ends held. */
export interface Calibration {
  readonly scores: Float64Array
  readonly rates: Float64Array
  /** Labelled rows that it was learnt from. */
  readonly rows: number
}

/** Isotonic calibration (Zadrozny & Elkan 2002) on the bins of labelled rows. Null without a label. */
export function calibrate({ n, scores, labelled, positive }: BinaryScores): Calibration | null {
  const used = [...labelled.keys()].filter(b => labelled[b] > 0 && n[b] > 0)
  if (used.length === 0) return null
  const rates = isotonic(
    used.map(b => positive[b] / labelled[b]),
    used.map(b => labelled[b]),
  )
  return {
    scores: Float64Array.from(used, b => scores[b] / n[b]),
    rates,
    rows: used.reduce((sum, b) => sum + labelled[b], 0),
  }
}

/** The share of predictions of a score that come true. */
export function rateAt({ scores, rates }: Calibration, score: number): number {
  const high = lowerBound(scores, 0, scores.length, score)
  if (high === scores.length) return rates[high - 1]
  if (high === 0 || scores[high] === score) return rates[high]
  const part = (score - scores[high - 1]) / (scores[high] - scores[high - 1])
  return rates[high - 1] + part * (rates[high] - rates[high - 1])
}

/**
 * What the labels of all predictions would say if scores meant what they did in the reference: CBPE (Białek et al., "Estimating Model Performance
 * under Covariate Shift Without Labels", 2024), E[TP] = Σ rate over the predicted positive, E[FP] = Σ (1 − rate). Its measures are the estimates.
 */
export function expectedScores(state: BinaryScores, calibration: Calibration): BinaryScores {
  const positive = new Float64Array(state.bins.length)
  const [loss, brier]: [number, number][] = [
    [0, 0],
    [0, 0],
  ]
  for (let b = 0; b < positive.length; b++) {
    const n = state.n[b]
    if (!(n > 0)) continue
    const score = Math.min(1, Math.max(0, state.scores[b] / n))
    const rate = rateAt(calibration, score)
    positive[b] = n * rate
    const p = believed(score)
    addExpected(loss, n, rate, -Math.log(p), -Math.log(1 - p))
    addExpected(brier, n, rate, (1 - score) ** 2, score ** 2)
  }
  return { ...state, labelled: state.n, positive, loss, brier }
}

function addExpected(sums: [number, number], n: number, rate: number, ifTrue: number, ifFalse: number): void {
  sums[0] += n * (rate * ifTrue + (1 - rate) * ifFalse)
  sums[1] += n * (rate * ifTrue ** 2 + (1 - rate) * ifFalse ** 2)
}
