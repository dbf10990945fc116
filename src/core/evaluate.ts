import { describeAlert, describeVerdict } from './alert/describe.js'
import type { AlertEvent, VerdictEvent, WindowFacts } from './alert/event.js'
import { type AlertState, step } from './alert/lifecycle.js'
import { activeBaseline, type Judge } from './baseline/active.js'
import { type Activation, type Baseline, type FeatureBaseline, segmentKey } from './baseline/baseline.js'
import { baselineOf, FIRST_WINDOWS, type Gathered, gather } from './baseline/first-windows.js'
import type { Grid } from './baseline/grid.js'
import { watchedBy } from './derive/derivations.js'
import { type Inspection, inspect, news, uninspected } from './detect/inspect.js'
import { besideMargins } from './detect/relation.js'
import type { Monitor } from './monitor.js'
import { segmentValues } from './planner.js'
import type { Ids } from './ports.js'
import { unionGrid } from './sketch/project.js'
import { Collector, type CollectorState, type DueWindow } from './window/collector.js'
import type { Marker, MonitorProgress } from './window/marker.js'
import { PaneRanges } from './window/pane-ranges.js'
import type { Part } from './window/part.js'
import { type Grids, mergeViews, type View } from './window/view.js'

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
  /** A baseline made of the first windows, to be published and activated. */
  readonly born: ReturnType<typeof baselineOf>[]
}

/** What is kept between windows; written after the events it has led to. */
export interface EvaluationState {
  readonly collector: CollectorState
  readonly alerts: readonly { readonly key: string; readonly state: AlertState }[]
  /** Rows of the newest windows by model version and segment. */
  readonly rows: readonly { readonly key: string; readonly rows: readonly number[] }[]
  readonly activations: readonly Activation[]
  /** Windows gathered towards a first baseline; null where there is one. */
  readonly gathered: Gathered | null
  /** Records late and rejected that windows have reported so far. */
  readonly reported: { readonly late: number; readonly rejected: number }
}

/** One series in one window, before it is looked at. */
interface Subject {
  readonly contract: FeatureBaseline | null
  readonly feature: string
  readonly view: View
  readonly judge: Judge | null
  readonly unfit: string | null
  readonly parts: readonly Part[]
}

/** One series in one window, on its way to a verdict. */
interface Case {
  readonly version: string
  readonly view: View
  readonly feature: string
  readonly window: WindowFacts
  readonly judge: Judge | null
  readonly inspection: Inspection
  readonly parts: readonly Part[]
}

/**
 * Stage 2 for one monitor version: parts and markers in, verdicts and alert events out. Pure: the same messages in the same order give the
 * same events.
 *
 *     part ─▶ collect ─▶ (marker) window due ─▶ merge ─▶ inspect each series ─▶ verdict ─▶ step each check ─▶ alert event
 *
 * History, seasons, causes and incidents take their place between `inspect` and the verdict (issue 4).
 */
export class Evaluation {
  readonly collector: Collector
  /** Panes of this monitor version; a window that has others too cannot be judged. */
  readonly ranges = new PaneRanges()
  readonly #alerts = new Map<string, AlertState>()
  readonly #rows = new Map<string, number[]>()
  #activations: Activation[] = []
  #baselines: readonly Baseline[] = []
  #gathered: Gathered | null = null
  #reported = { late: 0, rejected: 0 }

