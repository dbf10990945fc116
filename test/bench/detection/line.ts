import type { Activation, Baseline } from '../../../src/core/baseline/baseline.js'
import { BaselineBuilder } from '../../../src/core/baseline/build.js'
import { Evaluation } from '../../../src/core/evaluate.js'
import type { Decisions } from '../../../src/core/evaluation/decisions.js'
import type { EvaluationState } from '../../../src/core/evaluation/memory.js'
import type { Monitor } from '../../../src/core/monitor.js'
import { PanePlanner } from '../../../src/core/planner.js'
import { Layout } from '../../../src/core/row.js'
import { FeatureSketch } from '../../../src/core/sketch/feature-sketch.js'
import type { SketchState } from '../../../src/core/sketch/state.js'
import type { Part } from '../../../src/core/window/part.js'
import { PartBuilder } from '../../../src/core/window/part-builder.js'
import { contentHash } from '../../../src/service/content-hash.js'
import { ids } from '../../../src/service/ids.js'
import { monitorOf } from '../../core/world.js'
import type { Detector, Opening, Said } from './detector.js'
import { RowFiller } from './row-filler.js'
import type { Stream } from './streams.js'
import type { Column } from './values.js'

const SLOTS = 1000
const VERSION = 'default'
const ACTIVATION: Activation = { model: 'm', modelVersion: null, baseline: 1, from: null, by: 'bench', at: 0 }

/**
 * Driftline itself on one stream, from rows to alert events: the baseline as `baseline load` makes it, then parts and markers into the
 * evaluation, one source partition. A fault is tried on a copy of the state as it was before the window in which it begins, with the
 * faulted feature's sketch put in place of the clean one in the parts kept; so nothing depends on how the evaluation decides.
 */
export class DriftLine implements Detector {
  readonly name = 'driftline'
  readonly #monitor: Monitor
  readonly #layout = new Layout(true, SLOTS)
  readonly #planner: PanePlanner
  readonly #filler: RowFiller
  readonly #baseline: Baseline
  readonly #evaluation: Evaluation
  readonly #alerts = new OpenAlerts()
  readonly #parts = new Map<number, Part>()
  readonly #marks = new Map<number, EvaluationState>()

  constructor(
    private readonly stream: Stream,
    baseline: readonly Column[],
  ) {
    const { windowMs, zone } = stream
    // The streams' windows are small; a monitor of such traffic says so.
    const monitor = monitorOf({ advance: windowMs, size: windowMs, grace: 0, revise: 0 })
    const seasons = zone === null ? {} : { seasons: { kind: 'auto', zone } as const }
    this.#monitor = { ...monitor, ...seasons, window: { ...monitor.window, minRows: 50 }, features: new Map() }
    this.#baseline = baselineOf(this.#monitor, stream, baseline)
    this.#planner = new PanePlanner(this.#monitor, this.#layout)
    this.#planner.update([this.#baseline], [ACTIVATION])
    this.#layout.versions.add(VERSION)
    this.#filler = new RowFiller(this.#layout)
    this.#evaluation = this.#begin()
  }

  see(window: number, columns: readonly Column[], keep: boolean): Said {
    const part = this.#part(window, columns)
    if (keep) this.#parts.set(window, part)
    return this.#alerts.take(window, this.#judge(this.#evaluation, window, part))
  }

  mark(window: number): void {
    this.#marks.set(window, copied(this.#evaluation.state()))
  }

