import type { Task } from '../monitor.js'
import { auc } from '../statistic/auc.js'
import { type Interval, normalInterval, wilson } from '../statistic/intervals.js'
import { total } from '../statistic/psi.js'
import { calibrationError } from './calibration-error.js'
import { type Measure, type MeasureName, measure, type Phi } from './measure.js'
import type { BinaryScores } from './score-state.js'

/** Labelled rows at the threshold. */
export interface Confusion {
  readonly truePositive: number
  readonly falsePositive: number
  readonly trueNegative: number
  readonly falseNegative: number
}

/** Exact: the threshold is an edge of the bins. */
export function confusionOf({ bins, labelled, positive }: BinaryScores): Confusion {
  let [truePositive, falsePositive, trueNegative, falseNegative] = [0, 0, 0, 0]
  for (let b = 0; b < bins.length; b++) {
    const negative = labelled[b] - positive[b]
    if (bins[b] >= 0) {
      truePositive += positive[b]
      falsePositive += negative
    } else {
      trueNegative += negative
      falseNegative += positive[b]
    }
  }
  return { truePositive, falsePositive, trueNegative, falseNegative }
}

/**
 * Log loss, Brier score and cost with the interval of a mean; shares with Wilson's; F1 = 2J/(1 + J) with that of J = TP/(TP + FP + FN); AUC
 * with DeLong's from the bins (Brier 1950; Wilson 1927; DeLong, DeLong & Clarke-Pearson 1988).
 */
export function binaryMeasures(state: BinaryScores, phi: Phi, costs: Task['costs']): Measure[] {
  const { labelled, positive } = state
  const n = total(labelled)
  if (!(n > 0)) return []
  const { truePositive, falsePositive, trueNegative, falseNegative } = confusionOf(state)
  const [positives, wrong] = [truePositive + falseNegative, falsePositive + falseNegative]
  const mean = (name: MeasureName, [sum, squares]: readonly [number, number], most?: number): Measure => {
    const value = sum / n
    const variance = (Math.max(0, squares / n - value * value) / n) * phi(name, null)
    return measure(name, value, normalInterval(value, variance, 0, most), n)
  }
  const share = (name: MeasureName, x: number, of: number): Measure => {
    const f = phi(name, null)
    return measure(name, x / of, wilson(x / f, of / f), of)
  }
  const ranked = auc(
    positive,
    positive.map((x, b) => labelled[b] - x),
  )
  const found = [
    mean('log-loss', state.loss),
    mean('brier', state.brier, 1),
    calibrationError(state, phi),
    measure('auc', ranked.value, normalInterval(ranked.value, ranked.variance * phi('auc', null), 0, 1), n),
    share('precision', truePositive, truePositive + falsePositive),
    share('recall', truePositive, positives),
    f1(truePositive, wrong, phi('f1', null)),
    share('accuracy', truePositive + trueNegative, n),
    share('base-rate', positives, n),
  ]
  if (costs === null) return found
  const [first, second] = [costs.falsePositive, costs.falseNegative]
  const sum = falsePositive * first + falseNegative * second
  return [...found, mean('cost', [sum, falsePositive * first ** 2 + falseNegative * second ** 2])]
}

function f1(right: number, wrong: number, phi: number): Measure {
  const of = right + wrong
  const fromShare = (j: number): number => (2 * j) / (1 + j)
  const { low, high }: Interval = wilson(right / phi, of / phi)
  return measure('f1', fromShare(right / of), { low: fromShare(low), high: fromShare(high) }, of)
}
