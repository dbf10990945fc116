import type { Profile } from '../profile.js'
import type { Score } from '../score.js'
import { LEAST } from './least.js'
import { levelScore, levels } from './level.js'
import type { Run } from './run.js'

/** Different values from which on it does not matter how many there are. */
const MANY = 256
/** Windows this many times as large or as small as usual are not compared by their different values. */
const COMPARABLE = 1.5

/**
 * Different values, as a logarithm. They grow with the rows the more, the nearer every row is to having a value of its own: that much of a change
 * is taken off, which holds for windows of about the usual size only. One value more or less is nothing, and many are many.
 */
export function distinctScore(now: Profile, past: readonly Profile[], counts: Run): Score {
  const usual = counts.sums[past.length] / past.length
  let many = 0
  for (let i = 0; i < past.length; i++) many += Math.min(MANY, past[i].distinct)
  many /= past.length
  const growth = many > 0.95 * MANY ? 0 : Math.min(1, many / usual)
  levels.begin(past.length)
  for (let i = 0; i <= past.length; i++) {
    const { distinct, count } = past[i] ?? now
    const values = Math.max(1, Math.min(MANY, distinct))
    const grown = growth === 0 ? 0 : growth * Math.log(count / usual)
    levels.put(i, Math.log(values) - grown, 0.25 / count + 1 / values ** 2)
  }
  const score = levelScore('distinct', LEAST.distinct, levels)
  const comparable = now.count > usual / COMPARABLE && now.count < usual * COMPARABLE
  return comparable ? score : { ...score, z: 0 }
}
