import type { Reference } from './reference.js'
import type { Seen } from './seen.js'

export interface LabelShares {
  readonly labels: readonly string[]
  readonly before: readonly number[]
  readonly now: readonly number[]
  /** By how much these labels scatter between windows, over counting. */
  readonly phi: number
}

/** Labels that either side has in more than .5 % of the rows. */
export function sharesOf({ contract, now, scores }: Seen, reference: Reference): LabelShares {
  const named = Math.min(contract.values.length, now.cells.length - 2)
  const kept = Array.from({ length: named }, (_, l) => l).filter(
    l => reference.cells[l] > 0.005 * reference.count || now.cells[l] > 0.005 * now.count,
  )
  // A share that stands still has its past not looked at.
  const phis = scores.filter(({ statistic, z }) => statistic.startsWith('=') && z !== 0).map(({ phi }) => phi)
  return {
    labels: kept.map(l => contract.values[l]),
    before: kept.map(l => reference.cells[l] / reference.count),
    now: kept.map(l => now.cells[l] / now.count),
    phi: Math.max(1, phis.reduce((a, b) => a + b, 0) / Math.max(1, phis.length)),
  }
}
