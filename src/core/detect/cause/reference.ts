import type { Cause } from '../../alert/event.js'
import { shareZ } from '../../statistic/shares.js'
import { COUNTERS, type CounterName, counterAt } from '../counters.js'
import { intraclass, TOGETHER } from '../intraclass.js'
import type { Profile } from '../profile.js'
import { type Curve, curveOf } from './curve.js'
import type { Seen } from './seen.js'

/** The reference as one distribution, with how far a window of the present size strays from it by itself. */
export interface Reference {
  readonly windows: readonly Profile[]
  readonly rows: number
  readonly count: number
  readonly counters: Float64Array
  readonly cells: Float64Array
  /** Different values that a clean window of the present size has. */
  readonly distinct: number
  readonly curve: Curve | null
  /** The rows of a window go together: that one value comes often, or all of them are elsewhere, is what its windows do. */
  readonly isTogether: boolean
}

export function referenceOf({ contract, now, past, training }: Seen): Reference | null {
  const windows = past.length > 0 ? past : training === null ? [] : [training]
  const usable = windows.filter(({ count }) => count > 0)
  if (windows.length === 0) return null
  const sum = (of: (profile: Profile) => number): number => windows.reduce((total, profile) => total + of(profile), 0)
  const added = (of: (profile: Profile) => Float64Array): Float64Array =>
    of(windows[0]).map((_, i) => sum(profile => of(profile)[i] ?? 0))
  return {
    windows,
    rows: sum(({ rows }) => rows),
    count: sum(({ count }) => count),
    counters: added(({ counters }) => counters),
    cells: added(({ cells }) => cells),
    distinct: usualDistinct(now.count, usable),
    curve:
      contract.numeric !== null && measurable(now)
        ? curveOf(contract.numeric.sigma, now.count, usable.filter(measurable))
        : null,
    isTogether: intraclass(usable) >= TOGETHER,
  }
}

/** A signature: what a window looks like, where it looks like that. */
export type Rule = (seen: Seen, reference: Reference) => Cause | null

/** Squares of larger numbers are none any more, and no feature has them. */
const LARGEST = 1e100

const measurable = ({ shape }: Profile): boolean => shape === null || shape.quantiles.every(q => Math.abs(q) < LARGEST)

/**
 * Different values in n rows. Between windows of nearly the same size it grows with the rows the more, the nearer every row is to having a value
 * of its own; from a larger reference, the values known to be frequent, and of the d others in the n′ rows left for them d(1 − e^(−n′/d)), as if
 * those were all as frequent.
 */
function usualDistinct(n: number, windows: readonly Profile[]): number {
  if (windows.length === 0 || n === 0) return 1
  const mean = (of: (profile: Profile) => number): number =>
    Math.exp(windows.reduce((sum, profile) => sum + Math.log(Math.max(1, of(profile))), 0) / windows.length)
  const distinct = mean(profile => profile.distinct)
  const ratio = n / mean(profile => profile.count)
  return ratio < MUCH_SMALLER
    ? windows.reduce((sum, profile) => sum + rarefied(n, profile), 0) / windows.length
    : distinct * ratio ** Math.min(1, (distinct * ratio) / n)
}

const MUCH_SMALLER = 0.5

/** Different values among n rows of a larger window: Σ 1 − (1 − p)ⁿ over its frequent values, and the others evenly. */
function rarefied(n: number, { count, distinct, tops: { counts } }: Profile): number {
  let frequent = 0
  let mass = 0
  for (const came of counts) {
    const share = Math.min(1, came / count)
    frequent += 1 - (1 - share) ** n
    mass += share
  }
  const others = distinct - counts.length
  if (others < 1) return Math.max(1, frequent)
  return Math.max(1, frequent + others * (1 - Math.exp((-n * Math.max(0, 1 - mass)) / others)))
}

/** A share of the window against the reference's. */
export interface Change {
  readonly before: number
  readonly now: number
  readonly delta: number
  readonly z: number
}

/** A counter's change: its z against history where there is one, else by counting. */
export function changeOf({ now, scores }: Seen, reference: Reference, name: CounterName): Change {
  const at = counterAt(name)
  const ofRows = COUNTERS[at].of === 'rows'
  const n = ofRows ? now.rows : now.count
  const N = ofRows ? reference.rows : reference.count
  const before = reference.counters[at] / Math.max(1, N)
  const share = now.counters[at] / Math.max(1, n)
  const scored = scores.find(({ statistic }) => statistic === name)
  const z = scored?.z ?? shareZ(now.counters[at], n, reference.counters[at], N)
  return { before, now: share, delta: share - before, z }
}

/** Distinct values over those that a clean window of this size has; over a third of them where that is a guess. */
export function distinctRatio({ now }: Seen, { distinct, windows }: Reference): number {
  const guess = windows.length === 1 && now.count < MUCH_SMALLER * windows[0].count
  return (guess ? 3 : 1) * (now.distinct / distinct)
}

/** How far the most telling statistic went. */
export function loudest({ scores }: Seen): number {
  return scores.reduce((most, { z }) => Math.max(most, Math.abs(z)), 0)
}
