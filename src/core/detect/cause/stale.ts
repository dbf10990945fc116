import type { Cause } from '../../alert/event.js'
import { moved, number } from '../../alert/words.js'
import { ALPHA } from '../../statistic/thresholds.js'
import { REPEAT_WORDS } from '../repeats.js'
import type { Score } from '../score.js'
import { asTheyAre } from '../shown.js'
import { median } from './curve.js'
import { misfit } from './fit.js'
import { gainsOf } from './gains.js'
import { changeOf, distinctRatio, type Reference } from './reference.js'
import type { Seen } from './seen.js'

const FEWEST_ROWS = 50
/** Windows that scatter this much more than by counting: only among those can one be told from another. */
const SWINGS = 2
/** So many more values that repeat their entity's last one are told as stale. */
const REPEATED = 0.2
const REPEAT_Z = 4

/** One or two values where there were many: the source repeats what it said last. */
export function frozen(seen: Seen, reference: Reference): Cause | null {
  const { now, sketch, names = asTheyAre } = seen
  const { distinct: usual } = reference
  if (now.count < FEWEST_ROWS || now.distinct > 2) return null
  const one = now.distinct <= 1
  // Two labels of which one is left: only if the other would have come up often.
  if (usual < (one ? 1.9 : 4)) return null
  // Nearly all rows had this value before: so few without another come by chance.
  if (one && usualShare(seen, reference) ** now.count > ALPHA) return null
  const value = sketch?.numeric?.exact?.values[0] ?? sketch?.categorical?.known.keys().next().value
  return {
    code: 'stale',
    confidence: 'high',
    sentence: one
      ? `every row has the same value${value === undefined ? '' : ` (${typeof value === 'number' ? number(value) : names(value)})`}, usually ${number(usual)} different ones: frozen`
      : `two values in all rows, usually ${number(usual)}: frozen`,
    numbers: { distinct: now.distinct, usual },
    alternatives: [],
    whoMoved: 'pipeline',
  }
}

/** What part of the reference has the window's most frequent value. */
function usualShare(seen: Seen, reference: Reference): number {
  if (seen.contract.numeric !== null) return gainsOf(seen, reference)[0]?.before ?? 0
  const { cells } = seen.now
  return reference.cells[cells.indexOf(Math.max(...cells))] / Math.max(1, reference.count)
}

/** More values that their entity had before, or far fewer distinct ones without a grid that explains it: rows repeat old values. */
export function repeating(seen: Seen, reference: Reference): Cause | null {
  const { now, scores } = seen
  const { distinct: usual, curve } = reference
  const again = scores.find(({ statistic }) => statistic === 'repeat')
  if (again !== undefined && again.z > REPEAT_Z && again.now - again.before >= REPEATED) return repeated(again)
  if (curve === null || now.count < FEWEST_ROWS || isFull(seen, reference)) return null
  const z = scores.find(({ statistic }) => statistic === 'distinct')?.z
  if (z === undefined ? distinctRatio(seen, reference) > 0.5 : z > -4 || now.distinct > 0.6 * usual) return null
  return {
    code: 'stale',
    confidence: 'medium',
    sentence: `${number(now.distinct)} different values, usually ${number(usual)}: rows repeat old values`,
    numbers: { distinct: now.distinct, usual, share: now.distinct / usual },
    alternatives: ['rounding'],
    whoMoved: 'pipeline',
  }
}

/** Whole numbers of which the window has as good as each that lies in its range: there are not more to be had, as of months turned into years. */
function isFull(seen: Seen, reference: Reference): boolean {
  const { shape, distinct } = seen.now
  if (shape === null || changeOf(seen, reference, 'integer').now < WHOLE) return false
  const { quantiles } = shape
  return distinct >= FULL * (quantiles[quantiles.length - 1] - quantiles[0] + 1)
}

const WHOLE = 0.95
const FULL = 0.6

function repeated({ before, now, z }: Score): Cause {
  return {
    code: 'stale',
    confidence: 'high',
    sentence: `${REPEAT_WORDS} ${moved(before, now)}: it is not updated`,
    numbers: { before, now, z },
    alternatives: [],
    whoMoved: 'pipeline',
  }
}

/** The window is one of the earlier ones over again. */
export function lag({ now, past: reference, recent }: Seen, { curve }: Reference): Cause | null {
  const past = recent ?? reference
  if (curve === null || now.shape === null || past.length < 4) return null
  const { quantiles } = now.shape
  const distances = past.map(({ shape }) => (shape === null ? 10 : misfit(shape.quantiles, quantiles, curve.noise)))
  const least = Math.min(...distances)
  const back = past.length - distances.indexOf(least)
  const usual = median(distances)
  // A trend makes the newest windows the nearest; an old batch is told by those in between being others.
  const since = Math.min(...distances.slice(-2))
  const same = least < 1e-6 && usual > 0.4 && now.distinct > 30
  if (!same && !(curve.inflation > SWINGS && least < 0.35 && least < 0.2 * usual && usual > 3 && since > 3 * least))
    return null
  return {
    code: 'lag',
    confidence: same ? 'high' : 'low',
    sentence: same
      ? `the same values as ${back} windows ago: an old batch is served again`
      : `matches the window ${back} windows ago better than any since`,
    numbers: { windowsBack: back, misfit: least, usual },
    alternatives: same ? [] : ['distribution'],
    whoMoved: 'pipeline',
  }
}
