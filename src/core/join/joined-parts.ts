import type { Task } from '../monitor.js'
import type { JoinedLeaf } from '../performance/joined-part.js'
import { addScores, type ScoreCounts, scoreCounts } from '../performance/score-counts.js'
import { type OpenPart, OpenParts } from './open-parts.js'
import type { Segments } from './segments.js'

/** By leaf (`Segments`): counts by output. */
export type JoinedLeaves = Map<number, readonly ScoreCounts[]>

/** A part as it is kept. */
export interface OpenJoinedState extends Omit<OpenPart<unknown>, 'counts'> {
  readonly leaves: readonly JoinedLeaf[]
}

/** Parts of predictions and labels that are not final. */
export class JoinedParts extends OpenParts<JoinedLeaves> {
  /** @param classes texts of a multiclass task, which grow meanwhile */
  constructor(
    private readonly task: Task,
    private readonly classes: readonly string[],
    private readonly segments: Segments,
  ) {
    super(() => new Map())
  }

  /** Counts by output for one of a part's leaves. */
  leaf(leaves: JoinedLeaves, leaf: number): readonly ScoreCounts[] {
    let counts = leaves.get(leaf)
    if (counts === undefined) {
      counts = this.task.outputs.map(() => scoreCounts(this.task, this.classes))
      leaves.set(leaf, counts)
    }
    return counts
  }

  describe(leaves: JoinedLeaves): JoinedLeaf[] {
    return [...leaves]
      .sort(([a], [b]) => a - b)
      .map(([leaf, counts]) => ({
        segment: this.segments.leafSegment(leaf),
        outputs: counts.map(one => one.state()),
      }))
  }

  state(): OpenJoinedState[] {
    return [...this.all].map(({ counts, ...part }) => ({ ...part, leaves: this.describe(counts) }))
  }

  restore(parts: readonly OpenJoinedState[]): void {
    for (const { leaves, ...part } of parts) {
      const counts: JoinedLeaves = new Map()
      for (const { segment, outputs } of leaves) {
        const own = this.leaf(counts, this.segments.leaf(segment))
        for (const [i, state] of outputs.entries()) addScores(own[i], state)
      }
      this.put({ ...part, counts })
    }
  }
}
