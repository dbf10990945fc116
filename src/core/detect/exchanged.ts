import type { Cause } from '../alert/event.js'
import type { Opening } from '../alert/lifecycle.js'
import { MOST, misfitOf } from './cause/fit.js'
import { pointsOf } from './cause/points.js'
import { type Reference, referenceOf } from './cause/reference.js'
import type { Seen } from './cause/seen.js'
import { LEVELS, MEDIAN, type Shape } from './shape.js'

/** Each must fit what the other was to within noise, and under this part of how far it is from what it was itself. */
const FITS = 2.5
const EXPLAINS = 0.25
/** Features that are this near to what they were have not been exchanged, or nobody can tell: equal distributions. */
const APART = 4
/** A fit that leaves no doubt, where no third feature fits. */
const SURE = 1.2
/** Different quantiles, or labels of the two, that have to agree: one share alone is what the world may exchange. */
const FEWEST_QUANTILES = 5
const FEWEST_LABELS = 3
/** Labels of fewer rows are not among them. */
const LABEL_SHARE = 0.05
/** Labels that neither side has in more than this share of the rows say nothing at all. */
const LEAST_SHARE = 0.005
const TENTH = LEVELS.indexOf(0.1)
const NINE_TENTHS = LEVELS.indexOf(0.9)

/** The other feature, and how far both are from what they were, and from what the other was. */
export interface Exchange {
  readonly name: string
  readonly misfitBefore: number
  readonly misfitAfter: number
  /** Further features that fit as well. */
  readonly others: readonly string[]
}

/**
 * The feature whose values a feature has while that has its own: both windows fit the other's reference to within noise, and not their own.
 *
 *     window of   weight   height      fits the reference of
 *                   ╲      ╱
 *                    ╲    ╱
 *                   height weight
 *
 * Of numbers by their distribution functions (see `misfitOf`), of labels by their shares.
 * @param all features of the same window, itself among them or not
 */
export function exchangeOf(own: Seen, all: Iterable<Seen>): Exchange | null {
  const reference = referenceOf(own)
  if (reference === null) return null
  const found: Exchange[] = []
  for (const other of all) {
    const { name, kind } = other.contract
    if (name === own.contract.name || kind !== own.contract.kind || !mayBe(own, other)) continue
    const its = referenceOf(other)
    if (its === null || (kind !== 'numeric' && labelsOf([own, reference], [other, its]) < FEWEST_LABELS)) continue
    const misfit = kind === 'numeric' ? ofNumbers : ofLabels
    const misfitAfter = Math.max(misfit(own, other, its), misfit(other, own, reference))
    if (!(misfitAfter <= FITS)) continue
    const misfitBefore = Math.min(misfit(own, own, reference), misfit(other, other, its))
    if (misfitBefore >= APART && misfitAfter <= EXPLAINS * misfitBefore)
      found.push({ name, misfitBefore, misfitAfter, others: [] })
  }
  const [best, ...rest] = found.sort((a, b) => a.misfitAfter - b.misfitAfter || (a.name < b.name ? -1 : 1))
  return best === undefined ? null : { ...best, others: rest.map(({ name }) => name) }
}

/** How far the window of one is from what another was, in standard errors; about .8 where it is that. NaN: that cannot be said. */
type Misfit = (window: Seen, from: Seen, reference: Reference) => number

const ofNumbers: Misfit = ({ contract, sketch }, from, reference) => {
  const { curve } = reference
  if (curve === null || !sketch?.numeric?.count || contract.numeric === null) return Number.NaN
  if (new Set(curve.quantiles).size < FEWEST_QUANTILES) return Number.NaN
  return misfitOf(pointsOf(from, reference), sketch.numeric, contract.numeric, curve)
}

/** Mean distance of the labels' shares, in standard errors. */
const ofLabels: Misfit = ({ sketch }, { contract }, { cells, count }) => {
  const state = sketch?.categorical
  if (state == null || state.count === 0 || count === 0) return Number.NaN
  const now = new Map(state.known)
  for (const { value, count: most, error } of state.heavy) now.set(value, most - error)
  const before = new Map(contract.values.slice(0, cells.length - 2).map((label, l) => [label, cells[l]]))
  const n = state.count
  let sum = 0
  let labels = 0
  for (const label of new Set([...now.keys(), ...before.keys()])) {
    const found = (now.get(label) ?? 0) / n
    const expected = (before.get(label) ?? 0) / count
    if (Math.max(found, expected) < LEAST_SHARE) continue
    const share = (found * n + expected * count) / (n + count)
    sum += Math.min(MOST, Math.abs(found - expected) / Math.sqrt(Math.max(share * (1 - share), 1 / n) / n))
    labels++
  }
  return sum / labels
}

/** How many labels the two have. */
function labelsOf(...both: readonly (readonly [Seen, Reference])[]): number {
  const labels = both.flatMap(([{ contract }, { cells, count }]) =>
    contract.values.filter((_, l) => l < cells.length - 2 && cells[l] >= LABEL_SHARE * count),
  )
  return new Set(labels).size
}

/** Whether the one's window may be the other's at all, and the reverse: of many features few are looked at closely. */
function mayBe(own: Seen, other: Seen): boolean {
  if (own.contract.numeric === null) return true
  const like = (window: Shape | null, usual: Shape | null): boolean => {
    if (window === null || usual === null) return false
    const width = ({ quantiles: q }: Shape): number => q[NINE_TENTHS] - q[TENTH]
    const near = Math.abs(window.quantiles[MEDIAN] - usual.quantiles[MEDIAN]) <= width(usual)
    return near && width(window) <= 2 * width(usual) && width(usual) <= 2 * width(window)
  }
  const usual = ({ past, training }: Seen): Shape | null => (past.at(-1) ?? training)?.shape ?? null
  return like(own.now.shape, usual(other)) && like(other.now.shape, usual(own))
}

/** The alert of a feature that has another's values; any other as it is. */
export function aboutExchange(opening: Opening, feature: string, exchange: Exchange | null): Opening {
  if (exchange === null) return opening
  const { name, others, misfitBefore, misfitAfter } = exchange
  const { cause } = opening
  const found: Cause = {
    code: 'exchanged',
    confidence: others.length === 0 && misfitAfter < SURE ? 'high' : 'medium',
    sentence: `these are the values of ${name}, and ${name} has those of ${feature}: exchanged`,
    numbers: { misfitBefore, misfitAfter },
    alternatives: [
      ...others.map(other => `exchanged with ${other}`),
      ...(cause.code === 'distribution' ? [] : [cause.code]),
    ],
    whoMoved: 'pipeline',
  }
  return { ...opening, kind: 'schema', summary: `${feature}: ${found.sentence}`, cause: found, action: 'fix-pipeline' }
}
