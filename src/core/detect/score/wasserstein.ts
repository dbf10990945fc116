import type { Profile } from '../profile.js'
import type { Score } from '../score.js'
import { LEVELS } from '../shape.js'
import { before, reference, still } from './errors.js'
import { LEAST } from './least.js'
import { levelScore, levels } from './level.js'

/** Quantiles summed over the windows [0, i), one after the other. */
let quantileSums = new Float64Array(0)
/** Distances of the past windows. */
let distances = new Float64Array(0)

/** Mean distance of the quantiles from the reference's, in σ, each clipped to 8: a Wasserstein distance whose usual size is known. */
export function wassersteinScore(sigma: number, now: Profile, past: readonly Profile[]): Score {
  const R = past.length
  const Q = LEVELS.length
  if (quantileSums.length < (R + 1) * Q) quantileSums = new Float64Array(2 * (R + 1) * Q)
  if (distances.length < R) distances = new Float64Array(2 * R)
  const sums = quantileSums
  for (let i = 0; i < R; i++) {
    const { numbers, at, places } = past[i]
    const quantiles = at + places.quantiles
    const until = i * Q
    for (let l = 0; l < Q; l++) sums[until + Q + l] = sums[until + l] + numbers[quantiles + l]
  }
  const here = distance(now, reference(R), false, sigma)
  if (here < LEAST.w1) return still('w1', here, here)
  let usual = 0
  for (let i = 0; i < R; i++) {
    const until = before(i)
    distances[i] = until === null ? distance(past[i], R, true, sigma) : distance(past[i], until, false, sigma)
    usual += distances[i]
  }
  usual /= R
  levels.begin(R)
  for (let i = 0; i <= R; i++) {
    const { count } = past[i] ?? now
    // .3/√n keeps the logarithm calm near 0; without a change ln W1 has a variance of about .1.
    levels.put(i, Math.log((i < R ? distances[i] : here) + 0.3 / Math.sqrt(count)), 0.1)
  }
  const score = levelScore('w1', 0, levels)
  return { ...score, z: here - usual < LEAST.w1 ? 0 : Math.max(0, score.z), before: usual, now: here }
}

/**
 * From the mean quantiles of the windows [0, `windows`).
 * @param among whether the window is one of these, and to be left out
 */
function distance({ numbers, at, places }: Profile, windows: number, among: boolean, sigma: number): number {
  const Q = LEVELS.length
  const own = at + places.quantiles
  const from = windows * Q
  const sums = quantileSums
  const share = 1 / (among ? windows - 1 : windows)
  const most = 8 * sigma
  let sum = 0
  if (among)
    for (let l = 0; l < Q; l++) {
      const quantile = numbers[own + l]
      sum += Math.min(most, Math.abs(quantile - (sums[from + l] - quantile) * share))
    }
  else for (let l = 0; l < Q; l++) sum += Math.min(most, Math.abs(numbers[own + l] - sums[from + l] * share))
  return sum / (sigma * Q)
}
