import type { Profile } from '../profile.js'
import { MEDIAN } from '../profile.js'
import { misfit } from './fit.js'
import { lineOf } from './line.js'
import type { Curve } from './reference.js'

/** How well the plainest changes of the world explain the window, as misfits: a signature has to do better. */
export interface World {
  /** Nothing changed. */
  readonly same: number
  /** All values moved by as much. */
  readonly shifted: number
  /** The values also spread around their median. */
  readonly widened: number
}

export function worldOf(curve: Curve, past: readonly Profile[], found: Float64Array, n: number): World {
  const { location, slope } = lineOf(curve, past, found, n)
  const middle = curve.quantiles[MEDIAN]
  const undone = (of: (q: number) => number): number => misfit(curve.quantiles, found.map(of), curve.noise)
  return {
    same: undone(q => q),
    shifted: undone(q => q - location),
    widened: slope > 0.05 ? undone(q => middle + (q - location - middle) / slope) : Number.POSITIVE_INFINITY,
  }
}
