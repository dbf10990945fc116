import type { Answer } from './alert/answer.js'
import { baselineFacts, describeAlert, describeVerdict } from './alert/describe.js'
import { describeEnded, lastSeen } from './alert/ended.js'
import type { AlertEvent, VerdictEvent, WindowFacts } from './alert/event.js'
import { Incidents } from './alert/incident.js'
import type { IncidentEvent } from './alert/incident-event.js'
import type { IncidentAlert, IncidentState } from './alert/incident-state.js'
import { type AlertState, CLEAR, type Observation, type Opening, type Step, step } from './alert/lifecycle.js'
import { type OperatorState, Operators } from './alert/operators.js'
import type { SegmentFacts } from './alert/scope.js'
import { isTold, severityOf } from './alert/severity.js'
import { activeBaseline, type Judge } from './baseline/active.js'
import { type Activation, type Baseline, type FeatureBaseline, segmentKey } from './baseline/baseline.js'
import { baselineOf, FIRST_WINDOWS, type Gathered, gather } from './baseline/first-windows.js'
import { watchedBy } from './derive/derivations.js'
import { type Before, explainedByMix } from './detect/attribution.js'
import type { Finding } from './detect/finding.js'
import {
  type AlertStep,
  begin,
  correct,
  type History,
  type Kept,
  remember,
  STANDING,
  watched,
} from './detect/history.js'
import { type Inspection, news, uninspected } from './detect/inspect.js'
import { continued, type Judgement, judge, openingOf } from './detect/judgement.js'
import { budgetOf, limitsOf, NO_TAIL, type Usual, usualOf } from './detect/limits.js'
import { profileOf } from './detect/profile.js'
import { isAge } from './feature-age.js'
import type { Monitor } from './monitor.js'
import { segmentValues } from './planner.js'
import type { Ids } from './ports.js'
import { Collector, type CollectorState, type DueWindow } from './window/collector.js'
import { gridsOf } from './window/grids.js'
import type { Marker, MonitorProgress } from './window/marker.js'
import { PaneRanges } from './window/pane-ranges.js'
import { offsetRanges, type Part } from './window/part.js'
import { mergeViews, type View } from './window/view.js'

/** Windows that the expected row count is the mean of. */
const EXPECT_FROM = 14

export interface Surroundings {
  readonly ids: Ids
  readonly software: string
  /** Alert events of windows that ended before this are withheld: a backfill builds verdicts only. Epoch ms. */
  readonly alertsFrom: number
}

export interface Decisions {
  readonly verdicts: VerdictEvent[]
  readonly alerts: AlertEvent[]
  readonly incidents: IncidentEvent[]
  /** A baseline made of the first windows, to be published and activated. */
  readonly born: ReturnType<typeof baselineOf>[]
}

/** What is kept between windows; written after the events it has led to. */
export interface EvaluationState {
  readonly collector: CollectorState
  /** By series. */
  readonly alerts: readonly { readonly key: string; readonly state: AlertState }[]
  readonly histories: readonly { readonly key: string; readonly history: History }[]
  /** End of the newest window of each model version. */
  readonly versions: readonly { readonly version: string; readonly end: number }[]
  readonly incidents: readonly IncidentState[]
  readonly operators: OperatorState
  /** Rows of the newest windows by model version and segment. */
  readonly rows: readonly { readonly key: string; readonly rows: readonly number[] }[]
  readonly activations: readonly Activation[]
  /** Windows gathered towards a first baseline; null where there is one. */
  readonly gathered: Gathered | null
  /** Records late and rejected that windows have reported so far. */
  readonly reported: { readonly late: number; readonly rejected: number }
}

/** One series in one window. */
interface Case {
  readonly version: string
  readonly view: View
  readonly feature: string
  readonly window: WindowFacts
  readonly judge: Judge | null
  readonly parts: readonly Part[]
  readonly seen: Seen
  /** Features of the same view that have a breach so far. */
  readonly breached: Set<string>
  readonly usual: Usual
}

