import type { Task } from '../monitor.js'
import { ClassCounts } from '../performance/class-counts.js'
import type { JoinedLeaf } from '../performance/joined-part.js'
import { BinaryCounts, RegressionCounts, type ScoreCounts, THRESHOLD } from '../performance/score-counts.js'
import type { ScoreState } from '../performance/score-state.js'
import type { Segments } from './segments.js'

/** A part that still takes rows. */
export interface OpenJoined {
  /** Index into the joiner's model versions. */
  readonly version: number
  readonly pane: number
  readonly round: number
  /** Changes counted in it. */
  rows: number
  readonly firstOffset: number
  lastOffset: number
  /** Rebuilt after a gap in the log. */
  readonly gap: boolean
  /** By leaf (`Segments`): counts by output. */
  readonly leaves: Map<number, readonly ScoreCounts[]>
}

/** A part as it is kept. */
export interface OpenJoinedState extends Omit<OpenJoined, 'leaves'> {
  readonly leaves: readonly JoinedLeaf[]
}

/** Parts of joined rows that are not final, by model version, pane and round. */
export class JoinedParts {
  readonly #open = new Map<string, OpenJoined>()
  #last: OpenJoined | null = null

  /** @param classes texts of a multiclass task, which grow meanwhile */
  constructor(
    private readonly task: Task,
    private readonly classes: readonly string[],
    private readonly segments: Segments,
  ) {}

  get size(): number {
    return this.#open.size
  }

  /** @param offset of the message in driftline.joins whose row is counted */
  at(version: number, pane: number, round: number, offset: number, gap: boolean): OpenJoined {
    let part = this.#last
    if (part === null || part.pane !== pane || part.round !== round || part.version !== version) {
      const key = `${version}/${pane}/${round}`
      part = this.#open.get(key) ?? null
      if (part === null) {
        part = { version, pane, round, rows: 0, firstOffset: offset, lastOffset: offset, gap, leaves: new Map() }
        this.#open.set(key, part)
      }
      this.#last = part
    }
    part.lastOffset = offset
    return part
  }

  /** Counts by output for one of the part's leaves. */
  leaf(part: OpenJoined, leaf: number): readonly ScoreCounts[] {
    let counts = part.leaves.get(leaf)
    if (counts === undefined) {
      counts = this.task.outputs.map(() => this.#counts(null))
      part.leaves.set(leaf, counts)
    }
    return counts
  }

  /** Takes out the parts of rounds before this one, in the order of (pane, round, version). */
  before(round: number): OpenJoined[] {
    const final = [...this.#open].filter(([, part]) => part.round < round)
    for (const [key] of final) this.#open.delete(key)
    this.#last = null
    return final.map(([, part]) => part).sort((a, b) => a.pane - b.pane || a.round - b.round || a.version - b.version)
  }

  leavesOf({ leaves }: OpenJoined): JoinedLeaf[] {
    return [...leaves]
      .sort(([a], [b]) => a - b)
      .map(([leaf, counts]) => ({
        segment: this.segments.leafSegment(leaf),
        outputs: counts.map(one => one.state()),
      }))
  }

  state(): OpenJoinedState[] {
    return [...this.#open.values()].map(part => ({ ...part, leaves: this.leavesOf(part) }))
  }

  restore(parts: readonly OpenJoinedState[]): void {
    for (const { leaves, ...part } of parts) {
      const counts = leaves.map(
        ({ segment, outputs }) => [this.segments.leaf(segment), outputs.map(state => this.#counts(state))] as const,
      )
      this.#open.set(`${part.version}/${part.pane}/${part.round}`, { ...part, leaves: new Map(counts) })
    }
  }

  #counts(state: ScoreState | null): ScoreCounts {
    const { type, threshold } = this.task
    if (type === 'binary') {
      const counts = new BinaryCounts(threshold ?? THRESHOLD)
      if (state?.type === 'binary') counts.add(state)
      return counts
    }
    if (type === 'regression') {
      const counts = new RegressionCounts()
      if (state?.type === 'regression') counts.add(state)
      return counts
    }
    const counts = new ClassCounts(this.classes)
    if (state?.type === 'multiclass') counts.add(state)
    return counts
  }
}
