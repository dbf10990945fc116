import type { Cause } from '../../alert/event.js'
import { number } from '../../alert/words.js'
import type { Profile } from '../profile.js'
import type { Seen } from './seen.js'

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
  return tellHours(
    hours,
    fit,
    own,
    `the window looks like ${number(Math.abs(hours))} h ${hours > 0 ? 'later' : 'earlier'} in the day`,
  )
}

export function tellHours(hours: number, after: number, before: number, what: string): Cause {
  return {
    code: 'hours-shifted',
    confidence: after < 1.5 ? 'high' : 'medium',
    sentence: `${what}: times of another time zone, or a clock change`,
    numbers: { hours, misfitBefore: before, misfitAfter: after },
    alternatives: ['lag', 'distribution'],
    whoMoved: 'pipeline',
  }
}
