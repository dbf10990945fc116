import { chiSquareUpper } from '../statistic/distributions.js'
import { differenceInterval, type Interval, wilson } from '../statistic/intervals.js'
import { total } from '../statistic/psi.js'
import { trendZ } from '../statistic/trend.js'
import type { BinaryScores, ClassScores, RegressionScores, ScoreState } from './score-state.js'
import { grouped, groups, labelledByClass, valuesOf } from './strata.js'

/** Predictions of about the same score. */
export interface CoverageGroup {
  /** Scores of its lowest and highest bin; of a multiclass output NaN. */
  readonly from: number
  readonly to: number
  readonly class: string | null
  readonly predictions: number
  readonly labelled: number
}

/** Whether labels come for some scores rather than for others. */
export interface LabelCoverage {
  /** Ascending by score; of a multiclass output by coverage. */
  readonly groups: readonly CoverageGroup[]
  /** The groups' shares differ by more than chance (χ², p < .001). */
  readonly varies: boolean
  /** Cochran–Armitage test of a trend, over √φ: standard normal where coverage does not depend on the score. 0 of a multiclass output. */
  readonly z: number
  /** Where the coverage of what lies below and above differs most, by χ²; null with one group. */
  readonly split: CoverageSplit | null
}

export interface CoverageSplit {
  /** Groups before this one are below. */
  readonly group: number
  readonly below: number
  readonly above: number
  /** 95 % interval of above − below. */
  readonly difference: Interval
}

/** Groups at most, and predictions in each at least. */
const [MOST, FEWEST] = [10, 50]
/** Chance that groups of equal coverage are taken to differ. */
const ALPHA = 0.001

/** @param phi overdispersion of coverage between past windows, at least 1 */
export function labelCoverage(state: ScoreState, phi = 1): LabelCoverage {
  const found = state.type === 'multiclass' ? classGroups(state) : scoreGroups(state)
  const [x, n] = [found.map(group => group.labelled), found.map(group => group.predictions)]
  const share = sum(x) / sum(n)
  const spread = share * (1 - share)
  const chi2 = spread > 0 ? sum(x.map((count, g) => (count - n[g] * share) ** 2 / (n[g] * spread))) / phi : 0
  return {
    groups: found,
    varies: found.length > 1 && chiSquareUpper(chi2, found.length - 1) < ALPHA,
    z: state.type === 'multiclass' ? 0 : trendZ(x, n) / Math.sqrt(phi),
    split: split(x, n, phi),
  }
}

function split(x: readonly number[], n: readonly number[], phi: number): CoverageSplit | null {
  const [labelled, rows] = [sum(x), sum(n)]
  let [best, largest, below, from] = [0, -1, 0, 0]
  let [belowAtBest, fromAtBest] = [0, 0]
  for (let g = 1; g < n.length; g++) {
    below += x[g - 1]
    from += n[g - 1]
    const gap = (labelled - below) / (rows - from) - below / from
    const strength = gap * gap * from * (rows - from)
    if (strength > largest) [best, largest, belowAtBest, fromAtBest] = [g, strength, below, from]
  }
  if (best === 0) return null
  const estimate = (count: number, of: number) => ({ value: count / of, ...wilson(count / phi, of / phi) })
  const [under, over] = [estimate(belowAtBest, fromAtBest), estimate(labelled - belowAtBest, rows - fromAtBest)]
  const { low, high } = differenceInterval(over, under)
  return { group: best, below: under.value, above: over.value, difference: { low, high } }
}

function scoreGroups(state: BinaryScores | RegressionScores): CoverageGroup[] {
  const found = groups(state.n, MOST, FEWEST)
  const [predictions, labelled] = [grouped(state.n, found), grouped(state.labelled, found)]
  const values = valuesOf(state)
  return found
    .map(({ from, to }, g) => ({
      ...{ from: values[from], to: values[to - 1], class: null },
      ...{ predictions: predictions[g], labelled: labelled[g] },
    }))
    .filter(group => group.predictions > 0)
}

function classGroups(state: ClassScores): CoverageGroup[] {
  const labelled = labelledByClass(state)
  const { classes, n } = state
  return classes
    .map((text, c) => ({ from: NaN, to: NaN, class: text, predictions: n[c], labelled: labelled[c] }))
    .filter(({ predictions }) => predictions >= FEWEST)
    .sort((a, b) => a.labelled / a.predictions - b.labelled / b.predictions)
}

const sum = (values: readonly number[]): number => total(Float64Array.from(values))
