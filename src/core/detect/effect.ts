import type { Limits } from './limits.js'
import type { Score } from './score.js'

/** The change of each statistic that matters whatever n is, as at launch (STATISTICS §2.8); the logarithms by what they mean: ×1.5, ×2. */
const MATTERS: Readonly<Record<string, number>> = {
  psi: 0.25,
  w1: 0.5,
  mean: 0.5,
  spread: Math.log(1.5),
  middle: 0.5,
  width: Math.log(1.5),
  distinct: Math.log(2),
}
/** Of any share. */
const SHARE = 0.05

/**
 * How much has changed, in units of the change that matters: the largest among the statistics that are surprising. 0 where none is.
 * @param leading the statistic that goes farthest, whose windows before may make it one
 */
export function effectOf(scores: readonly Score[], leading: string, { twice }: Limits): number {
  let largest = 0
  for (const { statistic, z, before, now } of scores) {
    if (Math.abs(z) <= twice && statistic !== leading) continue
    const change = statistic === 'psi' ? now : Math.abs(now - before)
    largest = Math.max(largest, change / (MATTERS[statistic] ?? SHARE))
  }
  return largest
}
