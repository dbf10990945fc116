import { chiSquare } from '../statistic/chi-square.js'
import { noncentralChiSquareQuantile } from '../statistic/distributions.js'
import { Z } from '../statistic/intervals.js'
import { total } from '../statistic/psi.js'
import { calibrate, rateAt } from './calibration.js'
import { otherType, type ScoreDrift, scoreDrift } from './score-drift.js'
import type { BinaryScores, ClassScores, RegressionScores, ScoreState } from './score-state.js'
import { commonBins, type Group, grouped, groups } from './strata.js'

/**
 * Whether predictions of the same score come true as they did in the reference. Within each group of scores the labels of the window and of the
 * reference make a table; χ² is the sum over the groups.
 */
export interface ConceptDrift {
  /** Over φ. */
  readonly chi2: number
  readonly degrees: number
  /** What χ² reaches by chance (p = .001) where the outcome moved by `TOLERATED`. */
  readonly limit: number
  /** How far the outcome at a score moved, in its standard deviations, chance taken off: root mean square over the groups. */
  readonly effect: number
  /** 95 % interval of the effect, by the variance of a non-central χ², 2(ν + 2λ). */
  readonly low: number
  readonly high: number
  /** Mean change of the outcome at a score, weighted by the window's labels: share that comes true, or −error; NaN of a multiclass output. */
  readonly change: number
  readonly groups: number
  /** Null where either has no predictions. */
  readonly scores: ScoreDrift | null
  /** The outcome moved and the scores are quiet: the world changed, not what comes in. */
  readonly drifts: boolean
}

/** Groups of scores at most, and labels in each at least, on both sides. */
const [MOST, FEWEST] = [10, 30]
const ALPHA = 0.001
/** Of the outcome's standard deviations: at a share of one half 5 points, at a tenth 3. */
export const TOLERATED = 0.1

/**
 * @param phi overdispersion of the outcome between past windows, at least 1
 * @returns null with fewer than 30 labels on either side
 * @throws RangeError where the two are not of one type
 */
export function conceptDrift(now: ScoreState, reference: ScoreState, phi = 1): ConceptDrift | null {
  const found = testOf(now, reference)
  if (found === null) return null
  const chi2 = found.chi2 / phi
  const size = found.size / phi
  const limit = noncentralChiSquareQuantile(1 - ALPHA, found.degrees, size * TOLERATED ** 2)
  const scores = scoreDrift(now, reference)
  const beyond = chi2 - found.degrees
  const half = Z * Math.sqrt(2 * (found.degrees + 2 * Math.max(0, beyond)))
  const effectOf = (lambda: number): number => Math.sqrt(Math.max(0, lambda) / size)
  return {
    ...{ chi2, degrees: found.degrees, limit, change: found.change, groups: found.groups, scores },
    ...{ effect: effectOf(beyond), low: effectOf(beyond - half), high: effectOf(beyond + half) },
    drifts: chi2 > limit && (scores?.quiet ?? false),
  }
}

interface Test {
  readonly chi2: number
  readonly degrees: number
  readonly groups: number
  /** Σ 1/(1/l + 1/L) over the groups: the non-centrality of a difference of one standard deviation in each. */
  readonly size: number
  readonly change: number
}

function testOf(now: ScoreState, reference: ScoreState): Test | null {
  if (now.type === 'binary' && reference.type === 'binary') return binaryTest(now, reference)
  if (now.type === 'regression' && reference.type === 'regression') return regressionTest(now, reference)
  if (now.type === 'multiclass' && reference.type === 'multiclass') return classTest(now, reference)
  throw otherType(now, reference)
}

const weight = (l: number, L: number): number => 1 / (1 / l + 1 / L)

/**
 * Positive labels of each group. The reference's are those that it would have with the window's scores within the group, by its calibration: a
 * group is wide, and where in it the scores lie may have changed.
 */
