import type { Cause } from '../../alert/event.js'
import { number } from '../../alert/words.js'
import { LARGEST_LOG, namedFactors } from './constants.js'
import { type Curve, median } from './curve.js'
import { misfit } from './fit.js'
import { frequentBefore, offGrid, usualStep } from './lattice.js'
import { type Line, lineOf } from './line.js'
import { changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'
import { LARGE_SHIFT } from './shift.js'

/** Levels that are compared: without the outermost two. */
const INNER = { from: 1, to: 20 }
/** From here on a factor is one of units by itself, if undoing it explains the window; from there on even where a shift fits as well. */
const LARGE = Math.log(3)
const HUGE = Math.log(20)
/** A smaller one needs more than this, and more than a part of the usual spread of ln|x|: within that it is what the world does, too. */
const NOTABLE = 0.35
const WITHIN_NOTABLE = 0.4
const WITHIN_SMALL = 0.5
/** Undoing must bring the misfit to noise, and under this part of what it was. */
const FITS = 2
const EXPLAINS = 0.35
/** Where the window is far away, a looser fit will do. */
const LOOSE = 3.5

/** A factor that past windows had by themselves is none of units, nor, unless it is huge, one of up to so many times its logarithm. */
const BEYOND = 1.5

/** Where the share of negative values changes by so much and so clearly, or by more however much it swings, all values moved. */
const OTHER_SIGN = { share: 0.05, z: 4, surely: 0.15 }

interface Factor {
  readonly log: number
  readonly error: number
  /** Median absolute deviation of the levels' log ratios: 0 where all of them agree. */
  readonly rough: number
  /** The same if all sizes had grown by the same amount instead. */
  readonly roughShift: number
  /** The largest logarithm that a past window had by itself; 0 without such. */
  readonly usual: number
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
    shape === null ? [] : [{ log: median(ratios(shape.magnitudes)), weight: count / now.count }],
  )
  const theory = median(curve.magnitudeNoise.slice(INNER.from, INNER.to))
  const measured = Math.sqrt(
    own.reduce((sum, { log, weight }) => sum + log * log * weight, 0) / Math.max(1, own.length - 1),
  )
  return {
    log,
    error: own.length >= 8 ? Math.max(measured, theory / 3) : theory,
    rough,
    roughShift: median(shifted.map(Math.abs)),
    usual: own.reduce((most, one) => Math.max(most, Math.abs(one.log)), 0),
  }
}

/** All values times a factor. */
export function scaled(seen: Seen, reference: Reference, curve: Curve): Cause | null {
  const factor = factorOf(seen, reference, curve)
  if (factor === null || !(Math.abs(factor.log) < LARGEST_LOG)) return null
  const quantiles = seen.now.shape!.quantiles
  const undone = quantiles.map(q => q / Math.exp(factor.log))
  const before = misfit(curve.quantiles, quantiles, curve.noise)
  const after = misfit(curve.quantiles, undone, curve.noise)
  const size = Math.abs(factor.log)
  const isHuge = size > HUGE
  if (size < (isHuge ? 1 : BEYOND) * factor.usual || !(isHuge || keepsSigns(seen, reference))) return null
  const line = lineOf(curve, reference.windows, quantiles, seen.now.count)
  const explains = after < EXPLAINS * before
  // Within the usual spread of sizes a factor is what the world does, too.
  const width = (curve.magnitudes[17] - curve.magnitudes[3]) / 2
  // A shift that the world may have made is no unit.
  const worldly = line.asShift < 3.5 && Math.abs(line.location) < LARGE_SHIFT * seen.contract.numeric!.sigma
  const large = size > LARGE && factor.rough < 0.5 && after < 0.6 * before && !(worldly && !isHuge)
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

/** A factor makes no value negative, and none positive. */
function keepsSigns(seen: Seen, reference: Reference): boolean {
  const negative = changeOf(seen, reference, 'negative')
  const moved = Math.abs(negative.delta)
  return moved < OTHER_SIGN.share || (Math.abs(negative.z) < OTHER_SIGN.z && moved < OTHER_SIGN.surely)
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