  again(start: number, feature: number, columns: readonly Column[]): Opening[] {
    const evaluation = this.#begin()
    evaluation.restore(copied(this.#marks.get(start)!))
    const alerts = new OpenAlerts()
    return columns.flatMap((values, age) => {
      const part = this.#replaced(this.#parts.get(start + age)!, feature, values)
      return alerts.take(start + age, this.#judge(evaluation, start + age, part)).openings
    })
  }

  #begin(): Evaluation {
    const { history } = this.stream
    // The first window served ends a window after this.
    const alertsFrom = this.#startOf(history) + 1
    const evaluation = new Evaluation(this.#monitor, { ids, software: 'bench', alertsFrom })
    evaluation.know([this.#baseline])
    evaluation.activate(ACTIVATION)
    return evaluation
  }

  #startOf(window: number): number {
    return this.stream.start + window * this.stream.windowMs
  }

  #part(window: number, columns: readonly Column[]): Part {
    const pane = this.#startOf(window)
    const round = pane + this.stream.windowMs
    const builder = new PartBuilder(0, pane, round, this.#planner.plan(0, pane), false)
    const rows = columns[0]!.length
    const first = window * 1e6
    for (let i = 0; i < rows; i++) {
      this.#filler.row.time = pane + Math.floor((i * this.stream.windowMs) / rows)
      this.#fill(columns, i)
      builder.observe(this.#filler.row, first + i)
    }
    return {
      model: this.#monitor.model,
      monitor: this.#monitor.version,
      modelVersion: VERSION,
      pane,
      round,
      topic: 't',
      partition: 0,
      nextOffset: first + rows,
      gap: false,
      baselines: builder.plan.baselines,
      offsets: { from: builder.firstOffset, to: builder.lastOffset },
      rows: builder.rows,
      leaves: builder.close(this.#layout.slots),
      news: new Map(builder.news),
      keys: builder.keys.state(),
      omitted: builder.omitted,
    }
  }

  #fill(columns: readonly Column[], row: number): void {
    this.#filler.row.news.length = 0
    const { features } = this.stream
    for (let f = 0; f < features.length; f++) this.#filler.put(features[f]!.name, columns[f]![row])
  }

  /** The part with one feature's sketch made anew. */
  #replaced(part: Part, feature: number, values: Column): Part {
    const { name } = this.stream.features[feature]!
    const slot = this.#layout.indexOf(name)
    const plan = slot < 0 ? null : this.#planner.plan(0, part.pane).features[slot]
    if (plan == null) throw new Error(`${name} is not watched: it has no value in the baseline`)
    const sketch = new FeatureSketch(plan)
    for (const value of values) {
      this.#filler.put(name, value)
      sketch.observe(this.#filler.row, slot)
    }
    const made = sketch.state(name)
    sketch.release()
    const swap = (state: SketchState): SketchState => (state.feature === name ? made : state)
    return { ...part, leaves: part.leaves.map(leaf => ({ ...leaf, features: leaf.features.map(swap) })) }
  }

  /** A marker at the window's end closes it. */
  #judge(evaluation: Evaluation, window: number, part: Part): Decisions {
    evaluation.add(part)
    const counts = { aggregated: part.nextOffset, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    const watermark = this.#startOf(window + 1)
    const { model, monitor, nextOffset } = part
    const whole = { oldest: nextOffset, roundStart: nextOffset, open: 0, gaps: [] }
    const progress = {
      model,
      monitor,
      watermark,
      idle: false,
      closeTo: Number.NEGATIVE_INFINITY,
      counts,
      ...whole,
      side: 'serving' as const,
    }
    return evaluation.advance({ topic: 't', partition: 0, partitions: 1, nextOffset, monitors: [progress] }, progress)
  }
}

/** Histories are never changed in place, and their profiles are no plain objects. */
function copied({ histories, ...state }: EvaluationState): EvaluationState {
  return { ...structuredClone(state), histories }
}

/** Follows alert events: which alerts open, and which features alarm while theirs are open. */
class OpenAlerts {
  /** By alert id. */
  readonly #open = new Map<string, { -readonly [K in keyof Opening]: Opening[K] }>()

  take(window: number, { alerts, verdicts }: Decisions): Said {
    const openings: Opening[] = []
    for (const { status, alertId, series, cause, incidentId } of alerts) {
      if (status === 'firing') {
        const { code } = cause
        const opening = { window, feature: series.feature, cause: code, lastCause: code, incident: incidentId }
        this.#open.set(alertId, opening)
        openings.push(opening)
      } else if (status === 'resolved') this.#open.delete(alertId)
      else {
        const opening = this.#open.get(alertId)
        if (opening !== undefined) opening.lastCause = cause.code
      }
    }
    const breached = new Set(verdicts.filter(({ outcome }) => outcome === 'breach').map(({ series }) => series.feature))
    const alarming = [...this.#open.values()].map(({ feature }) => feature).filter(feature => breached.has(feature))
    // An alert that opens and is told off at once has alarmed all the same.
    return { openings, alarming: [...new Set([...alarming, ...openings.map(({ feature }) => feature)])] }
  }
}

function baselineOf(monitor: Monitor, stream: Stream, columns: readonly Column[]): Baseline {
  const layout = new Layout(true, SLOTS)
  const provenance = { version: 1, modelVersion: null, source: stream.name, loadedAt: 0, from: null }
  const builder = new BaselineBuilder(monitor, layout, provenance)
  const filler = new RowFiller(layout)
  const pass = (): void => {
    const rows = columns[0]!.length
    for (let i = 0; i < rows; i++) {
      filler.row.time = stream.start - (1 - i / rows) * stream.training * stream.windowMs
      for (const [f, { name }] of stream.features.entries()) filler.put(name, columns[f]![i])
      builder.observe(filler.row)
    }
  }
  pass()
  builder.freeze()
  pass()
  return builder.finish(contentHash)
}
