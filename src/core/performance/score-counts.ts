import type { Task } from '../monitor.js'
import { BinTable } from './bin-table.js'
import { ClassCounts } from './class-counts.js'
import { believed, keyOfNumber, keyOfScore } from './score-key.js'
import type { BinaryScores, RegressionScores, ScoreState } from './score-state.js'

/** Score from which a prediction is positive, where the monitor does not say. */
export const THRESHOLD = 0.5

/** Counts the predictions of one output and their labels. The order in which they come makes no difference. */
export interface ScoreCounts {
  /**
   * A prediction was made (sign 1), or does not count any more (−1).
   * @param value score of the positive class, number, or index into the classes; what is not one counts as unusable
   */
  predicted(value: number, sign: 1 | -1): void
  /**
   * The label of a prediction came, or is taken back. Left out where the prediction is unusable, or the label is not one.
   * @param label 0 or 1, number, or index into the classes
   */
  labelled(value: number, label: number, sign: 1 | -1): void
  state(): ScoreState
}

/**
 * Counts of an output of a task.
 * @param classes texts of a multiclass task, which may grow meanwhile
 */
export function scoreCounts(task: Pick<Task, 'type' | 'threshold'>, classes: readonly string[] = []): ScoreCounts {
  if (task.type === 'binary') return new BinaryCounts(task.threshold ?? THRESHOLD)
  return task.type === 'regression' ? new RegressionCounts() : new ClassCounts(classes)
}

/** Adds counts of another part of the rows of the same output; those of another type of output are none of it. */
export function addScores(counts: ScoreCounts, state: ScoreState): void {
  if (counts instanceof BinaryCounts && state.type === 'binary') counts.add(state)
  else if (counts instanceof RegressionCounts && state.type === 'regression') counts.add(state)
  else if (counts instanceof ClassCounts && state.type === 'multiclass') counts.add(state)
}

/** Places of the sums of a bin. */
const [N, LABELLED, SCORES, POSITIVE] = [0, 1, 2, 3]
const [ERRORS, SQUARES, ABSOLUTE] = [2, 3, 4]

export class BinaryCounts implements ScoreCounts {
  readonly #table = new BinTable(4)
  readonly #loss: [number, number] = [0, 0]
  readonly #brier: [number, number] = [0, 0]
  #unusable = 0

  constructor(private readonly threshold: number) {}

  predicted(score: number, sign: 1 | -1): void {
    if (!(score >= 0 && score <= 1)) {
      this.#unusable += sign
      return
    }
    const at = this.#table.at(keyOfScore(score, this.threshold))
    this.#table.sums[at + N] += sign
    this.#table.sums[at + SCORES] += sign * score
  }

  labelled(score: number, label: number, sign: 1 | -1): void {
    if (!(score >= 0 && score <= 1) || (label !== 0 && label !== 1)) return
    const at = this.#table.at(keyOfScore(score, this.threshold))
    this.#table.sums[at + LABELLED] += sign
    this.#table.sums[at + POSITIVE] += sign * label
    addTo(this.#loss, -Math.log(label === 1 ? believed(score) : 1 - believed(score)), sign)
    addTo(this.#brier, (score - label) ** 2, sign)
  }

  add(state: BinaryScores): void {
    this.#table.addBins(state, [state.n, state.labelled, state.scores, state.positive])
    addPair(this.#loss, state.loss)
    addPair(this.#brier, state.brier)
    this.#unusable += state.unusable
  }

  state(): BinaryScores {
    const { shift, bins, columns } = this.#table.state()
    const [n, labelled, scores, positive] = columns
    return {
      type: 'binary',
      threshold: this.threshold,
      ...{ shift, bins, n, labelled, scores, positive },
      loss: [...this.#loss],
      brier: [...this.#brier],
      unusable: this.#unusable,
    }
  }
}

export class RegressionCounts implements ScoreCounts {
  readonly #table = new BinTable(5)
  readonly #predictions: [number, number] = [0, 0]
  readonly #labels: [number, number] = [0, 0]
  #fourth = 0
  #unusable = 0

  predicted(value: number, sign: 1 | -1): void {
    if (!Number.isFinite(value)) {
      this.#unusable += sign
      return
    }
    const at = this.#table.at(keyOfNumber(value))
    this.#table.sums[at + N] += sign
    addTo(this.#predictions, value, sign)
  }

  labelled(value: number, label: number, sign: 1 | -1): void {
    const error = value - label
    if (!Number.isFinite(error)) return
    const at = this.#table.at(keyOfNumber(value))
    this.#table.sums[at + LABELLED] += sign
    this.#table.sums[at + ERRORS] += sign * error
    this.#table.sums[at + SQUARES] += sign * error ** 2
    this.#table.sums[at + ABSOLUTE] += sign * Math.abs(error)
    this.#fourth += sign * error ** 4
    addTo(this.#labels, label, sign)
  }

  add(state: RegressionScores): void {
    this.#table.addBins(state, [state.n, state.labelled, state.errors, state.squares, state.absolute])
    addPair(this.#predictions, state.predictions)
    addPair(this.#labels, state.labels)
    this.#fourth += state.fourth
    this.#unusable += state.unusable
  }

  state(): RegressionScores {
    const { shift, bins, columns } = this.#table.state()
    const [n, labelled, errors, squares, absolute] = columns
    return {
      type: 'regression',
      ...{ shift, bins, n, labelled, errors, squares, absolute },
      fourth: this.#fourth,
      predictions: [...this.#predictions],
      labels: [...this.#labels],
      unusable: this.#unusable,
    }
  }
}

function addTo(sums: [number, number], value: number, sign: number): void {
  sums[0] += sign * value
  sums[1] += sign * value * value
}

function addPair(sums: [number, number], more: readonly [number, number]): void {
  sums[0] += more[0]
  sums[1] += more[1]
}
