/**
 * Counts of the predictions of one output and of their labels: merges by adding up (`mergeScores`). Signed, see `JoinedPart`.
 */
export type ScoreState = BinaryScores | RegressionScores | ClassScores

/**
 * Predictions by bin. Bins are as fine as at most 256 of them (`MOST_BINS`) allow, of equal width in the score's logit or next to equal in
 * the logarithm of a number (`score-key.ts`); where there are more, each two neighbours become one, so that sums of parts are what a
 * count of all rows would be.
 */
export interface Binned {
  /** How often neighbours became one: bin = key >> shift. */
  readonly shift: number
  /** Bins, ascending; each column has an entry a bin. Bins that something was taken back from stay, at 0. */
  readonly bins: Int32Array
  /** Predictions. */
  readonly n: Float64Array
  /** Of them with a label. */
  readonly labelled: Float64Array
}

export interface BinaryScores extends Binned {
  readonly type: 'binary'
  /** Bins from 0 on lie at or above it. */
  readonly threshold: number
  /** By bin: sum of the scores of all predictions; labelled ones that came true. */
  readonly scores: Float64Array
  readonly positive: Float64Array
  /** Of the labelled: Σ log loss, Σ of its squares; Σ squared error, Σ of its squares. */
  readonly loss: readonly [sum: number, squares: number]
  readonly brier: readonly [sum: number, squares: number]
  /** Predictions without a usable score (none, or outside [0, 1]). */
  readonly unusable: number
}

/** Errors are prediction − label. */
export interface RegressionScores extends Binned {
  readonly type: 'regression'
  /** By bin of the prediction: Σe, Σe², Σ|e|. */
  readonly errors: Float64Array
  readonly squares: Float64Array
  readonly absolute: Float64Array
  /** Σe⁴ */
  readonly fourth: number
  /** Sum and sum of squares: of all usable predictions, of the labels. */
  readonly predictions: readonly [sum: number, squares: number]
  readonly labels: readonly [sum: number, squares: number]
  readonly unusable: number
}

export interface ClassScores {
  readonly type: 'multiclass'
  /** In the order of their texts. */
  readonly classes: readonly string[]
  /** Predictions by class. */
  readonly n: Float64Array
  /** Labelled predictions: cells of the confusion matrix that are used, in its order row by row; indices into `classes`. */
  readonly confusion: { readonly predicted: Int32Array; readonly label: Int32Array; readonly count: Float64Array }
  readonly unusable: number
}
