import type { Grid } from '../baseline/grid.js'
import type { FeaturePlan } from '../plan.js'
import { borrowColumn, growColumn, returnColumn } from './column-pool.js'
import { Digest } from './digest.js'
import { Distinct, hashNumber } from './distinct.js'
import { ExactCounts, withoutAtoms } from './exact.js'
import { FrequentNumbers } from './heavy-numbers.js'
import { LONGEST_COLUMN, sortColumn } from './sort.js'
import type { NumericState, Weighted } from './state.js'

const EMPTY = new Float64Array(0)

/**
 * All that is kept of one numeric feature's values. Values gather in a column; a full one (1024) is sorted once, and counters, cells,
 * moments and digest are read off it. Flushing at fixed counts and at the end makes the state a function of the values' order.
 */
export class NumericSketch {
  #column = borrowColumn()
  #fill = 0
  #count = 0
  #integers = 0
  #zeros = 0
  #negatives = 0
  #mean = 0
  #m2 = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  readonly #cells: Float64Array
  #exact: ExactCounts | null = new ExactCounts()
  #digest: Digest | null = null
  #heavy: FrequentNumbers | null = null
  #distinct: Distinct | null = null
  readonly #grid: Grid | null
  readonly #countDistinct: boolean

  constructor({ grid, countDistinct }: Pick<FeaturePlan, 'grid' | 'countDistinct'>) {
    this.#grid = grid
    this.#countDistinct = countDistinct
    this.#cells = grid === null ? EMPTY : new Float64Array(grid.atoms.length + grid.edges.length + 1)
  }

