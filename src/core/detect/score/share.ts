import { shareZ } from '../../statistic/shares.js'
import type { Profile } from '../profile.js'
import type { Score } from '../score.js'
import { before, noErrors, overdispersed, reference } from './errors.js'
import { LEAST } from './least.js'
import { allCounts, ofStatistic, type Run } from './run.js'

/** Every counter's sum over the windows of the reference. */
export function sumCounters(windows: readonly Profile[], sums: Float64Array): Float64Array {
  sums.fill(0)
  const to = reference(windows.length)
  for (let i = 0; i < to; i++) {
    const { numbers, at, places } = windows[i]
    const counters = at + places.counters
    // A profile from before there was a counter has none of it.
    const known = Math.min(sums.length, places.cells - places.counters)
    for (let c = 0; c < known; c++) sums[c] += numbers[counters + c]
  }
  return sums
}

/** A counter, of `n` rows and those of the windows. @param sum over the windows of the reference */
export function counterScore(
  statistic: string,
  c: number,
  sum: number,
  now: Profile,
  n: number,
  windows: readonly Profile[],
  ns: Run,
): Score {
  const change = shareChange(statistic, now.counter(c), n, sum, ns)
  // Most counters stand still; their past need not be looked at.
  if (isStill(change)) return change
  const xs = ofStatistic.begin(windows.length)
  for (let i = 0; i < windows.length; i++) xs.put(i, windows[i].counter(c))
  return shareScore(change, n, xs, ns)
}

/** x of n rows against `sum` of the reference's, by the signed root of the likelihood ratio: the error, as yet in units of counting noise. */
export function shareChange(statistic: string, x: number, n: number, sum: number, ns: Run): Score {
  const all = ns.sums[reference(ns.size)]
  const change = { statistic, z: 0, before: sum / Math.max(1, all), now: x / Math.max(1, n), phi: 1 }
  return isStill(change) ? change : { ...change, z: shareZ(x, n, sum, all) }
}

export function isStill({ before, now }: Score): boolean {
  return Math.abs(now - before) < LEAST.share
}

/** The change with the swings of the past taken into account. */
export function shareScore(change: Score, n: number, xs: Run, ns: Run): Score {
  const R = ns.size
  if (isFarBeyond(change.now, xs, ns)) return change
  return { ...change, ...overdispersed(change.z, shareErrors(xs, ns, R), (n * R) / Math.max(1, ns.sums[R])) }
}

/** Half of all rows more than in any past window: nothing that these have done tells of it. */
const FAR_BEYOND = 0.5

function isFarBeyond(share: number, xs: Run, ns: Run): boolean {
  if (share < FAR_BEYOND) return false
  for (let i = 0; i < ns.size; i++) if (xs.values[i] > (share - FAR_BEYOND) * ns.values[i]) return false
  return true
}

/** The same of counts outside of a profile's counters, oldest window first; only a rise counts. */
export function riseScore(statistic: string, x: number, n: number, past: readonly { x: number; n: number }[]): Score {
  const xs = ofStatistic.begin(past.length)
  const ns = allCounts.begin(past.length)
  for (const [i, one] of past.entries()) {
    xs.put(i, one.x)
    ns.put(i, one.n)
  }
  const change = shareChange(statistic, x, n, xs.sums[reference(past.length)], ns)
  const score = isStill(change) ? change : shareScore(change, n, xs, ns)
  return { ...score, z: Math.max(0, score.z) }
}

function shareErrors(xs: Run, ns: Run, R: number): Float64Array {
  const errors = noErrors(R)
  // A counter that has always been 0 has no past errors to look at.
  if (xs.sums[R] === 0) return errors
  for (let i = 0; i < R; i++) {
    const until = before(i)
    const [x, n] = [xs.values[i], ns.values[i]]
    errors[i] =
      until === null ? shareZ(x, n, xs.sums[R] - x, ns.sums[R] - n) : shareZ(x, n, xs.sums[until], ns.sums[until])
  }
  return errors
}
