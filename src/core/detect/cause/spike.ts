import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { farFences } from '../counters.js'
import { misfitOf } from './fit.js'
import { type Gain, gainsOf } from './gains.js'
import { mapped, mixed, pointsOf, shareOf, spikeAt } from './points.js'
import { type Curve, changeOf, distinctRatio, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { type World, worldOf } from './world.js'

const LEAST_GAIN = 0.02
const LEAST_Z = 4
/** A value with less than this share before is a new one: repeated, it speaks for itself, from this gain and z on. */
const NEW = 0.003
const NEW_GAIN = 0.01
/** Rows that should lie beyond a limit where none does. */
const FEWEST_BEYOND = 4
/** The rest is as it was: certainly, and still believable. */
const SURE = 2
const FITS = 3
/** An atom that keeps less than this part of its share is gone. */
const GONE = 0.2

/** One value takes what others lose: imputed, or what lay beyond it clipped. */
export function spike(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  if (curve === null || seen.now.shape === null || seen.sketch?.numeric == null) return null
  const [first, second] = gainsOf(seen, reference)
  if (first === undefined || first.z < LEAST_Z) return null
  const fresh = first.before < NEW && first.gain >= NEW_GAIN
  if (first.gain < LEAST_GAIN && !fresh) return null
  if (second !== undefined && second.z >= Math.max(LEAST_Z, first.z / 2)) return null
  const world = worldOf(curve, seen.past, seen.now.shape.quantiles, seen.now.count)
  return clipped(seen, reference, curve, first, world) ?? imputed(seen, reference, curve, first, world)
}

/** The value is the extreme one now, and has what lay beyond it. */
function clipped(
  seen: Seen,
  reference: Reference,
  curve: Curve,
  { value, before, now, gain }: Gain,
  world: World,
): Cause | null {
  const state = seen.sketch!.numeric!
  const upper = value === state.max
  if (!upper && value !== state.min) return null
  const points = pointsOf(seen, reference)
  const beyond = shareOf(points, x => (upper ? x > value : x < value))
  const error = 3 * Math.sqrt((gain * (1 - gain)) / state.count) + 0.005
  if (beyond < gain / 3 || Math.abs(beyond - gain) > Math.max(error, gain / 3)) return null
  // That nothing lies beyond any more must be no chance.
  if (beyond * state.count < FEWEST_BEYOND) return null
  const limited = mapped(points, x => (upper ? Math.min(x, value) : Math.max(x, value)))
  const after = misfitOf(limited, state, seen.contract.numeric!, curve)
  if (after > FITS || (atomGone(seen, reference) && after > world.shifted)) return null
  return {
    code: 'clipping',
    confidence: before < NEW && after < SURE ? 'high' : 'medium',
    sentence: `nothing lies ${upper ? 'above' : 'below'} ${number(value)} any more, and ${number(value)} itself went ${percent(before)} → ${percent(now)}: clipped there`,
    numbers: { value, before, now, beyondBefore: beyond },
    alternatives: before < NEW ? [] : ['imputation'],
    whoMoved: 'pipeline',
  }
}

/** The rest is as it was, thinned by what the value gained. */
function imputed(
  seen: Seen,
  reference: Reference,
  curve: Curve,
  { value, before, now, gain }: Gain,
  world: World,
): Cause | null {
  const share = Math.min(0.99, gain / Math.max(0.01, 1 - before))
  if (atomGone(seen, reference) || distinctRatio(seen, reference) < 0.6 * (1 - share)) return null
  const turned = mixed(pointsOf(seen, reference), spikeAt(value), share)
  const after = misfitOf(turned, seen.sketch!.numeric!, seen.contract.numeric!, curve)
  const far = changeOf(seen, reference, 'far')
  // Other values came out there as well: then it is not one value that was filled in.
  const [low, high] = farFences(seen.contract.numeric!)
  if ((value < low || value >= high) && far.delta > 1.5 * gain) return null
  const nulls = changeOf(seen, reference, 'null')
  const filled = nulls.z < -3 && nulls.delta <= -0.01
  const fresh = before < NEW
  const worldly = Math.min(world.shifted, world.widened)
  const fits = fresh || (after < FITS && after < worldly)
  if (!filled && !fits) return null
  const nullsSaid = filled ? ` as nulls fell by ${percent(-nulls.delta)} of the rows` : ''
  return {
    code: 'imputation',
    confidence: filled || (fresh && after < SURE) ? 'high' : after < 1.5 ? 'medium' : 'low',
    sentence: `${number(value)} rose ${percent(before)} → ${percent(now)}${nullsSaid}, the other values thinned out evenly`,
    numbers: { value, before, now, nullsBefore: nulls.before, nullsNow: nulls.now },
    alternatives: filled || fresh ? [] : ['distribution'],
    whoMoved: 'pipeline',
  }
}

/** A value with mass of its own vanished: then everything moved, and nothing was filled in. */
function atomGone({ contract, now }: Seen, { cells, count }: Reference): boolean {
  const { atoms } = contract.numeric!.grid
  for (let a = 0; a < atoms.length; a++) {
    const before = cells[a] / count
    if (before >= 0.05 && now.cells[a] / now.count < GONE * before) return true
  }
  return false
}
