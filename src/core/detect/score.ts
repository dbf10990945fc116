import type { FeatureBaseline } from '../baseline/baseline.js'
import { shareZ } from '../statistic/shares.js'
import { COUNTERS } from './counters.js'
import { LEVELS, type Profile, type Shape } from './profile.js'

/** One statistic of a window against the same statistic of the series' earlier windows. */
export interface Score {
  readonly statistic: string
  /** Signed; standard normal or nearly so while nothing changes. */
  readonly z: number
  /** The statistic in the reference and now: shares, σ, PSI. */
  readonly before: number
  readonly now: number
  /** Overdispersion: variance of the past scores over that of counting. */
  readonly phi: number
}

/** Fewest windows that a past window is scored against; the earliest ones are scored against all others. */
const FEWEST_BEFORE = 6
/** A past score this many times the typical one widens the scale. */
const HEAVY = 3

export const tuning = { heavy: HEAVY, prequential: true, memory: false }

/** Share of usable values below which a change does not matter, whatever its z: half a point. */
const LEAST_SHARE = 0.005
const LEAST_PSI = 0.01
const FEWEST_USABLE = 50

export function scoresOf(
  contract: FeatureBaseline,
  now: Profile,
  past: readonly Profile[],
  training: Profile | null,
): Score[] {
  const scores: Score[] = []
  const fit = past.filter(profile => profile.count >= FEWEST_USABLE)
  for (const [c, counter] of COUNTERS.entries()) {
    if (!counter.applies(contract)) continue
    const ofRows = counter.of === 'rows'
    if (!ofRows && (now.count < FEWEST_USABLE || fit.length < 2)) continue
    const windows = ofRows ? past : fit
    const score = shareScore(
      counter.check,
      now.counters[c],
      ofRows ? now.rows : now.count,
      windows.map(profile => profile.counters[c]),
      windows.map(profile => (ofRows ? profile.rows : profile.count)),
    )
    scores.push(score)
  }
  if (now.count < FEWEST_USABLE || fit.length < 2) return scores
  if (contract.numeric === null) scores.push(...labelScores(contract, now, fit))
  else scores.push(...shapeScores(contract.numeric.sigma, now, fit), gainScore(now, fit, training))
  scores.push(levelScore('distinct', 0.1, distinctLevel(now), fit.map(distinctLevel)), psiScore(now, fit))
  return scores
}

interface Level {
  readonly value: number
  readonly variance: number
}

const distinctLevel = ({ distinct, count }: Profile): Level => ({
  value: Math.log(Math.max(1, distinct) / Math.sqrt(count)),
  variance: 0.25 / count,
})

function labelScores({ values }: FeatureBaseline, now: Profile, past: readonly Profile[]): Score[] {
  const total = past.reduce((sum, { count }) => sum + count, 0)
  const scores: Score[] = []
  for (let l = 0; l < now.cells.length - 2; l++) {
    const share = past.reduce((sum, { cells }) => sum + cells[l], 0) / total
    if (share <= 0.02 && now.cells[l] / now.count <= 0.02) continue
    scores.push(
      shareScore(
        `=${values[l]}`,
        now.cells[l],
        now.count,
        past.map(({ cells }) => cells[l]),
        past.map(({ count }) => count),
      ),
    )
  }
  return scores
}

export function shareScore(
  statistic: string,
  x: number,
  n: number,
  xs: readonly number[],
  ns: readonly number[],
): Score {
  const X = xs.reduce((a, b) => a + b, 0)
  const N = ns.reduce((a, b) => a + b, 0)
  const before = X / Math.max(1, N)
  const share = x / Math.max(1, n)
  const raw = shareZ(x, n, X, N)
  let seenX = 0
  let seenN = 0
  const errors = xs.map((xi, i) => {
    const e =
      !tuning.prequential || i < FEWEST_BEFORE ? shareZ(xi, ns[i], X - xi, N - ns[i]) : shareZ(xi, ns[i], seenX, seenN)
    seenX += xi
    seenN += ns[i]
    return e
  })
  const { z, phi } = standardise(raw, n, errors, ns)
  return { statistic, z: Math.abs(share - before) < LEAST_SHARE ? 0 : z, before, now: share, phi }
}

