import type { Cause } from '../../alert/event.js'
import { moved, number } from '../../alert/words.js'
import type { Curve } from './curve.js'
import { misfitOf } from './fit.js'
import { onGridBefore, onStep, stepOf } from './lattice.js'
import { mapped, pointsOf } from './points.js'
import { type Change, changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

const WHOLE = 0.95
/** By how much the whole numbers rise among the values other than 0. */
const LEAST_DELTA = 0.3
/** Repeated values of the reference that must lie beside the grid for the grid to be new. */
const OLD_ON_GRID = 0.6
/** By how much the misfits must differ to tell cut off from rounded. */
const CLEAR = 0.5
const FITS = 1.2
const WORST = 4

/** Decimals lost: whole numbers only (truncated, or rounded where the values did not move towards 0), or a coarser grid. */
export function rounding(seen: Seen, reference: Reference): Cause | null {
  const { numeric } = seen.sketch ?? {}
  const { curve } = reference
  if (numeric == null || numeric.count === 0 || curve === null || seen.now.shape === null) return null
  const whole = changeOf(seen, reference, 'integer')
  const zero = changeOf(seen, reference, 'zero')
  const among = (integers: number, zeros: number): number => (zeros < 1 ? (integers - zeros) / (1 - zeros) : 1)
  const rise = among(whole.now, zero.now) - among(whole.before, zero.before)
  const integers = whole.now >= WHOLE && rise >= LEAST_DELTA
  const step = stepOf(numeric, seen.contract.numeric!.sigma)
  if (integers && (step === null || step <= 1 || onGridBefore(reference, step).share >= OLD_ON_GRID)) {
    return keepsShape(seen, curve, 1) ? tell(seen, reference, curve, 1, whole) : null
  }
  if (step === null || !keepsShape(seen, curve, step)) return null
  const old = onGridBefore(reference, step)
  if (old.share >= OLD_ON_GRID || !coarser(seen, reference, step)) return null
  return tell(seen, reference, curve, step, whole)
}

/** Whether the reference had values between the multiples: other repeated ones, or more distinct values than multiples. */
function coarser({ now }: Seen, { distinct }: Reference, step: number): boolean {
  return step > 0 && now.distinct < 0.8 * distinct
}

/** Whether the quantiles are where they were, to within the step. */
function keepsShape({ now }: Seen, { quantiles, noise }: Curve, step: number): boolean {
  let away = 0
  for (const [l, q] of now.shape!.quantiles.entries()) if (Math.abs(q - quantiles[l]) > step + 4 * noise[l]) away++
  return away <= 2
}

function tell(seen: Seen, reference: Reference, curve: Curve, step: number, whole: Change): Cause | null {
  const points = pointsOf(seen, reference)
  const misfitAfter = (turn: (steps: number) => number): number =>
    misfitOf(
      mapped(points, x => onStep(turn(x / step), step)),
      seen.sketch!.numeric!,
      seen.contract.numeric!,
      curve,
    )
  const cut = misfitAfter(Math.trunc)
  const rounded = misfitAfter(Math.round)
  if (Math.min(cut, rounded) > WORST) return null
  const clear = Math.abs(cut - rounded) > CLEAR && Math.min(cut, rounded) < FITS
  // Where the rows are too few to tell, whole numbers are rather cut off (a cast) and other steps rounded.
  const truncated = clear ? cut < rounded : step === 1
  const code = step === 1 && truncated ? 'truncation' : 'rounding'
  const way = truncated ? 'cut off' : 'rounded'
  return {
    code,
    confidence: clear ? 'high' : 'medium',
    sentence:
      step === 1
        ? `whole numbers ${moved(whole.before, whole.now)}: decimals ${way}`
        : `all values are multiples of ${number(step)} now: ${way}`,
    numbers: { step, before: whole.before, now: whole.now, misfitTruncated: cut, misfitRounded: rounded },
    alternatives: clear ? [] : [code === 'truncation' ? 'rounding' : 'truncation'],
    whoMoved: 'pipeline',
  }
}
