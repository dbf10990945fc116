import type { Cause } from '../../alert/event.js'
import { moved, number } from '../../alert/words.js'
import { onGridBefore, stepOf } from './lattice.js'
import { type Curve, changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

const WHOLE = 0.95
const LEAST_DELTA = 0.3
/** Repeated values of the reference that must lie beside the grid for the grid to be new. */
const OLD_ON_GRID = 0.6

/** Decimals lost: whole numbers only (truncated, or rounded where the values did not move towards 0), or a coarser grid. */
export function rounding(seen: Seen, reference: Reference): Cause | null {
  const { numeric } = seen.sketch ?? {}
  const { curve } = reference
  if (numeric == null || numeric.count === 0 || curve === null || seen.now.shape === null) return null
  const whole = changeOf(seen, reference, 'integer')
  const integers = whole.now >= WHOLE && whole.delta >= LEAST_DELTA
  const step = stepOf(numeric)
  if (integers && (step === null || step <= 1 || onGridBefore(reference, step).share >= OLD_ON_GRID)) {
    return keepsShape(seen, curve, 1) ? tell(seen, curve, 1, whole) : null
  }
  if (step === null || !keepsShape(seen, curve, step)) return null
  const old = onGridBefore(reference, step)
  if (old.share >= OLD_ON_GRID || !coarser(seen, reference, step)) return null
  return tell(seen, curve, step, whole)
}

/** Whether the reference had values between the multiples: other repeated ones, or more distinct values than multiples. */
function coarser({ now }: Seen, { distinct }: Reference, step: number): boolean {
  const usual = Math.exp(distinct) * Math.sqrt(now.count)
  return step > 0 && now.distinct < 0.8 * usual
}

/** Whether the quantiles are where they were, to within the step. */
function keepsShape({ now }: Seen, { quantiles, noise }: Curve, step: number): boolean {
  let away = 0
  for (const [l, q] of now.shape!.quantiles.entries()) if (Math.abs(q - quantiles[l]) > step + 4 * noise[l]) away++
  return away <= 2
}

function tell(seen: Seen, curve: Curve, step: number, whole: { before: number; now: number }): Cause {
  const { towardsZero, error } = drift(seen, curve, step)
  // Truncation moves values by half a step towards 0 (or down), rounding by nothing: the likelier of the two.
  const clear = Math.abs(towardsZero - 0.25) > error
  // Where the rows are too few to tell, whole numbers are rather cut off (a cast) and other steps rounded.
  const truncated = clear ? towardsZero > 0.25 : step === 1
  const code = step === 1 && truncated ? 'truncation' : 'rounding'
  const other = code === 'truncation' ? 'rounding' : 'truncation'
  const way = truncated ? 'cut off' : 'rounded'
  return {
    code,
    confidence: clear ? 'high' : 'medium',
    sentence:
      step === 1
        ? `whole numbers ${moved(whole.before, whole.now)}: decimals ${way}`
        : `all values are multiples of ${number(step)} now: ${way}`,
    numbers: { step, before: whole.before, now: whole.now, towardsZero },
    alternatives: clear ? [] : [other],
    whoMoved: 'pipeline',
  }
}

/** By how many steps the values moved towards 0, by the quantiles weighted by how well they are known. */
function drift({ now }: Seen, { quantiles, noise }: Curve, step: number): { towardsZero: number; error: number } {
  let sum = 0
  let weights = 0
  for (const [l, q] of now.shape!.quantiles.entries()) {
    const weight = 1 / noise[l] ** 2
    sum += weight * Math.sign(quantiles[l]) * (quantiles[l] - q)
    weights += weight
  }
  // The quantiles of one window err together: about as much as three independent ones.
  return { towardsZero: sum / weights / step, error: Math.sqrt(quantiles.length / 3 / weights) / step }
}
