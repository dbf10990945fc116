import type { Side } from '../compare.js'
import { designEffect, intraclass } from '../intraclass.js'
import type { Profile } from '../profile.js'
import type { Score } from '../score.js'

/** Shares that follow where the values lie: what is once where the windows are is never, or always, in their sum. */
const OF_LEVEL: ReadonlySet<string> = new Set(['high', 'tails', 'far', 'negative', 'psi'])
/** A smaller score says nothing, however many rows. */
const LOUD = 1

/**
 * Where the rows of a window go together, so many of them are counted as one: a share that has always been 0 has no past errors that would say so,
 * and the first day of frost is no surprise to a hundred rows that have the same weather.
 */
export function ofRowsTogether(
  scores: Score[],
  now: Profile,
  past: readonly Profile[],
  training: Side | null,
): Score[] {
  const isOfLevel = ({ statistic }: Score): boolean => OF_LEVEL.has(statistic) || statistic.startsWith('=')
  if (!scores.some(score => Math.abs(score.z) > LOUD && isOfLevel(score))) return scores
  const effect = isBeyondAll(now, training) ? 1 : designEffect(intraclass(past), now.count)
  if (effect === 1) return scores
  return scores.map(score =>
    isOfLevel(score) && score.phi < effect
      ? { ...score, z: score.z * Math.sqrt(score.phi / effect), phi: effect }
      : score,
  )
}

/** Whether a hundredth of the values lies farther out than all that training had is wide: no level leads there. */
function isBeyondAll({ numbers, at, places }: Profile, training: Side | null): boolean {
  const known = training?.sketch?.numeric
  if (!known || !places.hasShape) return false
  const width = known.max - known.min
  const [low, high] = [numbers[at + places.quantiles], numbers[at + places.quantilesEnd - 1]]
  return low < known.min - width || high > known.max + width
}
