import { LONGEST_COLUMN } from './sort.js'

const SHORTEST = 16
/** Columns kept for use again, of each length: 8 MiB of the longest. */
const MOST_POOLED = 1024
const pools = new Map<number, Float64Array[]>()

/** A buffer for values not yet sketched: it starts small, grows fourfold up to 1024, and is lent again when given back. */
export function borrowColumn(length = SHORTEST): Float64Array {
  return pools.get(length)?.pop() ?? new Float64Array(length)
}

/** A longer column with the same values; the old one is given back. */
export function growColumn(column: Float64Array): Float64Array {
  const grown = borrowColumn(Math.min(LONGEST_COLUMN, 4 * column.length))
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
