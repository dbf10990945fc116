import { ascending, type Column, type Feature, quantile } from './values.js'
import type { SeriesRule } from './yardstick.js'

/** The limit that texts and tools give. */
const LIMIT = 0.1
const BINS = 10

/**
 * The rule of the textbooks: an alarm where PSI against training exceeds .1 over ten bins (deciles; for labels the nine most frequent and the
 * rest). Half a row more in every cell; rows without a value are left out, and a window without any has no PSI.
 */
export function textbookRule(feature: Feature, baseline: Column): SeriesRule {
  const cellOf = feature.kind === 'numeric' ? decile(baseline) : frequent(baseline)
  const before = counted(baseline, cellOf)
  return {
    learn() {},
    score(values) {
      const now = counted(values, cellOf)
      if (before.rows === 0 || now.rows === 0) return 0
      return now.shares.reduce((sum, q, i) => sum + (q - before.shares[i]!) * Math.log(q / before.shares[i]!), 0)
    },
    alarms: score => score > LIMIT,
  }
}

type CellOf = (value: number | string) => number | null

function decile(baseline: Column): CellOf {
  const sorted = ascending(baseline.filter(value => typeof value === 'number'))
  const edges =
    sorted.length === 0
      ? []
      : [...new Set(Array.from({ length: BINS - 1 }, (_, i) => quantile(sorted, (i + 1) / BINS)))]
  return value => (typeof value === 'number' ? edges.filter(edge => edge <= value).length : null)
}

function frequent(baseline: Column): CellOf {
  const counts = new Map<string, number>()
  for (const value of baseline) if (value != null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  const tops = [...counts].sort((a, b) => b[1] - a[1]).slice(0, BINS - 1)
  const cells = new Map(tops.map(([label], cell) => [label, cell]))
  return value => cells.get(String(value)) ?? BINS - 1
}

function counted(values: Column, cellOf: CellOf): { rows: number; shares: number[] } {
  const counts = new Array<number>(BINS).fill(0.5)
  let rows = 0
  for (const value of values) {
    const cell = value == null ? null : cellOf(value)
    if (cell === null) continue
    counts[cell]!++
    rows++
  }
  return { rows, shares: counts.map(count => count / (rows + BINS / 2)) }
}
