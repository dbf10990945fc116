import type { Answer } from '../alert/answer.js'
import type { SeriesAlerts, SeriesAlertsState } from '../alert/series-alerts.js'
import { segmentKey } from '../baseline/baseline.js'
import { type Decisions, noDecisions } from '../evaluation/decisions.js'
import type { Memory } from '../evaluation/memory.js'
import { gapOf } from '../evaluation/version.js'
import { windowWithin } from '../join/lane-window.js'
import type { Monitor, WindowSpec } from '../monitor.js'
import { Collector, type CollectorState, type DueWindow } from '../window/collector.js'
import type { Marker, MonitorProgress } from '../window/marker.js'
import { offsetRanges } from '../window/part.js'
import { outcomeOf, windowsToPromote } from './advice.js'
import { describeShadow, type ShadowMonitor } from './describe.js'
import { divergencesOf } from './divergence.js'
import type { DivergenceFacts, ShadowEvent } from './event.js'
import { ShadowAlerts } from './shadow-alerts.js'
import { CHALLENGER, CHAMPION, type ShadowState } from './shadow-counts.js'
import { mergeShadow, type ShadowPart } from './window.js'

/** As its collector is told: windows of the champion's rows, revised until the challenger's can come no more. */
export function shadowWindow({ window, shadow }: Pick<Monitor, 'window' | 'shadow'>): WindowSpec | null {
  return shadow === undefined ? null : windowWithin(window, shadow.withinMs)
}

/** Windows in a row without one of the two versions that say that it is gone. */
const GONE = 3

/** Windows in a row within every limit, of one output and segment. */
interface Run {
  readonly key: string
  readonly windows: number
}

/** What is kept between windows. */
export interface ShadowLaneState {
  readonly collector: CollectorState
  readonly alerts: SeriesAlertsState
  readonly runs: readonly Run[]
  /** End of the newest window that both versions had rows in; -Infinity: none yet. */
  readonly bothTo: number
}

/**
 * How far a challenger is from its champion, window by window: parts and markers of the join in, shadow events and alerts out.
 *
 *     part ─▶ collect ─▶ (marker of driftline.joins) window due ─▶ merge ─▶ divergences ─▶ advice ─▶ event, alert
 *                                                                   windows in a row within ──▲
 */
export class ShadowLane {
  readonly collector: Collector<ShadowPart>
  readonly #alerts: ShadowAlerts
  /** By output and segment. */
  readonly #runs = new Map<string, number>()
  #bothTo = Number.NEGATIVE_INFINITY

  constructor(
    private readonly memory: Memory,
    private readonly spec: WindowSpec,
  ) {
    this.collector = new Collector(spec, 0)
    this.#alerts = new ShadowAlerts(memory)
  }

  get alerts(): SeriesAlerts {
    return this.#alerts.alerts
  }

  /** Follows an operator's answer; alerts that it ends are told at once. */
  answer(answer: Answer, decisions: Decisions): void {
    this.#alerts.answer(answer, decisions)
  }

  /** Nothing will be judged any more. */
  end(reason: string, decisions: Decisions): void {
    this.#alerts.end(() => reason, decisions)
  }

