import type { Answer } from './alert/answer.js'
import type { AlertState } from './alert/lifecycle.js'
import type { SeriesAlerts } from './alert/series-alerts.js'
import type { Activation, Baseline } from './baseline/baseline.js'
import { addTo, type Decisions, noDecisions, partOf } from './evaluation/decisions.js'
import { endAll, endOverdue, tellEnd } from './evaluation/endings.js'
import { judgeFeatures } from './evaluation/features.js'
import { forgetVersions } from './evaluation/forget-versions.js'
import { type EvaluationState, Memory, type Surroundings } from './evaluation/memory.js'
import { relate } from './evaluation/relate.js'
import { judgeSilence } from './evaluation/silence.js'
import { judgeTraffic } from './evaluation/traffic.js'
import { reportOf, unreported, versionOf } from './evaluation/version.js'
import { JOINS_TOPIC, laneWindow } from './join/lane-window.js'
import type { Monitor } from './monitor.js'
import { ParityLane, parityWindow } from './parity/lane.js'
import { Lane } from './performance/lane.js'
import { ShadowLane, shadowWindow } from './shadow/lane.js'
import type { Collector, DueWindow } from './window/collector.js'
import type { Marker, MonitorProgress } from './window/marker.js'
import type { PaneRanges } from './window/pane-ranges.js'
import type { Part } from './window/part.js'
import { withinVersions } from './window/within-versions.js'

/** Verdicts of a window that are handed over together: few enough to be written and gone before the collector has to move them. */
const AT_ONCE = 50

/**
 * Stage 2 for one monitor version: parts and markers in, verdicts and alert events out. Pure: the same messages in the same order give the
 * same events.
 *
 *     part ─▶ collect ─▶ (marker) window due ─▶ merge ─▶ traffic ─▶ judge each series ─▶ verdict ─▶ step its alert ─▶ cause ─▶ incidents ─▶ events
 *                                                                    ▲ history ◀──────────────────────┘
 *     evaluation/                               version  traffic    features             publish    follow                    relate
 */
export class Evaluation {
  /** Judges predictions by their labels; null where there are none. */
  readonly lane: Lane | null
  /** Compares served values with offline ones; null where there are none. */
  readonly parity: ParityLane | null
  /** Compares two model versions; null where none are declared. */
  readonly shadow: ShadowLane | null
  readonly #memory: Memory

