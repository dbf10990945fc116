import type { Profile } from '../profile.js'
import type { Score } from '../score.js'
import { before, noErrors, reference, swing } from './errors.js'
import { ofStatistic, type Run } from './run.js'

/** A statistic with the variance that counting gives it. */
export interface Level {
  value: number
  variance: number
}

/** One for all: asked for once a window and statistic, read at once. */
const theLevel: Level = { value: 0, variance: 0 }

export function levelOf(value: number, variance: number): Level {
  theLevel.value = value
  theLevel.variance = variance
  return theLevel
}

let variances = new Float64Array(0)

/**
 * The change over the standard deviation that counting and the past windows' own errors make: τ² is what they are beyond counting.
 * @param level of past window i, or of the window at hand at −1
 */
export function levelScore(
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
