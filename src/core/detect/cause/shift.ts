import type { Cause } from '../../alert/event.js'
import { fromTo, number } from '../../alert/words.js'
import { MEDIAN } from '../shape.js'
import type { Curve } from './curve.js'
import { misfit } from './fit.js'
import { lineOf } from './line.js'
import type { Seen } from './seen.js'

/** A shift of all values from here on, in σ, is no change of the world. */
export const LARGE_SHIFT = 2.5
/** So many times as far as a past window has been. */
const BEYOND = 1.5
const FITS = 3.5
const EXPLAINS = 0.35

/** All values moved far, by the same amount. */
export function shifted({ contract, past, now: { count } }: Seen, curve: Curve, now: Float64Array): Cause | null {
  const { sigma } = contract.numeric!
  const line = lineOf(curve, past, now, count)
  if (Math.abs(line.location) < Math.max(LARGE_SHIFT * sigma, BEYOND * line.usual) || line.asShift > 3) return null
  const shift = line.location
  const before = misfit(curve.quantiles, now, curve.noise)
  const after = misfit(
    curve.quantiles,
    now.map(q => q - shift),
    curve.noise,
  )
  if (after > FITS || after > EXPLAINS * before) return null
  const middle = curve.quantiles[MEDIAN]
  return {
    code: 'unit',
    confidence: 'medium',
    sentence: `all values look shifted by ${number(shift)} (median ${fromTo(middle, now[MEDIAN])}), their spread unchanged`,
    numbers: { shift, misfitBefore: before, misfitAfter: after },
    alternatives: ['distribution'],
    whoMoved: 'pipeline',
  }
}
