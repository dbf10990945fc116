import type { KeySampleState } from '../sketch/key-sample.js'
import type { SketchState } from '../sketch/state.js'
import type { Omitted } from './caps.js'

/** A stretch of a source partition, `to` exclusive. */
export interface OffsetRange {
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly to: number
}

/** What identifies the parts of a pane, of rows or of joined rows, and says which of two counts. */
export interface PartHead {
  readonly model: string
  /** Monitor version (`Monitor.version`). */
  readonly monitor: string
  readonly modelVersion: string
  /** Pane start, epoch ms; its length is the window's advance. */
  readonly pane: number
  readonly round: number
  /** Of the log it was counted from. */
  readonly topic: string
  readonly partition: number
  /** Offset after the last record the task had read when it published. */
  readonly nextOffset: number
  /** Rebuilt after a gap in the log: replaces only a part with fewer rows. */
  readonly gap: boolean
  /** Offsets of its first and last record. */
  readonly offsets: { readonly from: number; readonly to: number }
  /** Records in it. */
  readonly rows: number
}

/**
 * What one source partition adds to one model version and pane for one round: published once, when its partition's watermark has reached
 * round + grace. Same key again: the higher `nextOffset` replaces, the first on a tie. The leaves of one group add up to its rows.
 */
export interface Part extends PartHead {
  /** Baseline versions whose grids the cells count at. */
  readonly baselines: readonly number[]
  readonly leaves: readonly Leaf[]
  /** Features that the layout did not have, with the rows they came in. */
  readonly news: ReadonlyMap<string, number>
  /** What was left out because a cap was reached. */
  readonly omitted: readonly Omitted[]
  /** Sample of its rows' request keys; null in parts of an earlier version. */
  readonly keys: KeySampleState | null
}

/** The rows of one disjoint segment. */
export interface Leaf {
  /** Its features one after the other, of a leaf that is packed: each is unpacked when it is asked for. */
  readonly unpacked?: () => Iterable<SketchState>
  /** Index of the group of dimensions (0 unless dimensions are kept apart). */
  readonly group: number
  /** One value a dimension of the group; `null` stands for other. */
  readonly values: readonly (string | null)[]
  readonly rows: number
  readonly features: readonly SketchState[]
}

const rangesOf = new WeakMap<readonly PartHead[], readonly OffsetRange[]>()

/** The stretches of the source topic that the parts come from, one a partition. Made once for each list of parts. */
export function offsetRanges(parts: readonly PartHead[]): readonly OffsetRange[] {
  let ranges = rangesOf.get(parts)
  if (ranges === undefined) rangesOf.set(parts, (ranges = joinRanges(parts)))
  return ranges
}

function joinRanges(parts: readonly PartHead[]): OffsetRange[] {
  const ranges = new Map<string, OffsetRange>()
  for (const { topic, partition, offsets } of parts) {
    const key = `${topic}/${partition}`
    const known = ranges.get(key)
    const from = Math.min(offsets.from, known?.from ?? offsets.from)
    const to = Math.max(offsets.to + 1, known?.to ?? 0)
    ranges.set(key, { topic, partition, from, to })
  }
  return [...ranges.values()].sort((a, b) =>
    a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition,
  )
}
