import type { Profile } from '../profile.js'
import { MEDIAN } from '../shape.js'
import type { Curve } from './curve.js'
import { misfit } from './fit.js'
import { lineOf } from './line.js'
import { type Points, shareOf } from './points.js'
import type { Seen } from './seen.js'

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

/** A move of all values that the world may have made. */
export type Move = (value: number) => number

/** All values moved alike (whole steps on a grid), or spread around their median as well. */
export function movesOf(seen: Seen, curve: Curve, step: number | null): Move[] {
  const { location, slope } = lineOf(curve, seen.past, seen.now.shape!.quantiles, seen.now.count)
  const middle = curve.quantiles[MEDIAN]
  const steps = step === null ? [location] : [Math.floor(location / step) * step, Math.ceil(location / step) * step]
  const onto = (x: number): number => (step === null ? x : Math.round(x / step) * step)
  return [
    ...steps.map(
      (by): Move =>
        x =>
          x + by,
    ),
    x => onto(middle + location + slope * (x - middle)),
  ]
}

/** Share of the points that lie at a value, on a grid to within half a step; 0 without a grid. */
export function shareAt(points: Points, value: number, step: number | null): number {
  return step === null ? 0 : shareOf(points, x => Math.abs(x - value) < step / 2)
}
