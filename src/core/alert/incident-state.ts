import type { Segment } from '../baseline/baseline.js'
import type { Severity } from '../monitor.js'
import type { OffsetRange } from '../window/part.js'
import type { Subject } from './answer.js'
import type { AlertKind, BaselineFacts, Cause, WindowFacts } from './event.js'
import type { SegmentFacts } from './scope.js'
import type { Operator } from './telling.js'

/** An alert as its incident sees it. */
export interface IncidentAlert {
  readonly alertId: string
  readonly feature: string
  readonly segment: Segment
  /** Share of the decision that rests on the feature; null: not known. */
  readonly importance: number | null
  readonly kind: AlertKind
  readonly check: string
  readonly cause: Cause
  /** Its sentence, the feature's name included. */
  readonly summary: string
  /** Score against history; null where an effect size against training decided. */
  readonly z: number | null
  /** In units of the threshold that matters (see `severityOf`). */
  readonly effect: number
  readonly severity: Severity
  /** Start of the window that opened it. */
  readonly openedAt: number
  /** Of an alert on all rows that opens: how much of the move the mix of each dimension explains, 0 to 1; absent: not known. */
  readonly explainedByMix?: Readonly<Record<string, number>>
}

export interface Member extends Omit<IncidentAlert, 'explainedByMix'> {
  /** Dimension through whose mix alone all rows moved when it opened; null: it moved itself. */
  readonly mix: string | null
  /** End of the window after which it no longer fired; null while it fires. */
  readonly resolvedAt: number | null
  /** Late events have taken it back. */
  readonly retracted: boolean
}

/** One open incident, as it is kept between windows. */
export interface IncidentState {
  readonly incidentId: string
  readonly modelVersion: string
  /** Start of the first window that any of its first alerts opened in. */
  readonly openedAt: number
  /** Events issued so far. */
  readonly sequence: number
  /** Something of it was not told because all that fires was mute. */
  readonly owed: boolean
  /** End of the window that the newest event is of. */
  readonly toldAt: number
  /** The worst so far. */
  readonly severity: Severity
  /** When most alerts fired. */
  readonly peak: { readonly alerts: number; readonly windowEnd: number }
  /** In the order they joined. */
  readonly members: readonly Member[]
}

/** What is known when all series of one model version are judged for one window. First verdicts only; revisions never come here. */
export interface JudgedWindow {
  readonly modelVersion: string
  /** Facts of all rows. */
  readonly window: WindowFacts
  /** Every alert that opened in this window, and what is new of those that go on; in any order. */
  readonly alerts: readonly IncidentAlert[]
  /** Ids of all alerts of the model version that fire after this window, judged in it or not. */
  readonly firing: ReadonlySet<string>
  /** What operators have said of an alert, for this window; absent: nothing of any. */
  readonly operator?: (alert: Subject & { readonly severity: Severity }) => Operator
  readonly segments: readonly SegmentFacts[]
  /** Derived series (projections) → the features they are made of; empty: all. */
  readonly madeOf?: Iterable<readonly [string, readonly string[]]>
  readonly baseline: BaselineFacts | null
  readonly input: readonly OffsetRange[]
  /** Windows of rows joined with these are judged late, and tell nothing of alerts on features; absent: the windows of features. */
  readonly joined?: JoinedSide
  /** End of the newest window of features by then; absent: of this one. */
  readonly now?: number
  /** No alert on joined rows can be on a window that ended before; absent: nothing is joined. */
  readonly settled?: number
}

export type JoinedSide = 'labels' | 'offline'
