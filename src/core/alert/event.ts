import type { Segment } from '../baseline/baseline.js'
import type { Severity } from '../monitor.js'
import type { MeasureFacts } from '../performance/event.js'
import type { FeatureKind } from '../row.js'
import type { OffsetRange } from '../window/part.js'
import type { Operator } from './telling.js'

/** `retracted`: late events show that it should never have opened. */
export type AlertStatus = 'firing' | 'ongoing' | 'resolved' | 'retracted'

/** Whether it is the last step of its alert or incident; only a retraction may still follow a resolution. */
export function isOver(status: AlertStatus): boolean {
  return status === 'resolved' || status === 'retracted'
}

export type AlertKind =
  | 'skew'
  | 'drift'
  | 'schema'
  | 'quality'
  | 'volume'
  | 'freshness'
  | 'capacity'
  | 'input-gap'
  | 'performance'
  | 'parity'
  | 'label-shift'
  | 'concept-drift'
  | 'feedback-loop'
  | 'shadow'
/** `retrain` is asked for where labels show that the model got worse, never by drift alone; `roll-back` of a challenger beyond its limits. */
export type Action = 'fix-pipeline' | 'investigate' | 'retrain' | 'roll-back' | 'none'
export type Outcome = 'ok' | 'breach' | 'insufficient-data'

/** What one check of one series says of one window. */
export interface Evidence {
  /**
   * What the window is compared with: what the model was trained on (skew), the series' own clean windows (drift), the values recomputed offline
   * for the same rows (parity), or the version that decides (shadow).
   */
  readonly against: 'training' | 'history' | 'offline' | 'champion'
  readonly check: string
  /** Name of the number in `value`: psi, w1, share-difference, share; z: the change over what the statistic usually does, signed. */
  readonly statistic: string
  readonly value: number
  readonly threshold: number
  /**
   * Which of the bounds the threshold is: the effect size that matters, the noise floor of this n, what training's own windows came to, or the
   * series' own history.
   */
  readonly thresholdFrom: 'effect' | 'floor' | 'training' | 'history'
  /** What the statistic reaches without any drift, at probability alpha. */
  readonly noiseFloor: number
  readonly alpha: number
  /** Overdispersion against history; null until there is history. */
  readonly phi: number | null
  readonly calibrated: boolean
  /** Usable rows of the window and of the baseline. */
  readonly n: number
  readonly m: number
  readonly outcome: Outcome
  /** Why the data were insufficient; null otherwise. */
  readonly because: string | null
  /** False for what is reported beside the check that decides. */
  readonly decides: boolean
}

export interface WindowFacts {
  /** Epoch ms, half-open. */
  readonly start: number
  readonly end: number
  readonly revision: number
  readonly provisional: boolean
  /** Rows of the series' segment. */
  readonly rows: number
  /** Mean rows of the segment's earlier windows (at most 14); null before there are any. */
  readonly expectedRows: number | null
  /** Records late and rejected, of all segments, since the monitor's window before closed. */
  readonly late: number
  readonly rejected: number
  readonly sampleRate: number
  readonly partitions: { readonly expected: number; readonly present: number }
  /** Stretches of the source that were gone before they were read and whose rows may belong here: the window is not judged. */
  readonly gaps: readonly OffsetRange[]
}

export interface SeriesFacts {
  readonly model: string
  readonly modelVersion: string
  readonly segment: Segment
  /** `*` for the rows themselves: volume and duplicates. `@NAME` for a declared source: whether its features broke together. */
  readonly feature: string
  /** `unknown` for a feature that the baseline does not have. */
  readonly featureKind: FeatureKind | 'unknown'
  readonly importance: number | null
}

/** A bin or value whose share moved. */
export interface Moved {
  /** The value, or the bin as `[from, to)` with open ends left out. */
  readonly value: string | number
  readonly baselineShare: number
  readonly windowShare: number
  /** Its summand of PSI. */
  readonly contribution: number
}

