import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import type { Curve } from './curve.js'
import { misfitOf } from './fit.js'
import { atomGone, type Gain, gainsOf } from './gains.js'
import { frequentBefore, offGrid, usualStep } from './lattice.js'
import { mapped, type Points, pointsOf, shareOf } from './points.js'
import { distinctRatio, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { worldOf } from './world.js'

/** A value with less than this share before is as good as new, or one that rose this surely to many times what it was. */
const NEW = 0.003
const NEW_Z = 6
/** Rows that should lie beyond a limit where none does: beyond a new value, beyond one that was there before. */
const FEWEST_BEYOND = 4
const SURE_BEYOND = 8
const CERTAIN_BEYOND = 12
const LEAST_Z = 2
const LEFT_GRID = 0.1
const SURE = 2
const FITS = 3

/** The extreme value has what lay beyond it. */
export function clipping(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  const state = seen.sketch?.numeric
  if (curve === null || seen.now.shape === null || state == null || state.min === state.max) return null
  const gains = gainsOf(seen, reference)
  const edges = gains.filter(({ value }) => value === state.max || value === state.min)
  const inner = gains.find(({ value }) => value !== state.max && value !== state.min)
  if (edges.length === 0) return null
  // Other values came up as well: rows repeat.
  if (inner !== undefined && inner.z > Math.max(4, edges[0].z / 2)) return null
  // Where hardly any values are left, they were rounded or repeat.
  if (distinctRatio(seen, reference) < 0.4 * (1 - edges[0].now)) return null
  const points = pointsOf(seen, reference)
  for (const edge of edges) {
    if (edge.z < edges[0].z / 2) continue
    const cause = clippedAt(seen, reference, curve, points, edge)
    if (cause !== null) return cause
  }
  return null
}

function clippedAt(
  seen: Seen,
  reference: Reference,
  curve: Curve,
  points: Points,
  { value, before, now, gain, z }: Gain,
): Cause | null {
  const state = seen.sketch!.numeric!
  const upper = value === state.max
  const beyond = shareOf(points, x => (upper ? x > value : x < value))
  const error = 3 * Math.sqrt((now * (1 - now)) / state.count) + 0.003
  const fresh = before < NEW || (z > NEW_Z && before < gain / 5)
  // A value filled in would hardly happen to be just where all others end.
  const ends = fresh && beyond * state.count >= FEWEST_BEYOND
  if ((beyond < gain / 4 && !ends) || beyond > Math.max(2 * gain, gain + error)) return null
  // That nothing lies beyond any more must be no chance.
  if (z < LEAST_Z || beyond * state.count < (fresh ? FEWEST_BEYOND : SURE_BEYOND)) return null
  const limited = mapped(points, x => (upper ? Math.min(x, value) : Math.max(x, value)))
  const after = misfitOf(limited, state, seen.contract.numeric!, curve)
  const { same, shifted, widened } = worldOf(curve, seen.past, seen.now.shape!.quantiles, state.count)
  if (after > FITS) return null
  const sure = beyond * state.count >= CERTAIN_BEYOND && z >= 3
  if (!fresh && !sure && after > Math.min(same, shifted, widened)) return null
  // So do values that all left their grid.
  const step = usualStep([...frequentBefore(reference, 12).keys()])
  if (step !== null && offGrid(state, step) - now > LEFT_GRID) return null
  // An atom that vanished may have moved with all the others.
  if (atomGone(seen, reference) && after + 0.3 > shifted) return null
  return {
    code: 'clipping',
    confidence: fresh && after < SURE ? 'high' : 'medium',
    sentence: `nothing lies ${upper ? 'above' : 'below'} ${number(value)} any more, and ${number(value)} itself went ${percent(before)} → ${percent(now)}: clipped there`,
    numbers: { value, before, now, beyondBefore: beyond },
    alternatives: fresh ? [] : ['imputation'],
    whoMoved: 'pipeline',
  }
}
