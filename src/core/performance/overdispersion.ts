import { Z } from '../statistic/intervals.js'
import type { Measure } from './measure.js'

/** Past windows from which on their spread is believed. */
const FEWEST = 5

/**
 * By how much more a measure varies from window to window than its rows say: φ = max(1, variance of the past values / their mean variance of
 * counting). 1 with fewer than 5 windows.
 * @param past the same measure of clean windows, with the intervals of counting alone
 */
export function overdispersion(past: readonly Pick<Measure, 'value' | 'low' | 'high'>[]): number {
  if (past.length < FEWEST) return 1
  const mean = past.reduce((sum, { value }) => sum + value, 0) / past.length
  const variance = past.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (past.length - 1)
  const counting = past.reduce((sum, { low, high }) => sum + ((high - low) / (2 * Z)) ** 2, 0) / past.length
  return counting > 0 ? Math.max(1, variance / counting) : 1
}
