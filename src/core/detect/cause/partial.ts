import type { Cause } from '../../alert/event.js'
import { cdfAt, type Ecdf, ecdf } from '../../sketch/ecdf.js'
import { lowerBound } from '../../sketch/search.js'
import { quantileAt } from '../../statistic/quantiles.js'
import { MEDIAN } from '../shape.js'
import type { Curve } from './curve.js'
import { farPart, widenedFar } from './far-part.js'
import { misfitOf } from './fit.js'
import { atomGone } from './gains.js'
import { lineOf } from './line.js'
import { LEAST_LOG, type Mixture, mixtureOf } from './mixture.js'
import { LEAST_SHARE, MOST_SHARE, tellPart } from './part.js'
import { mapped, mixed, type Points, pointsOf, shareUpTo, stepsOf } from './points.js'
import { changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

const FITS = 2.5
/** Without values where there were none before, only a plain case is one: this factor, this fit. */
const PLAIN_FIT = 1.5
const PLAIN_BEFORE = 2.5
/** Standard error of the fitted logarithm, roughly: the last step of the search. */
const FITTED = 0.05

/** A part of the rows in another unit, the others as before. */
export function partialUnit(seen: Seen, reference: Reference): Cause | null {
  if (reference.curve === null || seen.now.shape === null || seen.sketch?.numeric == null) return null
  return farPart(seen, reference, reference.curve) ?? mixedIn(seen, reference)
}

/** The same where the window is a mixture to within noise: far values alone say less. */
export function mixedIn(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  const state = seen.sketch?.numeric
  if (curve === null || seen.now.shape === null || state == null) return null
  // Whatever part keeps its unit keeps some of every value that had mass.
  if (atomGone(seen, reference)) return null
  const numeric = seen.contract.numeric!
  const points = pointsOf(seen, reference)
  const found = ecdf(state, numeric.grid)
  const best = mixtureOf(stepsOf(points), curve, found)
  if (best === null || best.share < LEAST_SHARE || best.share > MOST_SHARE) return null
  if (!landsThere(points, best, found)) return null
  const turned = mixed(
    points,
    mapped(points, x => x * Math.exp(best.log)),
    best.share,
  )
  const after = misfitOf(turned, state, numeric, curve)
  const before = misfitOf(points, state, numeric, curve)
  const novel = hasNew(seen, reference, curve, points, best)
  const plain = after < PLAIN_FIT && after < 0.4 * before && before > PLAIN_BEFORE
  const fits = novel && after < FITS && after < Math.max(0.7 * before, 1.5)
  if (!fits && !plain) return null
  const { location, slope } = lineOf(curve, seen.past, seen.now.shape.quantiles, seen.now.count)
  const middle = curve.quantiles[MEDIAN]
  const worldly = mapped(points, x => middle + location + slope * (x - middle))
  if (after > 0.75 * misfitOf(worldly, state, numeric, curve)) return null
  // A best factor at the end of what was tried may be a smaller one.
  if (Math.abs(best.log) < LEAST_LOG + FITTED) return unknownFactor(best)
  return tellPart(seen, best.log, best.share, FITTED, after < 1.5 ? 'high' : 'medium')
}

/** How far the middle of the new values may lie from where the factor leads, in its logarithm, and what part of the rows said to be turned they are. */
const ASTRAY = 0.35
const MOST_NEW = 0.5
/** The part of the values led beyond all that there were that must be found there: a longer tail has none. */
const LEAST_THERE = 0.3

/** Whether values beyond all that there were lie where the factor leads. Where windows swing widely, their shares alone tell no factor. */
function landsThere(points: Points, { log, share }: Mixture, found: Ecdf): boolean {
  const last = points.values.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY)
  const under = cdfAt(found, last)
  if (last <= 0 || log < 0) return true
  const { values, upTo } = stepsOf(mapped(points, x => x * Math.exp(log)))
  const from = shareUpTo({ values, upTo }, last)
  if (1 - under < LEAST_THERE * share * (1 - from)) return false
  if (1 - under < MOST_NEW * share) return true
  const expected = values[lowerBound(upTo, 0, upTo.length - 1, (1 + from) / 2)]
  return Math.abs(Math.log(quantileAt(found, (1 + under) / 2) / expected)) < ASTRAY
}

function unknownFactor({ share, log }: Mixture): Cause {
  return {
    code: 'partial-unit',
    confidence: 'low',
    sentence: `a part of the rows looks ${log > 0 ? 'multiplied' : 'divided'} by 3 or less, the others as before`,
    numbers: { share },
    alternatives: ['distribution', 'unit'],
    whoMoved: 'pipeline',
  }
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
