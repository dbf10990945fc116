import type { NumericContract } from '../../baseline/baseline.js'
import { MEAN, SPREAD, SPREAD_VARIANCE, VARIANCE } from '../places.js'
import type { Profile } from '../profile.js'
import type { Score } from '../score.js'
import { LEAST } from './least.js'
import { levelScore, levels } from './level.js'
import { wassersteinScore } from './wasserstein.js'

const isShaped = ({ places }: Profile): boolean => places.hasShape

export function shapeScores({ sigma, grid }: NumericContract, now: Profile, past: readonly Profile[]): Score[] {
  const shaped = past.every(isShaped) ? past : past.filter(isShaped)
  if (!isShaped(now) || shaped.length < 2) return []
  // Where a single value is frequent, quantiles jump.
  const isSmooth = grid.atoms.length === 0
  if (isSmooth) measureWidths(now, shaped)
  return [
    meanScore(now, shaped),
    spreadScore(now, shaped),
    wassersteinScore(sigma, now, shaped),
    ...(isSmooth ? [middleScore(sigma, now, shaped), widthScore(sigma, now, shaped)] : []),
  ]
}

/**
 * The window's variance of a row is at least what it usually is: a quiet night without one of the rare values that make it has none of its own,
 * and fewer rows than the windows before.
 */
function meanScore(now: Profile, past: readonly Profile[]): Score {
  levels.begin(past.length)
  let usual = 0
  for (let i = 0; i <= past.length; i++) {
    const { numbers, at, places, count } = past[i] ?? now
    const shape = at + places.shape
    const variance = numbers[shape + VARIANCE]
    levels.put(i, numbers[shape + MEAN], (i < past.length ? variance : Math.max(variance, usual)) / count)
    usual += variance / past.length
  }
  return levelScore('mean', LEAST.mean, levels)
}

/** Likewise; and by its logarithm a fall to nothing goes no farther than the spread itself does, whose counting has an end at 0. */
function spreadScore(now: Profile, past: readonly Profile[]): Score {
  levels.begin(past.length)
  let usual = 0
  let size = 0
  let sizeVariance = 0
  for (let i = 0; i <= past.length; i++) {
    const { numbers, at, places, count } = past[i] ?? now
    const shape = at + places.shape
    const spread = numbers[shape + SPREAD] + 0.001
    const variance = numbers[shape + SPREAD_VARIANCE]
    const relative = variance / (spread * spread)
    levels.put(i, Math.log(spread), (i < past.length ? relative : Math.max(relative, usual)) / count)
    usual += relative / past.length
    if (i === past.length) continue
    size += spread / past.length
    sizeVariance += variance / past.length
  }
  const score = levelScore('spread', LEAST.spread, levels)
  const fall = size - Math.exp(score.now)
  const most = fall / Math.sqrt(Math.max(1e-12, sizeVariance / now.count))
  return score.z < 0 && fall > 0 && most < -score.z ? { ...score, z: -most } : score
}

/** Of the past windows and of the one at hand, for both scores that go by them. */
let widths = new Float64Array(0)

function measureWidths(now: Profile, past: readonly Profile[]): void {
  if (widths.length <= past.length) widths = new Float64Array(2 * past.length + 1)
  for (let i = 0; i <= past.length; i++) widths[i] = widthOf(past[i] ?? now)
}

/** Mean of the inner half: what a few far values do not move. 1.2 is σ² of it for normal values (Tukey's midmean), by their own width. */
function middleScore(sigma: number, now: Profile, past: readonly Profile[]): Score {
  levels.begin(past.length)
  for (let i = 0; i <= past.length; i++) {
    const one = past[i] ?? now
    const width = widths[i] / (NORMAL_WIDTH * sigma)
    levels.put(i, meanQuantile(one, 5, 15) / sigma, (1.2 * width * width) / one.count)
  }
  return levelScore('middle', LEAST.mean, levels, true)
}

/** How far the upper and the lower values are apart, likewise without the farthest. */
function widthScore(sigma: number, now: Profile, past: readonly Profile[]): Score {
  levels.begin(past.length)
  for (let i = 0; i <= past.length; i++) {
    const { count } = past[i] ?? now
    levels.put(i, Math.log(widths[i] / sigma + 0.05), 1 / count)
  }
  return levelScore('width', LEAST.spread, levels, true)
}

/** `widthOf` of standard normal values. */
const NORMAL_WIDTH = 1.24

/** Mean of the quantiles .6 to .85 less that of .15 to .4. */
function widthOf(profile: Profile): number {
  return meanQuantile(profile, 12, 17) - meanQuantile(profile, 3, 8)
}

/** Mean of the quantiles at `LEVELS` from one to another. */
function meanQuantile({ numbers, at, places }: Profile, from: number, to: number): number {
  const quantiles = at + places.quantiles
  let sum = 0
  for (let l = from; l <= to; l++) sum += numbers[quantiles + l]
  return sum / (to - from + 1)
}
