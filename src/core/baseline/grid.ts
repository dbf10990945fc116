/**
 * Where a numeric feature's values are counted exactly: at atoms (values with mass of their own), and in half-open bins between edges
 * for the rest. Bin b holds edges[b−1] ≤ x < edges[b]; the end bins are open. Frozen with the baseline.
 */
export interface Grid {
  /** Ascending, distinct. */
  readonly edges: Float64Array
  /** Ascending, distinct, at most 64. */
  readonly atoms: Float64Array
}