  /** @param x finite */
  add(x: number): void {
    const n = this.#fill
    if (n === this.#column.length) this.#column = growColumn(this.#column)
    this.#column[n] = x + 0 // −0 becomes 0
    this.#fill = n + 1
    if (n + 1 === LONGEST_COLUMN) this.flush()
  }

  flush(): void {
    const n = this.#fill
    if (n === 0) return
    this.#fill = 0
    const column = this.#column
    sortColumn(column, n)
    this.#moments(column, n)
    const rest = this.#countCells(column, n)
    if (this.#exact?.merge(column, n, null) === false) this.#spill()
    if (this.#exact === null) this.#sketch(column, n, rest)
    this.#count += n
  }

  /** Gives the buffer back; the sketch takes no more values. */
  release(): void {
    returnColumn(this.#column)
    this.#column = EMPTY
  }

  state(): NumericState {
    this.flush()
    return {
      count: this.#count,
      integers: this.#integers,
      zeros: this.#zeros,
      negatives: this.#negatives,
      mean: this.#mean,
      m2: this.#m2,
      min: this.#min,
      max: this.#max,
      cells: this.#cells.slice(),
      exact: this.#exact && copy(this.#exact.state),
      digest: this.#digest && this.#digest.state(),
      distinct: this.#distinct && this.#distinct.registers.slice(),
      heavy: this.#heavy && this.#heavy.state(),
    }
  }

  /** Pairwise update (Chan, Golub & LeVeque 1979), and the counters that need a look at each value. */
  #moments(column: Float64Array, n: number): void {
    let sum = 0
    let integers = 0
    for (let i = 0; i < n; i++) {
      const x = column[i]
      sum += x
      if (Math.floor(x) === x) integers++
    }
    const mean = sum / n
    let m2 = 0
    for (let i = 0; i < n; i++) {
      const d = column[i] - mean
      m2 += d * d
    }
    const total = this.#count + n
    const delta = mean - this.#mean
    this.#mean += (delta * n) / total
    this.#m2 += m2 + (delta * delta * this.#count * n) / total
    this.#integers += integers
    const negatives = lowerBound(column, 0, n, 0)
    this.#negatives += negatives
    this.#zeros += upperBound(column, negatives, n, 0) - negatives
    if (column[0] < this.#min) this.#min = column[0]
    if (column[n - 1] > this.#max) this.#max = column[n - 1]
  }

  /**
   * Reads atoms and bins off the sorted column.
   * @returns how many values are left when the atoms are taken out (by `#takeOut`)
   */
  #countCells(column: Float64Array, n: number): number {
    const grid = this.#grid
    if (grid === null) return n
    const { atoms, edges } = grid
    const cells = this.#cells
    const bins = atoms.length
    let from = 0
    for (let e = 0; e < edges.length; e++) {
      const to = lowerBound(column, from, n, edges[e])
      cells[bins + e] += to - from
      from = to
    }
    cells[bins + edges.length] += n - from
    let rest = n
    for (let a = 0, at = 0; a < atoms.length; a++) {
      at = lowerBound(column, at, n, atoms[a])
      const end = upperBound(column, at, n, atoms[a])
      if (end === at) continue
      cells[a] += end - at
      cells[bins + upperBound(edges, 0, edges.length, atoms[a])] -= end - at
      rest -= end - at
      at = end
    }
    return rest
  }

  /** More than 256 distinct values: what was counted exactly goes where estimates are kept. */
  #spill(): void {
    const held = this.#exact!.state
    this.#exact = null
    this.#digest = new Digest()
    this.#heavy = new FrequentNumbers()
    if (this.#countDistinct) this.#distinct = new Distinct()
    this.#digest.add(withoutAtoms(held, this.#grid?.atoms ?? EMPTY))
    spillCounts(held, this.#heavy, this.#distinct, this.#grid)
  }

  #sketch(column: Float64Array, n: number, rest: number): void {
    const atoms = this.#grid?.atoms ?? EMPTY
    const heavy = this.#heavy!
    const distinct = this.#distinct
    if (rest < n) takeOut(column, n, atoms)
    for (let i = 0; i < rest; ) {
      const x = column[i]
      let end = i + 1
      while (end < rest && column[end] === x) end++
      if (end - i > 1) heavy.offer(x, end - i)
      if (distinct !== null) distinct.add(hashNumber(x))
      i = end
    }
    this.#digest!.merge(column, rest)
  }
}

/** Offers values counted exactly to the estimates, atoms left out. */
export function spillCounts(
  { values, weights }: Weighted,
  heavy: FrequentNumbers,
  distinct: Distinct | null,
  grid: Grid | null,
): void {
  const atoms = grid?.atoms ?? EMPTY
  const rest = withoutAtoms({ values, weights }, atoms)
  for (let i = 0; i < rest.values.length; i++) {
    if (rest.weights[i] > 1) heavy.offer(rest.values[i], rest.weights[i])
    distinct?.add(hashNumber(rest.values[i]))
  }
}

/** Moves what is not an atom to the front of the sorted column, in order. */
function takeOut(column: Float64Array, n: number, atoms: Float64Array): void {
  let out = 0
  let a = 0
  for (let i = 0; i < n; i++) {
    const x = column[i]
    while (a < atoms.length && atoms[a] < x) a++
    if (a === atoms.length || atoms[a] !== x) column[out++] = x
  }
}

/** First index in [from, to) whose value is ≥ x. */
function lowerBound(sorted: Float64Array, from: number, to: number, x: number): number {
  let low = from
  let length = to - from
  while (length > 0) {
    const half = length >> 1
    if (sorted[low + half] < x) {
      low += half + 1
      length -= half + 1
    } else length = half
  }
  return low
}

/** First index in [from, to) whose value is > x. */
export function upperBound(sorted: Float64Array, from: number, to: number, x: number): number {
  let low = from
  let length = to - from
  while (length > 0) {
    const half = length >> 1
    if (sorted[low + half] <= x) {
      low += half + 1
      length -= half + 1
    } else length = half
  }
  return low
}

function copy({ values, weights }: Weighted): Weighted {
  return { values: values.slice(), weights: weights.slice() }
}
