import type { Answer } from '../alert/answer.js'
import type { SeriesAlerts } from '../alert/series-alerts.js'
import { segmentKey } from '../baseline/baseline.js'
import { seriesKey } from '../evaluation/case.js'
import { type Decisions, noDecisions } from '../evaluation/decisions.js'
import type { Memory } from '../evaluation/memory.js'
import { gapOf } from '../evaluation/version.js'
import type { WindowSpec } from '../monitor.js'
import { Collector, type DueWindow } from '../window/collector.js'
import type { Marker, MonitorProgress } from '../window/marker.js'
import { offsetRanges } from '../window/part.js'
import { describePerformance } from './describe.js'
import type { PerformanceEvent } from './event.js'
import type { JoinedPart } from './joined-part.js'
import { LabelAlerts } from './label-alerts.js'
import type { LaneState } from './lane-state.js'
import { measuresOf } from './measure.js'
import { mergeLeaves, type SegmentScores } from './output-view.js'
import { Pending, type PendingWindow } from './pending.js'
import { readOutput } from './reading.js'
import {
  firstReference,
  labelledOf,
  predictionsOf,
  type Reference,
  remembered,
  type SeriesState,
  swing,
  trainedReference,
} from './reference.js'
import type { ScoreState } from './score-state.js'

/** Outputs and segments whose first windows are kept: as many as fit into a state. */
const MOST_SERIES = 100

/** A window of a model version that has changed, or become mature. */
interface Look {
  readonly version: string
  readonly due: DueWindow<JoinedPart>
  readonly views: readonly SegmentScores[]
  /** What its alerts are to do. */
  readonly step: 'none' | 'first' | 'revise'
}

/**
 * How good a model is, by windows of its predictions, as labels come: joined parts and their markers in, performance events and alerts out.
 * Windows are told at each round that touches them, and decide once, in their order, when their labels are in.
 *
 *     joined part ─▶ collect ─▶ (marker of driftline.joins) window due ─▶ merge ─▶ measures ─▶ event
 *                                      pending ── labels in? ─▶ mature ─▶ compare with the reference ─▶ alerts
 *                                                                          ▲ quiet windows ◀──┘
 */
export class Lane {
  readonly collector: Collector<JoinedPart>
  readonly #alerts: LabelAlerts
  readonly #pending: Pending
  readonly #series = new Map<string, SeriesState>()
  /** What is known of the windows that are pending, by their ends. */
  readonly #latest = new Map<number, DueWindow<JoinedPart>>()

