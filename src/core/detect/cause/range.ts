import type { Cause } from '../../alert/event.js'
import { moved } from '../../alert/words.js'
import { MEDIAN } from '../shape.js'
import { widenedFar } from './far-part.js'
import { atomGone } from './gains.js'
import { pointsOf } from './points.js'
import { changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

/** Values far outside what training had, while the middle stays: outliers that no factor explains. */
export function range(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  if (curve === null || seen.now.shape === null) return null
  const far = changeOf(seen, reference, 'far')
  const away = Math.abs(seen.now.shape.quantiles[MEDIAN] - curve.quantiles[MEDIAN]) / seen.contract.numeric!.sigma
  if (far.z < 5 || far.delta < 0.01 || far.now > 0.25 || away > 0.5 || atomGone(seen, reference)) return null
  if (far.now < 3 * widenedFar(seen, curve, pointsOf(seen, reference))) return null
  return {
    code: 'range',
    confidence: far.delta >= 0.05 ? 'medium' : 'low',
    sentence: `values far outside the training range ${moved(far.before, far.now)}, the middle unchanged`,
    numbers: { before: far.before, now: far.now, z: far.z },
    alternatives: ['partial-unit', 'distribution'],
    whoMoved: 'unknown',
  }
}
