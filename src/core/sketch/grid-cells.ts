import type { Grid } from '../baseline/grid.js'
import { lowerBound, upperBound } from './search.js'
import { zeros } from './zeros.js'

/** Counts at a grid: first its atoms, then edges.length + 1 bins, atoms left out of the bins. Empty without a grid. */
export function emptyCells(grid: Grid | null): Float64Array {
  return zeros(grid === null ? 0 : grid.atoms.length + grid.edges.length + 1)
}

/**
 * Counts a sorted column and takes its atoms out of it. The column is sorted anyway: each edge is looked up, not each value.
 * @param column ascending; what is not an atom is moved to its front, in order
 * @param ties how many of column[0, n) equal the one before
 * @returns how many values are left, and how many of these equal the one before
 */
export function countColumn(
  { atoms, edges }: Grid,
  cells: Float64Array,
  column: Float64Array,
  n: number,
  ties: number,
): { rest: number; ties: number } {
  let rest = 0
  let from = 0
  for (let a = 0, at = 0; a < atoms.length && at < n; a++) {
    at = lowerBound(column, at, n, atoms[a])
    if (at === n || column[at] !== atoms[a]) continue
    const end = upperBound(column, at, n, atoms[a])
    cells[a] += end - at
    ties -= end - at - 1
    if (rest !== from) column.copyWithin(rest, from, at)
    rest += at - from
    from = at = end
  }
  if (rest !== from) column.copyWithin(rest, from, n)
  rest += n - from
  let bin = atoms.length
  let below = 0
  for (let e = 0; e < edges.length; e++, bin++) {
    const at = lowerBound(column, below, rest, edges[e])
    cells[bin] += at - below
    below = at
  }
  cells[bin] += rest - below
  return { rest, ties }
}

/** Counts values[0, n), ascending and distinct, with their weights. */
export function countWeighted(
  { atoms, edges }: Grid,
  cells: Float64Array,
  values: Float64Array,
  weights: Float64Array,
  n: number,
): void {
  let a = 0
  let e = 0
  for (let i = 0; i < n; i++) {
    const x = values[i]
    while (a < atoms.length && atoms[a] < x) a++
    if (a < atoms.length && atoms[a] === x) cells[a] += weights[i]
    else {
      while (e < edges.length && edges[e] <= x) e++
      cells[atoms.length + e] += weights[i]
    }
  }
}
