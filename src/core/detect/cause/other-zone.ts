import type { Cause } from '../../alert/event.js'
import { number } from '../../alert/words.js'
import { misfitOf } from './fit.js'
import { tellHours } from './hours.js'
import { mapped, pointsOf, shareOf } from './points.js'
import type { Reference } from './reference.js'
import type { Seen } from './seen.js'

const HOURS = 24
const FITS = 2
const EXPLAINS = 0.4
/** So much of the reference must wrap around midnight: else it is a plain shift. */
const LEAST_WRAPPED = 0.02
const LEAST_SPAN = 18

/** A feature that is the hour of the day, told by the clock of another zone: the same values, some hours further round the clock. */
export function otherZone(seen: Seen, reference: Reference): Cause | null {
  const state = seen.sketch?.numeric
  if (reference.curve === null || state == null || state.count === 0 || state.integers < state.count) return null
  if (state.min < 0 || state.max > HOURS - 1) return null
  const points = pointsOf(seen, reference)
  const isHour = (x: number): boolean => Number.isInteger(x) && x >= 0 && x < HOURS
  const hours = [...new Set(points.values)]
  // Months and weekdays are whole numbers in this range, too.
  if (Math.max(...hours) - Math.min(...hours) < LEAST_SPAN || shareOf(points, isHour) < 0.999) return null
  const fits = Array.from({ length: HOURS }, (_, by) => {
    const turned = mapped(points, x => (x + by) % HOURS)
    return { by, after: misfitOf(turned, state, seen.contract.numeric!, reference.curve!) }
  })
  const before = fits[0].after
  const best = fits.reduce((a, b) => (b.after < a.after ? b : a))
  if (best.by === 0 || best.after > FITS || best.after > EXPLAINS * before) return null
  const wrapped = shareOf(points, x => x + best.by >= HOURS)
  if (Math.min(wrapped, 1 - wrapped) < LEAST_WRAPPED) return null
  const by = best.by > HOURS / 2 ? best.by - HOURS : best.by
  return tellHours(
    by,
    best.after,
    before,
    `the hours are ${number(Math.abs(by))} ${by > 0 ? 'later' : 'earlier'} around the clock`,
  )
}
