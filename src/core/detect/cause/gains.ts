import type { NumericContract } from '../../baseline/baseline.js'
import { cdfAt, ecdf } from '../../sketch/ecdf.js'
import { indexOf } from '../../sketch/search.js'
import type { NumericState } from '../../sketch/state.js'
import { shareZ } from '../../statistic/shares.js'
import { frequentBefore } from './lattice.js'
import type { Reference } from './reference.js'
import type { Seen } from './seen.js'

/** One value's share in the reference and in the window. */
export interface Gain {
  readonly value: number
  readonly before: number
  readonly now: number
  readonly gain: number
  readonly z: number
}

/** Values that come less often than this are not looked at. */
const FEWEST = 3
const LEAST_SHARE = 0.005
const TOPS = 8
/** An atom that keeps less than this part of its share is gone. */
const GONE = 0.2
const NONE = new Float64Array(0)
/** Training with so many repeated values lies on a grid: one that is not listed came nearly as often as the listed ones. */
const MANY = 32
/** So near, in σ, lie values that tell how many rows an unlisted one may have. */
const NEAR = 0.05

/** What the window's frequent values gained, the surest gain first. */
export function gainsOf({ contract, now, sketch }: Seen, reference: Reference): Gain[] {
  const { atoms } = contract.numeric!.grid
  const trained = contract.segments.get('')?.sketch.numeric ?? null
  const gains: Gain[] = []
  for (const [value, count] of frequent(sketch!.numeric!, atoms)) {
    if (count < Math.max(FEWEST, LEAST_SHARE * now.count)) continue
    const atom = indexOf(atoms, value)
    const X =
      atom >= 0 ? reference.cells[atom] : countBefore(reference, value, trainedShare(trained, contract.numeric!, value))
    const before = X / reference.count
    const share = count / now.count
    gains.push({ value, before, now: share, gain: share - before, z: shareZ(count, now.count, X, reference.count) })
  }
  return gains.sort((a, b) => b.z - a.z)
}

/** Values and how often they came, as far as that is known. */
function* frequent({ exact, cells, heavy }: NumericState, atoms: Float64Array): Generator<[number, number]> {
  if (exact !== null) {
    for (const [i, value] of exact.values.entries()) yield [value, exact.weights[i]]
    return
  }
  for (const [a, value] of atoms.entries()) yield [value, cells[a]]
  for (const [i, value] of (heavy?.values ?? []).entries()) yield [value, heavy!.counts[i] - heavy!.errors[i]]
}

/**
 * A value's share of the training rows. What is not listed came once, if at all, where values hardly repeat: told as 0; else at most as often as
 * the list leaves open and the values near it allow. Null without a sketch.
 */
function trainedShare(state: NumericState | null, { grid, sigma }: NumericContract, value: number): number | null {
  if (state === null || state.count === 0) return null
  if (state.exact !== null) {
    const at = indexOf(state.exact.values, value)
    return at < 0 ? 0 : state.exact.weights[at] / state.count
  }
  if (value < state.min || value > state.max) return 0
  const { floor = 0, values = NONE, counts = NONE, errors = NONE } = state.heavy ?? {}
  const at = indexOf(values, value)
  if (at >= 0) return (counts[at] - errors[at] / 2) / state.count
  const curve = ecdf(state, grid)
  const near = cdfAt(curve, value + NEAR * sigma) - cdfAt(curve, value - NEAR * sigma)
  return Math.min(near, values.length < MANY ? 0 : floor / state.count)
}

/**
 * Rows of the reference with this value. A window that does not list it among its most frequent has no more of it than of the least
 * frequent of those; within that, as many as training had.
 */
function countBefore({ windows }: Reference, wanted: number, trained: number | null): number {
  let sum = 0
  for (const { tops, count } of windows) {
    const at = tops.values.indexOf(wanted)
    const most = tops.values.length < TOPS ? 1 : tops.counts[tops.counts.length - 1]
    sum += at >= 0 ? tops.counts[at] : Math.min(most, trained === null ? most : trained * count)
  }
  return sum
}

/** A value with mass of its own vanished: then everything moved, and nothing was filled in. */
export function atomGone({ contract, now }: Seen, { cells, count }: Reference): boolean {
  const { atoms } = contract.numeric!.grid
  for (let a = 0; a < atoms.length; a++) {
    const before = cells[a] / count
    if (before >= 0.05 && now.cells[a] / now.count < GONE * before) return true
  }
  return false
}

/**
 * A value that came often enough to have made up for the gain is (nearly) gone: it moved there. Where the worlds lead it just there, fewer
 * rows will do.
 */
export function anotherGone(
  { now, sketch }: Seen,
  reference: Reference,
  { value: at, gain }: Gain,
  led: (value: number, to: number) => boolean,
): boolean {
  const exact = sketch?.numeric?.exact
  if (exact == null) return false
  for (const [value, share] of frequentBefore(reference, LOOKED_AT, true)) {
    const expected = share * now.count
    if (share < gain / 2 || expected < (led(value, at) ? FEWEST_LED : FEWEST_GONE)) continue
    const place = indexOf(exact.values, value)
    if (place < 0 || exact.weights[place] < GONE * expected) return true
  }
  return false
}

const LOOKED_AT = 64
const FEWEST_GONE = 6
const FEWEST_LED = 1.5
