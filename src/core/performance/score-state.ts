/**
 * Counts of the predictions of one output and of their labels: merges by adding up. Signed, see `JoinedPart`.
 */
export type ScoreState = BinaryScores | RegressionScores | ClassScores

/** By bin of the score, 256 of them even in its logit (STATISTICS §4); entries are bins, those without predictions left out. */
export interface BinaryScores {
  readonly type: 'binary'
  /** Bins, ascending. */
  readonly bins: Int32Array
  /** Predictions. */
  readonly n: Float64Array
  /** Sum of their scores. */
  readonly scores: Float64Array
  readonly labelled: Float64Array
  readonly positive: Float64Array
  /** Labelled predictions at or above the threshold, by label: exact, where a bin has both sides of it. */
  readonly truePositive: number
  readonly falsePositive: number
  /** Of the labelled: Σ log loss, Σ of its squares, Σ squared error, Σ of its squares. */
  readonly loss: readonly [sum: number, squares: number]
  readonly brier: readonly [sum: number, squares: number]
  /** Predictions without a usable score (none, or outside [0, 1]). */
  readonly unusable: number
}

/** Errors are prediction − label. */
export interface RegressionScores {
  readonly type: 'regression'
  /** Usable predictions; their sum and sum of squares. */
  readonly n: number
  readonly predictions: readonly [sum: number, squares: number]
  readonly labelled: number
  /** Σe, Σe², Σ|e|, Σe⁴ */
  readonly errors: readonly [sum: number, squares: number, absolute: number, fourth: number]
  /** Σy, Σy² of the labels. */
  readonly labels: readonly [sum: number, squares: number]
  readonly unusable: number
}

export interface ClassScores {
  readonly type: 'multiclass'
  readonly classes: readonly string[]
  /** Predictions by class. */
  readonly n: Float64Array
  /** Labelled predictions, classes × classes: predicted · size + label. */
  readonly confusion: Float64Array
  readonly unusable: number
}