/** One model version in one window. */
interface Version {
  readonly version: string
  readonly judge: Judge | null
  readonly parts: readonly Part[]
  readonly views: readonly View[]
  readonly contracts: ReadonlyMap<string, FeatureBaseline>
}

/** What incidents are made of: the alerts that fire in the judged series of a window, and its segments. */
interface Seen {
  window: WindowFacts | null
  readonly alerts: IncidentAlert[]
  readonly segments: (SegmentFacts & { readonly quiet: Set<string> })[]
}

/**
 * Stage 2 for one monitor version: parts and markers in, verdicts and alert events out. Pure: the same messages in the same order give the
 * same events.
 *
 *     part ─▶ collect ─▶ (marker) window due ─▶ merge ─▶ judge each series ─▶ verdict ─▶ step its alert ─▶ cause ─▶ incidents ─▶ events
 *                                                          ▲ history ◀──────────────────────┘
 */
export class Evaluation {
  readonly collector: Collector
  /** Panes of this monitor version; a window that has others too cannot be judged. */
  readonly ranges = new PaneRanges()
  readonly #alerts = new Map<string, AlertState>()
  /** By series, as alerts. */
  readonly #histories = new Map<string, History>()
  readonly #versions = new Map<string, number>()
  readonly #operators = new Operators()
  readonly #rows = new Map<string, number[]>()
  readonly #incidents: Incidents
  #activations: Activation[] = []
  #baselines: readonly Baseline[] = []
  #gathered: Gathered | null = null
  #reported = { late: 0, rejected: 0 }

  constructor(
    public monitor: Monitor,
    private readonly around: Surroundings,
  ) {
    this.collector = new Collector(monitor.window)
    this.#incidents = new Incidents(around)
  }

  /** The table of this model's baselines; each is immutable. */
  know(baselines: readonly Baseline[]): void {
    this.#baselines = baselines.map(baseline => watchedBy(this.monitor, baseline))
  }

  activate(activation: Activation): void {
    const { at, baseline, modelVersion } = activation
    const known = this.#activations.some(a => a.at === at && a.baseline === baseline && a.modelVersion === modelVersion)
    if (!known) this.#activations.push(activation)
  }

  /** Mutes given before the evaluation began. */
  learn(answers: readonly Answer[]): void {
    this.#operators.learn(answers)
  }

