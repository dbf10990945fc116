import type { Answer } from '../../../src/core/alert/answer.js'
import type { AlertEvent } from '../../../src/core/alert/event.js'
import type { Segment } from '../../../src/core/baseline/baseline.js'
import { Evaluation } from '../../../src/core/evaluate.js'
import type { Decisions } from '../../../src/core/evaluation/decisions.js'
import { JOINS_TOPIC } from '../../../src/core/join/lane-window.js'
import type { Monitor } from '../../../src/core/monitor.js'
import type { ShadowEvent } from '../../../src/core/shadow/event.js'
import { ShadowCounts, type ShadowLeaf } from '../../../src/core/shadow/shadow-counts.js'
import type { ShadowPart } from '../../../src/core/shadow/window.js'
import { ids } from '../../../src/service/ids.js'
import { HOUR, hourly, T0, written } from '../quality-line.js'
import { CLASSES, type Pair, put, shadowed } from './pairs.js'

export interface Placed extends Pair {
  readonly city?: string
}

/** What the join makes of two versions, and the lane of that. Hand-made: nothing of the join itself is in it. */
export class ShadowLine {
  readonly events: ShadowEvent[] = []
  readonly alerts: AlertEvent[] = []
  readonly #read: ShadowPart[] = []
  #evaluation: Evaluation
  #offset = 0

  constructor(
    readonly monitor: Monitor = shadowed(hourly()),
    private readonly restarts = false,
  ) {
    this.#evaluation = this.#begin()
  }

  /** Pairs of the hour [hour, hour + 1), which come in the round of `known` hours after it, then the marker that closes it. */
  hour(hour: number, rows: readonly Placed[], known = 0): this {
    return this.part(hour, known, counts => {
      for (const row of rows) for (const one of counts(row.city)) put(one, row, 1, this.monitor.shadow!.mode)
    })
  }

  /** Rows of one version alone. */
  alone(hour: number, arm: 0 | 1, rows: number): this {
    return this.part(hour, 0, counts => {
      for (let i = 0; i < rows; i++) counts()[0]!.made(arm, { values: [0.3], latency: Number.NaN }, 1)
    })
  }

  part(hour: number, known: number, fill: (counts: (city?: string) => ShadowCounts[]) => void): this {
    const { task, shadow } = this.monitor
    const leaves = new Map<string, { readonly segment: Segment; readonly counts: ShadowCounts }>()
    fill(city =>
      [{}, ...(city === undefined ? [] : [{ city }])].map((segment: Segment) => {
        const key = JSON.stringify(segment)
        const leaf = leaves.get(key) ?? { segment, counts: new ShadowCounts(task!, shadow!.mode, CLASSES) }
        leaves.set(key, leaf)
        return leaf.counts
      }),
    )
    const pane = T0 + hour * HOUR
    const round = pane + (1 + known) * HOUR
    const counted: ShadowLeaf[] = [...leaves.values()].map(one => ({ ...one, counts: one.counts.state() }))
    const offset = ++this.#offset
    const part: ShadowPart = {
      ...{ model: 'm', monitor: 'v', modelVersion: 'v12', pane, round, topic: JOINS_TOPIC, partition: 0 },
      ...{
        nextOffset: offset + 1,
        gap: false,
        offsets: { from: offset, to: offset },
        rows: 1,
        join: 'shadow',
        counted,
      },
    }
    this.#read.push(part)
    this.#evaluation.shadow!.collector.add(part)
    return this.mark(round)
  }

  /** The boundary is closed. */
  mark(boundary: number): this {
    const counts = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    const whole = { oldest: -1, roundStart: 0, open: 0, gaps: [] }
    const at = { watermark: boundary + this.monitor.window.graceMs, idle: false, closeTo: Number.NEGATIVE_INFINITY }
    const progress = { model: 'm', monitor: 'v', side: 'shadow' as const, ...at, counts, ...whole }
    const marker = { topic: JOINS_TOPIC, partition: 0, partitions: 1, nextOffset: ++this.#offset, monitors: [progress] }
    this.#take(this.#evaluation.advance(marker, progress))
    if (!this.restarts) return this
    const state = written(this.#evaluation.state())
    this.#evaluation = this.#begin()
    this.#evaluation.restore(state)
    for (const part of this.#read) this.#evaluation.shadow!.collector.reload(part, state.shadow!.collector)
    return this
  }

  answer(answer: Answer): this {
    this.#take(this.#evaluation.answer(answer))
    return this
  }

  get firing(): number {
    return this.#evaluation.firing.length
  }

  of(segment: Segment = {}): ShadowEvent[] {
    return this.events.filter(({ series }) => JSON.stringify(series.segment) === JSON.stringify(segment))
  }

  #take({ shadows, alerts }: Decisions): void {
    this.events.push(...shadows)
    this.alerts.push(...alerts)
  }

  #begin(): Evaluation {
    return new Evaluation(this.monitor, { ids, software: 'test', alertsFrom: Number.NEGATIVE_INFINITY })
  }
}
