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
/** Slots that are farther apart, round the clock, are others: neighbouring hours are alike. */
const SAME_HOURS = 2
/** Distance of two profiles of the same slot, in standard errors of a share, a little over what chance gives. */
const NEAR = 1.6

/** A slot that the window fits. */
export interface Shifted {
  /** Positive where the window looks like a later slot. */
  readonly hours: number
  readonly fit: number
  /** Misfit of the window's own slot. */
  readonly own: number
  /** Another hour that it fits as well, likewise; null: there is none. Where hours differ by their level alone, two have the same. */
  readonly or: number | null
}

/**
 * Whether the window has the distribution of another hour's slot: its events are dated by the clock of another zone, or come late. Shares of
 * the cells are compared, as χ² over degrees of freedom; the other slot must fit like its own windows do, and the own slot must not.
 * @returns null where no slot fits
 */
export function hoursShifted(now: Profile, { profiles, own, hoursEach }: Slots): Shifted | null {
  const mine = profiles[own]
  if (mine == null || now.count === 0) return null
  const before = distance(now, mine)
  if (before < 2 * NEAR) return null
  const fits: { hours: number; fit: number }[] = []
  const reach = Math.floor(FARTHEST_HOURS / hoursEach)
  for (let by = -reach; by <= reach; by++) {
    const slot = profiles[(((own + by) % profiles.length) + profiles.length) % profiles.length]
    if (by === 0 || slot == null || slot === mine) continue
    const fit = distance(now, slot)
    if (fit < NEAR && fit < 0.4 * before) fits.push({ hours: by * hoursEach, fit })
  }
  const [best, ...others] = fits.sort((a, b) => a.fit - b.fit)
  if (best === undefined) return null
  const or = others.find(({ hours }) => roundTheClock(hours - best.hours) > SAME_HOURS)
  return { ...best, own: before, or: or?.hours ?? null }
}

/** Hours between two times of day. */
function roundTheClock(hours: number): number {
  const apart = Math.abs(hours) % 24
  return Math.min(apart, 24 - apart)
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
  const { hours, fit, own, or } = found
  const inDay = (by: number): string => `${number(Math.abs(by))} h ${by > 0 ? 'later' : 'earlier'}`
  const cause = tellHours(
    hours,
    fit,
    own,
    `the window looks like ${inDay(hours)} in the day${or === null ? '' : `, or ${inDay(or)}`}`,
  )
  // A move of all values finds such a pair of hours, too.
  return or === null ? cause : { ...cause, confidence: 'low', alternatives: ['distribution', 'lag'] }
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
