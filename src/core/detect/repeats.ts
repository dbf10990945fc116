import type { Side } from './compare.js'
import { COUNTERS } from './counters.js'
import type { Profile } from './profile.js'
import { riseScore } from './score/share.js'
import type { Score } from './score.js'

/** Places in a profile's counters, after those of `COUNTERS`: values whose entity had been seen before, and those equal to its last one. */
const REPEATABLE = COUNTERS.length
const REPEATS = REPEATABLE + 1
/** Values from which on they are judged, and windows that have so many. */
const FEWEST_VALUES = 50
const FEWEST_WINDOWS = 14
/** A share that rose by less does not matter. */
const LEAST = 0.05

/** What the share is called. */
export const REPEAT_WORDS = 'values that repeat the last one of their entity'

export function repeatCounts({ sketch }: Side): readonly [number, number] {
  return [sketch?.entityRepeatable ?? 0, sketch?.entityRepeats ?? 0]
}

/**
 * Whether more values than usual are those that their entity had before: a pipeline that has stopped to update a feature serves the same again.
 * By history alone, since a training file has no order. Empty where the monitor names no entity, or too few come again.
 */
export function repeatScores(now: Profile, past: readonly Profile[]): Score[] {
  const n = now.counter(REPEATABLE)
  if (n < FEWEST_VALUES) return []
  const windows = past
    .map(profile => ({ x: profile.counter(REPEATS), n: profile.counter(REPEATABLE) }))
    .filter(window => window.n >= FEWEST_VALUES)
  if (windows.length < FEWEST_WINDOWS) return []
  const score = riseScore('repeat', now.counter(REPEATS), n, windows)
  return [score.now - score.before < LEAST ? { ...score, z: 0 } : score]
}
