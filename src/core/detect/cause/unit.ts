import type { Cause } from '../../alert/event.js'
import { affine } from './affine.js'
import { exactAffine, exactFactor, exactOffset } from './exact-factor.js'
import { scaled } from './factor.js'
import { distinctRatio, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { shifted } from './shift.js'

/** Another unit keeps the number of different values. */
const LEAST_DISTINCT = 0.5

/** Another unit for all values. What values on a grid tell exactly comes first, then maps with a name, then what has to be fitted. */
export function unit(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  const { shape } = seen.now
  if (curve === null || shape === null || distinctRatio(seen, reference) < LEAST_DISTINCT) return null
  return (
    exactFactor(seen, reference) ??
    exactAffine(seen, reference) ??
    exactOffset(seen, reference) ??
    affine(seen, curve, shape.quantiles) ??
    scaled(seen, reference, curve) ??
    shifted(seen, curve, shape.quantiles)
  )
}
