import type { Grid } from './baseline/grid.js'
import type { Derivation } from './derive/derivation.js'
import type { FeatureKind } from './row.js'

/**
 * What stage 1 counts for one model version in one pane. A function of the monitor version and of the baselines in force there, so that
 * every task that reads the same prefix writes the same parts.
 */
export interface PanePlan {
  /** Baseline versions whose edges and values are counted: none, one, or two at a cut-over. */
  readonly baselines: readonly number[]
  /** By slot of the layout; null for a column that is not watched. May be shorter than the layout: slots found later are `auto`. */
  readonly features: readonly (FeaturePlan | null)[]
  /** What is computed of a row before it is counted, in this order. */
  readonly derivations: readonly Derivation[]
  readonly segmentation: Segmentation
}

export interface FeaturePlan {
  readonly name: string
  readonly kind: FeatureKind | 'auto'
  /** Union of the baselines' grids: each baseline's own counts are sums of its cells. Null without a baseline. */
  readonly grid: Grid | null
  /** Values counted exactly, union of the baselines' values; empty without a baseline. */
  readonly values: readonly string[]
  /** Cell in `values` by id of the slot's dictionary, −1 where the plan does not know the value. */
  readonly cells: Int32Array
  /** Keep distinct counts of numbers: integer-valued features, and all until a baseline says. */
  readonly countDistinct: boolean
  /** Plausible values, both ends included; those outside are counted. */
  readonly range?: Range | null
}

/** Least and greatest. */
export type Range = readonly [number, number]

/**
 * How rows are cut into disjoint leaves. With several dimensions the leaves are the product of their values while that is at most 64, else
 * each dimension has leaves of its own (a group), and `all` is the sum of the first group's.
 */
export interface Segmentation {
  readonly groups: readonly (readonly SegmentDimension[])[]
}

/** Cell of a value that is `other` because there is no room for more. */
export const CUT = -2

export interface SegmentDimension {
  readonly name: string
  readonly slot: number
  /** Declared values; every other value, and null, is `other`. */
  readonly values: readonly string[]
  /** Index in `values` by id of the slot's dictionary, −1 for `other`, `CUT` for a value that `limits.series` has no room for. */
  readonly cells: Int32Array
  /** Values that there is no room for. */
  readonly cut: number
}