  constructor(monitor: Monitor, around: Surroundings) {
    this.#memory = new Memory(monitor, around)
    const window = laneWindow(monitor)
    this.lane = window && new Lane(this.#memory, window)
    const paired = parityWindow(monitor)
    this.parity = paired && new ParityLane(this.#memory, monitor.offline!, paired)
    const compared = shadowWindow(monitor)
    this.shadow = compared && new ShadowLane(this.#memory, compared)
  }

  get monitor(): Monitor {
    return this.#memory.monitor
  }

  set monitor(monitor: Monitor) {
    this.#memory.monitor = monitor
  }

  get collector(): Collector {
    return this.#memory.collector
  }

  get ranges(): PaneRanges {
    return this.#memory.ranges
  }

  get firing(): AlertState[] {
    return this.#alerts.flatMap(({ firing }) => firing.map(({ state }) => state))
  }

  /** The table of this model's baselines; each is immutable. */
  know(baselines: readonly Baseline[]): void {
    this.#memory.judges.know(this.monitor, baselines)
  }

  activate(activation: Activation): void {
    this.#memory.judges.activate(activation)
  }

  /** Mutes given before the evaluation began. */
  learn(answers: readonly Answer[]): void {
    for (const { operators } of this.#alerts) operators.learn(answers)
  }

  /** Follows an operator's answer; alerts that it ends are told at once. */
  answer(answer: Answer): Decisions {
    const { alerts, flapping, histories } = this.#memory
    const decisions = noDecisions()
    for (const ended of alerts.take(answer)) {
      flapping.forget(ended.key)
      const history = histories.get(ended.key)
      // A wanted difference is the reference from now on; of one that is merely over nothing is learnt.
      if (history !== undefined)
        histories.set(ended.key, {
          ...history,
          past: ended.expected && history.during.length > 0 ? history.during : history.past,
          during: [],
          ...(ended.expected ? { cusum: null } : {}),
        })
      tellEnd(this.#memory, ended, decisions)
    }
    this.lane?.answer(answer, decisions)
    this.parity?.answer(answer, decisions)
    this.shadow?.answer(answer, decisions)
    return decisions
  }

  /** Nothing will be judged any more: all alerts end, and their incidents. */
  end(reason: string): Decisions {
    const decisions = noDecisions()
    for (const lane of [this.lane, this.parity, this.shadow]) lane?.end(reason, decisions)
    const over = this.#memory.alerts.firing.map(one => ({ ...one, reason }))
    endAll(this.#memory, over, decisions)
    return decisions
  }

  add(part: Part): void {
    this.collector.add(part)
  }

  /** Up to which the windows are closed that a marker closes: of a join, by what it joins. */
  boundary({ topic }: Pick<Marker, 'topic'>, { side }: Pick<MonitorProgress, 'side'>): number {
    const joined = side === 'offline' ? this.parity : side === 'shadow' ? this.shadow : this.lane
    return (topic === JOINS_TOPIC ? joined?.collector.boundary : this.collector.boundary) ?? Number.NEGATIVE_INFINITY
  }

  /** What a marker leads to, window by window, its verdicts some at a time: there may be very many. To be taken to the end. */
  *steps(marker: Marker, progress: MonitorProgress): Generator<Decisions> {
    if (marker.topic === JOINS_TOPIC) {
      if (progress.side === 'offline') yield* this.parity?.steps(marker, progress) ?? []
      else if (progress.side === 'shadow') yield* this.shadow?.steps(marker, progress) ?? []
      else if (this.lane !== null) yield this.lane.advance(marker, progress)
      return
    }
    const before = this.collector.boundary
    const all = this.collector.advance(marker, progress)
    const cut = this.#cutFrom(all)
    for (const due of all) yield* this.#judge(due, due.end >= cut)
    const decisions = noDecisions()
    if (this.collector.isAtRest) judgeSilence(this.#memory, before, decisions)
    endOverdue(this.#memory, decisions)
    yield decisions
  }

  /** All of it at once. */
  advance(marker: Marker, progress: MonitorProgress): Decisions {
    const decisions = noDecisions()
    for (const step of this.steps(marker, progress)) addTo(decisions, step)
    return decisions
  }

  state(): EvaluationState {
    const { lane, parity, shadow } = this
    const lanes = { lane: lane?.state() ?? null, parity: parity?.state() ?? null, shadow: shadow?.state() ?? null }
    return { ...this.#memory.state(), ...lanes }
  }

  restore(state: EvaluationState): void {
    this.#memory.restore(state)
    if (state.lane !== null) this.lane?.restore(state.lane)
    if (state.parity !== null) this.parity?.restore(state.parity)
    if (state.shadow !== null) this.shadow?.restore(state.shadow)
  }

  /** Of features, and of what is joined. */
  get #alerts(): SeriesAlerts[] {
    return [this.#memory, this.lane, this.parity, this.shadow].flatMap(one => (one === null ? [] : [one.alerts]))
  }

  /** The end of a file closes windows before their time: from which end on they may lack rows that were still to come. */
  #cutFrom(all: readonly DueWindow[]): number {
    if (Number.isFinite(this.collector.boundary)) return Number.POSITIVE_INFINITY
    const newest = all.reduce((far, { parts }) => parts.reduce((pane, part) => Math.max(pane, part.pane), far), 0)
    return newest + this.monitor.window.advanceMs
  }

  /** One window: its traffic, then by model version, segment and feature, each in text order. */
  *#judge(whole: DueWindow, isCut: boolean): Generator<Decisions> {
    const memory = this.#memory
    const decisions = noDecisions()
    const due = withinVersions(whole)
    const { advanceMs, reviseForMs, sizeMs } = this.monitor.window
    if (due.revision === 0) {
      memory.alerts.passed(due.end, reviseForMs + sizeMs)
      memory.flapping.passed(due.end, advanceMs)
    }
    // A revision does not take away what the next window is to tell.
    const since = due.revision === 0 ? reportOf(memory) : unreported(memory)
    const names = [...new Set(due.parts.map(part => part.modelVersion))].sort()
    const versions = names.map(version => versionOf(memory, version, due, since))
    const thin = judgeTraffic(memory, due, isCut, since, versions, decisions)
    for (const version of versions)
      for (const _ of judgeFeatures(memory, due, version, thin, decisions))
        if (decisions.verdicts.length >= AT_ONCE) yield partOf(decisions)
    if (due.revision === 0) {
      for (const version of versions) {
        memory.versions.set(version.version, due.end)
        relate(memory, version, decisions)
      }
      forgetVersions(memory, decisions)
    }
    yield decisions
  }
}