  /** Follows an operator's answer; alerts that it ends are told at once. */
  answer(answer: Answer): Decisions {
    const decisions: Decisions = { verdicts: [], alerts: [], incidents: [], born: [] }
    for (const ended of this.#operators.take(answer, this.#alerts)) {
      this.#alerts.delete(ended.key)
      const history = this.#histories.get(ended.key)
      // A wanted difference is the reference from now on; of one that is merely over nothing is learnt.
      if (history !== undefined)
        this.#histories.set(ended.key, {
          ...history,
          past: ended.expected && history.during.length > 0 ? history.during : history.past,
          during: [],
        })
      const alert = describeEnded(this.monitor, this.around, ended)
      if (alert !== null && alert.window.end >= this.around.alertsFrom) decisions.alerts.push(alert)
    }
    return decisions
  }

  get firing(): AlertState[] {
    return [...this.#alerts.values()].filter(({ status }) => status === 'firing')
  }

  add(part: Part): void {
    this.collector.add(part)
  }

  advance(marker: Marker, progress: MonitorProgress): Decisions {
    const decisions: Decisions = { verdicts: [], alerts: [], incidents: [], born: [] }
    for (const due of this.collector.advance(marker, progress)) this.#judge(due, decisions)
    return decisions
  }

  state(): EvaluationState {
    return {
      collector: this.collector.state(),
      alerts: [...this.#alerts].map(([key, state]) => ({ key, state })),
      histories: [...this.#histories].map(([key, history]) => ({ key, history })),
      versions: [...this.#versions].map(([version, end]) => ({ version, end })),
      incidents: this.#incidents.state(),
      operators: this.#operators.state(),
      rows: [...this.#rows].map(([key, rows]) => ({ key, rows })),
      activations: this.#activations,
      gathered: this.#gathered,
      reported: this.#reported,
    }
  }

  restore(state: EvaluationState): void {
    this.collector.restore(state.collector)
    for (const { key, state: alert } of state.alerts) this.#alerts.set(key, alert)
    for (const { key, history } of state.histories) this.#histories.set(key, history)
    for (const { version, end } of state.versions) this.#versions.set(version, end)
    this.#incidents.restore(state.incidents)
    this.#operators.restore(state.operators)
    for (const { key, rows } of state.rows) this.#rows.set(key, [...rows])
    this.#activations = [...state.activations]
    this.#gathered = state.gathered
    this.#reported = state.reported
  }

  /** One window: by model version, segment and feature, each in text order. */
  #judge(due: DueWindow, decisions: Decisions): void {
    if (due.revision === 0) this.#operators.passed(due.end)
    const { late, rejected } = this.collector.counts()
    const since = { late: late - this.#reported.late, rejected: rejected - this.#reported.rejected }
    this.#reported = { late, rejected }
    for (const version of [...new Set(due.parts.map(part => part.modelVersion))].sort()) {
      const parts = due.parts.filter(part => part.modelVersion === version)
      const { judge, unfit } = this.#judgeOf(version, due, parts)
      const contracts = new Map(judge?.baseline.features.map(feature => [feature.name, feature]))
      const seen: Seen = { window: null, alerts: [], segments: [] }
      const usual = this.#usual(version)
      const told = decisions.alerts.length
      const views = mergeViews(parts, this.#dimensions(judge), gridsOf(this.#baselines, contracts))
      for (const view of views) {
        const window = this.#windowFacts(version, due, view, since)
        const breached = new Set<string>()
        if (Object.keys(view.segment).length === 0) seen.window = window
        else seen.segments.push(this.#segmentFacts(version, view, judge))
        for (const feature of featuresOf(view, contracts, parts, unfit === null)) {
          const one = { version, view, feature, window, judge, parts, seen, breached, usual }
          const contract = contracts.get(feature) ?? null
          if (contract === null && this.#isDerived(feature)) continue
          if (unfit === null && judge !== null && contract !== null) this.#judgeSeries(one, judge, contract, decisions)
          else this.#tellOf(one, unfit, decisions)
        }
        if (due.revision > 0) continue
        this.#remember(version, view)
        if (judge === null) this.#gather(version, due, view, decisions)
      }
      if (due.revision === 0) this.#versions.set(version, due.end)
      if (due.revision === 0) this.#relate({ version, judge, parts, views, contracts }, seen, decisions, told)
    }
  }

  /** A series with a contract: judged, its alert stepped, its history grown. A revision corrects the history and runs no state machine. */
  #judgeSeries(one: Case, baseline: Judge, contract: FeatureBaseline, decisions: Decisions): void {
    const { version, view, feature, window } = one
    const segment = segmentKey(view.segment)
    const key = `${version}|${segment}|${feature}`
    const known = this.#histories.get(key)
    const history =
      known?.baseline === baseline.baseline.version
        ? known
        : begin(baseline.baseline.version, this.#inherited(version, segment, feature))
    const state = this.#alerts.get(key) ?? null
    const limits = limitsOf(budgetOf(this.monitor), history.tail ?? NO_TAIL, one.usual)
    const judged = judge(
      { monitor: this.monitor, contract, view, windowStart: window.start, breached: one.breached, limits },
      history,
      state?.status === 'firing',
    )
    if (judged.outcome === 'breach') one.breached.add(feature)
    const verdict = this.#publish(one, judged.inspection, decisions)
    if (judged.profile === null) return
    const kept: Kept = { start: window.start, end: window.end, profile: judged.profile }
    if (window.revision > 0) {
      this.#histories.set(key, correct(history, kept))
      return
    }
    // Windows before the first that may alert only build history.
    if (window.end < this.around.alertsFrom) {
      this.#histories.set(key, remember(watched(history, judged.scores), kept, [], 'none', CLEAR, limits))
      return
    }
    const sketch = view.features.get(feature) ?? null
    const seen: Observation = { ...judged, window, over: overOf(state, history) }
    const next = this.#step(key, one, seen, () => openingOf(contract, judged, sketch, history, segment))
    this.#histories.set(key, remember(judged.history, kept, judged.scores, alertStep(next, seen), CLEAR, limits))
    const finding = next.state && continued(next.state, judged)
    if (finding !== null) this.#tell(one, verdict, finding, next, this.#madeBy(judged, finding), decisions)
  }

  /** A series without a contract, or in a window that cannot be judged: what was counted is told, and a feature nobody knows is news. */
  #tellOf(one: Case, unfit: string | null, decisions: Decisions): void {
    const { version, view, feature, window, judge, parts } = one
    const sketch = view.features.get(feature) ?? null
    const contract = judge?.baseline.features.find(({ name }) => name === feature) ?? null
    const because = unfit ?? (isAge(this.monitor, feature) ? 'not-in-baseline' : null)
    if (because !== null || judge === null) {
      this.#publish(one, uninspected(contract, sketch, view, because), decisions)
      return
    }
    const inspection = news(feature, newsShare(parts, feature), view.rows, judge.baseline.rows)
    const verdict = this.#publish(one, inspection, decisions)
    if (window.revision > 0) return
    const [finding] = inspection.findings
    const { kind, summary, cause, action, ratio } = finding
    const opening: Opening = { check: finding.evidence.check, kind, summary, cause, action, calibrated: false }
    const seen: Observation = { outcome: 'breach', ratio, effect: 0, window, confirmed: true, over: null }
    const next = this.#step(`${version}|${segmentKey(view.segment)}|${feature}`, one, seen, () => opening)
    this.#tell(one, verdict, finding, next, null, decisions)
  }

  #publish(one: Case, inspection: Inspection, decisions: Decisions): VerdictEvent {
    const verdict = describeVerdict(this.monitor, this.around, { ...one, inspection })
    decisions.verdicts.push(verdict)
    const { segment } = one.view
    if (verdict.outcome === 'ok') one.seen.segments.find(known => known.segment === segment)?.quiet.add(one.feature)
    return verdict
  }

  #step(key: string, { version, view, feature }: Case, seen: Observation, open: () => Opening): Step {
    const expected = this.#operators.expect(key, seen)
    const next = step(this.#alerts.get(key) ?? null, expected, open, ({ check }, openedAt) =>
      this.around.ids.hash(this.monitor.model, version, segmentKey(view.segment), feature, check, openedAt),
    )
    if (next.state === null || next.transition === 'resolved') this.#alerts.delete(key)
    else this.#alerts.set(key, next.state)
    return next
  }

  #tell(
    { window, seen }: Case,
    verdict: VerdictEvent,
    finding: Finding,
    next: Step,
    z: number | null,
    decisions: Decisions,
  ): void {
    const { state } = next
    // Who was not told of its beginning, in a backfill, need not hear of its end.
    if (state?.firedAt == null || state.firedAt < this.around.alertsFrom) return
    if (next.transition !== 'resolved') seen.alerts.push(incidentAlert(verdict, finding, state, z))
    const told = this.#operators.tell(next, lastSeen(verdict, finding, state))
    const alert = told && describeAlert(this.monitor, this.around, verdict, finding, state, told)
    if (alert !== null && window.end >= this.around.alertsFrom) decisions.alerts.push(alert)
  }

  #madeBy({ scores }: Judgement, { evidence }: Finding): number | null {
    return scores.find(({ statistic }) => statistic === evidence.check)?.z ?? null
  }

  /** What the tails of a version's series are like. */
  #usual(version: string): Usual {
    const own = [...this.#histories].filter(([key]) => key.startsWith(`${version}|`))
    return usualOf(own.map(([, { tail }]) => tail ?? NO_TAIL))
  }

  /** The history of the version that was served last, for one that begins. */
  #inherited(version: string, segment: string, feature: string): History | null {
    const others = [...this.#versions].filter(([other]) => other !== version).sort(([, a], [, b]) => b - a)
    for (const [other] of others) {
      const history = this.#histories.get(`${other}|${segment}|${feature}`)
      if (history !== undefined) return history
    }
    return null
  }

  /** Which incidents the alerts of a window belong to; the alert events say so. */
  #relate(
    { version, judge, parts, views, contracts }: Version,
    { window, alerts, segments }: Seen,
    decisions: Decisions,
    from: number,
  ): void {
    if (window === null || judge === null) return
    const firing = [...this.#alerts]
      .filter(([key]) => key.startsWith(`${version}|`))
      .filter(([, { status }]) => status === 'firing')
    const incidents = this.#incidents.step(this.monitor, {
      modelVersion: version,
      window,
      alerts: alerts.map(alert =>
        this.#incidents.incidentOf(alert.alertId) === null
          ? withMixShares(alert, contracts.get(alert.feature), views)
          : alert,
      ),
      firing: new Set(firing.map(([, { alertId }]) => alertId)),
      segments,
      baseline: baselineFacts(judge),
      input: offsetRanges(parts),
    })
    if (window.end >= this.around.alertsFrom)
      decisions.incidents.push(...incidents.filter(({ severity }) => isTold(this.monitor, severity)))
    for (const [i, alert] of decisions.alerts.entries())
      if (i >= from) decisions.alerts[i] = { ...alert, incidentId: this.#incidents.incidentOf(alert.alertId) }
  }

  /** A segment's share of all rows: of its earlier windows, else of training. */
  #segmentFacts(version: string, view: View, judge: Judge | null): Seen['segments'][number] {
    const sum = (key: string): number => (this.#rows.get(key) ?? []).reduce((a, b) => a + b, 0)
    const all = sum(`${version}|`)
    const trained = judge?.baseline.features[0]?.segments.get(segmentKey(view.segment))?.rows
    const training = trained === undefined ? null : trained / Math.max(1, judge!.baseline.rows)
    const usualShare = all > 0 ? sum(rowsKey(version, view)) / all : training
    return { segment: view.segment, rows: view.rows, usualShare, quiet: new Set() }
  }

  /** The baseline of a window, and why it cannot be judged against it, if so. */
  #judgeOf(version: string, due: DueWindow, parts: readonly Part[]): { judge: Judge | null; unfit: string | null } {
    const at = (time: number): Judge | null => {
      const { baseline } = this.monitor
      if (typeof baseline !== 'number') return activeBaseline(this.#baselines, this.#activations, version, time)
      const fixed = this.#baselines.find(candidate => candidate.version === baseline)
      return fixed === undefined ? null : { baseline: fixed, activeFrom: null, note: null }
    }
    const judge = at(due.end - 1)
    if (judge === null) return { judge, unfit: 'no-baseline' }
    const changed =
      !this.ranges.hasAll(due.start, due.end) ||
      at(due.start)?.baseline !== judge.baseline ||
      parts.some(part => !part.baselines.includes(judge.baseline.version))
    return { judge, unfit: changed ? 'baseline-changed' : null }
  }

  #dimensions(judge: Judge | null) {
    const baselines = judge === null ? [] : [judge.baseline]
    return this.monitor.segments.map(dimension => ({
      name: dimension.name,
      values: new Set(segmentValues(dimension, baselines)),
    }))
  }

  /** A series of another baseline than the one that judges: at a cut-over parts have those of both. */
  #isDerived(feature: string): boolean {
    return this.#baselines.some(({ features }) => features.some(({ name, origin }) => name === feature && origin))
  }

  /** Without a baseline the first sufficient windows become one. */
  #gather(version: string, due: DueWindow, view: View, decisions: Decisions): void {
    const { window, baseline } = this.monitor
    if (typeof baseline === 'number' || this.#baselines.length > 0) return
    if (Object.keys(view.segment).length > 0 || view.rows < window.minRows) return
    this.#gathered = gather(this.#gathered, { start: due.start, end: due.end, rows: view.rows }, [
      ...view.features.values(),
    ])
    if (this.#gathered.windows < FIRST_WINDOWS) return
    decisions.born.push(baselineOf(this.monitor, this.#gathered, version))
    this.#gathered = null
  }

  #windowFacts(version: string, due: DueWindow, view: View, since: { late: number; rejected: number }): WindowFacts {
    const before = this.#rows.get(rowsKey(version, view)) ?? []
    return {
      start: due.start,
      end: due.end,
      revision: due.revision,
      provisional: false,
      rows: view.rows,
      expectedRows: before.length === 0 ? null : Math.round(before.reduce((a, b) => a + b) / before.length),
      ...since,
      sampleRate: this.monitor.serving.sampleRate,
      partitions: due.partitions,
    }
  }

  #remember(version: string, view: View): void {
    const key = rowsKey(version, view)
    this.#rows.set(key, [...(this.#rows.get(key) ?? []), view.rows].slice(-EXPECT_FROM))
  }
}

