import { LONGEST_COLUMN } from './sort.js'

const SMALLEST = 16
const pools = new Map<number, Float64Array[]>()
/** Columns kept for use again, of each length. */
const MOST_POOLED = 4096

/** Buffers of values not yet sketched: they start small, double up to 1024, and are lent again when given back. */
export function borrowColumn(length = SMALLEST): Float64Array {
  return pools.get(length)?.pop() ?? new Float64Array(length)
}

/** A column twice as long with the same values; the old one is given back. */
export function growColumn(column: Float64Array): Float64Array {
  const grown = borrowColumn(Math.min(LONGEST_COLUMN, 2 * column.length))
  grown.set(column)
  returnColumn(column)
  return grown
}

export function returnColumn(column: Float64Array): void {
  if (column.length === 0) return
  let pool = pools.get(column.length)
  if (pool === undefined) pools.set(column.length, (pool = []))
  if (pool.length < MOST_POOLED) pool.push(column)
}
