import type { Profile } from '../profile.js'
import { MEDIAN } from '../shape.js'
import type { Curve } from './curve.js'

/** How the window's quantiles lie over the reference's: q ↦ median + location + slope·(q − median), fitted by least squares. */
export interface Line {
  /** Shift at the reference's median, in the feature's unit. */
  readonly location: number
  readonly slope: number
  /** Standard errors by which the line misses a pure factor, a pure shift, a pure spread around the median. */
  readonly asScale: number
  readonly asShift: number
  readonly asSpread: number
  /** The largest shift that a past window had by itself, in the feature's unit; 0 without such. */
  readonly usual: number
}

/** Windows from which on their own lines tell the errors. */
const ENOUGH_WINDOWS = 8

export function lineOf(curve: Curve, windows: readonly Profile[], found: Float64Array, n: number): Line {
  const centre = curve.quantiles[MEDIAN]
  const { location, slope } = fitted(curve, found)
  const own = windows.flatMap(({ shape, count }) =>
    shape === null ? [] : [{ ...fitted(curve, shape.quantiles), count }],
  )
  const scatter = (of: (line: { location: number; slope: number }) => number, theory: number): number => {
    if (own.length < ENOUGH_WINDOWS) return theory
    const square = own.reduce((sum, line) => sum + (of(line) ** 2 * line.count) / n, 0) / (own.length - 1)
    return Math.sqrt(square * (1 + 1 / own.length))
  }
  const noise = curve.noise[MEDIAN]
  const slopeNoise = 2.2 * curve.inflation * Math.sqrt(1 / n)
  const slopeError = Math.max(
    1e-3,
    scatter(line => line.slope - 1, slopeNoise),
  )
  const shiftError = Math.max(
    noise / 4,
    scatter(line => line.location, noise),
  )
  const scaleError = Math.max(
    noise / 4,
    scatter(line => line.location - (line.slope - 1) * centre, Math.hypot(noise, slopeNoise * centre)),
  )
  return {
    location,
    slope,
    asScale: Math.abs(location - (slope - 1) * centre) / scaleError,
    asShift: Math.abs(slope - 1) / slopeError,
    asSpread: Math.abs(location) / shiftError,
    usual: own.reduce((most, line) => Math.max(most, Math.abs(line.location)), 0),
  }
}

/** Weighted least squares of found − reference on reference − median. */
function fitted({ quantiles, noise }: Curve, found: Float64Array): { location: number; slope: number } {
  const centre = quantiles[MEDIAN]
  let w = 0
  let wx = 0
  let wy = 0
  let wxx = 0
  let wxy = 0
  for (let l = 0; l < quantiles.length; l++) {
    const weight = 1 / noise[l] ** 2
    const x = quantiles[l] - centre
    const y = found[l] - quantiles[l]
    w += weight
    wx += weight * x
    wy += weight * y
    wxx += weight * x * x
    wxy += weight * x * y
  }
  const spread = w * wxx - wx * wx
  const slope = spread > 0 ? (w * wxy - wx * wy) / spread : 0
  return { location: (wy - slope * wx) / w, slope: 1 + slope }
}
