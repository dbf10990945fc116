import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { cdfAt, ecdf } from '../../sketch/ecdf.js'
import { quantileAt } from '../../statistic/quantiles.js'
import { farFences } from '../counters.js'
import { LEVELS, MEDIAN } from '../profile.js'
import { namedFactors } from './constants.js'
import { misfit, misfitOf } from './fit.js'
import { atomGone } from './gains.js'
import { type Mixture, mixtureOf } from './mixture.js'
import { mapped, mixed, type Points, pointsOf, shareOf, shareUpTo, stepsOf } from './points.js'
import { type Curve, changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

const FITS = 2.5
const LEAST_SHARE = 0.01
const MOST_SHARE = 0.6
/** Without values where there were none before, only a plain case is one: this factor, this fit. */
const PLAIN_LOG = Math.log(3)
const PLAIN_FIT = 1.5
/** Far values tell their factor by themselves from here on. */
const FAR_LOG = Math.log(5)
const FEWEST_FAR = 4
const NEAR = 0.25

/** A part of the rows in another unit, the others as before. */
export function partialUnit(seen: Seen, reference: Reference): Cause | null {
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
  const before = misfit(curve.quantiles, seen.now.shape.quantiles, curve.noise)
  const novel = hasNew(seen, reference, curve, points, best)
  const small = Math.abs(best.log) < PLAIN_LOG && !(after < PLAIN_FIT && after < 0.4 * before && before > 3)
  if (small) return null
  const plain = Math.abs(best.log) > PLAIN_LOG && after < PLAIN_FIT && after < 0.4 * before && before > 3
  const fits = novel && after < FITS && after < Math.max(0.7 * before, 1.5)
  if (!fits && !plain && !(novel && farPartFits(seen, points, best))) return null
  return describe(seen, best, { before, after })
}

/** Whether values came up that the reference hardly has: far out, or between its whole numbers. */
function hasNew(seen: Seen, reference: Reference, curve: Curve, points: Points, { share, log }: Mixture): boolean {
  const integer = changeOf(seen, reference, 'integer')
  const lost = integer.before > 0.5 ? -integer.delta / integer.before : 0
  if (integer.z < -3 && Math.abs(lost - share) < 0.3 * share + 0.03) return true
  const far = changeOf(seen, reference, 'far')
  return log > 0 && far.z > 3 && far.delta >= LEAST_SHARE && far.now > 3 * widenedFar(seen, curve, points)
}

/** Whether the values far above are those of the reference, times the factor: Kolmogorov–Smirnov at 1 %, or .25, among them alone. */
function farPartFits({ contract, sketch }: Seen, points: Points, { log }: Mixture): boolean {
  const numeric = contract.numeric!
  const state = sketch!.numeric!
  const [, high] = farFences(numeric)
  if (log < FAR_LOG) return false
  const found = ecdf(state, numeric.grid)
  const out = 1 - cdfAt(found, high)
  const rows = out * state.count
  if (rows < FEWEST_FAR) return false
  const scaled = stepsOf(mapped(points, x => x * Math.exp(log)))
  const below = shareUpTo(scaled, high)
  const zeros = shareOf(points, x => x === 0)
  let distance = 0
  for (const t of scaled.values) {
    if (t < high) continue
    const F = (shareUpTo(scaled, t) - below) / (1 - below)
    distance = Math.max(distance, Math.abs((cdfAt(found, t) - 1 + out) / out - F))
  }
  return below - zeros < 0.5 * (1 - zeros) && distance < Math.max(NEAR, 1.63 / Math.sqrt(rows))
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

function describe({ unit }: Seen, { log, share }: Mixture, fit: { before: number; after: number }): Cause {
  const factor = Math.exp(log)
  const named = namedFactors(log, 0.15, unit)
  const said = factor >= 1 ? `multiplied by ${number(factor)}` : `divided by ${number(1 / factor)}`
  return {
    code: 'partial-unit',
    confidence: fit.after < 1.5 ? 'high' : 'medium',
    sentence: `${percent(share)} of the rows look ${said}${named.length > 0 ? ` (${named[0].words})` : ''}, the others as before`,
    numbers: { share, factor, misfitBefore: fit.before, misfitAfter: fit.after },
    alternatives: named.slice(1).map(({ value, words }) => `partial-unit × ${number(value)} (${words})`),
    whoMoved: 'pipeline',
  }
}
