import { type Segment, segmentKey } from '../baseline/baseline.js'
import type { JoinedPart } from './joined-part.js'
import { mergeScores } from './merge-scores.js'
import type { ScoreState } from './score-state.js'

/** The joined rows of one model version in a window, by segment: all rows first. */
export interface SegmentScores {
  readonly segment: Segment
  /** In the order of `Task.outputs`. */
  readonly outputs: readonly ScoreState[]
}

/** @param parts of the model version */
export function mergeLeaves(parts: readonly JoinedPart[]): SegmentScores[] {
  const bySegment = new Map<string, { segment: Segment; outputs: ScoreState[][] }>()
  for (const { segment, outputs } of parts.flatMap(({ leaves }) => leaves)) {
    const key = segmentKey(segment)
    let known = bySegment.get(key)
    if (known === undefined) bySegment.set(key, (known = { segment, outputs: outputs.map(() => []) }))
    for (const [i, state] of outputs.entries()) known.outputs[i].push(state)
  }
  return [...bySegment]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { segment, outputs }]) => ({ segment, outputs: outputs.map(mergeScores) }))
}
