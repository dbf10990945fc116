import type { Origin } from '../derive/origin.js'
import type { History } from '../detect/history.js'
import type { Swings } from '../detect/swings.js'
import type { JoinedLeaf } from '../performance/joined-part.js'
import type { FeatureKind } from '../row.js'
import type { SketchState } from '../sketch/state.js'
import type { Grid } from './grid.js'
import type { Leakage } from './leakage.js'

/** What a model was trained on. Immutable once loaded. */
export interface Baseline {
  readonly model: string
  /** 1, 2, …: order of loading. */
  readonly version: number
  /** Model version it was trained for; null: any. */
  readonly modelVersion: string | null
  /** SHA-256 (hex) of its contents. */
  readonly hash: string
  /** File or window range it was read from. */
  readonly source: string
  readonly rows: number
  /** Wall clock, epoch ms. */
  readonly loadedAt: number
  /** First pane (epoch ms) whose parts count at its edges; null: every pane, as the model's first baseline. */
  readonly from: number | null
  readonly timeRange: { readonly from: number; readonly to: number } | null
  /** Values of each segment dimension, most frequent first. */
  readonly segments: ReadonlyMap<string, readonly string[]>
  readonly features: readonly FeatureBaseline[]
  /** Absent: loaded without a label. */
  readonly leakage?: Leakage
  /** How the model's scores did on the training rows; absent: loaded without a label, or without scores. */
  readonly scores?: TrainedScores
}

export interface TrainedScores {
  /** Names, in the order of each leaf's outputs. */
  readonly outputs: readonly string[]
  /** All rows, and the values of the segment dimensions. */
  readonly leaves: readonly JoinedLeaf[]
}

export interface FeatureBaseline {
  readonly name: string
  readonly kind: FeatureKind
  readonly unit: string | null
  /** Numeric features. */
  readonly numeric: NumericContract | null
  /** Categorical features: values counted exactly, most frequent first, at most 1000. */
  readonly values: readonly string[]
  /** Sketches at these edges and values, by segment key (`segmentKey`): '' is all rows. */
  readonly segments: ReadonlyMap<string, Trained>
  /** How it is made of other features; absent: events carry it. */
  readonly origin?: Origin
}

/** One segment of a feature, over the training rows. */
export interface Trained {
  readonly rows: number
  readonly sketch: SketchState
  /** Absent where the rows have no times, or too few windows of the monitor's have rows enough. */
  readonly history?: TrainedHistory
  /** Instead of a history, where there are windows but too few for one. */
  readonly swings?: Swings
}

/** The newest windows of the training rows, cut as the monitor cuts events, and what their seasons are. */
export type TrainedHistory = Pick<History, 'past' | 'seasons'>

export interface NumericContract {
  readonly grid: Grid
  /** The edges of `grid` that cut PSI's bins: at most 19 quantiles of what is not an atom. The others are fences. */
  readonly quantileEdges: Float64Array
  /** Robust spread (q.84 − q.16)/2, never 0: a constant feature takes its standard deviation, else 1. */
  readonly sigma: number
  /** q.01, q.50, q.95, q.99. */
  readonly fences: { readonly q01: number; readonly q50: number; readonly q95: number; readonly q99: number }
}

/** A segment as events show it: dimension → value; empty for all rows. */
export type Segment = Readonly<Record<string, string>>

const keys = new WeakMap<Segment, string>()

/** One text for a segment: dimensions in name order, `a=x&b=y` with the reserved signs escaped; '' for all rows. */
export function segmentKey(segment: Segment): string {
  let key = keys.get(segment)
  if (key === undefined) {
    const names = Object.keys(segment).sort()
    key = names.map(name => `${encodeURIComponent(name)}=${encodeURIComponent(segment[name]!)}`).join('&')
    keys.set(segment, key)
  }
  return key
}

/** Word from which pane a baseline is judged against, for one model version (null: any without its own). */
export interface Activation {
  readonly model: string
  readonly modelVersion: string | null
  readonly baseline: number
  /** First window start judged against it, epoch ms; null: from the beginning. */
  readonly from: number | null
  readonly by: string
  /** Wall clock, epoch ms. */
  readonly at: number
}
