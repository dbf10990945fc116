import type { Answer } from '../alert/answer.js'
import { describeEnded, type Ended } from '../alert/ended.js'
import type { Observation, Opening } from '../alert/lifecycle.js'
import { SeriesAlerts } from '../alert/series-alerts.js'
import { segmentKey } from '../baseline/baseline.js'
import type { Finding } from '../detect/finding.js'
import { seriesKey } from '../evaluation/case.js'
import type { Decisions } from '../evaluation/decisions.js'
import type { Memory } from '../evaluation/memory.js'
import { type Alerting, alertOf, isHeard, retraction } from '../evaluation/publish.js'
import { toldWindow } from './describe.js'
import type { PerformanceEvent } from './event.js'
import { findingsOf, LABEL_KINDS, type Told } from './findings.js'
import type { PendingWindow } from './pending.js'

/**
 * The alerts of a model's outputs, one a kind for each output and segment. They are told apart from those of features: their windows become
 * mature when the windows of features are long past.
 */
export class LabelAlerts {
  readonly alerts = new SeriesAlerts()

  constructor(private readonly memory: Memory) {}

  /**
   * After a mature window, or a revision of one.
   * @returns whether nothing of it breaches and no alert of the output is on
   */
  follow(event: PerformanceEvent, step: 'first' | 'revise', decisions: Decisions): boolean {
    const { modelVersion, segment, feature } = event.series
    let quiet = true
    for (const kind of LABEL_KINDS) {
      const findings = findingsOf(kind, toldOf(event))
      const key = `${seriesKey(modelVersion, segment, feature)} ${kind}`
      if (step === 'revise') this.#revise(key, event, findings, decisions)
      else if (event.window.end >= this.memory.around.alertsFrom) this.#step(key, event, findings, decisions)
      if (findings[0]?.evidence.outcome === 'breach' || this.alerts.get(key) !== null) quiet = false
    }
    return quiet
  }

  passed(windowEnd: number, revisedMs: number): void {
    this.alerts.passed(windowEnd, revisedMs)
  }

  answer(answer: Answer, decisions: Decisions): void {
    for (const ended of this.alerts.take(answer)) this.#tellEnd(ended, decisions)
  }

  /** Alerts of model versions that are served no more, or of a monitor that has changed. */
  endOverdue(boundary: number, pending: readonly PendingWindow[], decisions: Decisions): void {
    // The end of a file closes every window, but no time has passed.
    if (!Number.isFinite(boundary)) return
    for (const one of this.alerts.firing) {
      const version = one.key.slice(0, one.key.indexOf('|'))
      const reason =
        boundary >= this.memory.ranges.until
          ? 'the monitor was changed or removed; a changed one tells what still holds by itself'
          : pending.some(other => other.version === version)
            ? null
            : `model version ${version} is served no more: none of its predictions waits for a label`
      const ended = reason === null ? null : this.alerts.end(one, reason)
      if (ended !== null) this.#tellEnd(ended, decisions)
    }
  }

  #step(key: string, event: PerformanceEvent, findings: readonly Finding[], decisions: Decisions): void {
    const { monitor, around } = this.memory
    const { window, series } = event
    const check = this.alerts.get(key)?.opening.check
    const finding = findings.find(one => one.evidence.outcome === 'breach' || one.evidence.check === check)
    const ratio = finding?.ratio ?? 0
    const seen: Observation = {
      ...{ outcome: finding?.evidence.outcome ?? 'insufficient-data', ratio, effect: ratio, window },
      ...{ confirmed: false, twice: true, over: null },
    }
    const open = (): Opening => {
      const { evidence, kind, summary, cause, action } = finding!
      return { check: evidence.check, kind, summary, cause, action, calibrated: true }
    }
    const { modelVersion, segment, feature } = series
    const next = this.alerts.step(key, seen, open, (opening, openedAt) =>
      around.ids.hash(
        monitor.model,
        modelVersion,
        segmentKey(segment),
        feature,
        `${opening.kind} ${opening.check}`,
        openedAt,
      ),
    )
    const alert = finding === undefined ? null : alertOf(this.#alerting, toldWindow(event, findings), finding, next)
    if (alert !== null) decisions.alerts.push(alert)
  }

  /** A revision never runs the state machine; it may take back an alert that stands on the window. */
  #revise(key: string, event: PerformanceEvent, findings: readonly Finding[], decisions: Decisions): void {
    const [finding] = findings
    if (finding === undefined || finding.evidence.outcome !== 'ok') return
    const state = this.alerts.clear(key, event.window)
    if (!isHeard(this.#alerting, state)) return
    const alert = retraction(this.#alerting, toldWindow(event, findings), finding, state, 'labels')
    if (alert !== null) decisions.alerts.push(alert)
  }

  get #alerting(): Alerting {
    const { monitor, around } = this.memory
    return { monitor, around, alerts: this.alerts }
  }

  #tellEnd(ended: Ended, decisions: Decisions): void {
    const { monitor, around } = this.memory
    const alert = describeEnded(monitor, around, ended)
    if (alert !== null && alert.window.end >= around.alertsFrom) decisions.alerts.push(alert)
  }
}

function toldOf({ series, coverage, labelled, measures, reference }: PerformanceEvent): Told {
  return { output: series.feature, coverage, labelled, measures, reference }
}
