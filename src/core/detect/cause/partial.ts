import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { cdfAt, ecdf } from '../../sketch/ecdf.js'
import { MEDIAN } from '../profile.js'
import { namedFactors } from './constants.js'
import { misfit, misfitOf } from './fit.js'
import { mapped, mixed, pointsOf, type Steps, shareUpTo, stepsOf } from './points.js'
import { type Curve, changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { worldOf } from './world.js'

const FITS = 2
/** Factors that are tried, e^±this in 60 steps each way; smaller ones are a change of spread. */
const LARGEST_LOG = Math.log(1e5)
const LEAST_LOG = Math.log(2)
const STEPS = 60

interface Mixture {
  readonly log: number
  readonly share: number
  readonly error: number
}

/** A part of the rows in another unit: G(t) = (1 − f)·F(t) + f·F(t/c). */
export function partialUnit(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  const state = seen.sketch?.numeric
  if (curve === null || seen.now.shape === null || state == null) return null
  const far = changeOf(seen, reference, 'far')
  const tails = changeOf(seen, reference, 'tails')
  if (!(far.z > 3 && far.delta >= 0.01) && !(tails.z > 3 && tails.delta >= 0.01)) return null
  const moved = Math.abs(seen.now.shape.quantiles[MEDIAN] - curve.quantiles[MEDIAN]) / seen.contract.numeric!.sigma
  if (moved > 1.5) return null
  const points = pointsOf(seen, reference)
  const best = bestMixture(seen, curve, stepsOf(points))
  if (best === null || best.share < 0.01 || best.share > 0.7) return null
  const { quantiles } = seen.now.shape
  const turned = mixed(
    points,
    mapped(points, x => x * Math.exp(best.log)),
    best.share,
  )
  const after = misfitOf(turned, state, seen.contract.numeric!, curve)
  const before = misfit(curve.quantiles, quantiles, curve.noise)
  const { widened } = worldOf(curve, seen.past, quantiles, seen.now.count)
  if (after > FITS || after > 0.6 * before || widened < after + 0.5) return null
  return describe(seen, best, { before, after })
}

/** The factor and share that bring the mixture nearest to the window, by squares over both scales. */
function bestMixture({ sketch, contract }: Seen, curve: Curve, points: Steps): Mixture | null {
  const found = ecdf(sketch!.numeric!, contract.numeric!.grid)
  const at = (t: number): number => cdfAt(found, t)
  let best: Mixture | null = null
  for (let step = -STEPS; step <= STEPS; step++) {
    const log = (step / STEPS) * LARGEST_LOG
    if (Math.abs(log) < LEAST_LOG) continue
    const factor = Math.exp(log)
    const levels = [...curve.quantiles, ...curve.quantiles.map(q => q * factor)]
    let xx = 0
    let xy = 0
    let yy = 0
    for (const t of levels) {
      const F = shareUpTo(points, t)
      const x = shareUpTo(points, t / factor) - F
      const y = at(t) - F
      xx += x * x
      xy += x * y
      yy += y * y
    }
    if (xx === 0) continue
    const share = xy / xx
    const error = (yy - share * xy) / levels.length
    if (share > 0 && (best === null || error < best.error)) best = { log, share, error }
  }
  return best
}

function describe({ unit }: Seen, { log, share }: Mixture, fit: { before: number; after: number }): Cause {
  const factor = Math.exp(log)
  const named = namedFactors(log, 0.15, unit)
  const said = factor >= 1 ? `× ${number(factor)}` : `÷ ${number(1 / factor)}`
  return {
    code: 'partial-unit',
    confidence: fit.after < 1.5 ? 'high' : 'medium',
    sentence: `${percent(share)} of the rows look multiplied (${said}${named.length > 0 ? `: ${named[0].words}` : ''}), the others as before`,
    numbers: { share, factor, misfitBefore: fit.before, misfitAfter: fit.after },
    alternatives: named.slice(1).map(({ value, words }) => `× ${number(value)} (${words})`),
    whoMoved: 'pipeline',
  }
}
