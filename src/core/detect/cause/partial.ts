import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { cdfAt, ecdf } from '../../sketch/ecdf.js'
import { quantileAt, quantilesOf } from '../../statistic/quantiles.js'
import { farFences } from '../counters.js'
import { LEVELS, MEDIAN } from '../profile.js'
import { namedFactors } from './constants.js'
import { misfitOf } from './fit.js'
import { atomGone } from './gains.js'
import { lineOf } from './line.js'
import { type Mixture, mixtureOf } from './mixture.js'
import { mapped, mixed, type Points, pointsOf, shareOf, stepsOf } from './points.js'
import { type Curve, changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

const FITS = 2.5
const LEAST_SHARE = 0.01
const MOST_SHARE = 0.6
/** Without values where there were none before, only a plain case is one: this factor, this fit. */
const PLAIN_LOG = Math.log(3)
const PLAIN_FIT = 1.5
const PLAIN_BEFORE = 2.5
/** Far values tell their factor by themselves from here on. */
const FAR_LOG = Math.log(5)
const FEWEST_FAR = 4

/** A part of the rows in another unit, the others as before. */
export function partialUnit(seen: Seen, reference: Reference): Cause | null {
  if (reference.curve === null || seen.now.shape === null || seen.sketch?.numeric == null) return null
  return farPart(seen, reference, reference.curve) ?? mixedIn(seen, reference)
}

/**
 * Values far out that are spread as the others of the same window are, only times a factor: told by the window alone, however much the rest
 * moved since the reference.
 */
function farPart(seen: Seen, reference: Reference, curve: Curve): Cause | null {
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
  if (log < FAR_LOG || Math.abs(ratio) > Math.log(rows < 10 ? 8 : 3)) return null
  const error = (0.75 * width(inside)) / Math.sqrt(rows)
  return describe(seen, { log, share: far.now, error }, error, rows < 10 ? 'medium' : 'high')
}

const logSize = (x: number): number => Math.log(Math.abs(x))
const at = (sorted: Float64Array, p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]
const SAMPLE = Float64Array.from({ length: 500 }, (_, i) => (i + 0.5) / 500)

function mixedIn(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  const state = seen.sketch?.numeric
  if (curve === null || seen.now.shape === null || state == null) return null
  // Whatever part keeps its unit keeps some of every value that had mass.
  if (atomGone(seen, reference)) return null
  const numeric = seen.contract.numeric!
  const points = pointsOf(seen, reference)
  const best = mixtureOf(stepsOf(points), curve, ecdf(state, numeric.grid))
  if (best === null || best.share < LEAST_SHARE || best.share > MOST_SHARE) return null
  const turned = mixed(
    points,
    mapped(points, x => x * Math.exp(best.log)),
    best.share,
  )
  const after = misfitOf(turned, state, numeric, curve)
  const before = misfitOf(points, state, numeric, curve)
  const novel = hasNew(seen, reference, curve, points, best)
  const small = Math.abs(best.log) < PLAIN_LOG && !(after < PLAIN_FIT && after < 0.4 * before && before > PLAIN_BEFORE)
  if (small) return null
  const plain = Math.abs(best.log) > PLAIN_LOG && after < PLAIN_FIT && after < 0.4 * before && before > PLAIN_BEFORE
  const fits = novel && after < FITS && after < Math.max(0.7 * before, 1.5)
  if (!fits && !plain) return null
  const { location, slope } = lineOf(curve, seen.past, seen.now.shape.quantiles, seen.now.count)
  const middle = curve.quantiles[MEDIAN]
  const worldly = mapped(points, x => middle + location + slope * (x - middle))
  if (after > 0.75 * misfitOf(worldly, state, numeric, curve)) return null
  return describe(seen, best, 0.05, after < 1.5 ? 'high' : 'medium')
}

/** Whether values came up that the reference hardly has: far out, or between its whole numbers. */
function hasNew(seen: Seen, reference: Reference, curve: Curve, points: Points, { share, log }: Mixture): boolean {
  const integer = changeOf(seen, reference, 'integer')
  const lost = integer.before > 0.5 ? -integer.delta / integer.before : 0
  if (integer.z < -3 && Math.abs(lost - share) < 0.3 * share + 0.03) return true
  if (log < 0 && shrunk(seen, curve)) return true
  const far = changeOf(seen, reference, 'far')
  return log > 0 && far.z > 3 && far.delta >= LEAST_SHARE && far.now > 3 * widenedFar(seen, curve, points)
}

/** Whether sizes came up that are smaller than all but a hundredth of the reference's. */
function shrunk({ now, contract, sketch }: Seen, { magnitudes }: Curve): boolean {
  if (magnitudes.length === 0) return false
  const least = Math.exp(magnitudes[0]) / 1.2
  const found = ecdf(sketch!.numeric!, contract.numeric!.grid)
  const zeros = cdfAt(found, 0) - cdfAt(found, 0, 'left')
  const small = cdfAt(found, least) - cdfAt(found, -least) - zeros
  const usual = 0.01 * (1 - zeros)
  return small > 3 * usual && (small - usual) * now.count > 4 * Math.sqrt(usual * now.count) + 3
}

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

function describe({ unit }: Seen, { log, share }: Mixture, error: number, confidence: Cause['confidence']): Cause {
  const factor = Math.exp(log)
  const named = namedFactors(log, Math.max(0.01, 3 * error), unit)
  const said = factor >= 1 ? `multiplied by ${number(factor)}` : `divided by ${number(1 / factor)}`
  return {
    code: 'partial-unit',
    confidence,
    sentence: `${percent(share)} of the rows look ${said}${named.length > 0 ? ` (${named[0].words})` : ''}, the others as before`,
    numbers: { share, factor, low: Math.exp(log - 3 * error), high: Math.exp(log + 3 * error) },
    alternatives: named.slice(1).map(({ value, words }) => `partial-unit × ${number(value)} (${words})`),
    whoMoved: 'pipeline',
  }
}
