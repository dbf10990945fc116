import { total } from '../statistic/psi.js'
import { believed } from './score-key.js'
import type { BinaryScores, ClassScores, RegressionScores, ScoreState } from './score-state.js'
import { grouped, groups, labelledByClass, valuesOf } from './strata.js'

/** Counts in which each labelled row stands for as many predictions of about its score as have no label. */
export interface Reweighted {
  readonly state: ScoreState
  /** By how much the weights widen a variance (Kish 1965), at least 1: a factor of φ. */
  readonly designEffect: number
  /** Share of the predictions that nothing stands for: of scores, or classes, with fewer than 5 labels. */
  readonly unsupported: number
}

/** Groups of scores at most, labels to a group, and labels that may stand for a group. */
const [MOST, PER_GROUP, FEWEST] = [20, 20, 5]

/**
 * Labels that come early are not a random sample of all: those of each group of scores count n/labelled times (post-stratification), together as many
 * as they are. Right where, at a score, it does not depend on the label whether it has come.
 */
export function reweighted(state: ScoreState): Reweighted {
  const rows = state.type === 'multiclass' ? labelledByClass(state) : state.labelled
  const strata =
    state.type === 'multiclass' ? null : groups(state.n, Math.min(MOST, Math.floor(total(rows) / PER_GROUP) || 1))
  const spans = strata ?? Array.from(rows, (_, c) => ({ from: c, to: c + 1 }))
  const [n, labelled] = [grouped(state.n, spans), grouped(rows, spans)]
  const supported = [...spans.keys()].filter(g => labelled[g] >= FEWEST)
  const known = (column: Float64Array): number => supported.reduce((sum, g) => sum + column[g], 0)
  const weights = new Float64Array(rows.length)
  let squares = 0
  for (const g of supported) {
    const weight = ((n[g] / labelled[g]) * known(labelled)) / known(n)
    weights.fill(weight, spans[g].from, spans[g].to)
    squares += labelled[g] * weight * weight
  }
  return {
    state: weighted(state, weights),
    designEffect: supported.length > 0 ? Math.max(1, squares / known(labelled)) : 1,
    unsupported: total(n) > 0 ? 1 - known(n) / total(n) : 0,
  }
}

function weighted(state: ScoreState, weights: Float64Array): ScoreState {
  if (state.type === 'binary') return weightedScores(state, weights)
  return state.type === 'regression' ? weightedNumbers(state, weights) : weightedClasses(state, weights)
}

const times = (column: Float64Array, weights: Float64Array): Float64Array => column.map((x, b) => x * weights[b])

/** Losses are known of all rows only: they change by as much as those of rows with their bin's mean score do. */
function weightedScores(state: BinaryScores, weights: Float64Array): BinaryScores {
  const [labelled, positive] = [times(state.labelled, weights), times(state.positive, weights)]
  const scores = valuesOf(state)
  const changed = (
    sums: readonly [number, number],
    ifTrue: (p: number) => number,
    ifFalse: (p: number) => number,
  ): [number, number] => {
    const [sum, squares] = [...sums]
    let [more, moreSquares] = [0, 0]
    for (let b = 0; b < weights.length; b++) {
      const [one, zero] = [ifTrue(scores[b]), ifFalse(scores[b])]
      const positives = positive[b] - state.positive[b]
      const negatives = labelled[b] - state.labelled[b] - positives
      more += positives * one + negatives * zero
      moreSquares += positives * one * one + negatives * zero * zero
    }
    return [Math.max(0, sum + more), Math.max(0, squares + moreSquares)]
  }
  return {
    ...{ ...state, labelled, positive },
    loss: changed(
      state.loss,
      p => -Math.log(believed(p)),
      p => -Math.log(1 - believed(p)),
    ),
    brier: changed(
      state.brier,
      p => (1 - p) ** 2,
      p => p * p,
    ),
  }
}

function weightedNumbers(state: RegressionScores, weights: Float64Array): RegressionScores {
  const { labelled, errors, squares, absolute } = state
  const values = valuesOf(state)
  let [sum, sumOfSquares] = state.labels
  let [before, after] = [0, 0]
  for (let b = 0; b < weights.length; b++) {
    if (labelled[b] === 0) continue
    const more = weights[b] - 1
    sum += more * (values[b] * labelled[b] - errors[b])
    sumOfSquares += more * (values[b] ** 2 * labelled[b] - 2 * values[b] * errors[b] + squares[b])
    const fourth = squares[b] ** 2 / labelled[b]
    before += fourth
    after += fourth * weights[b]
  }
  return {
    ...state,
    labelled: times(labelled, weights),
    errors: times(errors, weights),
    squares: times(squares, weights),
    absolute: times(absolute, weights),
    fourth: before > 0 ? (state.fourth * after) / before : state.fourth,
    labels: [sum, sumOfSquares],
  }
}

function weightedClasses(state: ClassScores, weights: Float64Array): ClassScores {
  const { confusion } = state
  const count = confusion.count.map((n, i) => n * weights[confusion.predicted[i]])
  return { ...state, confusion: { ...confusion, count } }
}
