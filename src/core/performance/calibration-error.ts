import { normalInterval } from '../statistic/intervals.js'
import { total } from '../statistic/psi.js'
import { type Measure, measure, type Phi } from './measure.js'
import type { BinaryScores } from './score-state.js'
import { groups } from './strata.js'

/** Groups of the rows in the order of their scores, as many rows in each. */
const GROUPS = 10

/**
 * Expected calibration error, Σ wᵍ·|mean score − share that came true| over ten groups of equal size (Naeini, Cooper & Hauskrecht 2015).
 * Range [0, 1]. By chance alone it is Σ wᵍ·√(2/π)·σᵍ and not 0: the interval's lower end has that much taken off.
 */
export function calibrationError({ n, scores, labelled, positive }: BinaryScores, phi: Phi): Measure {
  const rows = total(labelled)
  const f = phi('calibration-error', null)
  let [value, chance, variance] = [0, 0, 0]
  for (const { from, to } of groups(labelled, GROUPS)) {
    let [count, score, true_] = [0, 0, 0]
    for (let b = from; b < to; b++) {
      if (labelled[b] <= 0) continue
      count += labelled[b]
      // Mean of all scores of the bin: a bin is narrow, labelled rows in it have nearly the same.
      score += n[b] > 0 ? (labelled[b] * scores[b]) / n[b] : 0
      true_ += positive[b]
    }
    if (count === 0) continue
    const [weight, share] = [count / rows, true_ / count]
    const spread = (f * Math.max(0, share * (1 - share))) / count
    value += weight * Math.abs(score / count - share)
    chance += weight * Math.sqrt((2 / Math.PI) * spread)
    variance += weight * weight * spread
  }
  const { low, high } = normalInterval(value, variance, 0, 1)
  return measure('calibration-error', value, { low: Math.max(0, low - chance), high }, rows)
}
