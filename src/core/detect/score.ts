import type { FeatureBaseline } from '../baseline/baseline.js'
import { indexOf } from '../sketch/search.js'
import { shareZ } from '../statistic/shares.js'
import type { Side } from './compare.js'
import { COUNTERS, counterAt } from './counters.js'
import { LEVELS, MEAN, type Profile, SPREAD, SPREAD_VARIANCE, VARIANCE } from './profile.js'

/** One statistic of a window against the same statistic of the series' own earlier windows. */
export interface Score {
  /** A counter's name, `psi`, `mean`, `spread`, `w1`, `distinct`, `gain`, or `=label`. */
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
    scores.push(
      of === 'rows'
        ? counterScore(check, c, now, now.rows, past, rows)
        : counterScore(check, c, now, now.count, fit, counts),
    )
  }
  if (!judged) return scores
  sumCells(now, fit)
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
function before(i: number): number | null {
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

let memoryOfErrors = new Float64Array(0)
/** By their number: that of the past windows, or one less. */
const pastErrors: Float64Array[] = []

/** Room for the errors of so many past windows, all 0, until the next statistic. */
function noErrors(size: number): Float64Array {
  if (memoryOfErrors.length < size) {
    memoryOfErrors = new Float64Array(2 * size)
    pastErrors.length = 0
  }
  pastErrors[size] ??= memoryOfErrors.subarray(0, size)
  return pastErrors[size].fill(0)
}

/** A counter, of `n` rows and those of the windows. */
function counterScore(
  statistic: string,
  c: number,
  now: Profile,
  n: number,
  windows: readonly Profile[],
  ns: Run,
): Score {
  const to = reference(ns.size)
  let sum = 0
  for (let i = 0; i < to; i++) sum += windows[i].counter(c)
  const change = shareChange(statistic, now.counter(c), n, sum, ns)
  // Most counters stand still; their past need not be looked at.
  if (isStill(change)) return change
  const xs = ofStatistic.begin(windows.length)
  for (let i = 0; i < windows.length; i++) xs.put(i, windows[i].counter(c))
  return shareScore(change, n, xs, ns)
}

/** x of n rows against `sum` of the reference's, by the signed root of the likelihood ratio: the error, as yet in units of counting noise. */
function shareChange(statistic: string, x: number, n: number, sum: number, ns: Run): Score {
  const all = ns.sums[reference(ns.size)]
  const change = { statistic, z: 0, before: sum / Math.max(1, all), now: x / Math.max(1, n), phi: 1 }
  return isStill(change) ? change : { ...change, z: shareZ(x, n, sum, all) }
}

function isStill({ before, now }: Score): boolean {
  return Math.abs(now - before) < LEAST.share
}

/** The change with the swings of the past taken into account. */
function shareScore(change: Score, n: number, xs: Run, ns: Run): Score {
  const R = ns.size
  return { ...change, ...overdispersed(change.z, shareErrors(xs, ns, R), (n * R) / Math.max(1, ns.sums[R])) }
}

/** The same of counts outside of a profile's counters, oldest window first; only a rise counts. */
export function riseScore(statistic: string, x: number, n: number, past: readonly { x: number; n: number }[]): Score {
  const xs = ofStatistic.begin(past.length)
  const ns = allCounts.begin(past.length)
  for (const [i, one] of past.entries()) {
    xs.put(i, one.x)
    ns.put(i, one.n)
  }
  const change = shareChange(statistic, x, n, xs.sums[reference(past.length)], ns)
  const score = isStill(change) ? change : shareScore(change, n, xs, ns)
  return { ...score, z: Math.max(0, score.z) }
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

/** Of the cells in `cellSums`. */
function labelScores({ values }: FeatureBaseline, now: Profile, past: readonly Profile[], counts: Run): Score[] {
  const R = past.length
  const scores: Score[] = []
  const { count } = now
  const B = cellsIn(now)
  const to = reference(R)
  for (let l = 0; l < B - 2; l++) {
    const usual = cellSums[R * B + l] / counts.sums[R]
    if (!(usual > LABEL_SHARE || now.cell(l) / count > LABEL_SHARE)) continue
    const change = shareChange(`=${values[l]}`, now.cell(l), count, cellSums[to * B + l], counts)
    if (isStill(change)) scores.push(change)
    else {
      const xs = ofStatistic.begin(R)
      for (let i = 0; i < R; i++) xs.put(i, past[i].cell(l))
      scores.push(shareScore(change, count, xs, counts))
    }
  }
  return scores
}

/** A statistic with the variance that counting gives it. */
interface Level {
  value: number
  variance: number
}

/** One for all: asked for once a window and statistic, read at once. */
const theLevel: Level = { value: 0, variance: 0 }

function levelOf(value: number, variance: number): Level {
  theLevel.value = value
  theLevel.variance = variance
  return theLevel
}

let variances = new Float64Array(0)

/**
 * The change over the standard deviation that counting and the past windows' own errors make: τ² is what they are beyond counting.
 * @param level of past window i, or of the window at hand at −1
 */
function levelScore(
  statistic: string,
  least: number,
  now: Profile,
  past: readonly Profile[],
  level: (profile: Profile, i: number) => Level,
): Score {
  const R = past.length
  const { value, variance: ownVariance } = level(now, -1)
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
  const variance = Math.max(ownVariance, counting) + counting / to + tau2 * (1 + 1 / to)
  const z = (value - usual) / Math.sqrt(Math.max(1e-12, variance))
  const phi = Math.max(1, wander / Math.max(1e-12, counting))
  return { statistic, z: Math.abs(value - usual) < least ? 0 : z, before: usual, now: value, phi }
}

/** The values as a run; their variances go into `variances`. */
function levelsOf(past: readonly Profile[], level: (profile: Profile, i: number) => Level): Run {
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
    return levelOf(Math.log(values) - grown, 0.25 / count + 1 / values ** 2)
  }
  const score = levelScore('distinct', LEAST.distinct, now, past, level)
  const comparable = now.count > usual / COMPARABLE && now.count < usual * COMPARABLE
  return comparable ? score : { ...score, z: 0 }
}

function meanLevel({ numbers, places, count }: Profile): Level {
  const { shape } = places
  return levelOf(numbers[shape + MEAN], numbers[shape + VARIANCE] / count)
}

function spreadLevel({ numbers, places, count }: Profile): Level {
  const { shape } = places
  const spread = numbers[shape + SPREAD] + 0.001
  return levelOf(Math.log(spread), numbers[shape + SPREAD_VARIANCE] / (count * spread * spread))
}

const isShaped = ({ places }: Profile): boolean => places.hasShape

function shapeScores(sigma: number, now: Profile, past: readonly Profile[]): Score[] {
  const shaped = past.every(isShaped) ? past : past.filter(isShaped)
  if (!isShaped(now) || shaped.length < 2) return []
  return [
    levelScore('mean', LEAST.mean, now, shaped, meanLevel),
    levelScore('spread', LEAST.spread, now, shaped, spreadLevel),
    wassersteinScore(sigma, now, shaped),
  ]
}

/** Quantiles summed over the windows [0, i), one after the other. */
let quantileSums = new Float64Array(0)
/** Distances of the past windows. */
let distances = new Float64Array(0)

/** Mean distance of the quantiles from the reference's, in σ, each clipped to 8: a Wasserstein distance whose usual size is known. */
function wassersteinScore(sigma: number, now: Profile, past: readonly Profile[]): Score {
  const R = past.length
  const Q = LEVELS.length
  if (quantileSums.length < (R + 1) * Q) quantileSums = new Float64Array(2 * (R + 1) * Q)
  if (distances.length < R) distances = new Float64Array(2 * R)
  for (let i = 0; i < R; i++) {
    const { numbers, places } = past[i]
    const { quantiles } = places
    for (let l = 0; l < Q; l++) quantileSums[(i + 1) * Q + l] = quantileSums[i * Q + l] + numbers[quantiles + l]
  }
  let usual = 0
  for (let i = 0; i < R; i++) {
    const until = before(i)
    distances[i] = until === null ? distance(past[i], R, true, sigma) : distance(past[i], until, false, sigma)
    usual += distances[i]
  }
  usual /= R
  const here = distance(now, reference(R), false, sigma)
  // .3/√n keeps the logarithm calm near 0; without a change ln W1 has a variance of about .1.
  const level = ({ count }: Profile, i: number): Level =>
    levelOf(Math.log((i < 0 ? here : distances[i]) + 0.3 / Math.sqrt(count)), 0.1)
  const score = levelScore('w1', 0, now, past, level)
  return { ...score, z: here - usual < LEAST.w1 ? 0 : Math.max(0, score.z), before: usual, now: here }
}

/**
 * From the mean quantiles of the windows [0, `windows`).
 * @param among whether the window is one of these, and to be left out
 */
function distance({ numbers, places }: Profile, windows: number, among: boolean, sigma: number): number {
  const Q = LEVELS.length
  const own = places.quantiles
  const from = windows * Q
  const share = 1 / (among ? windows - 1 : windows)
  const most = 8 * sigma
  let sum = 0
  if (among)
    for (let l = 0; l < Q; l++) {
      const quantile = numbers[own + l]
      sum += Math.min(most, Math.abs(quantile - (quantileSums[from + l] - quantile) * share))
    }
  else for (let l = 0; l < Q; l++) sum += Math.min(most, Math.abs(numbers[own + l] - quantileSums[from + l] * share))
  return sum / (sigma * Q)
}

/** PSI, and √(2y) − √(2B − 3) of y = PSI/c, which is nearly normal (Fisher). */
const compared = { psi: 0, error: 0 }

/** Compares a profile's B cells with p[from, from + B), half a row in every cell that either side has; what it finds is in `compared`. */
function comparePsi({ numbers: q, places, count: n }: Profile, p: Float64Array, from: number, m: number): void {
  const { cells: own, topValues: end } = places
  const B = end - own
  const N = n + 0.5 * B
  const M = m + 0.5 * B
  let sum = 0
  let cells = 0
  for (let c = 0; c < B; c++) {
    if (q[own + c] === 0 && p[from + c] === 0) continue
    cells++
    const a = (q[own + c] + 0.5) / N
    const b = (p[from + c] + 0.5) / M
    sum += (a - b) * logRatio(a, b)
  }
  compared.psi = cells < 2 ? 0 : sum
  compared.error = cells < 2 ? 0 : Math.sqrt((2 * sum) / (1 / n + 1 / m)) - Math.sqrt(2 * cells - 3)
}

/** Cells summed over the windows [0, i), one after the other; then room for one more. */
let cellSums = new Float64Array(0)

const cellsIn = ({ places }: Profile): number => places.topValues - places.cells

function sumCells(now: Profile, past: readonly Profile[]): void {
  const B = cellsIn(now)
  const R = past.length
  if (cellSums.length < (R + 2) * B) cellSums = new Float64Array(2 * (R + 2) * B)
  cellSums.fill(0, 0, B)
  for (let i = 0; i < R; i++) {
    const { numbers, places } = past[i]
    const own = places.cells
    const sums = i * B
    for (let c = 0; c < B; c++) cellSums[sums + B + c] = cellSums[sums + c] + numbers[own + c]
  }
}

/** Of the cells in `cellSums`. */

function psiScore(now: Profile, past: readonly Profile[], counts: Run): Score {
  const B = cellsIn(now)
  const R = past.length
  const others = (R + 1) * B
  const { sums } = counts
  const errors = noErrors(R)
  let usual = 0
  for (let i = 0; i < R; i++) {
    const { numbers, places, count } = past[i]
    const until = before(i)
    if (until === null) {
      for (let c = 0; c < B; c++) cellSums[others + c] = cellSums[R * B + c] - numbers[places.cells + c]
      comparePsi(past[i], cellSums, others, sums[R] - count)
    } else comparePsi(past[i], cellSums, until * B, sums[until])
    errors[i] = compared.error
    usual += compared.psi / R
  }
  const to = reference(R)
  comparePsi(now, cellSums, to * B, sums[to])
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
  const gains = noErrors(Math.max(0, past.length - 1))
  for (let i = 0; i < past.length; i++) {
    const profile = past[i]
    if (i > 0) gains[i - 1] = largestGain(profile, known, total, trained).z
    const { numbers, places } = profile
    const { topValues, topCounts } = places
    for (let t = topValues, c = topCounts; t < topCounts; t++, c++)
      known.set(numbers[t], (known.get(numbers[t]) ?? 0) + numbers[c])
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
  { numbers, places: { topValues, topCounts }, count }: Profile,
  known: ReadonlyMap<number, number>,
  total: number,
  trained: (value: number) => number,
): Gain {
  let best = NO_GAIN
  for (let t = topValues, c = topCounts; t < topCounts; t++, c++) {
    const [value, came] = [numbers[t], numbers[c]]
    const share = Math.max((known.get(value) ?? 0) / total, trained(value))
    if (came / count <= (share * total + 0.5) / (total + 1)) continue // no gain: z would be at most 0
    const z = shareZ(came, count, share * total, total)
    if (z > best.z) best = { z, before: share, now: came / count }
  }
  return best
}
