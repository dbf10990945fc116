import { Digest } from './digest.js'
import { Distinct, hashNumber } from './distinct.js'
import { withoutAtoms } from './exact.js'
import { countColumn, countWeighted, emptyCells } from './grid-cells.js'
import { FrequentNumbers } from './heavy-numbers.js'
import { Moments } from './moments.js'
import type { NumericPlan } from './numeric-sketch.js'
import { outsideSorted, outsideWeighted } from './outside.js'
import type { NumericState, Weighted } from './state.js'

/** What is kept of numbers once they have more distinct values than are counted one by one. */
export class NumericTotals {
  readonly #moments = new Moments()
  readonly #cells: Float64Array
  readonly #digest = new Digest()
  readonly #heavy = new FrequentNumbers()
  readonly #distinct: Distinct | null

  constructor(private readonly plan: NumericPlan) {
    this.#cells = emptyCells(plan.grid)
    this.#distinct = plan.countDistinct ? new Distinct() : null
  }

  /** Goes on from a state; null where it was counted by another plan. */
  static reopen(plan: NumericPlan, state: NumericState): NumericTotals | null {
    const totals = new NumericTotals(plan)
    if (state.cells.length !== totals.#cells.length) return null
    if (state.digest === null || state.heavy === null || (state.distinct === null) !== (totals.#distinct === null))
      return null
    totals.#moments.add(state)
    totals.#cells.set(state.cells)
    totals.#digest.load(state.digest)
    totals.#heavy.add(state.heavy)
    if (state.distinct !== null) totals.#distinct!.merge(state.distinct)
    return totals
  }

  /** Adds what was counted exactly until now. */
  addExact(all: Weighted): void {
    const { values, weights } = all
    const { grid, range } = this.plan
    if (range) this.#moments.outside += outsideWeighted(range, all)
    this.#moments.addWeighted(values, weights, values.length)
    for (let i = 0; this.#distinct !== null && i < values.length; i++) this.#distinct.add(hashNumber(values[i]))
    if (grid !== null) countWeighted(grid, this.#cells, values, weights, values.length)
    const rest = grid === null ? all : withoutAtoms(all, grid.atoms)
    this.#heavy.addWeighted(rest.values, rest.weights, rest.values.length)
    this.#digest.mergeWeighted(rest.values, rest.weights, rest.values.length)
  }

  /** Adds a sorted column, which is consumed. */
  addColumn(column: Float64Array, n: number): void {
    const { grid, range } = this.plan
    if (range) this.#moments.outside += outsideSorted(range, column, n)
    let ties = this.#moments.addSorted(column, n)
    if (this.#distinct !== null) addDistinct(this.#distinct, column, n)
    let rest = n
    if (grid !== null) ({ rest, ties } = countColumn(grid, this.#cells, column, n, ties))
    this.#heavy.addSorted(column, rest, ties)
    this.#digest.mergeSorted(column, rest)
  }

  state(): NumericState {
    return this.#moments.state(this.#cells.slice(), {
      exact: null,
      digest: this.#digest.state(),
      distinct: this.#distinct?.registers.slice() ?? null,
      heavy: this.#heavy.state(),
    })
  }
}

function addDistinct(distinct: Distinct, column: Float64Array, n: number): void {
  let previous = Number.NaN
  for (let i = 0; i < n; i++) {
    const x = column[i]
    if (x !== previous) distinct.add(hashNumber(x))
    previous = x
  }
}
