import type { FeatureBaseline } from '../baseline/baseline.js'
import { indexOf } from '../sketch/search.js'
import { shareZ } from '../statistic/shares.js'
import type { Side } from './compare.js'
import { COUNTERS, counterAt } from './counters.js'
import { LEVELS, type Profile, type Shape } from './profile.js'

/** One statistic of a window against the same statistic of the series' own earlier windows. */
export interface Score {
  /** A counter's name, `psi`, `mean`, `spread`, `middle`, `width`, `w1`, `distinct`, `gain`, or `=label`. */
  readonly statistic: string
  /** Signed: the change over what this statistic usually does, counting noise included. Nearly standard normal while nothing changes. */
  readonly z: number
  /** The statistic in the reference and now: shares, σ, logarithms (spread, distinct), PSI. */
  readonly before: number
  readonly now: number
  /** Overdispersion: variance of the past windows' errors over that of counting, at least 1. */
  readonly phi: number
}

/**
 * Windows between a window and its reference: a change that has just begun is not compared with itself, and a series that wanders shows in its
 * past errors how far it goes in that time.
 */
const LAG = 8
/** Windows that a reference has at least; the lag gives way to it. */
const FEWEST = 20
/** Windows before a past window that make a reference for it; the earliest ones are compared with all others. */
const FEWEST_BEFORE = 6
/** The largest past error is taken for so many standard deviations, should the others be smaller: one swing of the kind is no surprise the second time. */
const LARGEST = 2

/** Below these a change does not matter, whatever its z. */
const LEAST = { share: 0.005, psi: 0.01, mean: 0.05, spread: 0.05, w1: 0.05, distinct: 0.25 }
/** Different values from which on it does not matter how many there are. */
const MANY = 256
/** Windows this many times as large or as small as usual are not compared by their different values. */
const COMPARABLE = 1.5
/** Usable values from which on they are judged; the shares of all rows always are. */
export const FEWEST_USABLE = 50
/** A label is judged on its own from this share on, in the reference or now. */
const LABEL_SHARE = 0.02

/**
 * All statistics of a window against the reference.
 * @param past clean windows of the series, oldest first, at least 2
 * @param training the segment's rows in the training baseline; null where it has none
 */
export function scoresOf(
  contract: FeatureBaseline,
  now: Profile,
  past: readonly Profile[],
  training: Side | null,
): Score[] {
  const scores: Score[] = []
  const fit = past.every(profile => profile.count >= FEWEST_USABLE)
    ? past
    : past.filter(profile => profile.count >= FEWEST_USABLE)
  const judged = now.count >= FEWEST_USABLE && fit.length >= 2
  const rows = allRows.begin(past.length)
  for (let i = 0; i < past.length; i++) rows.put(i, past[i].rows)
  const counts = allCounts.begin(fit.length)
  for (let i = 0; i < fit.length; i++) counts.put(i, fit[i].count)
  for (const { check, of, applies } of COUNTERS as readonly (typeof COUNTERS)[number][]) {
    if (!applies(contract) || (of === 'usable' && !judged)) continue
    const c = counterAt(check)
    const windows = of === 'rows' ? past : fit
    const xs = ofStatistic.begin(windows.length)
    for (let i = 0; i < windows.length; i++) xs.put(i, windows[i].counters[c])
    scores.push(
      of === 'rows'
        ? shareScore(check, now.counters[c], now.rows, xs, rows)
        : shareScore(check, now.counters[c], now.count, xs, counts),
    )
  }
  if (!judged) return scores
  if (contract.numeric === null) scores.push(...labelScores(contract, now, fit, counts))
  else
    scores.push(
      ...shapeScores(contract.numeric.sigma, now, fit),
      gainScore(now, fit, trainedShares(contract, training)),
    )
  scores.push(distinctScore(now, fit, counts), psiScore(now, fit, counts))
  return scores
}

/** Numbers of the past windows, oldest first, and their running sums, in memory that is used again and again. */
class Run {
  size = 0
  values = new Float64Array(0)
  /** Of the values [0, i). */
  sums = new Float64Array(0)

  begin(size: number): this {
    this.size = size
    if (this.values.length < size) {
      this.values = new Float64Array(2 * size)
      this.sums = new Float64Array(2 * size + 1)
    }
    return this
  }

