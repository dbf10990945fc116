import type { FeatureBaseline } from '../baseline/baseline.js'
import { indexOf } from '../sketch/search.js'
import { shareZ } from '../statistic/shares.js'
import type { Side } from './compare.js'
import { COUNTERS, counterAt } from './counters.js'
import { LEVELS, type Profile, type Shape } from './profile.js'

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
  const fit = past.filter(profile => profile.count >= FEWEST_USABLE)
  const judged = now.count >= FEWEST_USABLE && fit.length >= 2
  for (const { check, of, applies } of COUNTERS as readonly (typeof COUNTERS)[number][]) {
    if (!applies(contract) || (of === 'usable' && !judged)) continue
    const c = counterAt(check)
    const windows = of === 'rows' ? past : fit
    const rows = (profile: Profile): number => (of === 'rows' ? profile.rows : profile.count)
    scores.push(
      shareScore(
        check,
        now.counters[c],
        rows(now),
        windows.map(w => w.counters[c]),
        windows.map(rows),
      ),
    )
  }
  if (!judged) return scores
  if (contract.numeric === null) scores.push(...labelScores(contract, now, fit))
  else
    scores.push(
      ...shapeScores(contract.numeric.sigma, now, fit),
      gainScore(now, fit, trainedShares(contract, training)),
    )
  scores.push(distinctScore(now, fit), psiScore(now, fit))
  return scores
}

/** Windows [0, n) that past window i is compared with; null: all others. */
function before(i: number): number | null {
  return i - LAG >= FEWEST_BEFORE ? i - LAG : null
}

/** Windows [0, n) that the window at hand is compared with. */
function reference(windows: number): number {
  return Math.max(Math.min(FEWEST, windows), windows - LAG)
}

/** Mean square of the past errors, or what the largest of them stands for. */
function swing(errors: ArrayLike<number>): number {
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

/** x of n rows against the reference's, by the signed root of the likelihood ratio. */
export function shareScore(
  statistic: string,
  x: number,
  n: number,
  xs: readonly number[],
  ns: readonly number[],
): Score {
  const R = xs.length
  const to = reference(R)
  const share = x / Math.max(1, n)
  const usual = total(xs, to) / Math.max(1, total(ns, to))
  // Most counters stand still; their past need not be looked at.
  if (Math.abs(share - usual) < LEAST.share) return { statistic, z: 0, before: usual, now: share, phi: 1 }
  const sumX = prefix(xs)
  const sumN = prefix(ns)
  const errors = new Float64Array(R)
  // A counter that has always been 0 has no past errors to look at.
  if (sumX[R] > 0)
    for (let i = 0; i < R; i++) {
      const until = before(i)
      errors[i] =
        until === null
          ? shareZ(xs[i], ns[i], sumX[R] - xs[i], sumN[R] - ns[i])
          : shareZ(xs[i], ns[i], sumX[until], sumN[until])
    }
  const { z, phi } = overdispersed(shareZ(x, n, sumX[to], sumN[to]), errors, (n * R) / Math.max(1, sumN[R]))
  return { statistic, z, before: usual, now: share, phi }
}

function total(values: readonly number[], to: number): number {
  let sum = 0
  for (let i = 0; i < to; i++) sum += values[i]
  return sum
}

function prefix(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1)
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i] + values[i]
  return sums
}

function labelScores({ values }: FeatureBaseline, now: Profile, past: readonly Profile[]): Score[] {
  const ns = past.map(({ count }) => count)
  const total = ns.reduce((a, b) => a + b, 0)
  const scores: Score[] = []
  for (let l = 0; l < now.cells.length - 2; l++) {
    const xs = past.map(({ cells }) => cells[l])
    const share = xs.reduce((a, b) => a + b, 0) / total
    if (share > LABEL_SHARE || now.cells[l] / now.count > LABEL_SHARE)
      scores.push(shareScore(`=${values[l]}`, now.cells[l], now.count, xs, ns))
  }
  return scores
}

/** A statistic with the variance that counting gives it. */
interface Level {
  readonly value: number
  readonly variance: number
}