export interface BaselineFacts {
  readonly version: number
  readonly hash: string
  readonly rows: number
  readonly source: string
  readonly activeFrom: number | null
  /** Said when the series' model version has no baseline of its own. */
  readonly note: string | null
}

/** Distances that people know; they decide nothing. Null where one side has too few rows or the kind does not have it. */
export interface Distances {
  readonly psi: number | null
  readonly kl: number | null
  /** Square root of the divergence in bits, 0 to 1. */
  readonly js: number | null
  readonly ks: number | null
  /** In robust σ of the baseline. */
  readonly w1: number | null
  readonly chi2: number | null
  readonly hellinger: number | null
}

/** The largest cumulative sum of a series' scores (CUSUM). Reported beside the checks; decides nothing. */
export interface CusumFacts {
  readonly statistic: string
  /** Signed, in standard deviations of what the statistic usually does. */
  readonly value: number
  /** Start of the first window and end of the newest in it, epoch ms. */
  readonly since: number
  readonly through: number
}

/** Every series × window: what was seen and what each check said. */
export interface VerdictEvent {
  readonly id: string
  readonly series: SeriesFacts
  readonly window: WindowFacts
  /** The worst of the checks that decide. */
  readonly outcome: Outcome
  /** Whether it differs from training, and whether it is a surprise by its own history; whichever of the two decides. */
  readonly skew: Outcome
  readonly drift: Outcome
  /** Why no check could be made of the series at all (no baseline, baseline changed, too few rows); null otherwise. */
  readonly because: string | null
  readonly checks: readonly Evidence[]
  /** Null where no sum is above 0, or there is no history yet. */
  readonly cusum: CusumFacts | null
  readonly distances: Distances
  readonly moved: readonly Moved[]
  readonly quantiles: Quantiles | null
  readonly counters: Readonly<Record<string, { readonly baseline: number | null; readonly window: number }>>
  readonly baseline: BaselineFacts | null
  readonly monitor: MonitorFacts
  readonly input: readonly OffsetRange[]
  readonly software: string
}

export interface Quantiles {
  readonly p: readonly number[]
  readonly baseline: readonly number[]
  readonly window: readonly number[]
}

export interface MonitorFacts {
  readonly hash: string
  readonly owner: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly runbook: string | null
  readonly link: string | null
}

export interface Cause {
  /** `distribution` when nothing more exact is known. */
  readonly code: string
  readonly confidence: 'low' | 'medium' | 'high'
  readonly sentence: string
  readonly numbers: Readonly<Record<string, number>>
  readonly alternatives: readonly string[]
  readonly whoMoved: 'pipeline' | 'world' | 'both' | 'unknown'
}

/** The public contract: one step in the life of one alert. */
export interface AlertEvent {
  /** `ce_id`: the same event after a crash has the same one. */
  readonly id: string
  readonly alertId: string
  /** 1, 2, …: order of this alert's events. */
  readonly sequence: number
  readonly status: AlertStatus
  readonly reason: string
  readonly kind: AlertKind
  readonly check: string
  readonly severity: Severity
  readonly summary: string
  readonly suggestedAction: Action
  readonly series: SeriesFacts
  readonly window: WindowFacts
  /** Start of the window that opened it. */
  readonly openedAt: number
  /** From the start of the opening window to the end of this one, in event time. */
  readonly durationMs: number
  readonly peak: { readonly value: number; readonly windowEnd: number }
  readonly evidence: readonly Evidence[]
  readonly moved: readonly Moved[]
  readonly quantiles: Quantiles | null
  readonly counters: VerdictEvent['counters']
  /** Of an alert on labels: what was measured of the output. */
  readonly measures: readonly MeasureFacts[]
  readonly cause: Cause
  readonly incidentId: string | null
  readonly supersedes: string | null
  readonly operator: Operator
  readonly baseline: BaselineFacts
  readonly monitor: MonitorFacts
  readonly input: readonly OffsetRange[]
  readonly software: string
}
