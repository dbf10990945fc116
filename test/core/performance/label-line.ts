import type { Answer } from '../../../src/core/alert/answer.js'
import type { AlertEvent } from '../../../src/core/alert/event.js'
import type { IncidentEvent } from '../../../src/core/alert/incident-event.js'
import type { Baseline, Segment } from '../../../src/core/baseline/baseline.js'
import { Evaluation } from '../../../src/core/evaluate.js'
import type { Decisions } from '../../../src/core/evaluation/decisions.js'
import { JOINS_TOPIC, onGrid } from '../../../src/core/join/lane-window.js'
import type { Monitor } from '../../../src/core/monitor.js'
import type { PerformanceEvent } from '../../../src/core/performance/event.js'
import type { JoinedPart } from '../../../src/core/performance/joined-part.js'
import { type ScoreCounts, scoreCounts } from '../../../src/core/performance/score-counts.js'
import { ids } from '../../../src/service/ids.js'
import { type Random, seeded } from '../../random.js'
import { HOUR, hourly, T0, trained, written } from '../quality-line.js'

/** A prediction, and when what it was about becomes known; null: never. */
export interface Prediction {
  readonly score: number
  readonly label: number
  readonly knownAfter: number | null
  readonly version?: string
  readonly city?: string
  /** A label that takes the place of the first one. */
  readonly corrected?: { readonly label: number; readonly after: number }
}

export function labelled(more: Partial<Monitor> = {}): Monitor {
  return {
    ...hourly(),
    task: {
      ...{ type: 'binary', positive: null, threshold: null, costs: null },
      outputs: [{ name: 'prediction', path: ['score'] }],
    },
    labels: {
      ...{ topic: 'labels', format: 'json', where: [], key: ['k'], time: { path: ['t'], unit: 'ms' }, value: ['y'] },
      horizonMs: 6 * HOUR,
    },
    ...more,
  }
}

/** Scores that rank as well as `skill` says, calibrated at `prior`. */
export function predictions(
  random: Random,
  count: number,
  { skill = 1.5, prior = 0.3, delay = 3 * HOUR, never = 0.1, offset = 0 } = {},
): Prediction[] {
  return Array.from({ length: count }, () => {
    const label = random.chance(prior) ? 1 : 0
    // Two normal populations `skill` apart: the logit of the likelihood is linear.
    const x = random.normal() + (label === 1 ? skill : 0)
    const logit = 1.5 * x - 1.5 ** 2 / 2 + Math.log(0.3 / 0.7) + offset
    const knownAfter = random.chance(never) ? null : delay * (0.2 + 0.8 * random.next())
    return { score: 1 / (1 + Math.exp(-logit)), label, knownAfter }
  })
}

interface Counted {
  readonly pane: number
  readonly round: number
  readonly version: string
  readonly counts: Map<string, { readonly segment: Segment; readonly counts: ScoreCounts }>
  rows: number
}

/** What the join makes of predictions and labels, and the lane of that. Hand-made: nothing of the join itself is in it. */
export class LabelLine {
  readonly performances: PerformanceEvent[] = []
  readonly alerts: AlertEvent[] = []
  readonly incidents: IncidentEvent[] = []
  readonly verdicts: unknown[] = []
  readonly #random = seeded(5)
  readonly #waiting: Counted[] = []
  readonly #read: JoinedPart[] = []
  readonly #baselines: readonly Baseline[]
  #evaluation: Evaluation
  #offset = 0

  constructor(
    readonly monitor: Monitor,
    private readonly restarts = false,
    baselines: readonly Baseline[] = [trained(monitor)],
  ) {
    this.#baselines = baselines
    this.#evaluation = this.#begin()
  }

  get evaluation(): Evaluation {
    return this.#evaluation
  }

