import { total } from '../statistic/psi.js'
import { calibrate, expectedScores } from './calibration.js'
import { type Measure, type MeasureOptions, measuresOf } from './measure.js'
import { otherType } from './score-drift.js'
import type { ClassScores, RegressionScores, ScoreState } from './score-state.js'
import { commonBins, grouped, groups, labelledByClass, valuesOf } from './strata.js'

/** What an estimate without labels cannot see; said wherever one is shown. */
export const BLIND_SPOT =
  'An estimate without labels: it holds while predictions of a score come true as often as in the reference, and does not see when that changes (concept drift, another share of labels).'

/** Groups of predictions at most that errors are learnt by, and labels in each at least. */
const [MOST, FEWEST] = [20, 30]

/**
 * The measures that all predictions of a window would have if predictions of the same score, number or class came true as they did in the
 * reference: CBPE of scores, mean errors by group of predictions of numbers, the reference's confusion of classes. Intervals are those of
 * the labels' chance, here and in the reference; `n` counts predictions.
 * @returns empty where the reference has no label
 * @throws RangeError where the two are not of one type
 */
export function estimatesOf(now: ScoreState, reference: ScoreState, options: MeasureOptions = {}): Measure[] {
  const expected = expectedOf(now, reference)
  if (expected === null) return []
  const wider = 1 + total(now.n) * varianceOf(now, reference)
  return measuresOf(expected, { ...options, phi: (name, of) => wider * (options.phi?.(name, of) ?? 1) })
}

/** Of a mean that is learnt by group, for rows of variance 1: Σ q²/L, q the window's share of predictions in a group and L its labels in the reference. */
function varianceOf(now: ScoreState, reference: ScoreState): number {
  const [n, labels] = groupsOf(now, reference)
  const known = n.map((count, g) => (labels[g] > 0 ? count : 0))
  return known.reduce((sum, count, g) => sum + (count > 0 ? (count / total(known)) ** 2 / labels[g] : 0), 0)
}

/** Predictions of the window, and labels of the reference, by group of scores or by predicted class. */
function groupsOf(now: ScoreState, reference: ScoreState): [Float64Array, Float64Array] {
  if (now.type === 'multiclass' || reference.type === 'multiclass') {
    if (now.type !== 'multiclass' || reference.type !== 'multiclass') throw otherType(now, reference)
    const labels = labelledByClass(reference)
    return [now.n, Float64Array.from(now.classes, text => labels[reference.classes.indexOf(text)] ?? 0)]
  }
  const { first, second } = commonBins(now, reference)
  const labels = second(reference.labelled)
  const spans = groups(labels, MOST, FEWEST)
  return [grouped(first(now.n), spans), grouped(labels, spans)]
}

/** The window's predictions with the labels that the reference lets expect; null where the reference has none. */
export function expectedOf(now: ScoreState, reference: ScoreState): ScoreState | null {
  if (now.type === 'binary' && reference.type === 'binary') {
    const calibration = calibrate(reference)
    return calibration === null ? null : expectedScores(now, calibration)
  }
  if (now.type === 'regression' && reference.type === 'regression') return expectedNumbers(now, reference)
  if (now.type === 'multiclass' && reference.type === 'multiclass') return expectedClasses(now, reference)
  throw otherType(now, reference)
}

/** Errors as those of the reference's predictions about as large. */
function expectedNumbers(now: RegressionScores, reference: RegressionScores): RegressionScores | null {
  if (total(reference.labelled) === 0) return null
  const { shift, bins, first, second } = commonBins(now, reference)
  const labelled = second(reference.labelled)
  const spans = groups(labelled, MOST, FEWEST)
  const rows = grouped(labelled, spans)
  const n = first(now.n)
  const expected = (column: Float64Array): Float64Array => {
    const sums = grouped(second(column), spans)
    const each = new Float64Array(bins.length)
    for (const [g, { from, to }] of spans.entries()) each.fill(sums[g] / rows[g], from, to)
    return each.map((mean, b) => mean * n[b])
  }
  const [errors, squares, absolute] = [reference.errors, reference.squares, reference.absolute].map(expected)
  const state: RegressionScores = { ...now, shift, bins, n, labelled: n, errors, squares, absolute }
  const values = valuesOf(state)
  const together = errors.reduce((sum, error, b) => sum + error * values[b], 0)
  return {
    ...state,
    // As heavy tails as the reference's, within groups.
    fourth: (spreadOf(squares, n) * reference.fourth) / (spreadOf(reference.squares, reference.labelled) || 1),
    labels: [now.predictions[0] - total(errors), now.predictions[1] - 2 * together + total(squares)],
  }
}

/** Σ (Σe²)²/n over the bins. */
function spreadOf(squares: Float64Array, n: Float64Array): number {
  return squares.reduce((sum, square, b) => sum + (n[b] > 0 ? square ** 2 / n[b] : 0), 0)
}

/** Labels as those of the reference's predictions of the class; classes that it did not predict are left out. */
function expectedClasses(now: ClassScores, reference: ClassScores): ClassScores | null {
  const { confusion } = reference
  if (total(confusion.count) === 0) return null
  const rows = labelledByClass(reference)
  const classes = [...new Set([...now.classes, ...reference.classes])].sort()
  const predictions = (text: string): number => now.n[now.classes.indexOf(text)] ?? 0
  const at = (own: Int32Array): Int32Array => own.map(c => classes.indexOf(reference.classes[c]))
  const count = confusion.count.map((of, i) => {
    const p = confusion.predicted[i]
    return rows[p] > 0 ? (of / rows[p]) * predictions(reference.classes[p]) : 0
  })
  return {
    ...now,
    classes,
    n: Float64Array.from(classes, predictions),
    confusion: { predicted: at(confusion.predicted), label: at(confusion.label), count },
  }
}