/**
 * A raw score over the scale of the past ones. Counting makes it 1; windows that swing by more than counting have a variance that grows with n.
 */
function standardise(
  raw: number,
  n: number,
  errors: readonly number[],
  ns: readonly number[],
  floor = 1,
): { z: number; phi: number } {
  const square = errors.reduce((sum, e) => sum + e * e, 0) / Math.max(1, errors.length - 1)
  const largest = errors.reduce((max, e) => Math.max(max, Math.abs(e)), 0)
  const phi = Math.max(square, (largest / tuning.heavy) ** 2)
  const mean = ns.reduce((a, b) => a + b, 0) / Math.max(1, ns.length)
  const scale = Math.sqrt(Math.max(floor, 1 + (phi - 1) * (n / mean)))
  return { z: raw / scale, phi }
}

function shapeScores(sigma: number, now: Profile, past: readonly Profile[]): Score[] {
  const shaped = past.filter((profile): profile is Profile & { shape: Shape } => profile.shape !== null)
  if (now.shape === null || shaped.length < 2) return []
  const mean = ({ shape, count }: Profile): Level => ({ value: shape!.mean, variance: shape!.variance / count })
  const spread = ({ shape, count }: Profile): Level => {
    const a = shape!.spread + 0.001
    return { value: Math.log(a), variance: shape!.spreadVariance / (count * a * a) }
  }
  return [
    levelScore('mean', 0.05, mean(now), shaped.map(mean)),
    levelScore('spread', 0.05, spread(now), shaped.map(spread)),
    wassersteinScore(sigma, now, shaped),
  ]
}

/** Mean distance of quantiles from those of the reference, in σ; each quantile's difference clipped to 8. */
function wassersteinScore(sigma: number, now: Profile, past: readonly (Profile & { shape: Shape })[]): Score {
  const sums = new Float64Array(LEVELS.length)
  for (const { shape } of past) for (let l = 0; l < sums.length; l++) sums[l] += shape.quantiles[l]
  const distance = ({ quantiles }: Shape, total: Float64Array, windows: number): number => {
    let sum = 0
    for (let l = 0; l < total.length; l++) sum += Math.min(8, Math.abs(quantiles[l] - total[l] / windows) / sigma)
    return sum / total.length
  }
  const running = new Float64Array(LEVELS.length)
  const others = new Float64Array(LEVELS.length)
  const before = past.map(({ shape }, i) => {
    const early = !tuning.prequential || i < FEWEST_BEFORE
    if (early) for (let l = 0; l < others.length; l++) others[l] = sums[l] - shape.quantiles[l]
    const found = early ? distance(shape, others, past.length - 1) : distance(shape, running, i)
    for (let l = 0; l < running.length; l++) running[l] += shape.quantiles[l]
    return found
  })
  const level = (value: number, n: number): Level => ({ value: Math.log(value + 0.3 / Math.sqrt(n)), variance: 0.1 })
  const here = distance(now.shape!, sums, past.length)
  const score = levelScore(
    'w1',
    0.05,
    level(here, now.count),
    before.map((value, i) => level(value, past[i].count)),
  )
  const usual = before.reduce((a, b) => a + b, 0) / before.length
  return { ...score, z: here - usual < 0.05 ? 0 : Math.max(0, score.z), before: usual, now: here }
}

