import type { Cause } from '../../alert/event.js'
import { moved } from '../../alert/words.js'
import { misfit } from './fit.js'
import { changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

const LEAST_DELTA = 0.2
const FITS = 2
const LOOSE = 3.5

/** Every value's sign turned: the quantiles of −x are those of the reference. */
export function signFlip(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  const { shape } = seen.now
  if (curve === null || shape === null) return null
  const negative = changeOf(seen, reference, 'negative')
  const flipped = shape.quantiles.map(q => -q).reverse()
  const before = misfit(curve.quantiles, shape.quantiles, curve.noise)
  const after = misfit(curve.quantiles, flipped, curve.noise)
  const zero = changeOf(seen, reference, 'zero')
  // Among the values other than 0, whose share may change as it likes.
  const positive = 1 - negative.before / Math.max(0.01, 1 - zero.before)
  const turned = negative.now / Math.max(0.01, 1 - zero.now)
  const moves = Math.abs(negative.delta) > LEAST_DELTA && Math.abs(turned - positive) < 0.1
  const skewed = before > 4 && after < 1.5 && after < 0.25 * before
  if (!(moves && after < Math.max(FITS, Math.min(LOOSE, 0.35 * before))) && !skewed) return null
  return {
    code: 'sign-flip',
    confidence: after < FITS ? 'high' : 'medium',
    sentence: `values look like their negatives: negative ones ${moved(negative.before, negative.now)}, sizes unchanged`,
    numbers: { before: negative.before, now: negative.now, misfitBefore: before, misfitAfter: after },
    alternatives: [],
    whoMoved: 'pipeline',
  }
}
