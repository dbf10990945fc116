import type { Cause } from '../../alert/event.js'
import { number } from '../../alert/words.js'
import { AFFINE_MAPS, TEMPERATURES } from './constants.js'
import { type Curve, median } from './curve.js'
import { misfit } from './fit.js'
import { lineOf } from './line.js'
import type { Seen } from './seen.js'
import { worldOf } from './world.js'

/** Undoing must bring the misfit so far down, and under this part of what it was and of what a shift leaves. */
const FITS = 3.5
const EXPLAINS = 0.35
const AGAINST_SHIFT = 0.7
/** Where past windows are far apart much fits; the spread must have grown by the map's scale, but for so much of its logarithm. */
const OTHER_SLOPE = 0.4
/** σ that the values must have moved, where the declared unit is one of temperature and where it is not. */
const LEAST_MOVED = { expected: 0.5, else: 2 }

/** From so many σ on no shift is the world's: what has a name and fits to noise is likelier than a shift that is fitted. */
const FAR = 5
const FITS_WELL = 2

/** A map with a name, °C ↔ °F ↔ K: it takes no fitting. */
export function affine({ contract, past, unit, now: { count } }: Seen, curve: Curve, now: Float64Array): Cause | null {
  const before = misfit(curve.quantiles, now, curve.noise)
  const moved = median(now.map((q, l) => Math.abs(q - curve.quantiles[l]))) / contract.numeric!.sigma
  const isTemperature = TEMPERATURES.has(unit?.trim().toLowerCase() ?? '')
  if (moved < (isTemperature ? LEAST_MOVED.expected : LEAST_MOVED.else)) return null
  const fits = AFFINE_MAPS.map(map => {
    const undone = now.map(q => (q - map.offset) / map.scale)
    return { map, after: misfit(curve.quantiles, undone, curve.noise) }
  }).sort((a, b) => a.after - b.after)
  const [best] = fits
  if (best.after > FITS || best.after > EXPLAINS * before) return null
  if (Math.abs(Math.log(lineOf(curve, past, now, count).slope / best.map.scale)) > OTHER_SLOPE) return null
  const asShift = best.after > AGAINST_SHIFT * worldOf(curve, past, now, count).shifted
  if (asShift && (moved < FAR || best.after > FITS_WELL)) return null
  const others = fits.filter(fit => fit !== best && fit.after <= best.after + 1)
  const { scale, offset, words } = best.map
  return {
    code: 'unit',
    confidence:
      others.length === 0 && best.after < 1.5 && !asShift && (isTemperature || moved >= FAR) ? 'high' : 'medium',
    sentence: `values look like ${number(scale)} · x ${offset < 0 ? '−' : '+'} ${number(Math.abs(offset))}: ${words}`,
    numbers: { scale, offset, misfitBefore: before, misfitAfter: best.after },
    alternatives: [...others.map(({ map }) => `unit: ${map.words}`), ...(asShift ? ['unit: shift'] : [])],
    whoMoved: 'pipeline',
  }
}
