import type { Answer } from '../alert/answer.js'
import { baselineFacts } from '../alert/describe.js'
import type { SeriesAlerts, SeriesAlertsState } from '../alert/series-alerts.js'
import { type Decisions, noDecisions } from '../evaluation/decisions.js'
import type { Memory } from '../evaluation/memory.js'
import { gapOf } from '../evaluation/version.js'
import { windowWithin } from '../join/lane-window.js'
import type { Monitor, Offline, WindowSpec } from '../monitor.js'
import { Collector, type CollectorState, type DueWindow } from '../window/collector.js'
import type { Marker, MonitorProgress } from '../window/marker.js'
import { offsetRanges } from '../window/part.js'
import { ParityAlerts } from './alerts.js'
import { describeParity, FEWEST_PAIRS, joinFacts, noteOf, type SeriesWindow } from './describe.js'
import { readFeature } from './read-feature.js'
import { mergeParity, mergeSamples, type ParityPart } from './window.js'

/** What the lane keeps between windows. */
export interface ParityLaneState {
  readonly collector: CollectorState
  readonly alerts: SeriesAlertsState
  /** End of the newest window of each model version that has decided. */
  readonly decided: readonly { readonly version: string; readonly end: number }[]
}

/** How far back an entity's earlier values are looked for: a day, and rows that are an hour or two late. */
const PAST_MS = 26 * 3_600_000

/** As its collector is told: windows of served rows, revised until their offline rows can come no more. */
export function parityWindow({ window, offline }: Pick<Monitor, 'window' | 'offline'>): WindowSpec | null {
  return offline === undefined ? null : windowWithin(window, offline.horizonMs)
}

/** Of the panes that a restart reads again, those that are older than the windows. */
export function parityPastMs({ advanceMs }: Pick<WindowSpec, 'advanceMs'>): number {
  return Math.ceil(PAST_MS / advanceMs) * advanceMs
}

/**
 * Whether served values are their offline values, by windows of served rows: parts of pairs and their markers in, parity events and alerts out.
 * A window decides once, at the first boundary at which it has pairs enough; windows of a model version decide in their order.
 *
 *     pair part ─▶ collect ─▶ (marker of driftline.joins) window due ─▶ merge ─▶ each feature ─▶ event ─▶ step its alert
 *                                            + a day before it ─▶ entities' earlier values ─▶ lag
 */
export class ParityLane {
  readonly collector: Collector<ParityPart>
  readonly #alerts: ParityAlerts
  readonly #decided = new Map<string, number>()

  constructor(
    private readonly memory: Memory,
    private readonly offline: Offline,
    private readonly spec: WindowSpec,
  ) {
    this.collector = new Collector(spec, 0, parityPastMs(spec))
    this.#alerts = new ParityAlerts(memory, offline)
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

  /** Window by window: a marker may close very many. To be taken to the end. */
  *steps(marker: Marker, progress: MonitorProgress): Generator<Decisions> {
    for (const due of this.collector.advance(marker, progress)) {
      const decisions = noDecisions()
      for (const version of versionsOf(due)) this.#look(version, due, decisions)
      yield decisions
    }
    const decisions = noDecisions()
    const { boundary } = this.collector
    const served = this.#served(boundary)
    const over = (version: string): string | null =>
      served.has(version)
        ? null
        : `model version ${version} is served no more: none of its rows waits for offline values`
    this.#alerts.endOverdue(boundary, over, decisions)
    yield decisions
  }

  state(): ParityLaneState {
    const decided = [...this.#decided].map(([version, end]) => ({ version, end }))
    return { collector: this.collector.state(), alerts: this.alerts.state(), decided }
  }

  restore(state: ParityLaneState): void {
    this.collector.restore(state.collector)
    this.alerts.restore(state.alerts)
    for (const { version, end } of state.decided) this.#decided.set(version, end)
  }

  #look(version: string, due: DueWindow<ParityPart>, decisions: Decisions): void {
    const { monitor, around, ranges, judges } = this.memory
    const { start, end, revision, partitions, gaps } = due
    const parts = due.parts.filter(({ modelVersion }) => modelVersion === version)
    const whole = mergeParity(parts)
    const join = joinFacts(whole)
    const over = revision * this.spec.advanceMs >= this.spec.reviseForMs
    const same: Omit<SeriesWindow, 'feature' | 'parity' | 'note'> = {
      ...{ version, join, judge: judges.at(monitor, version, end - 1), input: offsetRanges(parts) },
      unfit: ranges.hasAll(start, end) ? gapOf(due) : 'baseline-changed',
      window: {
        ...{ start, end, revision, provisional: !over, partitions, gaps, rows: join.served, expectedRows: null },
        ...{ late: 0, rejected: 0, sampleRate: monitor.serving.sampleRate },
      },
    }
    const { offline } = this
    const note = noteOf(join, offline, whole)
    decisions.parities.push(describeParity(monitor, around, { ...same, feature: null, parity: null, note }))
    const before = this.#decided.get(version) ?? Number.NEGATIVE_INFINITY
    const isFirst = end > before && join.joined >= FEWEST_PAIRS && same.unfit === null
    const hasEntities = monitor.serving.entity !== null
    const tellsValues = monitor.privacy === undefined
    const compared = whole.features.filter(({ inServed, inOffline }) => inServed > 0 && inOffline > 0)
    const differs = compared.some(({ pairs, matched }) => matched < pairs)
    // Whoever served an entity's earlier rows, its values were what they were.
    const sample = differs ? mergeSamples(parts, hasEntities ? due.past : []) : []
    for (const counts of compared) {
      const parity = readFeature(counts, sample, { offline, hasEntities, tellsValues })
      const event = describeParity(monitor, around, { ...same, feature: counts.name, parity, note: null })
      decisions.parities.push(event)
      if (isFirst || end <= before) this.#alerts.follow(event, isFirst ? 'first' : 'revise', decisions)
    }
    if (!isFirst) return
    const baseline = same.judge && baselineFacts(same.judge)
    this.#alerts.relate({ modelVersion: version, window: same.window, baseline, input: same.input }, decisions)
    this.#decided.set(version, end)
    this.#alerts.passed(end, this.spec.reviseForMs + this.spec.sizeMs)
  }

  /** Model versions that had a window not long ago; the others are forgotten. */
  #served(boundary: number): ReadonlySet<string> {
    const { reviseForMs, sizeMs } = this.spec
    if (Number.isFinite(boundary))
      for (const [version, end] of this.#decided)
        if (end + reviseForMs + sizeMs < boundary) this.#decided.delete(version)
    return new Set(this.#decided.keys())
  }
}

function versionsOf({ parts }: DueWindow<ParityPart>): string[] {
  return [...new Set(parts.map(({ modelVersion }) => modelVersion))].sort()
}