  /** Window by window: a marker may close very many. To be taken to the end. */
  *steps(marker: Marker, progress: MonitorProgress): Generator<Decisions> {
    for (const due of this.collector.advance(marker, progress)) {
      const decisions = noDecisions()
      this.#judge(due, decisions)
      yield decisions
    }
    const decisions = noDecisions()
    const { boundary } = this.collector
    const { sizeMs, reviseForMs } = this.spec
    const isOver = boundary - this.#bothTo > sizeMs + reviseForMs
    this.#alerts.endOverdue(
      boundary,
      () => (isOver ? 'the two versions have no more rows to compare' : null),
      decisions,
    )
    yield decisions
  }

  state(): ShadowLaneState {
    return {
      collector: this.collector.state(),
      alerts: this.alerts.state(),
      runs: [...this.#runs].map(([key, windows]) => ({ key, windows })),
      bothTo: this.#bothTo,
    }
  }

  restore({ collector, alerts, runs, bothTo }: ShadowLaneState): void {
    this.collector.restore(collector)
    this.alerts.restore(alerts)
    for (const { key, windows } of runs) this.#runs.set(key, windows)
    this.#bothTo = bothTo
  }

  get #monitor(): ShadowMonitor {
    return this.memory.monitor as ShadowMonitor
  }

  #judge(due: DueWindow<ShadowPart>, decisions: Decisions): void {
    const { task, shadow } = this.#monitor
    const views = mergeShadow(due.parts, task, shadow.mode)
    const [all] = views
    if (all === undefined) return
    if (due.revision === 0) this.#alerts.passed(due.end, this.spec.reviseForMs + this.spec.sizeMs)
    for (const [o, { name }] of task.outputs.entries()) {
      const measured = views.map(view => ({ ...view, divergences: divergencesOf(view.counts, o, task, shadow) }))
      const segmentBeyond = measured.slice(1).some(({ divergences }) => outcomeOf(divergences) === 'breach')
      for (const [v, { segment, counts, divergences }] of measured.entries()) {
        const key = `${segmentKey(segment)}|${name}`
        const windows = this.#run(key, divergences, due.revision)
        const event = this.#told(due, segment, o, counts, divergences, windows, v === 0 && segmentBeyond)
        decisions.shadows.push(event)
        if (due.revision > 0) this.#alerts.revise(event, decisions)
        else this.#alerts.follow(event, this.#over(due, all.counts), decisions)
      }
    }
    if (due.revision === 0 && all.counts.rows.every(rows => rows > 0)) this.#bothTo = due.end
  }

  /** Windows with too few rows are none; one that is not within all limits ends the run. A revision changes nothing. */
  #run(key: string, divergences: readonly DivergenceFacts[], revision: number): number {
    const known = this.#runs.get(key) ?? 0
    if (revision > 0) return known
    const { minRows } = this.#monitor.shadow
    const outcome = outcomeOf(divergences)
    const thin = divergences.every(({ limit, n }) => limit === null || n < minRows)
    const windows = outcome === 'ok' ? known + 1 : outcome === 'insufficient-data' && thin ? known : 0
    this.#runs.set(key, windows)
    return windows
  }

  #told(
    due: DueWindow<ShadowPart>,
    segment: ShadowEvent['series']['segment'],
    output: number,
    counts: ShadowState,
    divergences: readonly DivergenceFacts[],
    windows: number,
    segmentBeyond: boolean,
  ): ShadowEvent {
    const { memory, spec } = this
    const monitor = this.#monitor
    const { shadow, serving } = monitor
    const { start, end, revision, partitions, gaps, parts } = due
    const rows = counts.rows[CHAMPION] + counts.rows[CHALLENGER]
    return describeShadow(monitor, memory.around, {
      ...{ segment, output, counts, divergences, segmentBeyond, mode: shadow.mode },
      within: { windows, needed: windowsToPromote(shadow, spec) },
      unfit: memory.ranges.hasAll(start, end) ? gapOf(due) : 'baseline-changed',
      judge: memory.judges.at(monitor, shadow.champion, end - 1),
      input: offsetRanges(parts),
      window: {
        ...{ start, end, revision, provisional: false, rows, expectedRows: null, late: 0, rejected: 0 },
        ...{ sampleRate: serving.sampleRate, partitions, gaps },
      },
    })
  }

  /** One of the two versions is served no more: it has been rolled back, or has taken over. */
  #over({ end }: DueWindow<ShadowPart>, { rows }: ShadowState): string | null {
    const { champion, challenger } = this.#monitor.shadow
    if (rows.every(count => count > 0) || end - this.#bothTo < GONE * this.spec.sizeMs) return null
    return `no row of version ${rows[CHALLENGER] > 0 ? champion : challenger}: it is served no more`
  }
}
