import type { Grid } from '../baseline/grid.js'
import { hashBytes } from '../dictionary.js'
import { FLAGS } from '../row.js'
import { Digest } from './digest.js'
import { Distinct } from './distinct.js'
import { ExactCounts, withoutAtoms } from './exact.js'
import { bytesOf, FrequentCategories } from './heavy-categories.js'
import { FrequentNumbers } from './heavy-numbers.js'
import { spillCounts } from './numeric-sketch.js'
import type { CategoricalState, NumericState, SketchState } from './state.js'

const NO_ATOMS = new Float64Array(0)

/**
 * The sketch of all rows that the given sketches saw. Counts add up exactly; digests merge in the order given, which makes the result
 * reproducible.
 * @param states of one feature, all with cells at `grid`
 */
export function mergeSketches(states: readonly SketchState[], grid: Grid | null): SketchState {
  const flags = new Float64Array(FLAGS)
  for (const state of states) for (let f = 0; f < FLAGS; f++) flags[f] += state.flags[f]
  return {
    feature: states[0].feature,
    flags,
    numeric: mergeNumeric(
      states.flatMap(({ numeric }) => numeric ?? []),
      grid,
    ),
    categorical: mergeCategorical(states.flatMap(({ categorical }) => categorical ?? [])),
  }
}

function mergeNumeric(states: readonly NumericState[], grid: Grid | null): NumericState | null {
  if (states.length < 2) return states[0] ?? null
  const sum = (of: (state: NumericState) => number): number => states.reduce((total, state) => total + of(state), 0)
  let count = 0
  let mean = 0
  let m2 = 0
  const cells = new Float64Array(states[0].cells.length)
  for (const state of states) {
    if (state.count === 0) continue
    const total = count + state.count
    const delta = state.mean - mean
    mean += (delta * state.count) / total
    m2 += state.m2 + (delta * delta * count * state.count) / total
    count = total
    for (let c = 0; c < cells.length; c++) cells[c] += state.cells[c]
  }
  return {
    count,
    integers: sum(state => state.integers),
    zeros: sum(state => state.zeros),
    negatives: sum(state => state.negatives),
    mean,
    m2,
    min: Math.min(...states.map(state => state.min)),
    max: Math.max(...states.map(state => state.max)),
    cells,
    ...mergeValues(states, grid),
  }
}

function mergeValues(states: readonly NumericState[], grid: Grid | null) {
  const exact = new ExactCounts()
  const few = states.every(s => s.exact !== null && exact.merge(s.exact.values, s.exact.values.length, s.exact.weights))
  if (few) return { exact: exact.state, digest: null, distinct: null, heavy: null }
  const digest = new Digest()
  const heavy = new FrequentNumbers()
  const distinct = states.some(state => state.distinct !== null) ? new Distinct() : null
  for (const state of states) {
    if (state.exact !== null) {
      digest.add(withoutAtoms(state.exact, grid?.atoms ?? NO_ATOMS))
      spillCounts(state.exact, heavy, distinct, grid)
    } else {
      digest.add(state.digest!)
      const { values, counts, errors } = state.heavy!
      for (let i = 0; i < values.length; i++) heavy.offer(values[i], counts[i], errors[i])
      if (state.distinct !== null) distinct!.merge(state.distinct)
    }
  }
  const registers = distinct && distinct.registers
  return { exact: null, digest: digest.state(), distinct: registers, heavy: heavy.state() }
}

function mergeCategorical(states: readonly CategoricalState[]): CategoricalState | null {
  if (states.length < 2) return states[0] ?? null
  const known = new Map<string, number>()
  const heavy = new FrequentCategories()
  const distinct = new Distinct()
  let overflowed = false
  for (const state of states) {
    for (const [value, count] of state.known) known.set(value, (known.get(value) ?? 0) + count)
    for (const { value, count, error } of state.heavy) {
      const bytes = bytesOf(value)
      const hash = hashBytes(bytes, 0, bytes.length)
      heavy.offer(hash, bytes, 0, bytes.length, count, error)
      if (state.distinct === null) distinct.add(hash)
    }
    if (state.distinct !== null) {
      distinct.merge(state.distinct)
      overflowed = true
    }
  }
  return {
    count: states.reduce((sum, state) => sum + state.count, 0),
    known,
    unknown: states.reduce((sum, state) => sum + state.unknown, 0),
    heavy: heavy.state(),
    distinct: overflowed || heavy.overflowed ? distinct.registers : null,
  }
}