  /** In order, from 0 on. */
  put(i: number, value: number): void {
    this.values[i] = value
    this.sums[i + 1] = this.sums[i] + value
  }
}

const allRows = new Run()
const allCounts = new Run()
const ofStatistic = new Run()

/** Windows [0, n) that past window i is compared with; null: all others. */
export function before(i: number): number | null {
  return i - LAG >= FEWEST_BEFORE ? i - LAG : null
}

/** Windows [0, n) that the window at hand is compared with. */
function reference(windows: number): number {
  return Math.max(Math.min(FEWEST, windows), windows - LAG)
}

/** Mean square of the past errors, or what the largest of them stands for. */
export function swing(errors: ArrayLike<number>): number {
  let squares = 0
  let largest = 0
  for (let i = 0; i < errors.length; i++) {
    const square = errors[i] * errors[i]
    squares += square
    if (square > largest) largest = square
  }
  return Math.max(squares / Math.max(1, errors.length - 1), largest / LARGEST ** 2)
}

/** Errors in units of counting noise: where they are larger than that, the excess grows with n. */
function overdispersed(error: number, errors: ArrayLike<number>, weight: number): { z: number; phi: number } {
  const phi = Math.max(1, swing(errors))
  return { z: error / Math.sqrt(1 + (phi - 1) * weight), phi }
}

let pastErrors = new Float64Array(0)

/** Room for the errors of so many past windows, all 0, until the next statistic. */
function noErrors(size: number): Float64Array {
  if (pastErrors.length !== size) pastErrors = new Float64Array(size)
  return pastErrors.fill(0)
}

/** x of n rows against the reference's, by the signed root of the likelihood ratio. */
function shareScore(statistic: string, x: number, n: number, xs: Run, ns: Run): Score {
  const R = ns.size
  const to = reference(R)
  const share = x / Math.max(1, n)
  const usual = xs.sums[to] / Math.max(1, ns.sums[to])
  // Most counters stand still; their past need not be looked at.
  if (Math.abs(share - usual) < LEAST.share) return { statistic, z: 0, before: usual, now: share, phi: 1 }
  const error = shareZ(x, n, xs.sums[to], ns.sums[to])
  const { z, phi } = overdispersed(error, shareErrors(xs, ns, R), (n * R) / Math.max(1, ns.sums[R]))
  return { statistic, z, before: usual, now: share, phi }
}

function shareErrors(xs: Run, ns: Run, R: number): Float64Array {
  const errors = noErrors(R)
  // A counter that has always been 0 has no past errors to look at.
  if (xs.sums[R] === 0) return errors
  for (let i = 0; i < R; i++) {
    const until = before(i)
    const [x, n] = [xs.values[i], ns.values[i]]
    errors[i] =
      until === null ? shareZ(x, n, xs.sums[R] - x, ns.sums[R] - n) : shareZ(x, n, xs.sums[until], ns.sums[until])
  }
  return errors
}

function labelScores({ values }: FeatureBaseline, now: Profile, past: readonly Profile[], counts: Run): Score[] {
  const R = past.length
  const scores: Score[] = []
  for (let l = 0; l < now.cells.length - 2; l++) {
    const xs = ofStatistic.begin(R)
    for (let i = 0; i < R; i++) xs.put(i, past[i].cells[l])
    if (xs.sums[R] / counts.sums[R] > LABEL_SHARE || now.cells[l] / now.count > LABEL_SHARE)
      scores.push(shareScore(`=${values[l]}`, now.cells[l], now.count, xs, counts))
  }
  return scores
}

/** A statistic with the variance that counting gives it. */
interface Level {
  readonly value: number
  readonly variance: number
}

let variances = new Float64Array(0)

