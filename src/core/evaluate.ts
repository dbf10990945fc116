import type { Answer } from './alert/answer.js'
import { baselineFacts, describeAlert, describeVerdict } from './alert/describe.js'
import { describeEnded, type Ended, type LastSeen, lastSeen } from './alert/ended.js'
import { outOfBaseline, overdue } from './alert/ends.js'
import type { AlertEvent, VerdictEvent, WindowFacts } from './alert/event.js'
import { Incidents } from './alert/incident.js'
import { incidentAlert, withMixShares } from './alert/incident-alert.js'
import type { IncidentEvent } from './alert/incident-event.js'
import type { IncidentAlert, IncidentState, JudgedWindow } from './alert/incident-state.js'
import { type AlertState, CLEAR, type Observation, type Opening, type Step } from './alert/lifecycle.js'
import type { SegmentFacts } from './alert/scope.js'
import { SeriesAlerts, type SeriesAlertsState } from './alert/series-alerts.js'
import { isTold } from './alert/severity.js'
import { alertStep } from './alert/standing.js'
import type { Judge } from './baseline/active.js'
import { type Activation, type Baseline, type FeatureBaseline, type Segment, segmentKey } from './baseline/baseline.js'
import { baselineOf, FIRST_WINDOWS, type Gathered, gather } from './baseline/first-windows.js'
import { Judges } from './baseline/judges.js'
import { CAPACITY, capacityEffect, capacityFinding, capacityOpening, NO_BASELINE } from './detect/capacity.js'
import { countedOpening } from './detect/counted-series.js'
import type { Finding } from './detect/finding.js'
import { aboutAge, judgeAge } from './detect/freshness.js'
import { begin, beginTrained, correct, type History, type Kept, regained, remember, watched } from './detect/history.js'
import { type Inspection, news, uninspected } from './detect/inspect.js'
import { continued, type Judgement, judge, openingOf } from './detect/judgement.js'
import { budgetOf, limitsOf, NO_TAIL, type Usual, usualOf } from './detect/limits.js'
import { aboutRename, newsShare, type Renames, renamesIn } from './detect/renames.js'
import { Season } from './detect/season/season.js'
import { isThin, judgeDuplicates, judgeVolume, type Matter, rowsBySegment, TRAFFIC } from './detect/traffic.js'
import { featuresOf } from './detect/watched.js'
import { isAge } from './feature-age.js'
import { type Monitor, specOf } from './monitor.js'
import { segmentValues } from './planner.js'
import type { Ids } from './ports.js'
import { allOmitted, CAPS, MOST_NAMES, type Omitted } from './window/caps.js'
import { Collector, type CollectorState, type DueWindow } from './window/collector.js'
import { duplicatesOf } from './window/duplicates.js'
import { gridsOf } from './window/grids.js'
import type { Marker, MonitorProgress } from './window/marker.js'
import { PaneRanges } from './window/pane-ranges.js'
import { offsetRanges, type Part } from './window/part.js'
import { RowCounts } from './window/row-counts.js'
import { mergeViews, type View } from './window/view.js'
import { withinVersions } from './window/within-versions.js'

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
export interface EvaluationState extends SeriesAlertsState {
  readonly collector: CollectorState
  /** By series. */
  readonly histories: readonly { readonly key: string; readonly history: History }[]
  /** End of the newest window of each model version. */
  readonly versions: readonly { readonly version: string; readonly end: number }[]
  readonly incidents: readonly IncidentState[]
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
}

/** A series in a window, judged by its history. */
interface Judged extends Case {
  /** Of the series. */
  readonly key: string
  readonly history: History
  readonly judged: Judgement
  /** Of a series with a contract: it may have seasons. */
  readonly contract?: FeatureBaseline
  /** What an alert says of itself when it opens. */
  open(): Opening
}

/** One model version in one window. */
interface Version {
  readonly version: string
  readonly judge: Judge | null
  /** Why it cannot be judged at all; null: it can. */
  readonly unfit: string | null
  readonly parts: readonly Part[]
  readonly views: readonly View[]
  /** Of each view. */
  readonly windows: readonly WindowFacts[]
  readonly contracts: ReadonlyMap<string, FeatureBaseline>
  readonly usual: Usual
  readonly seen: Seen
}

/** What incidents are made of: the alerts that fire in the judged series of a window, and its segments. */
interface Seen {
  readonly window: WindowFacts
  readonly alerts: IncidentAlert[]
  readonly segments: readonly (SegmentFacts & { readonly quiet: Set<string> })[]
}

