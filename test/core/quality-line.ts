import { decodeHistories, encodeHistories, NO_PARTS, partsOf } from '../../src/codec/history.js'
import { decodeState, encodeState } from '../../src/codec/state.js'
import type { AlertEvent, VerdictEvent } from '../../src/core/alert/event.js'
import type { IncidentEvent } from '../../src/core/alert/incident-event.js'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import { BaselineBuilder } from '../../src/core/baseline/build.js'
import { Evaluation } from '../../src/core/evaluate.js'
import type { Decisions } from '../../src/core/evaluation/decisions.js'
import type { EvaluationState } from '../../src/core/evaluation/memory.js'
import type { Monitor } from '../../src/core/monitor.js'
import { PanePlanner } from '../../src/core/planner.js'
import { Layout, Row } from '../../src/core/row.js'
import { Summarizer } from '../../src/core/summarize.js'
import type { Part } from '../../src/core/window/part.js'
import { ids } from '../../src/service/ids.js'
import { type Random, seeded } from '../random.js'
import { fill, PANE, type Served } from './counted.js'
import { monitorOf } from './world.js'

export const HOUR = 3_600_000
export const T0 = Math.ceil(1_700_000_000_000 / HOUR) * HOUR

/** Hourly windows that are revised for two more. */
export function hourly(more: Partial<Monitor> = {}): Monitor {
  return {
    ...monitorOf({ advance: HOUR, size: HOUR, grace: 60_000, revise: 2 * HOUR }),
    features: new Map(),
    joint: 'none',
    ...more,
  }
}

export interface Event {
  readonly values: Served['values']
  readonly key?: string
  readonly entity?: string
  readonly version?: string
}

export function usual(random: Random): Event {
  return { values: { amount: 35 + 12 * random.normal(), kind: random.pick(['a', 'a', 'b']) } }
}

export function trained(monitor: Monitor, values: (random: Random) => Event = usual, version = 1): Baseline {
  const layout = new Layout(true, 100)
  const target = { version, modelVersion: null, source: 'test', loadedAt: 0, from: null }
  const builder = new BaselineBuilder(monitor, layout, target)
  const row = new Row(layout)
  for (const end of [() => builder.freeze(), () => {}]) {
    const random = seeded(7)
    for (let i = 0; i < 4000; i++) builder.observe(fill(row, values(random)))
    end()
  }
  return builder.finish(() => `hash ${version}`)
}

/** Stage 1 of some source partitions and stage 2 of a monitor, window by window. */
export class QualityLine {
  readonly #layout = new Layout(true, 100)
  readonly #row: Row
  readonly #tasks: Summarizer[]
  readonly #parts: Part[] = []
  readonly #random = seeded(3)
  readonly #known: ReadonlySet<string>
  #evaluation: Evaluation
  #keys = 0
  readonly verdicts: VerdictEvent[] = []
  readonly alerts: AlertEvent[] = []
  readonly incidents: IncidentEvent[] = []

  constructor(
    readonly monitor: Monitor,
    readonly baselines: readonly Baseline[],
    /** Die and come back from what is written, after every message. */
    private readonly restarts = false,
    partitions = 1,
  ) {
    const planner = new PanePlanner(monitor, this.#layout)
    planner.update(baselines, this.#activations)
    this.#layout.versions.add('default')
    this.#row = new Row(this.#layout)
    this.#known = new Set([
      ...baselines.flatMap(({ features }) => features.map(({ name }) => name)),
      ...monitor.times.map(({ series }) => series),
    ])
    this.#tasks = Array.from(
      { length: partitions },
      (_, partition) => new Summarizer(monitor, this.#layout, { topic: 't', partition }, planner, 0),
    )
    this.#evaluation = this.#begin()
  }

  get evaluation(): Evaluation {
    return this.#evaluation
  }

