import type { Cause } from '../../alert/event.js'
import { number } from '../../alert/words.js'
import type { Profile } from '../profile.js'
import { misfitOf } from './fit.js'
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
  return tell(
    by,
    best.after,
    before,
    `the hours are ${number(Math.abs(by))} ${by > 0 ? 'later' : 'earlier'} around the clock`,
  )
}

/** One slot of the day or the week: the mean distribution of its windows. */
export interface Slots {
  /** Profiles by slot, in the order of time; null where a slot has no history. */
  readonly profiles: readonly (Profile | null)[]
  /** The window's own slot. */
  readonly own: number
  readonly hoursEach: number
}

/** Least slots on either side of which one must fit. */
const FARTHEST_HOURS = 14
/** Distance of two profiles of the same slot, in standard errors of a share, a little over what chance gives. */
const NEAR = 1.6

/**
 * Whether the window has the distribution of another hour's slot: its events are dated by the clock of another zone, or come late. Shares of
 * the cells are compared, as χ² over degrees of freedom; the other slot must fit like its own windows do, and the own slot must not.
 * @returns the shift in hours, positive where the window looks like a later slot; null where no slot fits
 */
export function hoursShifted(
  now: Profile,
  { profiles, own, hoursEach }: Slots,
): { hours: number; fit: number; own: number } | null {
  const mine = profiles[own]
  if (mine == null || now.count === 0) return null
  const before = distance(now, mine)
  if (before < 2 * NEAR) return null
  let best: { hours: number; fit: number; own: number } | null = null
  const reach = Math.floor(FARTHEST_HOURS / hoursEach)
  for (let by = -reach; by <= reach; by++) {
    const slot = profiles[(((own + by) % profiles.length) + profiles.length) % profiles.length]
    if (by === 0 || slot == null || slot === mine) continue
    const fit = distance(now, slot)
    if (fit < NEAR && (best === null || fit < best.fit)) best = { hours: by * hoursEach, fit, own: before }
  }
  return best !== null && best.fit < 0.4 * before ? best : null
}

/** Root of χ² over its degrees of freedom between two profiles' cells; cells of less than 5 rows on both sides are joined. */
function distance(a: Profile, b: Profile): number {
  let square = 0
  let cells = 0
  let restA = 0
  let restB = 0
  const add = (x: number, y: number): void => {
    const share = (x + y) / (a.count + b.count)
    const error = share * (1 - share) * (1 / a.count + 1 / b.count)
    if (error === 0) return
    square += (x / a.count - y / b.count) ** 2 / error
    cells++
  }
  for (const [c, x] of a.cells.entries()) {
    const y = b.cells[c] ?? 0
    if (x + y < 10) {
      restA += x
      restB += y
    } else add(x, y)
  }
  if (restA + restB > 0) add(restA, restB)
  return cells < 2 ? 0 : Math.sqrt(square / (cells - 1))
}

/** The same as a cause, where the integrator knows the slots. */
export function inAnotherSlot({ now, slots }: Seen): Cause | null {
  if (slots === undefined) return null
  const found = hoursShifted(now, slots)
  if (found === null) return null
  const { hours, fit, own } = found
  return tell(
    hours,
    fit,
    own,
    `the window looks like ${number(Math.abs(hours))} h ${hours > 0 ? 'later' : 'earlier'} in the day`,
  )
}

function tell(hours: number, after: number, before: number, what: string): Cause {
  return {
    code: 'hours-shifted',
    confidence: after < 1.5 ? 'high' : 'medium',
    sentence: `${what}: times of another time zone, or a clock change`,
    numbers: { hours, misfitBefore: before, misfitAfter: after },
    alternatives: ['lag', 'distribution'],
    whoMoved: 'pipeline',
  }
}
