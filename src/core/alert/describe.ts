import type { Judge } from '../baseline/active.js'
import { segmentKey } from '../baseline/baseline.js'
import type { Finding, Inspection } from '../detect/inspect.js'
import type { Monitor, Severity } from '../monitor.js'
import type { Ids } from '../ports.js'
import { offsetRanges, type Part } from '../window/part.js'
import type { View } from '../window/view.js'
import type { AlertEvent, BaselineFacts, MonitorFacts, Outcome, VerdictEvent, WindowFacts } from './event.js'
import type { AlertState } from './lifecycle.js'
import type { Told } from './operators.js'
import { isTold, severityOf } from './severity.js'

export interface Teller {
  readonly ids: Ids
  readonly software: string
}

export function describeVerdict(
  monitor: Monitor,
  { ids, software }: Teller,
  one: {
    readonly version: string
    readonly view: View
    readonly feature: string
    readonly window: WindowFacts
    readonly judge: Judge | null
    readonly inspection: Inspection
    readonly parts: readonly Part[]
  },
): VerdictEvent {
  const { version, view, feature, window, judge, inspection } = one
  const { model, hash } = monitor
  const checks = inspection.findings.map(finding => finding.evidence)
  return {
    id: ids.hash(
      model,
      version,
      segmentKey(view.segment),
      feature,
      window.end,
      window.revision,
      judge?.baseline.version ?? 0,
      hash,
    ),
    series: {
      model,
      modelVersion: version,
      segment: view.segment,
      feature,
      featureKind: inspection.kind,
      importance: monitor.features.get(feature)?.importance ?? null,
    },
    window,
    outcome: worst(checks.filter(check => check.decides).map(check => check.outcome)),
    because: inspection.because,
    checks,
    distances: inspection.distances,
    moved: inspection.moved,
    quantiles: inspection.quantiles,
    counters: inspection.counters,
    baseline: judge && baselineFacts(judge),
    monitor: monitorFacts(monitor, feature),
    input: offsetRanges(one.parts),
    software,
  }
}

/** The event of a step; null when the monitor asks not to be told (observe, or below its least severity). */
export function describeAlert(
  monitor: Monitor,
  { ids }: Teller,
  verdict: VerdictEvent,
  finding: Finding,
  state: AlertState,
  { status, reason, sequence, operator }: Told,
): AlertEvent | null {
  const { window, series, baseline } = verdict
  const severity = alertSeverity(state, finding, series.importance)
  if (baseline === null || !isTold(monitor, severity)) return null
  const decided = finding.evidence
  return {
    id: ids.hash(state.alertId, window.end, status, window.revision, baseline.version, monitor.hash),
    alertId: state.alertId,
    sequence,
    status,
    reason,
    kind: finding.kind,
    check: decided.check,
    severity,
    summary: finding.summary,
    suggestedAction: status === 'resolved' ? 'none' : finding.action,
    series,
    window,
    openedAt: state.openedAt,
    durationMs: window.end - state.openedAt,
    peak: state.peak,
    evidence: [decided, ...verdict.checks.filter(other => other !== decided)],
    moved: verdict.moved,
    quantiles: verdict.quantiles,
    counters: verdict.counters,
    cause: finding.cause,
    incidentId: null,
    supersedes: null,
    operator,
    baseline,
    monitor: verdict.monitor,
    input: verdict.input,
    software: verdict.software,
  }
}

/** By how far the worst window went beyond its threshold, and by what rests on the feature. */
export function alertSeverity(state: AlertState, finding: Finding, importance: number | null): Severity {
  return severityOf(effectOf(state, finding), importance)
}

/** Of the worst window, in units of its threshold; a feature that is merely new has done nothing yet. */
export function effectOf({ peak }: AlertState, { evidence: { threshold, check } }: Finding): number {
  return check === 'new-feature' || threshold <= 0 ? 0 : peak.value / threshold
}

/** A breach outweighs everything; what could be judged outweighs what could not. */
function worst(outcomes: readonly Outcome[]): Outcome {
  return outcomes.includes('breach') ? 'breach' : outcomes.includes('ok') ? 'ok' : 'insufficient-data'
}

export function baselineFacts({ baseline, activeFrom, note }: Judge): BaselineFacts {
  const { version, hash, rows, source } = baseline
  return { version, hash, rows, source, activeFrom, note }
}

export function monitorFacts({ hash, owner, tags, features, notify }: Monitor, feature: string): MonitorFacts {
  return { hash, owner, tags, runbook: features.get(feature)?.runbook ?? notify.runbook, link: notify.link }
}
