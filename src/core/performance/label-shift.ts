import { differenceInterval, type Interval, normalInterval, Z } from '../statistic/intervals.js'
import { solve } from '../statistic/linear.js'
import { total } from '../statistic/psi.js'
import { shareZ } from '../statistic/shares.js'
import { confusionOf } from './binary-measures.js'
import { type Measure, measuresOf } from './measure.js'
import { otherType } from './score-drift.js'
import type { BinaryScores, ClassScores, RegressionScores, ScoreState } from './score-state.js'
import { atThreshold } from './strata.js'

/** Share of a label, or mean of a numeric one, against the reference's. */
export interface LabelShift {
  /** Class; null: the positive one of a binary output, or the mean of a numeric label. */
  readonly class: string | null
  /** From the labels that came, or from predictions alone (an estimate). */
  readonly from: 'labels' | 'predictions'
  readonly value: number
  readonly before: number
  /** 95 % interval of value − before. */
  readonly difference: Interval
  /** Signed root of the likelihood ratio of shares of labels, over √φ; otherwise the difference over its standard error. */
  readonly z: number
  /** Labels, or predictions. */
  readonly n: number
  readonly tolerance: number
  /** The whole interval is beyond the tolerance. */
  readonly shifts: boolean
}

/** Points by which a label's share may move, and standard deviations of a numeric label by which its mean may. */
const TOLERATED_SHIFT = { share: 0.05, mean: 0.25 } as const

/**
 * The labels of a window against the reference's: the largest |z| first. Empty where either has none.
 * @param phi overdispersion of the share between past windows, at least 1
 * @throws RangeError where the two are not of one type
 */
export function labelShift(now: ScoreState, reference: ScoreState, phi = 1): LabelShift[] {
  if (now.type !== reference.type) throw otherType(now, reference)
  if (now.type === 'regression') return meanShift(now, reference as RegressionScores, phi)
  const shares = (state: ScoreState, f: number): Measure[] =>
    measuresOf(state, { phi: () => f }).filter(({ name }) => name === 'base-rate')
  const before = shares(reference, 1)
  return shares(now, phi)
    .flatMap(share => {
      const other = before.find(({ class: of }) => of === share.class)
      if (other === undefined) return []
      const z = shareZ(share.value * share.n, share.n, other.value * other.n, other.n) / Math.sqrt(phi)
      return [shift(share.class, 'labels', share, other, z, share.n, TOLERATED_SHIFT.share)]
    })
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z))
}

/**
 * What the shares of predicted classes say of the labels' while these are late: black box shift estimation (Lipton, Wang & Smola 2018), π = A⁻¹μ, A
 * the reference's shares of predictions by label, μ the window's. Holds while rows of one label look as they did. Interval by the delta method.
 * Empty of a regression, where the reference lacks labels, or predictions do not tell the labels apart.
 * @param phi overdispersion of predicted shares between past windows
 * @throws RangeError where the two are not of one type
 */
export function estimatedLabelShift(now: ScoreState, reference: ScoreState, phi = 1): LabelShift[] {
  const table = tableOf(now, reference)
  if (table === null) return []
  const { classes, predicted, counts } = table
  const n = total(predicted)
  const labels = classes.map((_, j) => counts.reduce((sum, row) => sum + row[j], 0))
  const m = labels.reduce((sum, x) => sum + x, 0)
  if (!(n > 0) || labels.some(x => x === 0)) return []
  const A = counts.map(row => row.map((x, j) => x / labels[j]))
  const mu = Array.from(predicted, x => x / n)
  const shares = solve(A.map((row, i) => [...row, mu[i]]))
  return classes
    .flatMap((text, k) => {
      // Row k of A⁻¹.
      const r = solve(A.map((_, j) => [...A.map(row => row[j]), j === k ? 1 : 0]))
      let variance = quadratic(r, mu) / n
      for (const [j, share] of shares.entries())
        variance +=
          (share ** 2 *
            quadratic(
              r,
              A.map(row => row[j]),
            )) /
          labels[j]
      if (!Number.isFinite(shares[k]) || !Number.isFinite(variance) || (now.type === 'binary' && k === 0)) return []
      const value = Math.min(1, Math.max(0, shares[k]))
      const old = labels[k] / m
      const share = { value, ...normalInterval(value, variance * phi, 0, 1) }
      const before = { value: old, ...normalInterval(old, (old * (1 - old)) / m, 0, 1) }
      const z = (value - old) / Math.sqrt(variance * phi + (old * (1 - old)) / m)
      return [shift(now.type === 'binary' ? null : text, 'predictions', share, before, z, n, TOLERATED_SHIFT.share)]
    })
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z))
}

