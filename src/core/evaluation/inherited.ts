import type { Segment } from '../baseline/baseline.js'
import type { History } from '../detect/history.js'
import { seriesKey } from './case.js'
import type { Memory } from './memory.js'

/** The history of a series in the version that was served last, for a version that begins. */
export function inherited(
  { versions, histories }: Memory,
  version: string,
  segment: Segment,
  series: string,
): History | null {
  const others = [...versions].filter(([other]) => other !== version).sort(([, a], [, b]) => b - a)
  for (const [other] of others) {
    const history = histories.get(seriesKey(other, segment, series))
    if (history !== undefined) return history
  }
  return null
}
