import { type Segment, segmentKey } from '../baseline/baseline.js'
import { psi } from '../statistic/psi.js'
import type { Profile } from './profile.js'

type Counts = Pick<Profile, 'rows' | 'count' | 'cells'>

/** One segment of a feature, in a window and in the reference (null: not known there). */
export interface Before {
  readonly segment: Segment
  readonly now: Counts
  readonly before: Counts | null
}

/**
 * How much of a move of all rows the mix of segments explains, by dimension: 1 − PSI(now, mixed)/PSI(now, before), each less its noise
 * c·(B − 1), c = 1/n + 1/m. `mixed` is what the reference would be with the segments' shares of this window, each segment as it was. Cells are
 * the feature's, and one for the rows without a usable value. Range 0 (nothing, or nothing moved) to 1 (all); a dimension with a segment that
 * the reference does not have is left out.
 */
export function explainedByMix(all: Before, segments: readonly Before[]): Record<string, number> {
  if (all.before === null) return {}
  const now = withAbsent(all.now)
  const before = withAbsent(all.before)
  const moved = beyondNoise(before, now)
  const dimensions = new Map<string, Before[]>()
  for (const one of segments) {
    const name = Object.keys(one.segment).sort().join(' × ')
    if (segmentKey(one.segment) !== '' && one.now.rows > 0) dimensions.set(name, [...(dimensions.get(name) ?? []), one])
  }
  const shares = [...dimensions].flatMap(([name, its]) => {
    const mixed = remixed(its, all.before!.rows)
    if (mixed === null) return []
    return [[name, moved <= 0 ? 0 : Math.min(1, Math.max(0, 1 - beyondNoise(mixed, now) / moved))] as const]
  })
  return Object.fromEntries(shares)
}

/** The reference's counts in the window's mix, of `rows` rows in all; null where a segment has no reference. */
function remixed(segments: readonly Before[], rows: number): Float64Array | null {
  const total = segments.reduce((sum, { now }) => sum + now.rows, 0)
  const mixed = new Float64Array(segments[0].now.cells.length + 1)
  for (const { now, before } of segments) {
    if (before === null || before.rows === 0) return null
    const weight = ((now.rows / total) * rows) / before.rows
    for (const [c, count] of withAbsent(before).entries()) mixed[c] += weight * count
  }
  return mixed
}

function withAbsent({ cells, rows, count }: Counts): Float64Array {
  return Float64Array.of(...cells, Math.max(0, rows - count))
}

function beyondNoise(before: Float64Array, now: Float64Array): number {
  const sum = (counts: Float64Array): number =>
    Math.max(
      1,
      counts.reduce((a, b) => a + b, 0),
    )
  return Math.max(0, psi(before, now) - (1 / sum(before) + 1 / sum(now)) * (now.length - 1))
}
