import { type Layout, MISSING, NULL, NUMBER, Row } from '../core/row.js'
import type { DumpedDigest } from './tdigest-dump.js'

/**
 * Rows whose features are distributed as the dumped digests, one for each observation: what a baseline is built of where only sketches
 * are left. Features are independent of each other, which no single feature's baseline can tell; segments cannot be made up.
 */
export function digestRows(dumps: readonly DumpedDigest[], layout: Layout, onRow: (row: Row) => void): number {
  const rows = Math.max(...dumps.map(({ count, nulls }) => Math.round(count) + nulls))
  const columns = dumps.map(dump => {
    const slot = layout.add(dump.feature, 'numeric')
    return {
      slot,
      values: Math.round(dump.count),
      nulls: dump.nulls,
      weights: cumulated(dump.weighted.weights),
      points: dump.weighted.values,
    }
  })
  const row = new Row(layout)
  row.version = layout.versions.add('')
  const step = coprime(rows)
  for (let i = 0; i < rows; i++) {
    // Not in ascending order: a sketch that is fed sorted values is another one.
    const place = (i * step) % rows
    for (const { slot, values, nulls, weights, points } of columns) {
      row.flags[slot] = place < values ? NUMBER : place < values + nulls ? NULL : MISSING
      if (place < values) row.numbers[slot] = points[firstAbove(weights, ((place + 0.5) / values) * weights.at(-1)!)]!
    }
    onRow(row)
  }
  return rows
}

function cumulated(weights: Float64Array): Float64Array {
  let sum = 0
  return weights.map(weight => (sum += weight))
}

function firstAbove(sums: Float64Array, wanted: number): number {
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > wanted) high = middle
    else low = middle + 1
  }
  return low
}

/** Near the golden section of n, and sharing no divisor with it. */
function coprime(n: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  let step = Math.max(1, Math.floor(n * 0.6180339887))
  while (divisor(step, n) !== 1) step++
  return step
}
