import type { NumericContract } from '../../baseline/baseline.js'
import type { Profile } from '../profile.js'
import { MEAN, SPREAD, SPREAD_VARIANCE, VARIANCE } from '../profile.js'
import type { Score } from '../score.js'
import { LEAST } from './least.js'
import { type Level, levelOf, levelScore } from './level.js'
import { wassersteinScore } from './wasserstein.js'

const isShaped = ({ places }: Profile): boolean => places.hasShape

export function shapeScores({ sigma, grid }: NumericContract, now: Profile, past: readonly Profile[]): Score[] {
  const shaped = past.every(isShaped) ? past : past.filter(isShaped)
  if (!isShaped(now) || shaped.length < 2) return []
  return [
    levelScore('mean', LEAST.mean, now, shaped, meanLevel),
    levelScore('spread', LEAST.spread, now, shaped, spreadLevel),
    wassersteinScore(sigma, now, shaped),
    // Where a single value is frequent, quantiles jump.
    ...(grid.atoms.length > 0 ? [] : innerScores(sigma, now, shaped)),
  ]
}

function innerScores(sigma: number, now: Profile, past: readonly Profile[]): Score[] {
  return [
    levelScore('middle', LEAST.mean, now, past, profile => middleLevel(sigma, profile)),
    levelScore('width', LEAST.spread, now, past, profile => widthLevel(sigma, profile)),
  ]
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

/** Mean of the inner half: what a few far values do not move. 1.2 is σ² of it for normal values (Tukey's midmean), by their own width. */
function middleLevel(sigma: number, profile: Profile): Level {
  const width = widthOf(profile) / (NORMAL_WIDTH * sigma)
  return levelOf(meanQuantile(profile, 5, 15) / sigma, (1.2 * width * width) / profile.count)
}

/** How far the upper and the lower values are apart, likewise without the farthest. */
function widthLevel(sigma: number, profile: Profile): Level {
  return levelOf(Math.log(widthOf(profile) / sigma + 0.05), 1 / profile.count)
}

/** `widthOf` of standard normal values. */
const NORMAL_WIDTH = 1.24

/** Mean of the quantiles .6 to .85 less that of .15 to .4. */
function widthOf(profile: Profile): number {
  return meanQuantile(profile, 12, 17) - meanQuantile(profile, 3, 8)
}

/** Mean of the quantiles at `LEVELS` from one to another. */
function meanQuantile({ numbers, places: { quantiles } }: Profile, from: number, to: number): number {
  let sum = 0
  for (let l = from; l <= to; l++) sum += numbers[quantiles + l]
  return sum / (to - from + 1)
}
