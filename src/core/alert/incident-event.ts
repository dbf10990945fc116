import type { Segment } from '../baseline/baseline.js'
import type { Severity } from '../monitor.js'
import type { OffsetRange } from '../window/part.js'
import type { AlertKind, AlertStatus, BaselineFacts, Cause, MonitorFacts, WindowFacts } from './event.js'
import type { Operator } from './telling.js'

/** One feature of an incident: why it is in it, and how it ranks. */
export interface IncidentFeature {
  readonly feature: string
  readonly importance: number | null
  readonly severity: Severity
  readonly check: string
  readonly causeCode: string
  readonly sentence: string
  readonly numbers: Readonly<Record<string, number>>
  /** Largest score against history; null where an effect size against training decided. */
  readonly z: number | null
  /** Of z, adjusted over the incident's features by Benjamini and Hochberg. */
  readonly adjustedP: number
  /** In units of the threshold that matters. */
  readonly effect: number
  /** Derived from other features, and moved with them. */
  readonly derived: boolean
  readonly alerts: number
}

/** One alert of an incident. */
export interface IncidentMember {
  readonly alertId: string
  readonly feature: string
  readonly segment: Segment
  readonly kind: AlertKind
  readonly check: string
  readonly causeCode: string
  readonly severity: Severity
  readonly status: 'firing' | 'resolved' | 'retracted'
  readonly openedAt: number
  /** The alert of the incident that explains this one; null: it stands for itself. */
  readonly explainedBy: string | null
  /** What operators have said of it. */
  readonly operator: Operator['state']
}

/** What labels say of an output while the incident lasts: what it has led to. */
export interface IncidentEffect {
  readonly alertId: string
  readonly kind: AlertKind
  readonly check: string
  /** The output. */
  readonly feature: string
  readonly segment: Segment
  readonly severity: Severity
  readonly status: IncidentMember['status']
  /** Start of the first window of predictions that is worse. */
  readonly openedAt: number
  readonly sentence: string
  readonly numbers: Readonly<Record<string, number>>
}

/** The public contract: one step in the life of one incident, the firing alerts of a model version that belong together. */
export interface IncidentEvent {
  /** `ce_id`: the same event after a crash has the same one. */
  readonly id: string
  readonly incidentId: string
  /** 1, 2, …: order of this incident's events. */
  readonly sequence: number
  readonly status: AlertStatus
  readonly reason: string
  /** It is `resolved` because it is one event with this incident, which goes on with its alerts; null: it is not. */
  readonly mergedInto: string | null
  /** Of its most telling alert. */
  readonly kind: AlertKind
  /** The worst of its alerts so far. */
  readonly severity: Severity
  readonly summary: string
  /** `retrain` where labels show that the model got worse and nothing is found to be broken. */
  readonly suggestedAction: 'fix-pipeline' | 'investigate' | 'retrain' | 'none'
  readonly model: string
  readonly modelVersion: string
  /** Of all rows; of predictions or pairs where labels or offline values bring the news. */
  readonly window: WindowFacts
  readonly openedAt: number
  readonly durationMs: number
  /** When most of its alerts fired. */
  readonly peak: { readonly alerts: number; readonly windowEnd: number }
  /** `source`: the declared upstream source that broke; null where none is known. */
  readonly cause: Cause & { readonly source: string | null }
  /** Whether all rows moved, some segments, one alone, or the mix of the segments. */
  readonly scope: {
    readonly where: 'whole' | 'segment' | 'some-segments' | 'mix'
    readonly dimension: string | null
    readonly segments: readonly {
      readonly segment: Segment
      readonly usualShare: number | null
      readonly share: number
    }[]
    readonly sentence: string
  }
  /** How many there are; `features` lists the most telling. */
  readonly featureCount: number
  readonly features: readonly IncidentFeature[]
  /** The worst first. */
  readonly effects: readonly IncidentEffect[]
  /** How many there are; `alerts` lists those that fire first. */
  readonly alertCount: number
  readonly alerts: readonly IncidentMember[]
  /** What operators have said of all that fires: `acked` or `muted` where nothing is left out. */
  readonly operator: Operator
  readonly baseline: BaselineFacts | null
  readonly monitor: MonitorFacts
  readonly input: readonly OffsetRange[]
  readonly software: string
}
