import type { PanePlan } from '../plan.js'
import type { Layout } from '../row.js'

/**
 * What is bounded, whatever events bring. Reaching a cap leaves detail out, and never a count.
 *
 * | cap | beyond it |
 * |---|---|
 * | versions | rows of further model versions of a pane count as version `other` |
 * | segments | rows of values that `limits.series` has no room for count as `other` |
 * | features | without a baseline: values of further features are not kept |
 * | names | with one: names of further features that it does not have are not told |
 * | revisions | late rows of further panes and versions of one round count as late |
 */
export const CAPS = ['versions', 'segments', 'features', 'names', 'revisions'] as const
export type Cap = (typeof CAPS)[number]

/** What one cap has kept out. */
export interface Omitted {
  readonly cap: Cap
  /** Where it lies. */
  readonly limit: number
  /** Rows that it concerns. */
  readonly rows: number
  /** Values that were not counted; 0 where rows are counted elsewhere. */
  readonly values: number
}

/** Model versions of a pane, whatever they cost. */
export const MOST_VERSIONS = 64
/** Names of features that the baseline does not have, of a part, of a window, and of alerts that fire. */
export const MOST_NAMES = 50

/** A rollout is no attack: so many versions have room always, so many late parts, and series in all. */
const FEWEST_VERSIONS = 4
const FEWEST_REVISIONS = 8
const VERSIONS_OF_SERIES = 4
const REVISIONS_OF_SERIES = 16

/** Model versions that have series of their own in one pane: as many as have room in four times `limits.series`. */
export function mostVersions(series: number, plan: PanePlan, layout: Layout): number {
  const fit = Math.floor((VERSIONS_OF_SERIES * series) / sketchesOf(plan, layout))
  return Math.min(MOST_VERSIONS, Math.max(FEWEST_VERSIONS, fit))
}

/** Parts of late rows that one round has: as many as have room in sixteen times `limits.series`. */
export function mostRevisions(series: number, plan: PanePlan, layout: Layout): number {
  return Math.max(FEWEST_REVISIONS, Math.floor((REVISIONS_OF_SERIES * series) / sketchesOf(plan, layout)))
}

/** Most series that a part of this plan has. */
function sketchesOf({ features, segmentation }: PanePlan, { slots }: Layout): number {
  const leaves = segmentation.groups.reduce((sum, dimensions) => sum + leavesOf(dimensions), 0)
  const watched = slots.filter((slot, s) => (s < features.length ? features[s] !== null : slot.watched)).length
  return Math.max(1, watched) * Math.max(1, leaves)
}

/** Leaves of the product of dimensions, `other` among them. */
export function leavesOf(dimensions: readonly { readonly values: readonly unknown[] }[]): number {
  return dimensions.reduce((product, { values }) => product * (values.length + 1), 1)
}

/** Sums by cap, in the order of the caps. */
export function allOmitted(all: readonly Omitted[]): Omitted[] {
  return CAPS.flatMap(cap => {
    const its = all.filter(one => one.cap === cap)
    const sum = (of: (one: Omitted) => number): number => its.reduce((total, one) => total + of(one), 0)
    const limit = Math.max(...its.map(one => one.limit))
    return its.length === 0 ? [] : [{ cap, limit, rows: sum(one => one.rows), values: sum(one => one.values) }]
  })
}
