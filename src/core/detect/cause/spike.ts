import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { indexOf } from '../../sketch/search.js'
import { shareZ } from '../../statistic/shares.js'
import { misfit, misfitOf, mixed, pointsOf, spikeAt } from './fit.js'
import { type Curve, changeOf, type Reference } from './reference.js'
import type { Seen } from './seen.js'

const LEAST_GAIN = 0.02
const LEAST_Z = 4
/** A smaller gain counts from this z on, a value that was as good as never there. */
const SURE_Z = 8
const FITS = 2

interface Gain {
  readonly value: number
  readonly before: number
  readonly now: number
  readonly gain: number
  readonly z: number
}

/** One value takes what others lose: imputed, or what lay beyond it clipped. */
export function spike(seen: Seen, reference: Reference): Cause | null {
  const { curve } = reference
  if (curve === null || seen.now.shape === null || seen.sketch?.numeric == null) return null
  const gains = gainsOf(seen, reference)
  const [first, second] = gains
  if (first === undefined || first.z < LEAST_Z) return null
  if (first.gain < LEAST_GAIN && first.z < SURE_Z) return null
  if (second !== undefined && second.gain >= first.gain / 2) return null
  return clipped(seen, curve, first) ?? imputed(seen, reference, curve, first)
}

/** What the window's frequent values gained over the most the reference may have held of them, the largest gain first. */
function gainsOf({ contract, now }: Seen, reference: Reference): Gain[] {
  const { atoms } = contract.numeric!.grid
  const gains = [...now.tops.values].map((value, t): Gain => {
    const atom = indexOf(atoms, value)
    const X = atom >= 0 ? reference.cells[atom] : countBefore(reference, value)
    const share = now.tops.counts[t] / now.count
    const before = X / reference.count
    return {
      value,
      before,
      now: share,
      gain: share - before,
      z: shareZ(now.tops.counts[t], now.count, X, reference.count),
    }
  })
  return gains.sort((a, b) => b.gain - a.gain)
}

/** Rows of the reference with this value, at most: a window that does not list it has no more of it than of its least frequent one. */
function countBefore({ windows }: Reference, wanted: number): number {
  let sum = 0
  for (const { tops } of windows) {
    const at = tops.values.indexOf(wanted)
    if (at >= 0) sum += tops.counts[at]
    else sum += tops.values.length < 8 ? 0 : tops.counts[tops.counts.length - 1]
  }
  return sum
}

/** The value is the extreme one now, and has what lay beyond it. */
function clipped(seen: Seen, curve: Curve, { value, before, now, gain }: Gain): Cause | null {
  const { min, max } = seen.sketch!.numeric!
  const upper = value === max
  if (!upper && value !== min) return null
  const points = pointsOf(curve)
  const beyond = points.values.filter(x => (upper ? x > value : x < value)).length / points.values.length
  const error = 3 * Math.sqrt((gain * (1 - gain)) / seen.now.count) + 0.005
  if (Math.abs(beyond - gain) > Math.max(error, gain / 2)) return null
  const limited = { ...points, values: points.values.map(x => (upper ? Math.min(x, value) : Math.max(x, value))) }
  const { sigma } = seen.contract.numeric!
  const after = misfitOf(limited, seen.now.shape!.quantiles, seen.now.count, curve, 0.02 * sigma)
  if (after > FITS) return null
  return {
    code: 'clipping',
    confidence: before < 0.005 ? 'high' : 'medium',
    sentence: `nothing lies ${upper ? 'above' : 'below'} ${number(value)} any more, and ${number(value)} itself went ${percent(before)} → ${percent(now)}: clipped there`,
    numbers: { value, before, now, beyondBefore: beyond },
    alternatives: before < 0.005 ? [] : ['imputation'],
    whoMoved: 'pipeline',
  }
}

/** The rest is as it was, thinned by what the value gained. */
function imputed(seen: Seen, reference: Reference, curve: Curve, { value, before, now, gain }: Gain): Cause | null {
  const { quantiles } = seen.now.shape!
  const { sigma } = seen.contract.numeric!
  const share = Math.min(0.99, gain / Math.max(0.01, 1 - before))
  const rest = before < 1 ? pointsOf(curve) : spikeAt(value)
  const after = misfitOf(mixed(rest, spikeAt(value), share), quantiles, seen.now.count, curve, 0.02 * sigma)
  const unexplained = misfit(curve.quantiles, quantiles, curve.noise)
  const nulls = changeOf(seen, reference, 'null')
  const filled = nulls.z < -3 && nulls.delta <= -0.01
  if (!filled && after > FITS && after > 0.5 * unexplained) return null
  const nullsSaid = filled ? ` as nulls fell ${percent(-nulls.delta)} of the rows` : ''
  const fresh = before < 0.005
  return {
    code: 'imputation',
    confidence: filled || fresh ? 'high' : after < 1.5 ? 'medium' : 'low',
    sentence: `${number(value)} rose ${percent(before)} → ${percent(now)}${nullsSaid}, the other values thinned out evenly`,
    numbers: { value, before, now, nullsBefore: nulls.before, nullsNow: nulls.now },
    alternatives: filled || fresh ? [] : ['distribution'],
    whoMoved: 'pipeline',
  }
}
