import { type Segment, segmentKey } from '../baseline/baseline.js'
import type { Shadow, Task } from '../monitor.js'
import type { PartHead } from '../window/part.js'
import { ShadowCounts, type ShadowLeaf, type ShadowState } from './shadow-counts.js'

/**
 * What one partition of driftline.joins adds to the comparison in one pane for one round: the model version is that of the champion where it has
 * scored the requests, else the challenger.
 */
export interface ShadowPart extends PartHead {
  readonly counted: readonly ShadowLeaf[]
}

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