/** Why an alert ends whatever the window looks like. */
function overOf(state: AlertState | null, { calibrated }: History): string | null {
  if (state?.status !== 'firing') return null
  if (calibrated && !state.opening.calibrated)
    return 'there are windows enough to compare the series with itself: a difference from training that stands is told once'
  if (calibrated && state.fired + 1 >= STANDING)
    return `a standing difference: for ${STANDING} windows, which are the reference from now on`
  return null
}

function alertStep({ state, transition }: Step, { over }: Observation): AlertStep {
  // What the launch rule says of a window keeps nothing from being learnt.
  if (state?.status !== 'firing' || !state.opening.calibrated) return 'none'
  if (transition !== 'resolved') return 'firing'
  return over === null ? 'calmed' : 'standing'
}

function incidentAlert({ series }: VerdictEvent, finding: Finding, state: AlertState, z: number | null): IncidentAlert {
  const { feature, segment, importance } = series
  const { alertId, openedAt, effect } = state
  const { kind, cause, summary } = finding
  const severity = severityOf(effect, importance)
  const { check } = state.opening
  return { alertId, feature, segment, importance, kind, check, cause, summary, z, effect, severity, openedAt }
}

/** How much of it the segments' new shares explain, against training. */
function withMixShares(
  alert: IncidentAlert,
  contract: FeatureBaseline | undefined,
  views: readonly View[],
): IncidentAlert {
  if (contract === undefined || views.length < 2 || segmentKey(alert.segment) !== '') return alert
  const [all, ...segments] = views.map(({ segment, rows, features }): Before => {
    const known = contract.segments.get(segmentKey(segment))
    const now = profileOf(contract, { rows, sketch: features.get(contract.name) ?? null })
    return { segment, now, before: known === undefined ? null : profileOf(contract, known) }
  })
  return { ...alert, explainedByMix: explainedByMix(all, segments) }
}

function rowsKey(version: string, view: View): string {
  return `${version}|${segmentKey(view.segment)}`
}

/** The series to judge: the baseline's features, what else was counted, and (for all rows) names nobody knows. */
function featuresOf(
  view: View,
  contracts: ReadonlyMap<string, FeatureBaseline>,
  parts: readonly Part[],
  withNews: boolean,
): string[] {
  const whole = Object.keys(view.segment).length === 0
  const news = whole && withNews ? parts.flatMap(part => [...part.news.keys()]) : []
  const isDerived = (name: string): number => (contracts.get(name)?.origin === undefined ? 0 : 1)
  const names = [...new Set([...contracts.keys(), ...view.features.keys(), ...news])]
  // Derived series come after what they are made of: how that looks decides whether they can be judged.
  return names.sort((a, b) => isDerived(a) - isDerived(b) || (a < b ? -1 : 1))
}

/** Share of the parts' rows that had the unknown feature. */
function newsShare(parts: readonly Part[], feature: string): number {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  return parts.reduce((sum, part) => sum + (part.news.get(feature) ?? 0), 0) / Math.max(1, rows)
}
