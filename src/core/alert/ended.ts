import type { Segment } from '../baseline/baseline.js'
import type { Finding } from '../detect/finding.js'
import type { Monitor, Severity } from '../monitor.js'
import { importanceOf } from '../source.js'
import type { Subject } from './answer.js'
import { monitorFacts, type Teller } from './describe.js'
import type { AlertEvent, AlertKind, BaselineFacts, Cause, SeriesFacts, VerdictEvent, WindowFacts } from './event.js'
import type { AlertState } from './lifecycle.js'
import { isTold, severityOf } from './severity.js'
import type { Operator } from './telling.js'

/** What a firing alert was in its newest window: enough to tell its end when an operator, and no window, ends it. */
export interface LastSeen extends Subject {
  readonly alertId: string
  readonly modelVersion: string
  readonly segment: Segment
  readonly feature: string
  readonly featureKind: SeriesFacts['featureKind']
  readonly check: string
  readonly kind: AlertKind
  readonly severity: Severity
  readonly summary: string
  readonly cause: Cause
  /** Largest value / threshold of its windows. */
  readonly ratio: number
  readonly window: WindowFacts
  readonly baseline: BaselineFacts
}

/** Null where there is no baseline, and so no alert. */
export function lastSeen(
  { series, window, baseline }: Pick<VerdictEvent, 'series' | 'window' | 'baseline'>,
  finding: Finding,
  state: AlertState,
): LastSeen | null {
  if (baseline === null) return null
  const { modelVersion, segment, feature, featureKind } = series
  const { kind, summary, cause, ratio } = finding
  return {
    ...{ alertId: state.alertId, modelVersion, segment, feature, featureKind, check: state.opening.check },
    ...{ kind, severity: severityOf(state.effect, series.importance), summary, cause, ratio, window, baseline },
  }
}

/** An alert that an operator has ended. */
export interface Ended {
  /** Series and check, as alerts are keyed. */
  readonly key: string
  readonly state: AlertState
  readonly last: LastSeen
  readonly sequence: number
  readonly reason: string
  readonly operator: Operator
  /** The change is wanted: its windows, from `state.openedAt` to `last.window.end`, belong to the reference. */
  readonly expected: boolean
  /** Nobody had been told of it, or it was muted and no answer ends it. */
  readonly silent: boolean
}

/** The event of the end. It measures nothing, so it carries no evidence; its window is the alert's newest. */
export function describeEnded(monitor: Monitor, { ids, software }: Teller, ended: Ended): AlertEvent | null {
  const { state, last, sequence, reason, operator } = ended
  if (ended.silent || !isTold(monitor, last.severity)) return null
  const { alertId, modelVersion, segment, feature, featureKind, window, baseline } = last
  return {
    id: ids.hash(alertId, window.end, 'resolved', window.revision, baseline.version, monitor.hash),
    alertId,
    sequence,
    status: 'resolved',
    reason,
    kind: last.kind,
    check: last.check,
    severity: last.severity,
    summary: last.summary,
    suggestedAction: 'none',
    series: {
      model: monitor.model,
      ...{ modelVersion, segment, feature, featureKind },
      importance: importanceOf(monitor, feature),
    },
    window,
    openedAt: state.openedAt,
    durationMs: window.end - state.openedAt,
    peak: state.peak,
    evidence: [],
    moved: [],
    quantiles: null,
    counters: {},
    measures: [],
    cause: last.cause,
    incidentId: null,
    supersedes: null,
    operator,
    baseline,
    monitor: monitorFacts(monitor, feature),
    input: [],
    software,
  }
}
