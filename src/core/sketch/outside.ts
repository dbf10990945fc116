import type { Range } from '../plan.js'
import { lowerBound, upperBound } from './search.js'
import type { Weighted } from './state.js'

/** How many of values[0, n), ascending, lie outside the range; its ends are inside. */
export function outsideSorted([low, high]: Range, values: Float64Array, n: number): number {
  const inside = lowerBound(values, 0, n, low)
  return n - (upperBound(values, inside, n, high) - inside)
}

/** The weight of the values outside the range. */
export function outsideWeighted([low, high]: Range, { values, weights }: Weighted): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) if (values[i] < low || values[i] > high) sum += weights[i]
  return sum
}
