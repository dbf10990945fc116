import type { FeaturePlan } from '../plan.js'
import type { NumericState, Weighted } from './state.js'

/**
 * What a feature's sketch is while it still takes values, buffers and all: opened again from it, it goes on as if nothing had been. Closing a
 * sketch (`SketchState`) would flush its buffers, and the digest would tell when that was.
 */
export interface OpenSketch {
  readonly feature: string
  /** As what it is counted; a baseline may have settled the column's kind since. */
  readonly kind: FeaturePlan['kind']
  /** Rows by Flag, length FLAGS. */
  readonly flags: Float64Array
  readonly numeric: OpenNumbers | null
  readonly categorical: OpenCategories | null
  readonly entityRepeatable: number
  readonly entityRepeats: number
}

export interface OpenNumbers {
  /** Values not yet sketched, in the order they came. */
  readonly column: Float64Array
  /** The value before the column's first; NaN at the beginning. */
  readonly last: number
  readonly repeats: number
  /** Null once there were too many distinct values; then `totals`. */
  readonly exact: Weighted | null
  readonly totals: NumericState | null
}

export interface OpenCategories {
  readonly unknown: number
  /** By value of the plan. */
  readonly counts: Float64Array
  readonly heavy: OpenFrequent | null
  readonly distinct: Uint8Array | null
  readonly repeats: number
  readonly lastCell: number
  readonly lastHash: number
}

/** `FrequentCategories` slot by slot. */
export interface OpenFrequent {
  readonly overflowed: boolean
  readonly hashes: Int32Array
  /** Negative where the category was longer than what is kept. */
  readonly lengths: Int32Array
  readonly counts: Float64Array
  readonly errors: Float64Array
  /** Of all slots, one after the other. */
  readonly bytes: Uint8Array
  readonly least: Int32Array
  readonly leastCount: number
}

/** `KeySample` with its keys in the order of its table, from a free place on: put back in this order they lie as they lay. */
export interface OpenKeys {
  readonly threshold: number
  /** Places of the table. */
  readonly length: number
  readonly keys: Uint32Array
  /** Rows of each. */
  readonly counts: Float64Array
}