export function levelScore(statistic: string, least: number, now: Level, past: readonly Level[]): Score {
  const R = past.length
  let sum = 0
  let variances = 0
  for (const { value, variance } of past) {
    sum += value
    variances += variance
  }
  const mean = sum / R
  let running = 0
  let runningVariance = 0
  const errors = past.map(({ value, variance }, i) => {
    const early = !tuning.prequential || i < FEWEST_BEFORE
    const m = early ? (sum - value) / (R - 1) : running / i
    const v = early ? (variances - variance) / (R - 1) / (R - 1) : runningVariance / i / i
    running += value
    runningVariance += variance
    return (value - m) / Math.sqrt(Math.max(1e-12, variance + v))
  })
  const raw = (now.value - mean) / Math.sqrt(Math.max(1e-12, now.variance + variances / R / R))
  const ns = past.map(({ variance }) => 1 / Math.max(1e-12, variance))
  const { z, phi } = standardise(raw, 1 / Math.max(1e-12, now.variance), errors, ns)
  return { statistic, z: Math.abs(now.value - mean) < least ? 0 : z, before: mean, now: now.value, phi }
}

/** PSI between counts, half a row in every cell, over its counting noise c·χ²(B − 1): √(2y) − √(2B − 3), y = PSI/c, is nearly normal (Fisher). */
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
  return { psi: sum, error: Math.sqrt(2 * y) - Math.sqrt(Math.max(0.5, 2 * cells - 3)) }
}

function psiScore(now: Profile, past: readonly Profile[]): Score {
  const cells = now.cells.length
  const sums = new Float64Array(cells)
  let total = 0
  for (const profile of past) {
    for (let c = 0; c < cells; c++) sums[c] += profile.cells[c]
    total += profile.count
  }
  const running = new Float64Array(cells)
  const others = new Float64Array(cells)
  let seen = 0
  let usual = 0
  const errors = past.map((profile, i) => {
    const early = !tuning.prequential || i < FEWEST_BEFORE
    if (early) for (let c = 0; c < cells; c++) others[c] = sums[c] - profile.cells[c]
    const found = early
      ? psiError(profile.cells, profile.count, others, total - profile.count)
      : psiError(profile.cells, profile.count, running, seen)
    for (let c = 0; c < cells; c++) running[c] += profile.cells[c]
    seen += profile.count
    usual += found.psi / past.length
    return found.error
  })
  const here = psiError(now.cells, now.count, sums, total)
  // Centred: dependent rows and swings make the usual PSI larger than counting alone.
  const centre = Math.max(0, errors.reduce((a, b) => a + b, 0) / errors.length)
  const swings = errors.map(e => e - centre)
  const { z, phi } = standardise(here.error - centre, 1, swings, [1], 0.5)
  return { statistic: 'psi', z: here.psi - usual < LEAST_PSI ? 0 : Math.max(0, z), before: usual, now: here.psi, phi }
}

/** The value that gained most against the larger of its share in training and in the reference. */
function gainScore(now: Profile, past: readonly Profile[], training: Profile | null): Score {
  const shares = new Map<number, number>()
  let total = 0
  const gains = past.map((profile, i) => {
    const gain = i === 0 ? NO_GAIN : largestGain(profile, shares, total, training)
    for (const [t, value] of profile.tops.values.entries())
      shares.set(value, (shares.get(value) ?? 0) + profile.tops.counts[t])
    total += profile.count
    return gain.z
  })
  const here = largestGain(now, shares, total, training)
  const { z, phi } = standardise(
    here.z,
    now.count,
    gains.slice(1),
    past.slice(1).map(({ count }) => count),
  )
  return { statistic: 'gain', z: here.now - here.before < LEAST_SHARE ? 0 : z, before: here.before, now: here.now, phi }
}

const NO_GAIN = { z: 0, before: 0, now: 0, value: Number.NaN }

function largestGain(profile: Profile, known: ReadonlyMap<number, number>, total: number, training: Profile | null) {
  let best = NO_GAIN
  for (const [t, value] of profile.tops.values.entries()) {
    const x = profile.tops.counts[t]
    const at = training === null ? -1 : training.tops.values.indexOf(value)
    const trained = at < 0 ? 0 : training!.tops.counts[at] / training!.count
    const before = Math.max((known.get(value) ?? 0) / total, trained)
    const z = shareZ(x, profile.count, before * total, total)
    if (z > best.z) best = { z, before, now: x / profile.count, value }
  }
  return best
}
