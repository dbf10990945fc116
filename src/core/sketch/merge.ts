import type { Grid } from '../baseline/grid.js'
import { DriftlineError } from '../error.js'
import { FLAGS } from '../row.js'
import { Distinct, hashNumber } from './distinct.js'
import { ExactCounts, withoutAtoms } from './exact.js'
import { emptyCells } from './grid-cells.js'
import { FrequentNumbers } from './heavy-numbers.js'
import { mergeCategorical } from './merge-categories.js'
import { mergeDigests } from './merge-digests.js'
import { Moments, type Values } from './moments.js'
import type { CategoricalState, NumericState, SketchState, Weighted } from './state.js'
import { zeros } from './zeros.js'

/**
 * The sketch of all rows that the given sketches saw. Counts add up exactly; digests merge in the order given, which makes the result
 * reproducible.
 * @param states of one feature, all with cells at `grid`
 */
export function mergeSketches(states: readonly SketchState[], grid: Grid | null): SketchState {
  const flags = zeros(FLAGS)
  const numeric: NumericState[] = []
  const categorical: CategoricalState[] = []
  for (const state of states) {
    for (let f = 0; f < FLAGS; f++) flags[f] += state.flags[f]
    if (state.numeric !== null) numeric.push(state.numeric)
    if (state.categorical !== null) categorical.push(state.categorical)
  }
  return {
    feature: states[0].feature,
    flags,
    numeric: numeric.length < 2 ? (numeric[0] ?? null) : mergeNumeric(numeric, grid),
    categorical: categorical.length < 2 ? (categorical[0] ?? null) : mergeCategorical(categorical),
    repeatable: sum(states, 'repeatable'),
    repeats: sum(states, 'repeats'),
    entityRepeatable: sum(states, 'entityRepeatable'),
    entityRepeats: sum(states, 'entityRepeats'),
  }
}

function sum(
  states: readonly SketchState[],
  counter: 'repeatable' | 'repeats' | 'entityRepeatable' | 'entityRepeats',
): number {
  let total = 0
  for (const state of states) total += state[counter]
  return total
}

function mergeNumeric(states: readonly NumericState[], grid: Grid | null): NumericState {
  const moments = new Moments()
  const cells = emptyCells(grid)
  for (const state of states) {
    moments.add(state)
    const counts = state.cells
    if (counts.length !== cells.length)
      throw new DriftlineError('internal', 'Sketches counted at different grids were to be merged; project them first')
    for (let c = 0; c < cells.length; c++) cells[c] += counts[c]
  }
  return moments.state(cells, mergeExact(states) ?? mergeEstimates(states, grid))
}

/** Null where there are too many distinct values for exact counts. */
function mergeExact(states: readonly NumericState[]): Values | null {
  if (states.some(state => state.exact === null)) return null
  const counts = new ExactCounts()
  for (const { exact } of states) if (!counts.merge(exact!.values, exact!.values.length, exact!.weights)) return null
  return { exact: counts.state, digest: null, distinct: null, heavy: null }
}

function mergeEstimates(states: readonly NumericState[], grid: Grid | null): Values {
  const lists: Weighted[] = []
  const heavy = new FrequentNumbers()
  // Distinct counts are wanted unless a state that had to choose went without.
  const distinct = states.every(state => state.exact !== null || state.distinct !== null) ? new Distinct() : null
  for (const state of states) {
    if (state.exact !== null) {
      const rest = grid === null ? state.exact : withoutAtoms(state.exact, grid.atoms)
      lists.push(rest)
      heavy.addWeighted(rest.values, rest.weights, rest.values.length)
      if (distinct !== null) for (const x of state.exact.values) distinct.add(hashNumber(x))
    } else {
      lists.push(state.digest!)
      heavy.add(state.heavy!)
      if (distinct !== null) distinct.merge(state.distinct!)
    }
  }
  const registers = distinct?.registers ?? null
  return { exact: null, digest: mergeDigests(lists).state(), distinct: registers, heavy: heavy.state() }
}
