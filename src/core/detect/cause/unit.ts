import type { Cause } from '../../alert/event.js'
import { number } from '../../alert/words.js'
import { MEDIAN } from '../profile.js'
import { AFFINE_MAPS, namedFactors, TEMPERATURES } from './constants.js'
import { exactFactor, exactOffset } from './exact-factor.js'
import { misfit } from './fit.js'
import { frequentBefore, offGrid, usualStep } from './lattice.js'
import { type Line, lineOf } from './line.js'
import { type Curve, distinctRatio, median, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { worldOf } from './world.js'

/** Levels that are compared: without the outermost two. */
const INNER = { from: 1, to: 20 }
/** A factor from here on is one of units by itself, if undoing it explains the window. */
const LARGE = Math.log(3)
const NOTABLE = 0.35
const WITHIN_NOTABLE = 0.4
const WITHIN_SMALL = 0.5
/** A shift of all values from here on, in σ, is no change of the world. */
const LARGE_SHIFT = 2.5
/** Undoing must bring the misfit to noise, and under this part of what it was. */
const FITS = 2
const EXPLAINS = 0.35
/** Where the window is far away, a looser fit will do. */
const LOOSE = 3.5

/** Another unit for all values: a factor, an affine map, a shift. Exact maps with a name come first, as they take no fitting. */
export function unit(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  const { shape } = seen.now
  // Another unit keeps the number of different values.
  if (curve === null || shape === null || distinctRatio(seen, reference) < 0.5) return null
  return (
    exactFactor(seen, reference) ??
    exactOffset(seen, reference) ??
    affine(seen, curve, shape.quantiles) ??
    scaled(seen, reference, curve) ??
    shifted(seen, curve, shape.quantiles)
  )
}

function affine({ contract, past, unit, now: { count } }: Seen, curve: Curve, now: Float64Array): Cause | null {
  const before = misfit(curve.quantiles, now, curve.noise)
  const moved = median(now.map((q, l) => Math.abs(q - curve.quantiles[l]))) / contract.numeric!.sigma
  if (moved < (TEMPERATURES.has(unit?.trim().toLowerCase() ?? '') ? 0.5 : 2)) return null
  const fits = AFFINE_MAPS.map(map => {
    const undone = now.map(q => (q - map.offset) / map.scale)
    return { map, after: misfit(curve.quantiles, undone, curve.noise) }
  }).sort((a, b) => a.after - b.after)
  const [best] = fits
  if (best.after > LOOSE || best.after > EXPLAINS * before) return null
  if (best.after > 0.7 * worldOf(curve, past, now, count).shifted) return null
  const others = fits.filter(fit => fit !== best && fit.after <= best.after + 1)
  const { scale, offset, words } = best.map
  return {
    code: 'unit',
    confidence: others.length === 0 && best.after < 1.5 ? 'high' : 'medium',
    sentence: `values look like ${number(scale)} · x ${offset < 0 ? '−' : '+'} ${number(Math.abs(offset))}: ${words}`,
    numbers: { scale, offset, misfitBefore: before, misfitAfter: best.after },
    alternatives: others.map(({ map }) => `unit: ${map.words}`),
    whoMoved: 'pipeline',
  }
}

interface Factor {
  readonly log: number
  readonly error: number
  /** Median absolute deviation of the levels' log ratios: 0 where all of them agree. */
  readonly rough: number
  /** The same if all sizes had grown by the same amount instead. */
  readonly roughShift: number
}

/** The factor between the sizes |x|, x ≠ 0, from the median of 19 log ratios; its error as past windows scatter. */
function factorOf({ now }: Seen, reference: Reference, curve: Curve): Factor | null {
  const { magnitudes } = now.shape!
  if (magnitudes.length === 0 || curve.magnitudes.length === 0) return null
  const ratios = (sizes: Float64Array): Float64Array =>
    sizes.map((size, l) => Math.log(size) - curve.magnitudes[l]).slice(INNER.from, INNER.to)
  const found = ratios(magnitudes)
  const log = median(found)
  const rough = median(found.map(r => Math.abs(r - log)))
  const former = curve.magnitudes.map(Math.exp)
  const growth = median(magnitudes.map((size, l) => size - former[l]))
  const shifted = magnitudes
    .map((size, l) => Math.log(size / Math.max(1e-12, former[l] + growth)))
    .slice(INNER.from, INNER.to)
  const own = reference.windows.flatMap(({ shape, count }) =>
    shape === null ? [] : [(median(ratios(shape.magnitudes)) ** 2 * count) / now.count],
  )
  const theory = median(curve.magnitudeNoise.slice(INNER.from, INNER.to))
  const measured = Math.sqrt(own.reduce((a, b) => a + b, 0) / Math.max(1, own.length - 1))
  return {
    log,
    error: own.length >= 8 ? Math.max(measured, theory / 3) : theory,
    rough,
    roughShift: median(shifted.map(Math.abs)),
  }
}

function scaled(seen: Seen, reference: Reference, curve: Curve): Cause | null {
  const factor = factorOf(seen, reference, curve)
  if (factor === null) return null
  const quantiles = seen.now.shape!.quantiles
  const undone = quantiles.map(q => q / Math.exp(factor.log))
  const before = misfit(curve.quantiles, quantiles, curve.noise)
  const after = misfit(curve.quantiles, undone, curve.noise)
  const size = Math.abs(factor.log)
  const line = lineOf(curve, reference.windows, quantiles, seen.now.count)
  const explains = after < EXPLAINS * before
  // Within the usual spread of sizes a factor is what the world does, too.
  const width = (curve.magnitudes[17] - curve.magnitudes[3]) / 2
  const large = size > LARGE && factor.rough < 0.5 && after < 0.6 * before
  // A shift that the world may have made is no unit.
  const worldly = line.asShift < 3.5 && Math.abs(line.location) < LARGE_SHIFT * seen.contract.numeric!.sigma
  const notable =
    size > Math.max(NOTABLE, WITHIN_NOTABLE * width) &&
    factor.rough < 0.15 &&
    factor.rough < factor.roughShift + 0.02 &&
    after < LOOSE &&
    explains &&
    !worldly
  const small =
    size <= NOTABLE &&
    size > WITHIN_SMALL * width &&
    after < FITS &&
    size > 6 * factor.error &&
    onlyScale(line) &&
    !keepsGrid(seen, reference)
  if (!large && !notable && !small) return null
  return describeFactor(seen, factor, line, { before, after }, small)
}

/** Values that still lie on their grid were not multiplied by a small factor. */
function keepsGrid({ sketch }: Seen, reference: Reference): boolean {
  const step = usualStep([...frequentBefore(reference, 12).keys()])
  return step !== null && sketch?.numeric != null && offGrid(sketch.numeric, step) < 0.05
}

/** Whether a factor agrees with the line while neither a shift nor a spread around the median does. */
function onlyScale({ asScale, asShift, asSpread }: Line): boolean {
  return asScale < 2.5 && asShift > 3.5 && asSpread > 3.5
}

function describeFactor(
  { unit: declared, contract }: Seen,
  { log, error }: Factor,
  { asShift }: Line,
  { before, after }: { before: number; after: number },
  small: boolean,
): Cause {
  const factor = Math.exp(log)
  const named = namedFactors(log, Math.max(3 * error, 0.002), declared)
  const said = factor >= 1 ? `multiplied by ${number(factor)}` : `divided by ${number(1 / factor)}`
  const constant = ({ value, words }: { value: number; words: string }): string =>
    `${value >= 1 ? `× ${number(value)}` : `÷ ${number(1 / value)}`} (${words})`
  const ambiguous = asShift < 3
  const [first, ...others] = named
  const sentence = [
    `values look ${said}`,
    first === undefined ? '' : ` (${first.words})`,
    ambiguous ? `, or shifted by ${number((factor - 1) * contract.numeric!.fences.q50)}` : '',
    others.length > 0 ? `; ${others.map(constant).join(', ')} would fit as well` : '',
  ].join('')
  return {
    code: 'unit',
    confidence: small ? 'low' : after < FITS && !ambiguous ? 'high' : 'medium',
    sentence,
    numbers: {
      factor,
      low: Math.exp(log - 3 * error),
      high: Math.exp(log + 3 * error),
      misfitBefore: before,
      misfitAfter: after,
      ...Object.fromEntries(named.map(({ value }) => [`× ${number(value)}`, value])),
    },
    alternatives: [
      ...others.map(other => `unit ${constant(other)}`),
      ...(ambiguous ? ['unit: shift'] : []),
      ...(small ? ['distribution'] : []),
    ],
    whoMoved: small && named.length === 0 ? 'unknown' : 'pipeline',
  }
}

function shifted({ contract, past, now: { count } }: Seen, curve: Curve, now: Float64Array): Cause | null {
  const { sigma } = contract.numeric!
  const line = lineOf(curve, past, now, count)
  if (Math.abs(line.location) < LARGE_SHIFT * sigma || line.asShift > 3) return null
  const shift = line.location
  const before = misfit(curve.quantiles, now, curve.noise)
  const after = misfit(
    curve.quantiles,
    now.map(q => q - shift),
    curve.noise,
  )
  if (after > LOOSE || after > EXPLAINS * before) return null
  const middle = curve.quantiles[MEDIAN]
  return {
    code: 'unit',
    confidence: 'medium',
    sentence: `all values look shifted by ${number(shift)} (median ${number(middle)} → ${number(now[MEDIAN])}), their spread unchanged`,
    numbers: { shift, misfitBefore: before, misfitAfter: after },
    alternatives: ['distribution'],
    whoMoved: 'pipeline',
  }
}
