import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { misfitOf, mixed, pointsOf, spikeAt } from './fit.js'
import { type Gain, gainsOf } from './gains.js'
import { type Curve, changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { type World, worldOf } from './world.js'

const LEAST_GAIN = 0.02
const LEAST_Z = 4
/** A value with less than this share before is a new one: repeated, it speaks for itself, from this gain and z on. */
const NEW = 0.003
const NEW_GAIN = 0.01
const NEW_Z = 5
const FITS = 2
/** An atom that keeps less than this part of its share is gone. */
const GONE = 0.2

/** One value takes what others lose: imputed, or what lay beyond it clipped. */
export function spike(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  if (curve === null || seen.now.shape === null || seen.sketch?.numeric == null) return null
  const [first, second] = gainsOf(seen, reference)
  if (first === undefined || first.z < LEAST_Z) return null
  const fresh = first.before < NEW && first.gain >= NEW_GAIN && first.z >= NEW_Z
  if (first.gain < LEAST_GAIN && !fresh) return null
  if (second !== undefined && second.gain >= first.gain / 2) return null
  const world = worldOf(curve, seen.past, seen.now.shape.quantiles, seen.now.count)
  return clipped(seen, curve, first, world) ?? imputed(seen, reference, curve, first, world)
}

/** The value is the extreme one now, and has what lay beyond it. */
function clipped(seen: Seen, curve: Curve, { value, before, now, gain }: Gain, world: World): Cause | null {
  const { min, max } = seen.sketch!.numeric!
  const upper = value === max
  if (!upper && value !== min) return null
  const points = pointsOf(curve)
  const beyond = points.values.filter(x => (upper ? x > value : x < value)).length / points.values.length
  const error = 3 * Math.sqrt((gain * (1 - gain)) / seen.now.count) + 0.005
  if (beyond < gain / 3 || Math.abs(beyond - gain) > Math.max(error, gain / 2)) return null
  const limited = { ...points, values: points.values.map(x => (upper ? Math.min(x, value) : Math.max(x, value))) }
  const { sigma } = seen.contract.numeric!
  const after = misfitOf(limited, seen.now.shape!.quantiles, seen.now.count, curve, 0.02 * sigma)
  if (after > FITS || after > world.shifted) return null
  return {
    code: 'clipping',
    confidence: before < NEW ? 'high' : 'medium',
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
  if (atomGone(seen, reference)) return null
  const { quantiles } = seen.now.shape!
  const { sigma } = seen.contract.numeric!
  const share = Math.min(0.99, gain / Math.max(0.01, 1 - before))
  const after = misfitOf(mixed(pointsOf(curve), spikeAt(value), share), quantiles, seen.now.count, curve, 0.02 * sigma)
  const nulls = changeOf(seen, reference, 'null')
  const filled = nulls.z < -3 && nulls.delta <= -0.01
  const fresh = before < NEW
  const worldly = Math.min(world.shifted, world.widened)
  const fits = fresh ? after < FITS || after < 0.7 * world.same : after < FITS && after < worldly
  if (!filled && !fits) return null
  const nullsSaid = filled ? ` as nulls fell by ${percent(-nulls.delta)} of the rows` : ''
  return {
    code: 'imputation',
    confidence: filled || (fresh && after < FITS) ? 'high' : after < 1.5 ? 'medium' : 'low',
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