function binaryTest(now: BinaryScores, reference: BinaryScores): Test | null {
  const { first, second } = commonBins(now, reference)
  const [labelled, labelledBefore] = [first(now.labelled), second(reference.labelled)]
  const spans = labelledGroups(labelled, labelledBefore)
  const calibration = calibrate(reference)
  if (spans === null || calibration === null) return null
  const [n, scores] = [sums(first(now.n), second(reference.n)), sums(first(now.scores), second(reference.scores))]
  const rates = scores.map((sum, b) => rateAt(calibration, n[b] > 0 ? sum / n[b] : 0))
  const of = (column: Float64Array): Float64Array => grouped(column, spans)
  const [l, x, L, X] = [labelled, first(now.positive), labelledBefore, second(reference.positive)].map(of)
  const [usual, usualBefore] = [labelled, labelledBefore].map(rows => of(rows.map((row, b) => row * rates[b])))
  let [chi2, size, change] = [0, 0, 0]
  for (let g = 0; g < spans.length; g++) {
    const moved = usual[g] / l[g] - usualBefore[g] / L[g]
    const before = Math.min(L[g], Math.max(0, X[g] + L[g] * moved))
    change += x[g] - (l[g] * before) / L[g]
    size += weight(l[g], L[g])
    chi2 += chiSquare(Float64Array.of(before, L[g] - before), Float64Array.of(x[g], l[g] - x[g]))
  }
  return { chi2, degrees: spans.length, groups: spans.length, size, change: change / total(l) }
}

function sums(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x + b[i])
}

/** Mean error and mean |error| of each group, each against their spread on both sides. */
function regressionTest(now: RegressionScores, reference: RegressionScores): Test | null {
  const { first, second } = commonBins(now, reference)
  const spans = labelledGroups(first(now.labelled), second(reference.labelled))
  if (spans === null) return null
  const of = (column: Float64Array, side: typeof first): Float64Array => grouped(side(column), spans)
  const [l, L] = [of(now.labelled, first), of(reference.labelled, second)]
  const [squares, squaresBefore] = [of(now.squares, first), of(reference.squares, second)]
  let [chi2, size, change, degrees] = [0, 0, 0, 0]
  for (const name of ['errors', 'absolute'] as const) {
    const [x, X] = [of(now[name], first), of(reference[name], second)]
    for (let g = 0; g < spans.length; g++) {
      const [mean, before] = [x[g] / l[g], X[g] / L[g]]
      const spread = squares[g] / l[g] - mean * mean
      const spreadBefore = squaresBefore[g] / L[g] - before * before
      const variance = spread / l[g] + spreadBefore / L[g]
      if (name === 'errors') change += l[g] * (before - mean)
      if (!(variance > 0)) continue
      chi2 += (mean - before) ** 2 / variance
      size += weight(l[g], L[g])
      degrees++
    }
  }
  return degrees === 0 ? null : { chi2, degrees, groups: spans.length, size, change: change / total(l) }
}

/** Labels of each predicted class. */
function classTest(now: ClassScores, reference: ClassScores): Test | null {
  const texts = [...new Set([...now.classes, ...reference.classes])]
  const index = new Map(texts.map((text, c) => [text, c]))
  const rows = ({ classes, confusion }: ClassScores): Float64Array[] => {
    const found = texts.map(() => new Float64Array(texts.length))
    for (const [i, count] of confusion.count.entries())
      found[index.get(classes[confusion.predicted[i]])!][index.get(classes[confusion.label[i]])!] += count
    return found
  }
  const [window, before] = [rows(now), rows(reference)]
  let [chi2, degrees, size, found] = [0, 0, 0, 0]
  for (let c = 0; c < texts.length; c++) {
    const [l, L] = [total(window[c]), total(before[c])]
    if (l < FEWEST || L < FEWEST) continue
    const cells = window[c].reduce((sum, n, k) => sum + (n + before[c][k] > 0 ? 1 : 0), 0)
    found++
    if (cells < 2) continue
    chi2 += chiSquare(before[c], window[c])
    degrees += cells - 1
    size += weight(l, L)
  }
  return degrees === 0 ? null : { chi2, degrees, groups: found, size, change: Number.NaN }
}

/** Groups with enough labels on both sides; null where all together do not have them. */
function labelledGroups(now: Float64Array, reference: Float64Array): Group[] | null {
  return Math.min(total(now), total(reference)) < FEWEST ? null : groups(now, MOST, FEWEST, reference)
}