/** The change over the standard deviation that counting and the past windows' own errors make: τ² is what they are beyond counting. */
function levelScore<P extends Profile>(
  statistic: string,
  least: number,
  now: Level,
  past: readonly P[],
  level: (past: P, i: number) => Level,
): Score {
  const R = past.length
  const { values, sums } = levelsOf(past, level)
  let counting = 0
  for (let i = 0; i < R; i++) counting += variances[i]
  counting /= R
  const errors = noErrors(R)
  for (let i = 0; i < R; i++) {
    const until = before(i)
    errors[i] = values[i] - (until === null ? (sums[R] - values[i]) / (R - 1) : sums[until] / until)
  }
  const wander = swing(errors)
  const tau2 = Math.max(0, wander - counting * (1 + 1 / R))
  const to = reference(R)
  const usual = sums[to] / to
  // A window of equal values has no variance of its own; the reference's says what counting does.
  const variance = Math.max(now.variance, counting) + counting / to + tau2 * (1 + 1 / to)
  const z = (now.value - usual) / Math.sqrt(Math.max(1e-12, variance))
  const phi = Math.max(1, wander / Math.max(1e-12, counting))
  return { statistic, z: Math.abs(now.value - usual) < least ? 0 : z, before: usual, now: now.value, phi }
}

/** The values as a run; their variances go into `variances`. */
function levelsOf<P extends Profile>(past: readonly P[], level: (past: P, i: number) => Level): Run {
  if (variances.length < past.length) variances = new Float64Array(2 * past.length)
  const run = ofStatistic.begin(past.length)
  for (let i = 0; i < past.length; i++) {
    const { value, variance } = level(past[i], i)
    run.put(i, value)
    variances[i] = variance
  }
  return run
}

/**
 * Different values, as a logarithm. They grow with the rows the more, the nearer every row is to having a value of its own: that much of a change
 * is taken off, which holds for windows of about the usual size only. One value more or less is nothing, and many are many.
 */
function distinctScore(now: Profile, past: readonly Profile[], counts: Run): Score {
  const usual = counts.sums[past.length] / past.length
  let many = 0
  for (let i = 0; i < past.length; i++) many += Math.min(MANY, past[i].distinct)
  many /= past.length
  const growth = many > 0.95 * MANY ? 0 : Math.min(1, many / usual)
  const level = ({ distinct, count }: Profile): Level => {
    const values = Math.max(1, Math.min(MANY, distinct))
    const grown = growth === 0 ? 0 : growth * Math.log(count / usual)
    return { value: Math.log(values) - grown, variance: 0.25 / count + 1 / values ** 2 }
  }
  const score = levelScore('distinct', LEAST.distinct, level(now), past, level)
  const comparable = now.count > usual / COMPARABLE && now.count < usual * COMPARABLE
  return comparable ? score : { ...score, z: 0 }
}

function meanLevel({ shape, count }: Shaped): Level {
  return { value: shape.mean, variance: shape.variance / count }
}

function spreadLevel({ shape, count }: Shaped): Level {
  const spread = shape.spread + 0.001
  return { value: Math.log(spread), variance: shape.spreadVariance / (count * spread * spread) }
}

/** Mean of the inner half: what a few far values do not move. 1.2 is σ² of it for normal values (Tukey's midmean), by their own width. */
function middleLevel(sigma: number, { shape, count }: Shaped): Level {
  const width = widthOf(shape) / (NORMAL_WIDTH * sigma)
  return { value: meanOf(shape.quantiles, 5, 15) / sigma, variance: (1.2 * width * width) / count }
}

/** How far the upper and the lower values are apart, likewise without the farthest. */
function widthLevel(sigma: number, { shape, count }: Shaped): Level {
  return { value: Math.log(widthOf(shape) / sigma + 0.05), variance: 1 / count }
}

/** `widthOf` of standard normal values. */
const NORMAL_WIDTH = 1.43

/** Mean of the quantiles .6 to .9 less that of .1 to .4. */
function widthOf({ quantiles }: Shape): number {
  return meanOf(quantiles, 12, 18) - meanOf(quantiles, 2, 8)
}

function meanOf(quantiles: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let l = from; l <= to; l++) sum += quantiles[l]
  return sum / (to - from + 1)
}

type Shaped = Profile & { readonly shape: Shape }

const isShaped = (profile: Profile): profile is Shaped => profile.shape !== null

function shapeScores(sigma: number, now: Profile, past: readonly Profile[]): Score[] {
  const shaped = past.every(isShaped) ? past : past.filter(isShaped)
  if (!isShaped(now) || shaped.length < 2) return []
  return [
    levelScore('mean', LEAST.mean, meanLevel(now), shaped, meanLevel),
    levelScore('spread', LEAST.spread, spreadLevel(now), shaped, spreadLevel),
    levelScore('middle', LEAST.mean, middleLevel(sigma, now), shaped, past => middleLevel(sigma, past)),
    levelScore('width', LEAST.spread, widthLevel(sigma, now), shaped, past => widthLevel(sigma, past)),
    wassersteinScore(sigma, now, shaped),
  ]
}

