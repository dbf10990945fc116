import type { FeatureBaseline } from '../baseline/baseline.js'
import { MOST_NAMES } from '../window/caps.js'
import type { Part } from '../window/part.js'
import type { View } from '../window/view.js'

/** The series to judge: the baseline's features, what else was counted, and (for all rows) names nobody knows. */
export function featuresOf(
  view: View,
  contracts: ReadonlyMap<string, FeatureBaseline>,
  parts: readonly Part[],
  withNews: boolean,
): string[] {
  const whole = Object.keys(view.segment).length === 0
  const news = whole && withNews ? mostServed(parts) : []
  const isDerived = (name: string): number => (contracts.get(name)?.origin === undefined ? 0 : 1)
  const names = [...new Set([...contracts.keys(), ...view.features.keys(), ...news])]
  // Derived series come after what they are made of: how that looks decides whether they can be judged.
  return names.sort((a, b) => isDerived(a) - isDerived(b) || (a < b ? -1 : 1))
}

/** Names of features that the layout did not have, those in the most rows first; each part tells as many as there may be in all. */
function mostServed(parts: readonly Part[]): string[] {
  const rows = new Map<string, number>()
  for (const { news } of parts) for (const [name, count] of news) rows.set(name, count + (rows.get(name) ?? 0))
  const most = [...rows].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, MOST_NAMES)
  return most.map(([name]) => name)
}