  /** @param hour rows of the window [hour, hour + 1), in order */
  serve(hour: number, count: number, event: (random: Random) => Event, partition?: number): this {
    for (let i = 0; i < count; i++) {
      const { values, key = `key ${this.#keys++}`, entity, version = 'default' } = event(this.#random)
      const time = T0 - PANE + hour * HOUR + Math.floor((i * HOUR) / count)
      const isKnown = ([name]: readonly [string, unknown]): boolean => this.#known.has(name)
      const known = Object.fromEntries(Object.entries(values).filter(isKnown))
      const served = fill(this.#row, { time, key, values: known, ...(entity === undefined ? {} : { entity }) })
      // As the readers do once there is a baseline: what it does not have is news.
      served.news.splice(0, Number.POSITIVE_INFINITY, ...Object.keys(values).filter(name => !this.#known.has(name)))
      served.version = this.#layout.versions.add(version)
      const task = this.#tasks[partition ?? i % this.#tasks.length]
      task.observe(served, task.nextOffset)
    }
    return this.#tell(task => task.drain())
  }

  /** Records that cannot be read, in the first partition; told with the next rows. */
  reject(count: number): this {
    const [task] = this.#tasks
    for (let i = 0; i < count; i++) task.skip('rejected', task.nextOffset)
    return this
  }

  /** Windows [from, to) like each other. */
  hours(from: number, to: number, count: number, event: (random: Random) => Event = usual): this {
    for (let hour = from; hour < to; hour++) this.serve(hour, count, event)
    return this
  }

  finish(): this {
    return this.#tell(task => task.finish())
  }

  /** Of all rows unless another segment is asked for. */
  told(feature: string, segment = '{}'): AlertEvent[] {
    return this.alerts.filter(({ series }) => series.feature === feature && JSON.stringify(series.segment) === segment)
  }

  verdictsOf(feature: string, segment = '{}'): VerdictEvent[] {
    return this.verdicts.filter(
      ({ series }) => series.feature === feature && JSON.stringify(series.segment) === segment,
    )
  }

  take({ verdicts, alerts, incidents }: Decisions): void {
    this.verdicts.push(...verdicts)
    this.alerts.push(...alerts)
    this.incidents.push(...incidents)
  }

  #tell(parts: (task: Summarizer) => readonly Part[]): this {
    for (const [partition, task] of this.#tasks.entries()) {
      for (const part of parts(task)) {
        this.#parts.push(part)
        this.#evaluation.add(part)
      }
      const progress = task.progress(false, Number.NEGATIVE_INFINITY)
      const { nextOffset } = task
      const marker = { topic: 't', partition, partitions: this.#tasks.length, nextOffset, monitors: [progress] }
      this.take(this.#evaluation.advance(marker, progress))
      if (this.restarts) this.#restart()
    }
    return this
  }

  get #activations() {
    return this.baselines.map(({ version }, i) => ({
      ...{ model: 'm', modelVersion: null, baseline: version, by: 'test', at: i },
      from: i === 0 ? null : T0 + 10 * i * HOUR,
    }))
  }

  #begin(): Evaluation {
    const evaluation = new Evaluation(this.monitor, { ids, software: 'test', alertsFrom: Number.NEGATIVE_INFINITY })
    evaluation.know(this.baselines)
    for (const activation of this.#activations) evaluation.activate(activation)
    return evaluation
  }

  #restart(): void {
    const state = written(this.#evaluation.state())
    this.#evaluation = this.#begin()
    this.#evaluation.restore(state)
    for (const part of this.#parts) this.#evaluation.collector.reload(part, state.collector)
  }
}

/** The state as it comes back from its records. */
export function written({ histories, ...state }: EvaluationState): EvaluationState {
  const at = { model: 'm', monitor: 'v' }
  const { value, headers } = encodeState({ ...at, position: 1, oldest: 0, state })
  const decoded = decodeState(value!, Number(headers!['schema-version']))!
  const records = encodeHistories(at, histories, partsOf(histories), NO_PARTS).before.map(one => ({
    kind: String(one.key).split('#')[1]!,
    value: one.value!,
    version: Number(one.headers!['schema-version']),
  }))
  return { ...decoded.state, histories: decodeHistories(records).histories }
}