  constructor(
    public monitor: Monitor,
    private readonly around: Surroundings,
  ) {
    this.collector = new Collector(monitor.window)
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

  get firing(): AlertState[] {
    return [...this.#alerts.values()].filter(({ status }) => status === 'firing')
  }

  add(part: Part): void {
    this.collector.add(part)
  }

  advance(marker: Marker, progress: MonitorProgress): Decisions {
    const decisions: Decisions = { verdicts: [], alerts: [], born: [] }
    for (const due of this.collector.advance(marker, progress)) this.#judge(due, decisions)
    return decisions
  }

  state(): EvaluationState {
    return {
      collector: this.collector.state(),
      alerts: [...this.#alerts].map(([key, state]) => ({ key, state })),
      rows: [...this.#rows].map(([key, rows]) => ({ key, rows })),
      activations: this.#activations,
      gathered: this.#gathered,
      reported: this.#reported,
    }
  }

  restore(state: EvaluationState): void {
    this.collector.restore(state.collector)
    for (const { key, state: alert } of state.alerts) this.#alerts.set(key, alert)
    for (const { key, rows } of state.rows) this.#rows.set(key, [...rows])
    this.#activations = [...state.activations]
    this.#gathered = state.gathered
    this.#reported = state.reported
  }

  /** One window: by model version, segment and feature, each in text order. */
  #judge(due: DueWindow, decisions: Decisions): void {
    const { late, rejected } = this.collector.counts()
    const since = { late: late - this.#reported.late, rejected: rejected - this.#reported.rejected }
    this.#reported = { late, rejected }
    for (const version of [...new Set(due.parts.map(part => part.modelVersion))].sort()) {
      const parts = due.parts.filter(part => part.modelVersion === version)
      const { judge, unfit } = this.#judgeOf(version, due, parts)
      const contracts = new Map(judge?.baseline.features.map(feature => [feature.name, feature]))
      for (const view of mergeViews(parts, this.#dimensions(judge), this.#grids(contracts))) {
        const window = this.#windowFacts(version, due, view, since)
        const breached = new Set<string>()
        for (const feature of featuresOf(view, contracts, parts, unfit === null)) {
          const contract = contracts.get(feature) ?? null
          if (contract === null && this.#isDerived(feature)) continue
          const alone = this.#inspect({ contract, feature, view, judge, unfit, parts })
          const inspection = besideMargins(contract?.origin, alone, breached)
          if (alone.findings.some(({ evidence }) => evidence.outcome === 'breach')) breached.add(feature)
          this.#decide({ version, view, feature, window, judge, inspection, parts }, decisions)
        }
        if (due.revision > 0) continue
        this.#remember(version, view)
        if (judge === null) this.#gather(version, due, view, decisions)
      }
    }
  }

  #inspect({ contract, feature, view, judge, unfit, parts }: Subject): Inspection {
    if (unfit !== null || judge === null) return uninspected(contract, view.features.get(feature) ?? null, view, unfit)
    if (contract !== null) return inspect(this.monitor, contract, view)
    return news(feature, newsShare(parts, feature), view.rows, judge.baseline.rows)
  }

  #decide(one: Case, decisions: Decisions): void {
    const { version, view, feature, window, inspection } = one
    const verdict = describeVerdict(this.monitor, this.around, one)
    decisions.verdicts.push(verdict)
    if (window.revision > 0 || one.judge === null) return
    for (const finding of inspection.findings) {
      if (!finding.evidence.decides) continue
      const { check } = finding.evidence
      const key = [version, segmentKey(view.segment), feature, check].join('|')
      const seen = { outcome: finding.evidence.outcome, value: finding.evidence.value, ratio: finding.ratio, window }
      const next = step(this.#alerts.get(key) ?? null, seen, openedAt =>
        this.around.ids.hash(this.monitor.model, version, segmentKey(view.segment), feature, check, openedAt),
      )
      if (next.state === null || next.transition === 'resolved') this.#alerts.delete(key)
      else this.#alerts.set(key, next.state)
      if (next.transition === null || next.state === null) continue
      const alert = describeAlert(this.monitor, this.around, verdict, finding, next.state, next.transition, next.reason)
      if (alert !== null && window.end >= this.around.alertsFrom) decisions.alerts.push(alert)
    }
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

  #grids(contracts: ReadonlyMap<string, FeatureBaseline>): Grids {
    const unions = new Map<string, Grid | null>()
    return {
      wanted: feature => contracts.get(feature)?.numeric?.grid ?? null,
      of: (part, feature) => {
        const key = `${part.baselines.join()}/${feature}`
        let grid = unions.get(key)
        if (grid === undefined) {
          const grids = this.#baselines
            .filter(({ version }) => part.baselines.includes(version))
            .flatMap(baseline => baseline.features.find(({ name }) => name === feature)?.numeric?.grid ?? [])
          unions.set(key, (grid = grids.length === 0 ? null : grids.reduce(unionGrid)))
        }
        return grid
      },
    }
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
