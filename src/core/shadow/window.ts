import { type Segment, segmentKey } from '../baseline/baseline.js'
import type { PairPart } from '../join/pair-parts.js'
import type { Shadow, Task } from '../monitor.js'
import { ShadowCounts, type ShadowLeaf, type ShadowState } from './shadow-counts.js'

/** What one partition of driftline.joins adds to the comparison in one pane for one round; a row alone is in the part of its own version. */
export type ShadowPart = PairPart<readonly ShadowLeaf[]>

/** Both versions in a window, by segment: all rows first, then in text order; those whose rows were all taken back are none. */
export function mergeShadow(
  parts: readonly ShadowPart[],
  task: Task,
  mode: Shadow['mode'],
): { readonly segment: Segment; readonly counts: ShadowState }[] {
  const bySegment = new Map<string, { readonly segment: Segment; readonly counts: ShadowCounts }>()
  for (const { segment, counts } of parts.flatMap(({ counted }) => counted)) {
    const key = segmentKey(segment)
    let known = bySegment.get(key)
    if (known === undefined) bySegment.set(key, (known = { segment, counts: new ShadowCounts(task, mode) }))
    known.counts.add(counts)
  }
  return [...bySegment]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { segment, counts }]) => ({ segment, counts: counts.state() }))
    .filter(({ counts: { rows } }) => rows.some(count => count > 0))
}
