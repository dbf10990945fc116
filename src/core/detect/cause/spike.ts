import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { farFences } from '../counters.js'
import { misfitOf } from './fit.js'
import { anotherGone, atomGone, type Gain, gainsOf } from './gains.js'
import { frequentBefore, offGrid, onGrid, usualStep } from './lattice.js'
import { mixed, pointsOf, spikeAt } from './points.js'
import { type Curve, changeOf, distinctRatio, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { type World, worldOf } from './world.js'

const LEAST_GAIN = 0.02
const LEAST_Z = 4
/** A value with less than this share before is a new one: repeated, it speaks for itself, from this gain and z on. */
const NEW = 0.003
const NEW_GAIN = 0.01
/** Former values that show their grid. */
const GRID_VALUES = 12
/** A value that rises so surely among so many speaks for itself as well. */
const SHARP_Z = 6
const FINE = 30
const FEW = 12
const FEW_FITS = 1.2
const SURE_Z = 5.5
/** The rest is as it was: certainly, and still believable. */
const SURE = 2
const FITS = 3

/** One value takes a part of all others. */
export function spike(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  if (curve === null || seen.now.shape === null || seen.sketch?.numeric == null) return null
  const [first, second] = gainsOf(seen, reference)
  if (first === undefined || first.z < LEAST_Z) return null
  const [low, high] = farFences(seen.contract.numeric!)
  const out = first.value < low || first.value >= high
  const step = usualStep([...frequentBefore(reference, GRID_VALUES).keys()])
  // Between other values of a grid one more is no news by itself.
  const apart = out || step === null || !onGrid(first.value, step) || first.z >= SURE_Z
  const fresh = apart && first.before < NEW && first.gain >= NEW_GAIN
  if (first.gain < LEAST_GAIN && !fresh) return null
  // Others that came up as well say that all moved; not of a new value far away from all.
  if (!(fresh && out) && second !== undefined && second.z >= Math.max(LEAST_Z, first.z / 2)) return null
  if (fresh && others(seen, reference, first, step) > first.gain / 2) return null
  const world = worldOf(curve, seen.past, seen.now.shape.quantiles, seen.now.count)
  return imputed(seen, reference, curve, first, world, fresh, fresh && wayOut(seen, first.value))
}

/** Share of further new values, far out or off the grid of the former ones: then it is not one value that was filled in. */
function others(seen: Seen, reference: Reference, { value, now, gain }: Gain, step: number | null): number {
  const [low, high] = farFences(seen.contract.numeric!)
  const out = value < low || value >= high
  const far = out ? changeOf(seen, reference, 'far').delta - gain : 0
  const off = step !== null && !onGrid(value, step) ? offGrid(seen.sketch!.numeric!, step) - now : 0
  return Math.max(far, off)
}

/** A value further out than the reference is wide: whatever else happens, no move of all values leads there. */
function wayOut({ contract }: Seen, value: number): boolean {
  const { q01, q99 } = contract.numeric!.fences
  const width = q99 - q01
  return value < q01 - width || value > q99 + width
}

/** The rest is as it was, thinned by what the value gained. */
function imputed(
  seen: Seen,
  reference: Reference,
  curve: Curve,
  { value, before, now, gain, z }: Gain,
  world: World,
  fresh: boolean,
  outside: boolean,
): Cause | null {
  const share = Math.min(0.99, gain / Math.max(0.01, 1 - before))
  const moved = atomGone(seen, reference) || anotherGone(seen, reference, gain)
  if (!outside && (moved || distinctRatio(seen, reference) < 0.6 * (1 - share))) return null
  const turned = mixed(pointsOf(seen, reference), spikeAt(value), share)
  const after = misfitOf(turned, seen.sketch!.numeric!, seen.contract.numeric!, curve)
  const nulls = changeOf(seen, reference, 'null')
  const filled = nulls.z < -3 && nulls.delta <= -0.01
  const worldly = Math.min(world.shifted, world.widened)
  // On a fine grid a single value does not rise like this by a move of all.
  const sharp = z >= SHARP_Z && seen.now.distinct > FINE
  // Where there are few values, each of them must show that it was thinned out like the others.
  const few = seen.now.distinct <= FEW
  const fits =
    few && !outside
      ? after < (fresh ? FITS : FEW_FITS) && after < worldly
      : fresh || (after < FITS && (sharp || after < worldly))
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
