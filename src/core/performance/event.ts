import type { AlertKind, BaselineFacts, MonitorFacts, Outcome, SeriesFacts, WindowFacts } from '../alert/event.js'
import type { OffsetRange } from '../window/part.js'

/** What an alert on labels can be about. */
export type LabelKind = Extract<AlertKind, 'performance' | 'label-shift' | 'concept-drift' | 'feedback-loop'>

/** One measure of an output in a window, and what it says beside the reference. */
export interface MeasureFacts {
  readonly name: string
  /** Of one class of a multiclass output; null: of all. */
  readonly class: string | null
  /** Kind of the alert that it can lead to. */
  readonly kind: LabelKind
  readonly value: number
  /** 95 %, as wide as the windows before have swung. */
  readonly low: number
  readonly high: number
  /** Labelled predictions it rests on; of an estimate, predictions. */
  readonly n: number
  readonly better: 'higher' | 'lower' | 'none'
  /** Made without the labels, or with a part of them: what would be so if nothing but the scores had moved. */
  readonly estimate: boolean
  /** Null: there is none yet. */
  readonly reference: number | null
  /** By how much more than the reference it may be worse; null: nothing is asked of it. */
  readonly tolerance: number | null
  readonly outcome: Outcome
  /** False for what is reported beside the measures that decide. */
  readonly decides: boolean
}

/** What windows are compared with. */
export interface ReferenceFacts {
  /** The rows that the model was trained on, the first mature quiet windows, or nothing yet. */
  readonly from: 'baseline' | 'windows' | 'none'
  /** Windows in it. */
  readonly windows: number
  readonly labelled: number
}

/** The public contract: how good one output of a model was in one window of its predictions, as far as labels have come. */
export interface PerformanceEvent {
  /** `ce_id`: the same event after a crash has the same one. */
  readonly id: string
  /** The feature is the output's name. */
  readonly series: SeriesFacts
  /** Rows are predictions; provisional: labels are still to come. */
  readonly window: WindowFacts
  /** A breach of any measure that decides, else what those of performance say; before the window is mature, none decides. */
  readonly outcome: Outcome
  /** Why nothing decides; null otherwise. */
  readonly because: string | null
  readonly predictions: number
  /** Predictions without a usable score. */
  readonly unusable: number
  readonly labelled: number
  /** labelled / predictions. */
  readonly coverage: number
  /** What it usually is so long after the window, and in the end; null: not known yet. */
  readonly expectedCoverage: number | null
  readonly finalCoverage: number | null
  readonly measures: readonly MeasureFacts[]
  readonly reference: ReferenceFacts
  readonly baseline: BaselineFacts | null
  readonly monitor: MonitorFacts
  /** Stretches of driftline.joins. */
  readonly input: readonly OffsetRange[]
  readonly software: string
}
