import type { Cause } from '../../alert/event.js'
import { cdfAt, ecdf } from '../../sketch/ecdf.js'
import { quantileAt, quantilesOf } from '../../statistic/quantiles.js'
import { farFences } from '../counters.js'
import { LEVELS, MEDIAN } from '../shape.js'
import type { Curve } from './curve.js'
import { LEAST_SHARE, MOST_SHARE, tellPart } from './part.js'
import { mapped, type Points, pointsOf, shareOf } from './points.js'
import { changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

/** Far values tell their factor by themselves from here on, and so many. */
const FAR_LOG = Math.log(5)
const FEWEST_FAR = 4
/** So few tell little of how they are spread. */
const FEW = 10

/**
 * Values far out that are spread as the others of the same window are, only times a factor: told by the window alone, however much the rest
 * moved since the reference.
 */
export function farPart(seen: Seen, reference: Reference, curve: Curve): Cause | null {
  const numeric = seen.contract.numeric!
  const state = seen.sketch!.numeric!
  const far = changeOf(seen, reference, 'far')
  const rows = far.now * state.count
  if (far.z <= 3 || far.delta < LEAST_SHARE || far.now > MOST_SHARE || rows < FEWEST_FAR) return null
  if (far.now < 3 * widenedFar(seen, curve, pointsOf(seen, reference))) return null
  const [low, high] = farFences(numeric)
  const values = quantilesOf(ecdf(state, numeric.grid), SAMPLE).filter(x => x !== 0)
  const outside = values
    .filter(x => x < low || x >= high)
    .map(logSize)
    .sort()
  const inside = values
    .filter(x => x >= low && x < high)
    .map(logSize)
    .sort()
  if (outside.length < 2 || inside.length < 2) return null
  const log = at(outside, 0.5) - at(inside, 0.5)
  const width = (sizes: Float64Array): number => Math.max(0.01, at(sizes, 0.8) - at(sizes, 0.2))
  const ratio = Math.log(width(outside) / width(inside))
  if (log < FAR_LOG || Math.abs(ratio) > Math.log(rows < FEW ? 8 : 3)) return null
  const error = (0.75 * width(inside)) / Math.sqrt(rows)
  return tellPart(seen, log, far.now, error, rows < FEW ? 'medium' : 'high')
}

const logSize = (x: number): number => Math.log(Math.abs(x))
const at = (sorted: Float64Array, p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]
const SAMPLE = Float64Array.from({ length: 500 }, (_, i) => (i + 0.5) / 500)

/** The share that would be far out if the values had only moved and spread, as those that are not far did in the middle. */
export function widenedFar({ contract, now, sketch }: Seen, { quantiles }: Curve, points: Points): number {
  const numeric = contract.numeric!
  const [low, high] = farFences(numeric)
  const found = ecdf(sketch!.numeric!, numeric.grid)
  const under = cdfAt(found, low)
  const inside = cdfAt(found, high) - under
  const at = (p: number): number => quantileAt(found, under + p * inside)
  const middle = quantiles[MEDIAN]
  const width = quantiles[HIGH] - quantiles[LOW]
  const spread = width > 0 && now.count > 0 ? (at(LEVELS[HIGH]) - at(LEVELS[LOW])) / width : 1
  const centre = at(LEVELS[MEDIAN])
  const widened = mapped(points, x => centre + spread * (x - middle))
  return shareOf(widened, x => x < low || x >= high)
}

/** Places of the levels .2 and .8. */
const LOW = 4
const HIGH = 16