/** The change over the standard deviation that counting and the past windows' own errors make: τ² is what they are beyond counting. */
export function levelScore(statistic: string, least: number, now: Level, past: readonly Level[]): Score {
  const R = past.length
  const sums = prefix(past.map(({ value }) => value))
  const counting = past.reduce((sum, { variance }) => sum + variance, 0) / R
  const errors = new Float64Array(R)
  for (let i = 0; i < R; i++) {
    const { value } = past[i]
    const until = before(i)
    errors[i] = value - (until === null ? (sums[R] - value) / (R - 1) : sums[until] / until)
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

/**
 * Different values, as a logarithm. They grow with the rows the more, the nearer every row is to having a value of its own: that much of a change
 * is taken off, which holds for windows of about the usual size only. One value more or less is nothing, and many are many.
 */
function distinctScore(now: Profile, past: readonly Profile[]): Score {
  const mean = (of: (profile: Profile) => number): number => past.reduce((sum, one) => sum + of(one), 0) / past.length
  const usual = mean(({ count }) => count)
  const many = mean(({ distinct }) => Math.min(MANY, distinct))
  const growth = many > 0.95 * MANY ? 0 : Math.min(1, many / usual)
  const level = ({ distinct, count }: Profile): Level => {
    const values = Math.max(1, Math.min(MANY, distinct))
    return { value: Math.log(values) - growth * Math.log(count / usual), variance: 0.25 / count + 1 / values ** 2 }
  }
  const score = levelScore('distinct', LEAST.distinct, level(now), past.map(level))
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

type Shaped = Profile & { readonly shape: Shape }

function shapeScores(sigma: number, now: Profile, past: readonly Profile[]): Score[] {
  const shaped = past.filter((profile): profile is Shaped => profile.shape !== null)
  if (now.shape === null || shaped.length < 2) return []
  const here = now as Shaped
  return [
    levelScore('mean', LEAST.mean, meanLevel(here), shaped.map(meanLevel)),
    levelScore('spread', LEAST.spread, spreadLevel(here), shaped.map(spreadLevel)),
    wassersteinScore(sigma, here, shaped),
  ]
}

/** Mean distance of the quantiles from the reference's, in σ, each clipped to 8: a Wasserstein distance whose usual size is known. */
function wassersteinScore(sigma: number, now: Shaped, past: readonly Shaped[]): Score {
  const R = past.length
  const Q = LEVELS.length
  const sums = new Float64Array((R + 1) * Q)
  for (let i = 0; i < R; i++)
    for (let l = 0; l < Q; l++) sums[(i + 1) * Q + l] = sums[i * Q + l] + past[i].shape.quantiles[l]
  const distance = ({ quantiles }: Shape, windows: number, without: Shape | null): number => {
    let sum = 0
    const of = without === null ? windows : windows - 1
    for (let l = 0; l < Q; l++) {
      const total = sums[windows * Q + l] - (without === null ? 0 : without.quantiles[l])
      sum += Math.min(8, Math.abs(quantiles[l] - total / of) / sigma)
    }
    return sum / Q
  }
  const distances = past.map(({ shape }, i) => {
    const until = before(i)
    return until === null ? distance(shape, R, shape) : distance(shape, until, null)
  })
  const here = distance(now.shape, reference(R), null)
  const usual = distances.reduce((a, b) => a + b, 0) / R
  // .3/√n keeps the logarithm calm near 0; without a change ln W1 has a variance of about .1.
  const level = (value: number, n: number): Level => ({ value: Math.log(value + 0.3 / Math.sqrt(n)), variance: 0.1 })
  const score = levelScore(
    'w1',
    0,
    level(here, now.count),
    distances.map((value, i) => level(value, past[i].count)),
  )
  return { ...score, z: here - usual < LEAST.w1 ? 0 : Math.max(0, score.z), before: usual, now: here }
}

/** PSI of counts, half a row in every cell that either side has, and √(2y) − √(2B − 3) of y = PSI/c, which is nearly normal (Fisher). */
function psiError(q: Float64Array, n: number, p: Float64Array, m: number): { psi: number; error: number } {
  let sum = 0
  let cells = 0
  const N = n + 0.5 * q.length
  const M = m + 0.5 * q.length
  for (let c = 0; c < q.length; c++) {
    if (q[c] === 0 && p[c] === 0) continue
    cells++
    const a = (q[c] + 0.5) / N
    const b = (p[c] + 0.5) / M
    sum += (a - b) * Math.log(a / b)
  }
  if (cells < 2) return { psi: 0, error: 0 }
  const y = sum / (1 / n + 1 / m)
  return { psi: sum, error: Math.sqrt(2 * y) - Math.sqrt(2 * cells - 3) }
}

function psiScore(now: Profile, past: readonly Profile[]): Score {
  const B = now.cells.length
  const R = past.length
  const sums: Float64Array[] = [new Float64Array(B)]
  const totals = prefix(past.map(({ count }) => count))
  for (let i = 0; i < R; i++) {
    const sum = sums[i].slice()
    for (let c = 0; c < B; c++) sum[c] += past[i].cells[c]
    sums.push(sum)
  }
  const to = reference(R)
  const here = psiError(now.cells, now.count, sums[to], totals[to])
  const errors = new Float64Array(R)
  const others = new Float64Array(B)
  let usual = 0
  for (let i = 0; i < R; i++) {
    const { cells, count } = past[i]
    const until = before(i)
    if (until === null) for (let c = 0; c < B; c++) others[c] = sums[R][c] - cells[c]
    const found =
      until === null
        ? psiError(cells, count, others, totals[R] - count)
        : psiError(cells, count, sums[until], totals[until])
    errors[i] = found.error
    usual += found.psi / R
  }
  const { z, phi } = centred(here.error, errors, 1)
  return { statistic: 'psi', z: here.psi - usual < LEAST.psi ? 0 : z, before: usual, now: here.psi, phi }
}

/** Dependent rows and swings make a distance larger than counting alone does: its usual size is no surprise, nor is a smaller one. */
function centred(error: number, errors: Float64Array, weight: number): { z: number; phi: number } {
  const centre = Math.max(0, errors.reduce((a, b) => a + b, 0) / Math.max(1, errors.length))
  const { z, phi } = overdispersed(
    error - centre,
    errors.map(e => e - centre),
    weight,
  )
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
    const z = shareZ(counts[t], count, share * total, total)
    if (z > best.z) best = { z, before: share, now: counts[t] / count }
  }
  return best
}