/** Quantiles summed over the windows [0, i), one after the other. */
let quantileSums = new Float64Array(0)
/** Distances of the past windows. */
let distances = new Float64Array(0)

/** Mean distance of the quantiles from the reference's, in σ, each clipped to 8: a Wasserstein distance whose usual size is known. */
function wassersteinScore(sigma: number, now: Shaped, past: readonly Shaped[]): Score {
  const R = past.length
  const Q = LEVELS.length
  if (quantileSums.length < (R + 1) * Q) quantileSums = new Float64Array(2 * (R + 1) * Q)
  if (distances.length < R) distances = new Float64Array(2 * R)
  for (let i = 0; i < R; i++) {
    const { quantiles } = past[i].shape
    for (let l = 0; l < Q; l++) quantileSums[(i + 1) * Q + l] = quantileSums[i * Q + l] + quantiles[l]
  }
  let usual = 0
  for (let i = 0; i < R; i++) {
    const until = before(i)
    const { shape } = past[i]
    distances[i] = until === null ? distance(shape, R, shape, sigma) : distance(shape, until, null, sigma)
    usual += distances[i]
  }
  usual /= R
  const here = distance(now.shape, reference(R), null, sigma)
  // .3/√n keeps the logarithm calm near 0; without a change ln W1 has a variance of about .1.
  const level = (value: number, n: number): Level => ({ value: Math.log(value + 0.3 / Math.sqrt(n)), variance: 0.1 })
  const score = levelScore('w1', 0, level(here, now.count), past, ({ count }, i) => level(distances[i], count))
  return { ...score, z: here - usual < LEAST.w1 ? 0 : Math.max(0, score.z), before: usual, now: here }
}

/** From the mean quantiles of the windows [0, `windows`), but for one of them. */
function distance({ quantiles }: Shape, windows: number, without: Shape | null, sigma: number): number {
  const Q = LEVELS.length
  const from = windows * Q
  const share = 1 / (without === null ? windows : windows - 1)
  const most = 8 * sigma
  let sum = 0
  if (without === null)
    for (let l = 0; l < Q; l++) sum += Math.min(most, Math.abs(quantiles[l] - quantileSums[from + l] * share))
  else {
    const own = without.quantiles
    for (let l = 0; l < Q; l++)
      sum += Math.min(most, Math.abs(quantiles[l] - (quantileSums[from + l] - own[l]) * share))
  }
  return sum / (sigma * Q)
}

/** PSI, and √(2y) − √(2B − 3) of y = PSI/c, which is nearly normal (Fisher). */
const compared = { psi: 0, error: 0 }

/** Compares counts with p[from, from + B), half a row in every cell that either side has; what it finds is in `compared`. */
function comparePsi(q: Float64Array, n: number, p: Float64Array, from: number, m: number): void {
  const B = q.length
  const N = n + 0.5 * B
  const M = m + 0.5 * B
  let sum = 0
  let cells = 0
  for (let c = 0; c < B; c++) {
    if (q[c] === 0 && p[from + c] === 0) continue
    cells++
    const a = (q[c] + 0.5) / N
    const b = (p[from + c] + 0.5) / M
    sum += (a - b) * logRatio(a, b)
  }
  compared.psi = cells < 2 ? 0 : sum
  compared.error = cells < 2 ? 0 : Math.sqrt((2 * sum) / (1 / n + 1 / m)) - Math.sqrt(2 * cells - 3)
}

/** Cells summed over the windows [0, i), one after the other. */
let cellSums = new Float64Array(0)