/** Variance of r·x of one multinomial draw. */
function quadratic(r: readonly number[], shares: readonly number[]): number {
  const mean = shares.reduce((sum, share, i) => sum + r[i] * share, 0)
  return shares.reduce((sum, share, i) => sum + r[i] * r[i] * share, 0) - mean * mean
}

/** Predictions of the window by class, and the reference's labelled ones, predicted × label. */
interface Table {
  readonly classes: readonly string[]
  readonly predicted: Float64Array
  readonly counts: readonly (readonly number[])[]
}

function tableOf(now: ScoreState, reference: ScoreState): Table | null {
  if (now.type !== reference.type) throw otherType(now, reference)
  if (now.type === 'regression') return null
  return now.type === 'binary' ? binaryTable(now, reference as BinaryScores) : classTable(now, reference as ClassScores)
}

function binaryTable(now: BinaryScores, reference: BinaryScores): Table {
  const { truePositive, falsePositive, trueNegative, falseNegative } = confusionOf(
    atThreshold(reference, now.threshold),
  )
  const positive = total(now.n.filter((_, b) => now.bins[b] >= 0))
  return {
    classes: ['0', '1'],
    predicted: Float64Array.of(total(now.n) - positive, positive),
    counts: [
      [trueNegative, falseNegative],
      [falsePositive, truePositive],
    ],
  }
}

/** Classes that the reference has labels of; predictions of others tell nothing. */
function classTable(now: ClassScores, { classes, confusion }: ClassScores): Table {
  const of = [...new Set(confusion.label)].sort((a, b) => a - b)
  const counts = of.map(() => of.map(() => 0))
  for (const [i, count] of confusion.count.entries()) {
    const p = of.indexOf(confusion.predicted[i])
    if (p >= 0) counts[p][of.indexOf(confusion.label[i])] += count
  }
  const texts = of.map(c => classes[c])
  return { classes: texts, predicted: Float64Array.from(texts, text => now.n[now.classes.indexOf(text)] ?? 0), counts }
}

function meanShift(now: RegressionScores, reference: RegressionScores, phi: number): LabelShift[] {
  const of = ({ labels: [sum, squares], labelled }: RegressionScores, f: number) => {
    const n = total(labelled)
    const variance = Math.max(0, squares / n - (sum / n) ** 2)
    return { value: sum / n, ...normalInterval(sum / n, (variance / n) * f), n, variance }
  }
  const [mean, before] = [of(now, phi), of(reference, 1)]
  if (mean.n === 0 || before.n === 0) return []
  const tolerance = TOLERATED_SHIFT.mean * Math.sqrt(before.variance)
  const error = Math.hypot(mean.high - mean.low, before.high - before.low) / (2 * Z)
  return [shift(null, 'labels', mean, before, error > 0 ? (mean.value - before.value) / error : 0, mean.n, tolerance)]
}

function shift(
  of: string | null,
  from: LabelShift['from'],
  now: Interval & { readonly value: number },
  before: Interval & { readonly value: number },
  z: number,
  n: number,
  tolerance: number,
): LabelShift {
  const { low, high } = differenceInterval(now, before)
  const shifts = low > tolerance || high < -tolerance
  return { class: of, from, value: now.value, before: before.value, difference: { low, high }, z, n, tolerance, shifts }
}
