import type { Segment } from '../baseline/baseline.js'
import type { Shadow, Task } from '../monitor.js'
import { addScores, type ScoreCounts, scoreCounts } from '../performance/score-counts.js'
import type { ScoreState } from '../performance/score-state.js'
import { PairCounts, type PairState } from './pair-counts.js'
import { type Spread, SpreadCounts } from './spread.js'

/** The champion's rows are the first of each two, the challenger's the second. */
export const [CHAMPION, CHALLENGER] = [0, 1] as const
export type Arm = 0 | 1

/** What a version made of a request: a value for each output, and how long that took, in ms (NaN: not said). */
export interface Made {
  readonly values: readonly number[]
  readonly latency: number
}

/** Two versions in one pane or window and segment: adds up. */
export interface ShadowState {
  /** Requests that each version has scored. */
  readonly rows: readonly [champion: number, challenger: number]
  /** Requests that both have scored; of a canary none. */
  readonly pairs: number
  /** Shadow: by output. */
  readonly outputs: readonly PairState[]
  /** Shadow: how much longer the challenger took for the same request. */
  readonly slower: Spread
  /** Canary: by version. */
  readonly arms: readonly ArmState[]
}

export interface ArmState {
  readonly outputs: readonly ScoreState[]
  readonly latency: Spread
}

/** Counts what two versions make, and takes it back. */
export class ShadowCounts {
  readonly #rows: [number, number] = [0, 0]
  #pairs = 0
  readonly #outputs: readonly PairCounts[]
  readonly #slower = new SpreadCounts()
  readonly #arms: readonly { readonly outputs: readonly ScoreCounts[]; readonly latency: SpreadCounts }[]

  /** @param classes texts of a multiclass task, which may grow meanwhile */
  constructor(
    private readonly task: Task,
    mode: Shadow['mode'],
    private readonly classes: readonly string[] = [],
  ) {
    this.#outputs = mode === 'canary' ? [] : task.outputs.map(() => new PairCounts(task, classes))
    this.#arms = mode === 'shadow' ? [] : [CHAMPION, CHALLENGER].map(() => this.#arm())
  }

  /** A version has scored a request. */
  made(arm: Arm, { values, latency }: Made, sign: 1 | -1): void {
    this.#rows[arm] += sign
    const counts = this.#arms[arm]
    if (counts === undefined) return
    for (const [o, output] of counts.outputs.entries()) output.predicted(values[o], sign)
    if (Number.isFinite(latency)) counts.latency.count(latency, sign)
  }

  /** Both versions have scored the same request. */
  paired(champion: Made, challenger: Made, sign: 1 | -1): void {
    this.#pairs += sign
    for (const [o, output] of this.#outputs.entries()) output.count(champion.values[o], challenger.values[o], sign)
    const slower = challenger.latency - champion.latency
    if (Number.isFinite(slower)) this.#slower.count(slower, sign)
  }

  add({ rows, pairs, outputs, slower, arms }: ShadowState): void {
    for (const arm of [CHAMPION, CHALLENGER]) this.#rows[arm] += rows[arm]
    this.#pairs += pairs
    for (const [o, state] of outputs.entries()) this.#outputs[o].add(state)
    this.#slower.add(slower)
    for (const [a, { outputs: scores, latency }] of arms.entries()) {
      const arm = this.#arms[a]
      for (const [o, state] of scores.entries()) addScores(arm.outputs[o], state)
      arm.latency.add(latency)
    }
  }

  state(): ShadowState {
    return {
      rows: [...this.#rows],
      pairs: this.#pairs,
      outputs: this.#outputs.map(output => output.state()),
      slower: this.#slower.state(),
      arms: this.#arms.map(({ outputs, latency }) => ({
        outputs: outputs.map(output => output.state()),
        latency: latency.state(),
      })),
    }
  }

  #arm() {
    return { outputs: this.task.outputs.map(() => scoreCounts(this.task, this.classes)), latency: new SpreadCounts() }
  }
}

/** All rows ({}), or those of one value of a declared dimension. */
export interface ShadowLeaf {
  readonly segment: Segment
  readonly counts: ShadowState
}