  /** The hour [hour, hour + 1) of predictions, then the markers that close it. */
  hour(hour: number, rows: readonly Prediction[]): this {
    const { advanceMs } = this.monitor.window
    for (const [i, row] of rows.entries()) {
      const time = T0 + hour * HOUR + Math.floor((i * HOUR) / rows.length)
      const pane = Math.floor(time / advanceMs) * advanceMs
      const end = pane + advanceMs
      for (const counts of this.#counts(pane, end, row)) counts.predicted(row.score, 1)
      if (row.knownAfter === null) continue
      const known = Math.ceil((time + row.knownAfter) / advanceMs) * advanceMs
      for (const counts of this.#counts(pane, onGrid(known, end, advanceMs), row))
        counts.labelled(row.score, row.label, 1)
      if (row.corrected === undefined) continue
      const { label, after } = row.corrected
      const then = Math.ceil((time + after) / advanceMs) * advanceMs
      for (const counts of this.#counts(pane, onGrid(then, end, advanceMs), row)) {
        counts.labelled(row.score, row.label, -1)
        counts.labelled(row.score, label, 1)
      }
    }
    return this.closeTo(T0 + (hour + 1) * HOUR)
  }

  /** Hours [from, to) like each other. */
  hours(from: number, to: number, count: number, like: Parameters<typeof predictions>[2] = {}): this {
    for (let hour = from; hour < to; hour++) this.hour(hour, predictions(this.#random, count, like))
    return this
  }

  /** Every boundary up to this one is closed, one after the other. */
  closeTo(boundary: number): this {
    const { advanceMs, graceMs } = this.monitor.window
    const rounds = [...new Set(this.#waiting.map(({ round }) => round))].filter(round => round <= boundary)
    for (const round of [...new Set([...rounds, boundary])].sort((a, b) => a - b)) {
      for (const part of this.#due(round)) {
        this.#read.push(part)
        this.#evaluation.lane!.collector.add(part)
      }
      this.mark(Math.floor(round / advanceMs) * advanceMs + graceMs)
    }
    return this
  }

  /** A marker of the joins topic. */
  mark(watermark: number, topic = JOINS_TOPIC): this {
    const counts = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
    const whole = { oldest: -1, roundStart: 0, open: 0, gaps: [] }
    const at = { watermark, idle: false, closeTo: Number.NEGATIVE_INFINITY, counts, ...whole }
    const progress = { model: 'm', monitor: 'v', side: 'serving' as const, ...at }
    const marker = { topic, partition: 0, partitions: 1, nextOffset: ++this.#offset, monitors: [progress] }
    this.#take(this.#evaluation.advance(marker, progress))
    if (this.restarts) this.#restart()
    return this
  }

  answer(answer: Answer): this {
    this.#take(this.#evaluation.answer(answer))
    return this
  }

  /** Last word on each window of all rows. */
  last(output = 'prediction', segment = '{}', version = 'default'): PerformanceEvent[] {
    const mine = this.performances.filter(
      ({ series }) =>
        series.feature === output && JSON.stringify(series.segment) === segment && series.modelVersion === version,
    )
    return [...new Map(mine.map(event => [event.window.end, event])).values()]
  }

  told(kind: AlertEvent['kind'], segment = '{}'): AlertEvent[] {
    return this.alerts.filter(alert => alert.kind === kind && JSON.stringify(alert.series.segment) === segment)
  }

  #take({ performances, alerts, incidents, verdicts }: Decisions): void {
    this.incidents.push(...incidents)
    this.performances.push(...performances)
    this.alerts.push(...alerts)
    this.verdicts.push(...verdicts)
  }

  #counts(pane: number, round: number, { version = 'default', city }: Prediction): ScoreCounts[] {
    let one = this.#waiting.find(part => part.pane === pane && part.round === round && part.version === version)
    if (one === undefined) this.#waiting.push((one = { pane, round, version, counts: new Map(), rows: 0 }))
    one.rows++
    const segments: Segment[] = city === undefined ? [{}] : [{}, { city }]
    return segments.map(segment => {
      const key = JSON.stringify(segment)
      const known = one.counts.get(key) ?? { segment, counts: scoreCounts(this.monitor.task!) }
      one.counts.set(key, known)
      return known.counts
    })
  }

  #due(round: number): JoinedPart[] {
    const due = this.#waiting.filter(part => part.round <= round)
    for (const part of due) this.#waiting.splice(this.#waiting.indexOf(part), 1)
    return due.map(part => ({
      ...{ model: 'm', monitor: 'v', modelVersion: part.version, pane: part.pane, round: part.round },
      ...{ topic: JOINS_TOPIC, partition: 0, nextOffset: ++this.#offset, gap: false },
      ...{ offsets: { from: this.#offset, to: this.#offset }, rows: part.rows },
      leaves: [...part.counts.values()].map(({ segment, counts }) => ({ segment, outputs: [counts.state()] })),
    }))
  }

  #begin(): Evaluation {
    const evaluation = new Evaluation(this.monitor, { ids, software: 'test', alertsFrom: Number.NEGATIVE_INFINITY })
    evaluation.know(this.#baselines)
    const word = { model: 'm', modelVersion: null, baseline: 1, by: 'test', at: 0, from: null }
    if (this.#baselines.length > 0) evaluation.activate(word)
    return evaluation
  }

  #restart(): void {
    const state = written(this.#evaluation.state())
    this.#evaluation = this.#begin()
    this.#evaluation.restore(state)
    for (const part of this.#read) this.#evaluation.lane!.collector.reload(part, state.lane!.collector)
  }
}
