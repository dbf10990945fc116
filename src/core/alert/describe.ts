import type { Judge } from '../baseline/active.js'
import { segmentKey } from '../baseline/baseline.js'
import type { Finding } from '../detect/finding.js'
import type { Inspection } from '../detect/inspect.js'
import { type Monitor, specOf } from '../monitor.js'
import type { MeasureFacts } from '../performance/event.js'
import type { Ids } from '../ports.js'
import { importanceOf } from '../source.js'
import { offsetRanges, type Part } from '../window/part.js'
import type { View } from '../window/view.js'
import {
  type AlertEvent,
  type BaselineFacts,
  type Evidence,
  isOver,
  type MonitorFacts,
  type Outcome,
  type VerdictEvent,
  type WindowFacts,
} from './event.js'
import type { AlertState } from './lifecycle.js'
import type { Told } from './operators.js'
import { isTold, severityOf } from './severity.js'

/** A window of a series as its alerts tell it. */
export type ToldWindow = Pick<
  VerdictEvent,
  'series' | 'window' | 'checks' | 'moved' | 'quantiles' | 'counters' | 'baseline' | 'monitor' | 'input' | 'software'
> & { readonly measures?: readonly MeasureFacts[] }

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
    readonly parts: readonly Part[]
  },
  inspection: Inspection,
): VerdictEvent {
  const { version, view, feature, window, judge } = one
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
      importance: importanceOf(monitor, feature),
    },
    window,
    outcome: worst(checks, ({ decides }) => decides),
    skew: worst(checks, ({ against }) => against === 'training'),
    // What a short history says is reported, and answers nothing.
    drift: worst(checks, ({ against, calibrated }) => against === 'history' && calibrated),
    because: inspection.because,
    checks,
    cusum: inspection.cusum ?? null,
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
  verdict: ToldWindow,
  finding: Finding,
  state: AlertState,
  { status, reason, sequence, operator }: Told,
): AlertEvent | null {
  const { window, series, baseline } = verdict
  const severity = severityOf(state.effect, series.importance)
  if (baseline === null || !isTold(monitor, severity)) return null
  const decided = finding.evidence
  return {
    id: ids.hash(state.alertId, window.end, status, window.revision, baseline.version, monitor.hash),
    alertId: state.alertId,
    sequence,
    status,
    reason,
    kind: finding.kind,
    check: state.opening.check,
    severity,
    summary: finding.summary,
    suggestedAction: isOver(status) ? 'none' : finding.action,
    series,
    window,
    openedAt: state.openedAt,
    durationMs: window.end - state.openedAt,
    peak: state.peak,
    evidence: [decided, ...verdict.checks.filter(other => other !== decided)],
    moved: verdict.moved,
    quantiles: verdict.quantiles,
    counters: verdict.counters,
    measures: verdict.measures ?? [],
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

/** Of the checks that count: a breach outweighs everything; what could be judged outweighs what could not. */
function worst(checks: readonly Evidence[], counts: (check: Evidence) => boolean): Outcome {
  let found: Outcome = 'insufficient-data'
  for (const check of checks) {
    if (!counts(check) || check.outcome === 'insufficient-data') continue
    if (check.outcome === 'breach') return 'breach'
    found = 'ok'
  }
  return found
}

const factsOfJudges = new WeakMap<Judge, BaselineFacts>()

/** The same object for all events that a judge leads to. */
export function baselineFacts(judge: Judge): BaselineFacts {
  let facts = factsOfJudges.get(judge)
  if (facts === undefined) {
    const { baseline, activeFrom, note } = judge
    const { version, hash, rows, source } = baseline
    factsOfJudges.set(judge, (facts = { version, hash, rows, source, activeFrom, note }))
  }
  return facts
}

const factsOfMonitors = new WeakMap<Monitor, Map<string | null, MonitorFacts>>()

/** The same object for all series of a monitor with the same runbook. */
export function monitorFacts(monitor: Monitor, feature: string): MonitorFacts {
  const { hash, owner, tags, notify } = monitor
  const runbook = specOf(monitor, feature)?.runbook ?? notify.runbook
  let byRunbook = factsOfMonitors.get(monitor)
  if (byRunbook === undefined) factsOfMonitors.set(monitor, (byRunbook = new Map()))
  let facts = byRunbook.get(runbook)
  if (facts === undefined) byRunbook.set(runbook, (facts = { hash, owner, tags, runbook, link: notify.link }))
  return facts
}