  constructor(
    private readonly memory: Memory,
    private readonly spec: WindowSpec,
  ) {
    this.collector = new Collector(spec, 0)
    this.#pending = new Pending(spec)
    this.#alerts = new LabelAlerts(memory)
    const settled = (): number => this.collector.boundary - spec.reviseForMs - spec.sizeMs
    memory.related.push({ alerts: this.alerts, settled })
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

  advance(marker: Marker, progress: MonitorProgress): Decisions {
    const decisions = noDecisions()
    // After a restart.
    for (const { end } of this.#pending.windows) {
      const known = this.#latest.has(end) ? null : this.collector.at(end)
      if (known !== null) this.#latest.set(end, known)
    }
    let now = this.collector.boundary
    const due = this.collector.advance(marker, progress)
    const { boundary } = this.collector
    for (;;) {
      const at = Math.min(due.length === 0 ? Number.POSITIVE_INFINITY : this.#timeOf(due[0]), this.#pending.next(now))
      if (at > boundary || at === Number.POSITIVE_INFINITY) break
      const touched: DueWindow<JoinedPart>[] = []
      while (due.length > 0 && this.#timeOf(due[0]) <= at) touched.push(due.shift()!)
      this.#moment(at, touched, decisions)
      now = at
    }
    this.#alerts.endOverdue(boundary, version => this.#over(version), decisions)
    return decisions
  }

  state(): LaneState {
    const series = [...this.#series.values()]
    return { ...this.#pending.state(), collector: this.collector.state(), alerts: this.alerts.state(), series }
  }

  restore(state: LaneState): void {
    this.collector.restore(state.collector)
    this.#pending.restore(state)
    this.alerts.restore(state.alerts)
    for (const series of state.series) this.#series.set(series.key, series)
  }

  /** Why alerts of a model version are over; null: they are not. */
  #over(version: string): string | null {
    if (this.#pending.windows.some(one => one.version === version)) return null
    return `model version ${version} is served no more: none of its predictions waits for a label`
  }

  #timeOf({ end, revision }: DueWindow<JoinedPart>): number {
    return end + revision * this.spec.advanceMs
  }

  /** What happens at one time: windows that parts have touched, and windows whose labels are in. */
  #moment(at: number, touched: readonly DueWindow<JoinedPart>[], decisions: Decisions): void {
    const looks = new Map<string, Look>()
    for (const due of touched) {
      this.#latest.set(due.end, due)
      for (const version of versionsOf(due)) {
        const views = mergeLeaves(partsOf(due, version))
        const { mature } = this.#saw(version, due.end, views, at)
        looks.set(`${due.end}|${version}`, { version, due, views, step: mature ? 'revise' : 'none' })
      }
    }
    for (const { version, end } of this.#ripe(at)) {
      const due = this.#latest.get(end)!
      const views = looks.get(`${end}|${version}`)?.views ?? mergeLeaves(partsOf(due, version))
      looks.set(`${end}|${version}`, { version, due, views, step: 'first' })
    }
    const inOrder = [...looks.values()].sort(
      (a, b) => a.due.end - b.due.end || (a.version < b.version ? -1 : a.version > b.version ? 1 : 0),
    )
    for (const look of inOrder) this.#look(look, at, decisions)
    this.#pending.complete(at)
    const ends = new Set(this.#pending.windows.map(({ end }) => end))
    for (const end of this.#latest.keys()) if (!ends.has(end)) this.#latest.delete(end)
  }

  #saw(version: string, end: number, [all]: readonly SegmentScores[], at: number): PendingWindow {
    const first = all?.outputs[0]
    const [labelled, predictions] = first === undefined ? [0, 0] : [labelledOf(first), predictionsOf(first)]
    return this.#pending.saw(version, end, at, labelled, predictions)
  }

  /** The windows that become mature now: of each model version in their order, so that none overtakes another. */
  #ripe(at: number): PendingWindow[] {
    const waits = new Set<string>()
    const ripe: PendingWindow[] = []
    for (const one of this.#pending.windows) {
      if (one.mature || waits.has(one.version)) continue
      if (this.#pending.maturity(one, at).mature) ripe.push(one)
      else waits.add(one.version)
    }
    for (const one of ripe) this.#pending.settle(one)
    return ripe
  }

  #look({ version, due, views, step }: Look, at: number, decisions: Decisions): void {
    const { monitor } = this.memory
    const parts = partsOf(due, version)
    const outputs = monitor.task?.outputs ?? []
    let first: PerformanceEvent | null = null
    for (const one of views)
      for (const [i, { name }] of outputs.entries()) {
        if (one.outputs[i] === undefined) continue
        const { event, reference } = this.#told(version, due, parts, one, i, at, step !== 'none')
        decisions.performances.push(event)
        if (step === 'none') continue
        first ??= event
        const quiet = this.#alerts.follow(event, step, decisions)
        if (step === 'first' && quiet)
          this.#remember(seriesKey(version, one.segment, name), due, one.outputs[i], reference)
      }
    if (step !== 'first') return
    if (first !== null) this.#alerts.relate({ ...first, modelVersion: version }, decisions)
    this.#alerts.passed(due.end, this.spec.reviseForMs + this.spec.sizeMs)
  }

  #told(
    version: string,
    due: DueWindow<JoinedPart>,
    parts: readonly JoinedPart[],
    { segment, outputs }: SegmentScores,
    index: number,
    at: number,
    labelsIn: boolean,
  ): { readonly event: PerformanceEvent; readonly reference: Reference | null } {
    const { memory, spec } = this
    const { monitor, around, ranges, judges } = memory
    const { name: output } = monitor.task!.outputs[index]
    const { start, end, partitions, gaps } = due
    const scores = outputs[index]
    const judge = judges.at(monitor, version, end - 1)
    const key = seriesKey(version, segment, output)
    const series = this.#series.get(key) ?? seriesOf(key)
    const reference = this.#reference(judge?.baseline.scores, segment, output, series)
    const unfit = ranges.hasAll(start, end) ? gapOf(due) : 'baseline-changed'
    const because = !labelsIn ? 'labels-to-come' : (unfit ?? this.#whyNoReference(key, reference))
    const measures = readOutput({
      ...{ scores, reference, costs: monitor.task!.costs, phi: swing(series), mature: labelsIn && unfit === null },
      checks: monitor.features.get(output)?.checks ?? {},
    })
    const event = describePerformance(monitor, around, {
      ...{ version, segment, output, scores, measures, reference, judge, because, input: offsetRanges(parts) },
      expectedCoverage: this.#pending.expectedCoverage(at - end),
      finalCoverage: this.#pending.finalCoverage,
      window: {
        ...{ start, end, revision: Math.round((at - end) / spec.advanceMs), provisional: !labelsIn, partitions, gaps },
        ...{ rows: predictionsOf(scores) + scores.unusable, expectedRows: null, late: 0, rejected: 0 },
        sampleRate: monitor.serving.sampleRate,
      },
    })
    return { event, reference }
  }

  /** The training rows of the segment, else its own first windows. */
  #reference(
    trained: { readonly outputs: readonly string[]; readonly leaves: readonly SegmentScores[] } | undefined,
    segment: SegmentScores['segment'],
    output: string,
    series: SeriesState,
  ): Reference | null {
    const leaf = trained?.leaves.find(one => segmentKey(one.segment) === segmentKey(segment))
    const scores = leaf?.outputs[trained!.outputs.indexOf(output)]
    return scores === undefined ? firstReference(series) : trainedReference(scores, this.memory.monitor.task!.costs)
  }

  #whyNoReference(key: string, reference: Reference | null): string | null {
    if (reference !== null) return null
    return this.#series.has(key) || this.#series.size < MOST_SERIES ? 'no-reference' : 'too-many-series'
  }

  /** A mature quiet window. */
  #remember(key: string, due: DueWindow<JoinedPart>, scores: ScoreState, reference: Reference | null): void {
    const known = this.#series.get(key)
    if (known === undefined && this.#series.size >= MOST_SERIES) return
    const measures = measuresOf(scores, { costs: this.memory.monitor.task!.costs })
    if (measures.length === 0) return
    const keepsScores = reference === null || reference.facts.from === 'windows'
    this.#series.set(key, remembered(known ?? seriesOf(key), due, scores, measures, keepsScores))
  }
}

function seriesOf(key: string): SeriesState {
  return { key, until: Number.NEGATIVE_INFINITY, past: [], first: null }
}

function partsOf({ parts }: DueWindow<JoinedPart>, version: string): readonly JoinedPart[] {
  return parts.filter(({ modelVersion }) => modelVersion === version)
}

function versionsOf({ parts }: DueWindow<JoinedPart>): string[] {
  return [...new Set(parts.map(({ modelVersion }) => modelVersion))].sort()
}
