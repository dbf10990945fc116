import type { Segment } from '../baseline/baseline.js'
import type { PartHead } from '../window/part.js'
import type { ScoreState } from './score-state.js'

/**
 * What one partition of driftline.joins adds to one model version and pane (of the predictions) for one round: predictions that were made, and
 * labels that came. Counts are signed: a label that another one replaces is taken back in the round of the other. `rows` are all
 * predictions and labels counted in it, so that of two versions the one with more is the later.
 */
export interface JoinedPart extends PartHead {
  readonly leaves: readonly JoinedLeaf[]
}

/** All rows ({}), or those of one value of a declared dimension. */
export interface JoinedLeaf {
  readonly segment: Segment
  /** In the order of `Task.outputs`. */
  readonly outputs: readonly ScoreState[]
}