/** An alert that ends without a window that ends it. */
interface Ending {
  readonly key: string
  readonly state: AlertState
  readonly reason: string
}

/** Check of a feature that the baseline does not have. */
const NEW = 'new-feature'
/** Histories that are kept, in units of `limits.series`, and versions that have any. */
const HISTORIES_OF_SERIES = 8
const MOST_KNOWN = 128

const NO_RENAMES: Renames = { from: new Map(), to: new Map() }

/**
 * Stage 2 for one monitor version: parts and markers in, verdicts and alert events out. Pure: the same messages in the same order give the
 * same events.
 *
 *     part ─▶ collect ─▶ (marker) window due ─▶ merge ─▶ traffic ─▶ judge each series ─▶ verdict ─▶ step its alert ─▶ cause ─▶ incidents ─▶ events
 *                                                                    ▲ history ◀──────────────────────┘
 */
export class Evaluation {
  readonly collector: Collector
  /** Panes of this monitor version; a window that has others too cannot be judged. */
  readonly ranges = new PaneRanges()
  readonly #alerts = new SeriesAlerts()
  #seasonOf: { readonly monitor: Monitor; readonly season: Season } | null = null
  /** By series, as alerts. */
  readonly #histories = new Map<string, History>()
  readonly #versions = new Map<string, number>()
  readonly #rows = new RowCounts()
  readonly #incidents: Incidents
  readonly #judges = new Judges()
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
    this.#judges.know(this.monitor, baselines)
  }

  activate(activation: Activation): void {
    this.#judges.activate(activation)
  }

  /** Mutes given before the evaluation began. */
  learn(answers: readonly Answer[]): void {
    this.#alerts.operators.learn(answers)
  }

  /** Of the monitor as it is: its hash may change while it runs. */
  get #season(): Season {
    if (this.#seasonOf?.monitor !== this.monitor)
      this.#seasonOf = { monitor: this.monitor, season: new Season(this.monitor) }
    return this.#seasonOf.season
  }

  /** Follows an operator's answer; alerts that it ends are told at once. */
  answer(answer: Answer): Decisions {
    const decisions = noDecisions()
    for (const ended of this.#alerts.take(answer)) {
      const history = this.#histories.get(ended.key)
      // A wanted difference is the reference from now on; of one that is merely over nothing is learnt.
      if (history !== undefined)
        this.#histories.set(ended.key, {
          ...history,
          past: ended.expected && history.during.length > 0 ? history.during : history.past,
          during: [],
        })
      this.#tellEnd(ended, decisions)
    }
    return decisions
  }

  get firing(): AlertState[] {
    return this.#alerts.firing.map(({ state }) => state)
  }

  add(part: Part): void {
    this.collector.add(part)
  }

  /** What a marker leads to, window by window: it may close very many. To be taken to the end. */
  *steps(marker: Marker, progress: MonitorProgress): Generator<Decisions> {
    const all = this.collector.advance(marker, progress)
    const cut = this.#cutFrom(all)
    for (const due of all) {
      const decisions = noDecisions()
      this.#judge(due, due.end >= cut, decisions)
      yield decisions
    }
    const decisions = noDecisions()
    this.#endOverdue(decisions)
    yield decisions
  }

  /** All of it at once. */
  advance(marker: Marker, progress: MonitorProgress): Decisions {
    const decisions = noDecisions()
    for (const step of this.steps(marker, progress)) addTo(decisions, step)
    return decisions
  }

  /** The end of a file closes windows before their time: from which end on they may lack rows that were still to come. */
  #cutFrom(all: readonly DueWindow[]): number {
    if (Number.isFinite(this.collector.boundary)) return Number.POSITIVE_INFINITY
    const newest = all.reduce((far, { parts }) => parts.reduce((pane, part) => Math.max(pane, part.pane), far), 0)
    return newest + this.monitor.window.advanceMs
  }

  state(): EvaluationState {
    return {
      collector: this.collector.state(),
      ...this.#alerts.state(),
      histories: [...this.#histories].map(([key, history]) => ({ key, history })),
      versions: [...this.#versions].map(([version, end]) => ({ version, end })),
      incidents: this.#incidents.state(),
      rows: this.#rows.state(),
      activations: this.#judges.activations,
      gathered: this.#gathered,
      reported: this.#reported,
    }
  }

  restore(state: EvaluationState): void {
    this.collector.restore(state.collector)
    this.#alerts.restore(state)
    for (const { key, history } of state.histories) this.#histories.set(key, history)
    for (const { version, end } of state.versions) this.#versions.set(version, end)
    this.#incidents.restore(state.incidents)
    this.#rows.restore(state.rows)
    this.#judges.restore(state.activations)
    this.#gathered = state.gathered
    this.#reported = state.reported
  }

  /** One window: its traffic, then by model version, segment and feature, each in text order. */
  #judge(all: DueWindow, isCut: boolean, decisions: Decisions): void {
    const due = withinVersions(all)
    const { reviseForMs, sizeMs } = this.monitor.window
    if (due.revision === 0) this.#alerts.passed(due.end, reviseForMs + sizeMs)
    const { late, rejected } = this.collector.counts()
    const since = { late: late - this.#reported.late, rejected: rejected - this.#reported.rejected }
    this.#reported = { late, rejected }
    const versions = [...new Set(due.parts.map(part => part.modelVersion))]
      .sort()
      .map(version => this.#versionOf(version, due, since))
    const thin = this.#judgeTraffic(due, isCut, versions, decisions)
    for (const version of versions) this.#judgeVersion(due, version, thin, decisions)
    if (due.revision > 0) return
    for (const version of versions) {
      this.#versions.set(version.version, due.end)
      this.#relate(version, decisions)
    }
    this.#forgetVersions(decisions)
  }

  /** Histories of the versions that were served longest ago go when there are more of them than `limits.series` has room for. */
  #forgetVersions(decisions: Decisions): void {
    const most = HISTORIES_OF_SERIES * this.monitor.limits.series
    const oldest = [...this.#versions].sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1))
    const newest = oldest.at(-1)?.[1]
    for (const [version, end] of oldest) {
      if (this.#histories.size <= most && this.#versions.size <= MOST_KNOWN) return
      if (end === newest) return
      const own = `${version}|`
      const over = this.#alerts.firing.filter(({ key }) => key.startsWith(own))
      const reason = `model version ${version} is known no more: newer ones have taken its room`
      this.#endAll(
        over.map(one => ({ ...one, reason })),
        decisions,
      )
      this.#alerts.forget(own)
      for (const key of this.#histories.keys()) if (key.startsWith(own)) this.#histories.delete(key)
      this.#rows.forget(version)
      this.#versions.delete(version)
    }
  }

  #versionOf(version: string, due: DueWindow, since: { late: number; rejected: number }): Version {
    const parts = due.parts.filter(part => part.modelVersion === version)
    const { judge, unfit } = this.#judges.of(this.monitor, version, due, parts, this.ranges)
    const contracts = new Map(judge?.baseline.features.map(feature => [feature.name, feature]))
    const views = mergeViews(parts, this.#dimensions(judge), gridsOf(this.#judges.baselines, contracts))
    const windows = views.map(view => this.#windowFacts(version, due, view, since))
    const [window] = windows
    const segments = views.slice(1).map(view => this.#segmentFacts(version, view, judge))
    const seen = { window, alerts: [], segments }
    return { version, judge, unfit, parts, views, windows, contracts, usual: this.#usual(version), seen }
  }

  /**
   * How many rows there are, and how many twice, by segment over all model versions; told in the series of the version with the most rows.
   * @returns keys of segments with too few rows to judge what is in them
   */
  #judgeTraffic(
    due: DueWindow,
    isCut: boolean,
    versions: readonly Version[],
    decisions: Decisions,
  ): ReadonlySet<string> {
    const [leader] = [...versions].sort((a, b) => b.views[0].rows - a.views[0].rows)
    const thin = new Set<string>()
    const silent = this.#dimensions(leader.judge)
      .flatMap(({ name, values }) => [...values].map(value => ({ [name]: value })))
      .filter(segment => this.#histories.has(trafficKey(segment)))
    for (const { segment, rows } of rowsBySegment(
      versions.map(({ views }) => views),
      silent,
    )) {
      const told = this.#toldOf(segment, leader, versions, decisions)
      const { version, judge, views, windows, seen } = told
      const at = views.findIndex(view => segmentKey(view.segment) === segmentKey(segment))
      const [view, window] =
        at < 0
          ? [
              { ...views[0], segment },
              { ...windows[0], rows: 0, expectedRows: null },
            ]
          : [views[at], windows[at]]
      const checks = specOf(this.monitor, TRAFFIC)?.checks ?? {}
      const traffic = { windowStart: due.start, rows, partitions: due.partitions, checks }
      const one = { version, view, feature: TRAFFIC, window, judge, parts: due.parts, seen }
      // Where the monitor changes, each of its versions has a part of the rows.
      const changed = this.ranges.hasAll(due.start, due.end) ? null : 'baseline-changed'
      const because = isCut ? 'end-of-input' : (changed ?? gapOf(due))
      const caps = segmentKey(segment) === '' ? this.#caps(due, rows) : []
      const left = caps.flatMap(({ omitted, finding }) => (omitted.rows + omitted.values > 0 ? [finding] : []))
      if (because !== null) {
        const nothing = { ...uninspected(null, null, view, because), findings: left, counters: {} }
        this.#tellCapacity(one, caps, this.#publish(one, nothing, decisions), decisions)
        continue
      }
      const duplicates = segmentKey(segment) === '' ? duplicatesOf(due.parts) : null
      const volume = this.#judged(one, trafficKey(segment), 0, (history, isFiring) =>
        judgeVolume(traffic, history, isFiring),
      )
      const twice =
        duplicates &&
        this.#judged(one, trafficKey(segment, 'duplicates'), 0, (history, isFiring) =>
          judgeDuplicates(duplicates, traffic, history, isFiring),
        )
      if (isThin(volume.judged)) thin.add(segmentKey(segment))
      const both = [volume, ...(twice ? [twice] : [])]
      const inspection = together(both.map(({ judged }) => judged.inspection))
      const verdict = this.#publish(one, { ...inspection, findings: [...inspection.findings, ...left] }, decisions)
      for (const matter of both) this.#follow(matter, verdict, decisions)
      this.#tellCapacity(one, caps, verdict, decisions)
    }
    return thin
  }

  /** What the caps have kept out of a window, and those that did so before and do no more. */
  #caps(due: DueWindow, rows: number) {
    if (specOf(this.monitor, TRAFFIC)?.checks[CAPACITY]?.enabled === false) return []
    const found = new Map(allOmitted(due.parts.flatMap(({ omitted }) => omitted)).map(one => [one.cap, one]))
    return CAPS.flatMap(cap => {
      const opening = this.#alerts.get(capacityKey(cap))?.opening
      const before = opening && { cap, limit: opening.cause.numbers['cap'] ?? 0, rows: 0, values: 0 }
      const omitted = found.get(cap) ?? before
      return omitted === undefined ? [] : [{ omitted, finding: capacityFinding(omitted, rows) }]
    })
  }

  /** One alert a cap, of no incident: what is not watched moves nothing. */
  #tellCapacity(
    one: Case,
    caps: readonly { readonly omitted: Omitted; readonly finding: Finding }[],
    published: VerdictEvent,
    decisions: Decisions,
  ): void {
    const { window } = one
    if (window.revision > 0) return
    for (const { omitted, finding } of caps) {
      const key = capacityKey(omitted.cap)
      const outcome = finding.ratio > 0 ? 'breach' : 'ok'
      const effect = capacityEffect(omitted, window.rows)
      const seen: Observation = { outcome, ratio: finding.ratio, effect, window, confirmed: true, over: null }
      const before = this.#alerts.get(key)
      const modelVersion = (before && this.#alerts.operators.last(before.alertId)?.modelVersion) ?? one.version
      const opening = { ...capacityOpening(finding), check: `${CAPACITY} ${omitted.cap}` }
      const next = this.#step({ ...one, key }, seen, () => opening)
      const series = { ...published.series, modelVersion }
      const verdict = { ...published, series, baseline: published.baseline ?? NO_BASELINE }
      this.#tellAlert(verdict, finding, next, decisions)
    }
  }

  /** The version in whose series a segment's traffic is told: that of the alerts on it, as long as it is served, else the one with the most rows. */
  #toldOf(segment: Segment, leader: Version, versions: readonly Version[], decisions: Decisions): Version {
    const firing = (['volume', 'duplicates'] as const).flatMap(matter => {
      const key = trafficKey(segment, matter)
      const state = this.#alerts.get(key)
      const of = state && this.#alerts.operators.last(state.alertId)?.modelVersion
      return state?.status === 'firing' ? [{ key, state, of }] : []
    })
    const served = (of: string | null | undefined): Version | undefined =>
      versions.find(({ version }) => version === of)
    const gone = firing.filter(({ of }) => served(of) === undefined)
    const over = gone.map(one => ({ ...one, reason: `model version ${one.of} is served no more` }))
    if (over.length > 0) this.#endAll(over, decisions)
    return firing.map(({ of }) => served(of)).find(one => one !== undefined) ?? leader
  }

  /** A series that is judged by its counts, of a baseline version or (0) of none. */
  #judged(
    one: Case,
    key: string,
    baseline: number,
    judgeBy: (history: History, isFiring: boolean) => Judgement,
    about = '',
  ): Judged {
    const known = this.#histories.get(key)
    const history = known?.baseline === baseline ? known : begin(baseline, null)
    const judged = judgeBy(history, isOn(this.#alerts.get(key), one.window))
    return { ...one, key, history, judged, open: () => countedOpening(judged, history, about) }
  }

  #judgeVersion(due: DueWindow, all: Version, thin: ReadonlySet<string>, decisions: Decisions): void {
    const { version, judge, unfit, parts, views, windows, contracts, usual, seen } = all
    const fit = judge !== null && unfit === null
    if (fit && due.revision === 0) this.#endOutOfBaseline(version, judge, contracts, decisions)
    const renames = fit ? renamesIn(views[0], parts, judge.baseline.features) : NO_RENAMES
    for (const [v, view] of views.entries()) {
      const isThin = thin.has('') || thin.has(segmentKey(view.segment))
      const because = unfit ?? gapOf(due) ?? (isThin ? 'volume' : null)
      const breached = new Set<string>()
      for (const feature of featuresOf(view, contracts, parts, unfit === null)) {
        const one = { version, view, feature, window: windows[v], judge, parts, seen }
        const contract = contracts.get(feature) ?? null
        if (contract === null && this.#judges.isDerived(feature)) continue
        if (because !== null || judge === null)
          this.#publish(
            one,
            uninspected(contract, view.features.get(feature) ?? null, view, because ?? 'no-baseline'),
            decisions,
          )
        else if (contract !== null) this.#judgeSeries({ ...one, usual }, judge, contract, breached, renames, decisions)
        else if (isAge(this.monitor, feature)) this.#judgeAge(one, decisions)
        else this.#tellNews(one, judge, renames, decisions)
      }
      if (due.revision > 0 || due.gaps.length > 0) continue
      this.#rows.add(version, view.segment, view.rows)
      if (judge === null) this.#gather(version, due, view, decisions)
    }
  }

  /** A series with a contract. */
  #judgeSeries(
    { usual, ...one }: Case & { readonly usual: Usual },
    { baseline }: Judge,
    contract: FeatureBaseline,
    breached: Set<string>,
    renames: Renames,
    decisions: Decisions,
  ): void {
    const { version, view, feature, window } = one
    const segment = segmentKey(view.segment)
    const key = `${version}|${segment}|${feature}`
    const known = this.#histories.get(key)
    const history = known?.baseline === baseline.version ? known : this.#begin(one, baseline.version, contract)
    const { monitor } = this
    const limits = limitsOf(budgetOf(monitor), history.tail ?? NO_TAIL, usual)
    const subject = { monitor, contract, view, windowStart: window.start, season: this.#season, breached, limits }
    const judged = judge(subject, history, isOn(this.#alerts.get(key), window))
    if (judged.outcome === 'breach') breached.add(feature)
    const open = (): Opening => {
      const opening = openingOf(subject, judged)
      return isAge(this.monitor, feature) ? aboutAge(opening) : aboutRename(opening, renames.from.get(feature))
    }
    this.#follow(
      { ...one, key, history, judged, open, contract },
      this.#publish(one, judged.inspection, decisions),
      decisions,
    )
  }

  /** The age of a feature, of which the baseline knows nothing. */
  #judgeAge(one: Case, decisions: Decisions): void {
    const { version, view, feature, window } = one
    const key = `${version}|${segmentKey(view.segment)}|${feature}`
    const time = this.monitor.times.find(({ series }) => series === feature)!
    const sketch = view.features.get(feature) ?? null
    const judged = this.#judged(
      one,
      key,
      0,
      (history, isFiring) => judgeAge(time, sketch, view.rows, window.start, history, isFiring),
      `${feature}: `,
    )
    this.#follow(judged, this.#publish(one, judged.judged.inspection, decisions), decisions)
  }

  /** Its alert is stepped, its history grown. A revision corrects the history, and may take back an alert. */
  #follow(one: Judged, verdict: VerdictEvent, decisions: Decisions): void {
    const { key, history, judged, window } = one
    if (judged.profile === null) return
    const kept: Kept = { start: window.start, end: window.end, profile: judged.profile }
    if (window.revision > 0) {
      this.#revise(one, verdict, kept, decisions)
      return
    }
    // Windows before the first that may alert only build history.
    if (window.end < this.around.alertsFrom) {
      this.#histories.set(
        key,
        this.#learnt(one, remember(watched(history, judged.scores), kept, [], 'none', CLEAR, judged.limits)),
      )
      return
    }
    const { scores, limits } = judged
    const seen: Observation = { ...judged, window, over: this.#alerts.over(key, history, judged) }
    const next = this.#step(one, seen, one.open)
    this.#histories.set(
      key,
      this.#learnt(one, remember(judged.history, kept, scores, alertStep(next, seen), CLEAR, limits)),
    )
    const finding = next.state && continued(next.state, judged)
    if (finding !== null) this.#tell(one, verdict, finding, next, this.#madeBy(judged, finding), decisions)
  }

  /** With the slots of the week brought up to date, of a series that may have them. */
  #learnt({ contract, history }: Judged, after: History): History {
    return contract === undefined ? after : this.#season.follow(contract, history, after)
  }

  #revise(one: Judged, verdict: VerdictEvent, kept: Kept, decisions: Decisions): void {
    const { key, history, judged, window } = one
    const corrected = correct(history, kept, judged.scores, judged.limits)
    const state = judged.outcome === 'ok' ? this.#alerts.clear(key, window) : null
    const isFiring = this.#alerts.get(key)?.status === 'firing'
    const after = state === null ? corrected : regained(corrected, kept, isFiring)
    this.#histories.set(key, one.contract === undefined ? after : this.#season.amend(one.contract, history, after))
    const finding = state && continued(state, judged)
    if (finding === null || state!.firedAt === null || state!.firedAt < this.around.alertsFrom) return
    const reason = `late events have changed the window until ${new Date(window.end).toISOString()}: it does not breach`
    const told = this.#alerts.operators.retract(state!, window.end, reason)
    const alert = told && describeAlert(this.monitor, this.around, verdict, finding, state!, told)
    const judgedWindow = { ...this.#quietly(one.version, window), baseline: verdict.baseline, input: verdict.input }
    const { incidentId, events } = this.#incidents.retract(this.monitor, judgedWindow, state!.alertId)
    decisions.incidents.push(...events.filter(({ severity }) => isTold(this.monitor, severity)))
    if (alert !== null) decisions.alerts.push({ ...alert, incidentId })
  }

  /** A feature nobody knows is news, unless it looks like one that has vanished: that one's alert tells it. */
  #tellNews(one: Case, { baseline }: Judge, renames: Renames, decisions: Decisions): void {
    const { version, view, feature, window, parts } = one
    const inspection = news(feature, newsShare(parts, feature), view.rows, baseline.rows)
    const verdict = this.#publish(one, inspection, decisions)
    if (window.revision > 0 || renames.to.has(feature)) return
    const key = `${version}|${segmentKey(view.segment)}|${feature}`
    // Events may bring new names without end.
    if (this.#alerts.get(key) === null && this.#newsOf(version) >= MOST_NAMES) return
    const [finding] = inspection.findings
    const { kind, summary, cause, action, ratio } = finding
    const opening: Opening = { check: finding.evidence.check, kind, summary, cause, action, calibrated: false }
    const seen: Observation = { outcome: 'breach', ratio, effect: 0, window, confirmed: true, over: null }
    this.#tell(
      one,
      verdict,
      finding,
      this.#step({ ...one, key }, seen, () => opening),
      null,
      decisions,
    )
  }

  /** New features of a version whose alerts fire. */
  #newsOf(version: string): number {
    return this.#alerts.firing.filter(({ key, state }) => state.opening.check === NEW && key.startsWith(`${version}|`))
      .length
  }

  #publish(one: Case, inspection: Inspection, decisions: Decisions): VerdictEvent {
    const verdict = describeVerdict(this.monitor, this.around, { ...one, inspection })
    decisions.verdicts.push(verdict)
    const { segment } = one.view
    if (verdict.outcome === 'ok') one.seen.segments.find(known => known.segment === segment)?.quiet.add(one.feature)
    return verdict
  }

  #step({ key, version, view, feature }: Case & { key: string }, seen: Observation, open: () => Opening): Step {
    return this.#alerts.step(key, seen, open, ({ check }, openedAt) =>
      this.around.ids.hash(this.monitor.model, version, segmentKey(view.segment), feature, check, openedAt),
    )
  }

  #tell(
    { seen }: Case,
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
    this.#tellAlert(verdict, finding, next, decisions)
  }

  #tellAlert(verdict: VerdictEvent, finding: Finding, next: Step, decisions: Decisions): void {
    const { state } = next
    if (state?.firedAt == null || state.firedAt < this.around.alertsFrom) return
    const told = this.#alerts.operators.tell(next, lastSeen(verdict, finding, state))
    const alert = told && describeAlert(this.monitor, this.around, verdict, finding, state, told)
    if (alert !== null && verdict.window.end >= this.around.alertsFrom) decisions.alerts.push(alert)
  }

  #madeBy({ scores }: Judgement, { evidence }: Finding): number | null {
    return scores.find(({ statistic }) => statistic === evidence.check)?.z ?? null
  }

  /** Alerts of features that the baseline of this window has no more, or has now. */
  #endOutOfBaseline(
    version: string,
    { baseline }: Judge,
    contracts: ReadonlyMap<string, FeatureBaseline>,
    decisions: Decisions,
  ): void {
    for (const one of this.#alerts.firing) {
      const last = this.#alerts.operators.last(one.state.alertId)
      if (last?.modelVersion !== version || last.feature === TRAFFIC || isAge(this.monitor, last.feature)) continue
      const reason = outOfBaseline(one.state, contracts.has(last.feature), baseline.version)
      if (reason !== null) this.#end({ ...one, reason }, decisions)
    }
  }

  /** Alerts that no window will end any more. */
  #endOverdue(decisions: Decisions): void {
    // The end of a file closes every window, but no time has passed.
    const { boundary } = this.collector
    if (!Number.isFinite(boundary)) return
    const situation = { boundary, advanceMs: this.monitor.window.advanceMs, until: this.ranges.until }
    const over = this.#alerts.firing.flatMap(one => {
      const { key, state } = one
      const last = this.#alerts.operators.last(state.alertId)
      const version = last?.modelVersion ?? key.slice(0, key.indexOf('|'))
      const end = this.#versions.get(version) ?? state.openedAt
      const reason = overdue(version, end, last?.window.end ?? end, situation)
      return reason === null ? [] : [{ ...one, reason }]
    })
    this.#endAll(over, decisions)
  }

  /** Ends alerts, and the incidents that they leave without any, of versions that no window is judged of. */
  #endAll(over: readonly Ending[], decisions: Decisions): void {
    const ended = over.flatMap(one => this.#end(one, decisions) ?? [])
    const newest = new Map(ended.map(({ last }) => [last.modelVersion, last]))
    for (const { modelVersion, window, baseline } of newest.values())
      this.#tellIncidents(
        this.#incidents.step(this.monitor, { ...this.#quietly(modelVersion, window), baseline, input: [] }),
        window,
        decisions,
      )
  }

  #end(one: Ending, decisions: Decisions): Ended | null {
    const ended = this.#alerts.end(one, one.reason)
    const history = this.#histories.get(one.key)
    if (history !== undefined) this.#histories.set(one.key, { ...history, during: [] })
    if (ended !== null) this.#tellEnd(ended, decisions)
    return ended
  }

  #tellEnd(ended: Ended, decisions: Decisions): void {
    const alert = describeEnded(this.monitor, this.around, ended)
    const incidentId = this.#incidents.incidentOf(ended.state.alertId)
    if (alert !== null && alert.window.end >= this.around.alertsFrom) decisions.alerts.push({ ...alert, incidentId })
  }

  /** From the version served before it, else from the windows of the training rows. */
  #begin({ version, view, feature, window }: Case, baseline: number, { segments }: FeatureBaseline): History {
    const segment = segmentKey(view.segment)
    const inherited = this.#inherited(version, segment, feature)
    if (inherited?.baseline === baseline) return begin(baseline, inherited)
    return beginTrained(baseline, segments.get(segment)?.history, window.start)
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
  #relate({ version, judge, parts, views, contracts, seen }: Version, decisions: Decisions): void {
    if (judge === null) return
    const { window, alerts, segments } = seen
    const incidents = this.#incidents.step(this.monitor, {
      ...this.#quietly(version, window),
      alerts: alerts.map(alert =>
        this.#incidents.incidentOf(alert.alertId) === null
          ? withMixShares(alert, contracts.get(alert.feature), views)
          : alert,
      ),
      segments,
      baseline: baselineFacts(judge),
      input: offsetRanges(parts),
    })
    this.#tellIncidents(incidents, window, decisions)
  }

  /** Without news of alerts: those that fire. */
  #quietly(modelVersion: string, window: WindowFacts) {
    const firing = new Set(this.#alerts.firing.map(({ state }) => state.alertId))
    const operator: NonNullable<JudgedWindow['operator']> = alert => this.#alerts.operators.of(alert, window.end)
    return { modelVersion, window, alerts: [], firing, segments: [], operator }
  }

  #tellIncidents(incidents: readonly IncidentEvent[], { end }: LastSeen['window'], decisions: Decisions): void {
    if (end >= this.around.alertsFrom)
      decisions.incidents.push(...incidents.filter(({ severity }) => isTold(this.monitor, severity)))
    for (const [i, alert] of decisions.alerts.entries())
      decisions.alerts[i] = { ...alert, incidentId: alert.incidentId ?? this.#incidents.incidentOf(alert.alertId) }
  }

  /** A segment's share of all rows: of its earlier windows, else of training. */
  #segmentFacts(version: string, view: View, judge: Judge | null): Seen['segments'][number] {
    const { segment } = view
    const trained = judge?.baseline.features[0]?.segments.get(segmentKey(segment))?.rows
    const training = trained === undefined ? null : trained / Math.max(1, judge!.baseline.rows)
    const usualShare = this.#rows.share(version, segment) ?? training
    return { segment, rows: view.rows, usualShare, quiet: new Set() }
  }

  #dimensions(judge: Judge | null) {
    const baselines = judge === null ? [] : [judge.baseline]
    return this.monitor.segments.map(dimension => ({
      name: dimension.name,
      values: new Set(segmentValues(dimension, baselines)),
    }))
  }

  /** Without a baseline the first sufficient windows become one. */
  #gather(version: string, due: DueWindow, view: View, decisions: Decisions): void {
    const { window, baseline } = this.monitor
    if (typeof baseline === 'number' || this.#judges.baselines.length > 0) return
    if (Object.keys(view.segment).length > 0 || view.rows < window.minRows) return
    this.#gathered = gather(this.#gathered, { start: due.start, end: due.end, rows: view.rows }, [
      ...view.features.values(),
    ])
    if (this.#gathered.windows < FIRST_WINDOWS) return
    decisions.born.push(baselineOf(this.monitor, this.#gathered, version))
    this.#gathered = null
  }

  #windowFacts(version: string, due: DueWindow, view: View, since: { late: number; rejected: number }): WindowFacts {
    return {
      start: due.start,
      end: due.end,
      revision: due.revision,
      provisional: false,
      rows: view.rows,
      expectedRows: this.#rows.expected(version, view.segment),
      ...since,
      sampleRate: this.monitor.serving.sampleRate,
      partitions: due.partitions,
      gaps: due.gaps,
    }
  }
}

