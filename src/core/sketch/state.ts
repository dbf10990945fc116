/**
 * What a feature's sketch is once it is closed: plain data that merges, is written to `driftline.panes` and kept in baselines.
 * Counts are exact; only `digest`, `heavy` and `distinct` are estimates.
 */
export interface SketchState {
  readonly feature: string
  /** Rows by Flag (`row.ts`); the entry for MISSING is not kept here, it is rows − all others. Length FLAGS. */
  readonly flags: Float64Array
  readonly numeric: NumericState | null
  readonly categorical: CategoricalState | null
  /** Usable values that came after another of the same leaf and part, and of these the equal ones; they depend on the order of rows. */
  readonly repeatable: number
  readonly repeats: number
  /** Usable values of an entity whose last value was remembered, and of these the equal ones: a hint (`EntityMemory`). */
  readonly entityRepeatable: number
  readonly entityRepeats: number
}

export interface NumericState {
  readonly count: number
  readonly integers: number
  readonly zeros: number
  readonly negatives: number
  /** Values outside the monitor's range; 0 without one. */
  readonly outside: number
  readonly mean: number
  /** Σ(x − mean)². */
  readonly m2: number
  /** +∞ where count is 0. */
  readonly min: number
  /** −∞ where count is 0. */
  readonly max: number
  /** Counts at the grid of the plan: first the atoms, then edges.length + 1 bins, atoms excluded from the bins. Empty without a grid. */
  readonly cells: Float64Array
  /** Every distinct value with its count, ascending, while there are at most 256 of them; else null. Atoms included. */
  readonly exact: Weighted | null
  /** Centroids, ascending, of all values that are not atoms of the grid, once `exact` overflowed; else null. */
  readonly digest: Weighted | null
  /** HyperLogLog registers (2^10) of all values, where the plan asks for distinct counts and `exact` overflowed; else null. */
  readonly distinct: Uint8Array | null
  /** Most frequent values outside the atoms (Space-Saving), once `exact` overflowed; else null. */
  readonly heavy: HeavyNumbers | null
}

/** Ascending values with weights. */
export interface Weighted {
  readonly values: Float64Array
  readonly weights: Float64Array
}

/** Space-Saving over at most 64 values, ascending: each count overstates by at most its error. */
export interface HeavyNumbers {
  readonly values: Float64Array
  readonly counts: Float64Array
  readonly errors: Float64Array
  /** What a value that is not listed may have come to, at most. */
  readonly floor: number
}

export interface CategoricalState {
  readonly count: number
  /** Counts of the plan's known values, by text; zero counts left out. */
  readonly known: ReadonlyMap<string, number>
  /** Rows whose value the plan does not know. */
  readonly unknown: number
  /** Most frequent unknown values (Space-Saving, at most 256: exact while there are no more). */
  readonly heavy: readonly { readonly value: string; readonly count: number; readonly error: number }[]
  /** HyperLogLog registers of the unknown values, once `heavy` overflowed; else null, and heavy.length is their exact number. */
  readonly distinct: Uint8Array | null
}
