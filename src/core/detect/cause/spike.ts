import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { shareZ } from '../../statistic/shares.js'
import { farFences } from '../counters.js'
import type { Curve } from './curve.js'
import { misfitOf } from './fit.js'
import { anotherGone, atomGone, type Gain, gainsOf } from './gains.js'
import { frequentBefore, offGrid, onGrid, usualStep } from './lattice.js'
import { mapped, mixed, type Points, pointsOf, spikeAt } from './points.js'
import { type Change, changeOf, distinctRatio, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { movesOf, shareAt } from './world.js'

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
/** The rest is as it was: certainly, and still believable. */
const SURE = 2
/** Rows with the value from which on it is no coincidence. */
const FEWEST_SURE = 8
/** Misfits that do not differ by this are alike. */
const LEVEL = 0.2
const FITS = 3

/** One value takes a part of all others. */
export function spike(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  if (curve === null || seen.now.shape === null || seen.sketch?.numeric == null) return null
  const [low, high] = farFences(seen.contract.numeric!)
  const isOut = ({ value }: Gain): boolean => value < low || value >= high
  const isNew = ({ before, gain, z }: Gain): boolean => before < NEW && gain >= NEW_GAIN && z >= LEAST_Z
  const step = usualStep([...frequentBefore(reference, GRID_VALUES).keys()])
  const gains = gainsOf(seen, reference)
  const first = gains.find(gain => isNew(gain) && isOut(gain)) ?? gains[0]
  if (first === undefined || first.z < LEAST_Z) return null
  const fresh = isNew(first)
  if (first.gain < LEAST_GAIN && !fresh) return null
  // Others that came up as well say that all moved; not of a new value far away from all.
  const second = gains.find(gain => gain !== first)
  if (!(fresh && isOut(first)) && second !== undefined && second.z >= Math.max(LEAST_Z, first.z / 2)) return null
  if (fresh && others(seen, reference, first, step) > first.gain / 2) return null
  return imputed(seen, reference, curve, first, step, fresh)
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
  one: Gain,
  step: number | null,
  fresh: boolean,
): Cause | null {
  const outside = fresh && wayOut(seen, one.value)
  const rival = rivalsOf(seen, reference, curve, one, step)
  if (!outside && (rival.moved || rival.z < LEAST_Z)) return null
  const nulls = changeOf(seen, reference, 'null')
  const filled = nulls.z < -3 && nulls.delta <= -0.01
  const { after, worldly } = rival
  // On a fine grid a single value does not rise like this by a move of all.
  const sharp = one.z >= SHARP_Z && seen.now.distinct > FINE
  // Where there are few values, each of them must show that it was thinned out like the others.
  const few = seen.now.distinct <= FEW
  const fits =
    few && !outside
      ? after < (fresh ? FITS : FEW_FITS) && after < worldly
      : fresh || (after < FITS && (sharp || after < worldly))
  return filled || fits ? tell(one, nulls, { filled, fresh, after, rows: one.now * seen.now.count }) : null
}

/** How well the value's gain explains the window, and what a move of all values would explain instead. */
function rivalsOf(seen: Seen, reference: Reference, curve: Curve, one: Gain, step: number | null) {
  const { value, before, now, gain } = one
  const numeric = seen.contract.numeric!
  const state = seen.sketch!.numeric!
  const misfitNow = (some: Points): number => misfitOf(some, state, numeric, curve)
  const share = Math.min(0.99, gain / Math.max(0.01, 1 - before))
  const points = pointsOf(seen, reference)
  const after = misfitNow(mixed(points, spikeAt(value), share))
  const moves = movesOf(seen, curve, step)
  const worlds = moves.map(move => mapped(points, move)).map(world => ({ world, fit: misfitNow(world) }))
  // What a move of all values would bring there, if one fits as well.
  const brought = worlds.filter(({ fit }) => fit < after + LEVEL).map(({ world }) => shareAt(world, value, step))
  const expected = Math.max(before, ...brought)
  const led = (from: number, to: number): boolean => moves.some(move => Math.abs(move(from) - to) < 0.1 * numeric.sigma)
  return {
    after,
    worldly: Math.min(...worlds.map(({ fit }) => fit)),
    z: shareZ(now * state.count, state.count, expected * reference.count, reference.count),
    /** Another value is gone in its favour, or many are. */
    moved:
      atomGone(seen, reference) ||
      anotherGone(seen, reference, one, led) ||
      distinctRatio(seen, reference) < 0.6 * (1 - share),
  }
}

function tell(
  { value, before, now }: Gain,
  nulls: Change,
  { filled, fresh, after, rows }: { filled: boolean; fresh: boolean; after: number; rows: number },
): Cause {
  const nullsSaid = filled ? ` as nulls fell ${number(-100 * nulls.delta)} points` : ''
  return {
    code: 'imputation',
    confidence: filled || (fresh && after < SURE && rows >= FEWEST_SURE) ? 'high' : after < 1.5 ? 'medium' : 'low',
    sentence: `${number(value)} rose ${percent(before)} → ${percent(now)}${nullsSaid}, the other values thinned out evenly`,
    numbers: { value, before, now, nullsBefore: nulls.before, nullsNow: nulls.now },
    alternatives: filled || fresh ? [] : ['distribution'],
    whoMoved: 'pipeline',
  }
}
