import type { FeaturePlan } from '../plan.js'
import { NUMBER } from '../row.js'
import { borrowColumn, growColumn, returnColumn } from './column-pool.js'
import type { Columns } from './columns.js'
import { ExactCounts } from './exact.js'
import { countWeighted, emptyCells } from './grid-cells.js'
import { Moments } from './moments.js'
import { NumericTotals } from './numeric-totals.js'
import type { OpenNumbers } from './open-state.js'
import { outsideWeighted } from './outside.js'
import { LONGEST_COLUMN, sortColumn } from './sort.js'
import type { NumericState } from './state.js'

/** What of a plan concerns numbers. */
export type NumericPlan = Pick<FeaturePlan, 'grid' | 'countDistinct' | 'range'>

/** Fewer values than these are left to the end: taking them in twice would cost more than it spreads. */
const WORTH_SETTLING = 64

/**
 * All that is kept of one numeric feature's values. Values gather in a column; a full one (1024) is sorted once, and everything is read off
 * it. While there are at most 256 distinct values, they are all there is: cells and moments follow from them at the end. Flushing at fixed
 * counts makes the state a function of the plan and the values' order.
 */
export class NumericSketch {
  #column = borrowColumn()
  #fill = 0
  #exact: ExactCounts | null = new ExactCounts()
  #totals: NumericTotals | null = null
  /** Values that equal the one before them. */
  #repeats = 0
  /** The value before the column's first; NaN at the beginning. */
  #last = Number.NaN

  constructor(private readonly plan: NumericPlan) {}

  /** Goes on where `open` was taken; null where it was counted by another plan. */
  static reopen(plan: NumericPlan, open: OpenNumbers): NumericSketch | null {
    const sketch = new NumericSketch(plan)
    if (open.exact !== null) sketch.#exact!.state = open.exact
    else {
      sketch.#exact = null
      sketch.#totals = open.totals && NumericTotals.reopen(plan, open.totals)
      if (sketch.#totals === null) return null
    }
    while (sketch.#column.length <= open.column.length) sketch.#column = growColumn(sketch.#column)
    sketch.#column.set(open.column)
    sketch.#fill = open.column.length
    sketch.#last = open.last
    sketch.#repeats = open.repeats
    return sketch
  }

  /** What there is now, nothing flushed. */
  open(): OpenNumbers {
    return {
      column: this.#column.slice(0, this.#fill),
      last: this.#last,
      repeats: this.#repeats,
      exact: this.#exact?.state ?? null,
      totals: this.#totals?.state() ?? null,
    }
  }

  /** @param x finite */
  add(x: number): void {
    this.#column[this.#fill] = x + 0 // −0 becomes 0
    if (++this.#fill === this.#column.length) this.#full()
  }

  /**
   * Adds the numbers of one slot, and counts what the flags there say.
   * @param counts by flag
   */
  addColumn({ flags, numbers, rows, width }: Columns, slot: number, counts: Int32Array): void {
    const column = this.#column
    const first = this.#fill
    if (first + rows >= column.length) {
      // One by one: the column is full, or grows, on the way.
      for (let at = slot, end = rows * width; at < end; at += width) {
        counts[flags[at]]++
        if (flags[at] === NUMBER) this.add(numbers[at])
      }
      return
    }
    let fill = first
    for (let at = slot, end = rows * width; at < end; at += width) {
      const flag = flags[at]
      // Written whatever it is, and written over if it was none: a branch less to mistake.
      column[fill] = numbers[at] + 0 // −0 becomes 0
      if (flag === NUMBER) fill++
      else counts[flag]++
    }
    counts[NUMBER] += fill - first
    this.#fill = fill
  }

  flush(): void {
    const n = this.#fill
    if (n === 0) return
    this.#fill = 0
    const column = this.#column
    this.#repeats += equalNeighbours(column, n, this.#last)
    this.#last = column[n - 1]
    sortColumn(column, n)
    if (this.#exact !== null) {
      if (this.#exact.merge(column, n, null)) return
      this.#totals = new NumericTotals(this.plan)
      this.#totals.addExact(this.#exact.state)
      this.#exact = null
    }
    this.#totals!.addColumn(column, n)
  }

  /** Takes in what has gathered, ahead of the end, where there is much of it. */
  settle(): void {
    if (this.#fill >= WORTH_SETTLING) this.flush()
  }

  /** Values so far that equal the one before them. Each but the first has one. */
  get repeats(): number {
    this.flush()
    return this.#repeats
  }

  /** Gives the buffer back; the sketch takes no more values. */
  release(): void {
    returnColumn(this.#column)
    this.#column = new Float64Array(0)
  }

  state(): NumericState {
    this.flush()
    if (this.#exact === null) return this.#totals!.state()
    const exact = this.#exact.state
    const { values, weights } = exact
    const moments = new Moments()
    moments.addWeighted(values, weights, values.length)
    const { grid, range } = this.plan
    if (range) moments.outside = outsideWeighted(range, exact)
    const cells = emptyCells(grid)
    if (grid !== null) countWeighted(grid, cells, values, weights, values.length)
    return moments.state(cells, { exact, digest: null, distinct: null, heavy: null })
  }

  #full(): void {
    if (this.#fill < LONGEST_COLUMN) this.#column = growColumn(this.#column)
    else this.flush()
  }
}

/** How many of column[0, n) equal the one before; `last` is the one before the first. */
function equalNeighbours(column: Float64Array, n: number, last: number): number {
  let equal = 0
  for (let i = 0; i < n; i++) {
    const x = column[i]
    if (x === last) equal++
    last = x
  }
  return equal
}
