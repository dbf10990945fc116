import { cdfAt, type Ecdf } from '../../sketch/ecdf.js'
import { quantileAt } from '../../statistic/quantiles.js'
import { FACTORS } from './constants.js'
import type { Curve } from './curve.js'
import { type Steps, shareUpTo } from './points.js'

/** G(t) = (1 − share)·F(t) + share·F(t/factor): a part of the rows times a factor. */
export interface Mixture {
  readonly log: number
  readonly share: number
  /** Mean square that is left. */
  readonly error: number
}

/** Smaller factors are a change of spread. */
export const LEAST_LOG = Math.log(3)
const LARGEST_LOG = Math.log(1e10)
/** Steps of a narrowing search around the best factor so far, in its logarithm. */
const REACHES = [0.3, 0.05]
const STEPS = 12

/**
 * The factor and share that come nearest to the window, by squares at the quantiles of either part; for a given factor the share is linear.
 * Tried are the known constants, the factor that leads from the reference's middle to each quantile of the window, and what is near the best.
 */
export function mixtureOf(points: Steps, curve: Curve, found: Ecdf): Mixture | null {
  const middle = curve.magnitudes.length > 0 ? curve.magnitudes[curve.magnitudes.length >> 1] : Number.NaN
  const logs = FACTORS.flatMap(({ factor }) => [Math.log(factor), -Math.log(factor)])
  for (const p of PLACES) logs.push(Math.log(Math.abs(quantileAt(found, p))) - middle)
  const tried = (log: number): Mixture | null => mixtureAt(log, points, curve, found)
  let best = nearest(logs.map(tried))
  for (const reach of REACHES) {
    if (best === null) return null
    const { log } = best
    const around = Array.from({ length: 2 * STEPS + 1 }, (_, i) => log + ((i - STEPS) / STEPS) * reach)
    best = nearest([best, ...around.map(tried)])
  }
  return best
}

/** Where the middle of a part of 2 to 95 % lies, at either end. */
const PLACES = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4].flatMap(p => [p, 1 - p])

function nearest(mixtures: readonly (Mixture | null)[]): Mixture | null {
  let best: Mixture | null = null
  for (const mixture of mixtures)
    if (mixture !== null && mixture.share > 0 && (best === null || mixture.error < best.error)) best = mixture
  return best
}

function mixtureAt(log: number, points: Steps, { quantiles }: Curve, found: Ecdf): Mixture | null {
  if (!(Math.abs(log) >= LEAST_LOG && Math.abs(log) <= LARGEST_LOG)) return null
  const factor = Math.exp(log)
  let xx = 0
  let xy = 0
  let yy = 0
  const add = (t: number): void => {
    const F = shareUpTo(points, t)
    const x = shareUpTo(points, t / factor) - F
    const y = cdfAt(found, t) - F
    xx += x * x
    xy += x * y
    yy += y * y
  }
  for (const q of quantiles) {
    add(q)
    add(q * factor)
  }
  if (xx === 0) return null
  const share = xy / xx
  return { log, share, error: (yy - share * xy) / (2 * quantiles.length) }
}
