import type { FeatureBaseline } from '../baseline/baseline.js'
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
  const news = whole && withNews ? parts.flatMap(part => [...part.news.keys()]) : []
  const isDerived = (name: string): number => (contracts.get(name)?.origin === undefined ? 0 : 1)
  const names = [...new Set([...contracts.keys(), ...view.features.keys(), ...news])]
  // Derived series come after what they are made of: how that looks decides whether they can be judged.
  return names.sort((a, b) => isDerived(a) - isDerived(b) || (a < b ? -1 : 1))
}