function noDecisions(): Decisions {
  return { verdicts: [], alerts: [], incidents: [], born: [] }
}

/** Without spreading: a window may have more verdicts than a call takes arguments. */
export function addTo(all: Decisions, more: Decisions): void {
  for (const one of more.verdicts) all.verdicts.push(one)
  for (const one of more.alerts) all.alerts.push(one)
  for (const one of more.incidents) all.incidents.push(one)
  for (const one of more.born) all.born.push(one)
}

/** Whether the alert fires as the window is judged: a revision of a window that opened it is judged as if it did not. */
function isOn(state: AlertState | null, { end }: WindowFacts): boolean {
  return state?.status === 'firing' && end > (state.firedAt ?? 0)
}

/** Why a window is not judged that may lack rows which were gone before they were read; null: it lacks none. */
function gapOf({ gaps }: DueWindow): string | null {
  return gaps.length > 0 ? 'input-gap' : null
}

function capacityKey(cap: Omitted['cap']): string {
  return `||${TRAFFIC} ${CAPACITY} ${cap}`
}

function trafficKey(segment: Segment, matter: Matter = 'volume'): string {
  return `|${segmentKey(segment)}|${TRAFFIC} ${matter}`
}

/** One verdict of all that was seen of a series. */
function together(inspections: readonly Inspection[]): Inspection {
  const counters = Object.assign({}, ...inspections.map(one => one.counters))
  return { ...inspections[0], findings: inspections.flatMap(({ findings }) => findings), counters }
}