function psiScore(now: Profile, past: readonly Profile[], counts: Run): Score {
  const B = now.cells.length
  const R = past.length
  if (cellSums.length < (R + 2) * B) cellSums = new Float64Array(2 * (R + 2) * B)
  const others = (R + 1) * B
  cellSums.fill(0, 0, B)
  for (let i = 0; i < R; i++) {
    const { cells } = past[i]
    for (let c = 0; c < B; c++) cellSums[(i + 1) * B + c] = cellSums[i * B + c] + cells[c]
  }
  const { sums } = counts
  const errors = noErrors(R)
  let usual = 0
  for (let i = 0; i < R; i++) {
    const { cells, count } = past[i]
    const until = before(i)
    if (until === null) {
      for (let c = 0; c < B; c++) cellSums[others + c] = cellSums[R * B + c] - cells[c]
      comparePsi(cells, count, cellSums, others, sums[R] - count)
    } else comparePsi(cells, count, cellSums, until * B, sums[until])
    errors[i] = compared.error
    usual += compared.psi / R
  }
  const to = reference(R)
  comparePsi(now.cells, now.count, cellSums, to * B, sums[to])
  const { psi } = compared
  const { z, phi } = centred(compared.error, errors, 1)
  return { statistic: 'psi', z: psi - usual < LEAST.psi ? 0 : z, before: usual, now: psi, phi }
}

/** ln(a/b), a, b > 0: near 1 by the series 2·artanh((a − b)/(a + b)), to the last bit but one and in half the time of `Math.log`. */
function logRatio(a: number, b: number): number {
  const d = (a - b) / (a + b)
  const s = d * d
  if (s > 0.01) return Math.log(a / b)
  return 2 * d * (1 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13)))))))
}

/**
 * Dependent rows and swings make a distance larger than counting alone does: its usual size is no surprise, nor is a smaller one. The errors are
 * centred where they are.
 */
function centred(error: number, errors: Float64Array, weight: number): { z: number; phi: number } {
  let sum = 0
  for (let i = 0; i < errors.length; i++) sum += errors[i]
  const centre = Math.max(0, sum / Math.max(1, errors.length))
  for (let i = 0; i < errors.length; i++) errors[i] -= centre
  const { z, phi } = overdispersed(error - centre, errors, weight)
  return { z: Math.max(0, z), phi }
}

interface Gain {
  readonly z: number
  readonly before: number
  readonly now: number
}

const NO_GAIN: Gain = { z: 0, before: 0, now: 0 }

/** The value that gained most, against the larger of its share in training and in the reference: sees a default that fills in for values. */
function gainScore(now: Profile, past: readonly Profile[], trained: (value: number) => number): Score {
  const known = new Map<number, number>()
  let total = 0
  const gains = new Float64Array(Math.max(0, past.length - 1))
  for (const [i, profile] of past.entries()) {
    if (i > 0) gains[i - 1] = largestGain(profile, known, total, trained).z
    const { values, counts } = profile.tops
    for (let t = 0; t < values.length; t++) known.set(values[t], (known.get(values[t]) ?? 0) + counts[t])
    total += profile.count
  }
  const here = largestGain(now, known, total, trained)
  const { z, phi } = centred(here.z, gains, (now.count * past.length) / total)
  const still = here.now - here.before < LEAST.share
  return { statistic: 'gain', z: still ? 0 : z, before: here.before, now: here.now, phi }
}

/** Share of a value in training, as far as it was counted one by one. */
function trainedShares({ numeric }: FeatureBaseline, training: Side | null): (value: number) => number {
  const state = training?.sketch?.numeric
  if (!numeric || !state || state.count === 0) return () => 0
  const { atoms } = numeric.grid
  return value => {
    const atom = indexOf(atoms, value)
    if (atom >= 0) return state.cells[atom] / state.count
    const counted = state.exact ?? (state.heavy && { values: state.heavy.values, weights: state.heavy.counts })
    const at = counted === null ? -1 : indexOf(counted.values, value)
    return at < 0 ? 0 : counted!.weights[at] / state.count
  }
}

function largestGain(
  { tops: { values, counts }, count }: Profile,
  known: ReadonlyMap<number, number>,
  total: number,
  trained: (value: number) => number,
): Gain {
  let best = NO_GAIN
  for (let t = 0; t < values.length; t++) {
    const share = Math.max((known.get(values[t]) ?? 0) / total, trained(values[t]))
    if (counts[t] / count <= (share * total + 0.5) / (total + 1)) continue // no gain: z would be at most 0
    const z = shareZ(counts[t], count, share * total, total)
    if (z > best.z) best = { z, before: share, now: counts[t] / count }
  }
  return best
}
