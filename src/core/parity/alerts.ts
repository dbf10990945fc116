import type { Answer } from '../alert/answer.js'
import type { ToldWindow } from '../alert/describe.js'
import { describeEnded, type Ended } from '../alert/ended.js'
import type { Observation, Opening } from '../alert/lifecycle.js'
import { SeriesAlerts } from '../alert/series-alerts.js'
import type { Finding } from '../detect/finding.js'
import { seriesKey } from '../evaluation/case.js'
import type { Decisions } from '../evaluation/decisions.js'
import type { Memory } from '../evaluation/memory.js'
import { type Alerting, alertOf, isHeard, retraction } from '../evaluation/publish.js'
import type { Offline } from '../monitor.js'
import { effectOf, findingOf, toldParity } from './describe.js'
import type { ParityEvent } from './event.js'

/** The alerts of features whose served values are not their offline values, one a feature. */
export class ParityAlerts {
  readonly alerts = new SeriesAlerts()

  constructor(
    private readonly memory: Memory,
    private readonly offline: Offline,
  ) {}

  /** After a window that decides; a revision never runs the state machine, it may take back an alert that stands on the window. */
  follow(event: ParityEvent, step: 'first' | 'revise', decisions: Decisions): void {
    const { parity, series } = event
    const finding = findingOf(event)
    if (parity === null || finding === null) return
    const key = `${seriesKey(series.modelVersion, {}, series.feature)} parity`
    const told = toldParity(event, this.offline, finding.evidence)
    if (step === 'revise') this.#revise(key, told, finding, decisions)
    else if (event.window.end >= this.memory.around.alertsFrom)
      this.#step(key, told, finding, effectOf(parity), decisions)
  }

  passed(windowEnd: number, revisedMs: number): void {
    this.alerts.passed(windowEnd, revisedMs)
  }

  answer(answer: Answer, decisions: Decisions): void {
    for (const ended of this.alerts.take(answer)) this.#tellEnd(ended, decisions)
  }

  /** Alerts of model versions that are served no more, or of a monitor that has changed. @param served model versions that are */
  endOverdue(boundary: number, served: ReadonlySet<string>, decisions: Decisions): void {
    // The end of a file closes every window, but no time has passed.
    if (!Number.isFinite(boundary)) return
    for (const one of this.alerts.firing) {
      const version = one.key.slice(0, one.key.indexOf('|'))
      const reason =
        boundary >= this.memory.ranges.until
          ? 'the monitor was changed or removed; a changed one tells what still holds by itself'
          : served.has(version)
            ? null
            : `model version ${version} is served no more: none of its rows waits for offline values`
      const ended = reason === null ? null : this.alerts.end(one, reason)
      if (ended !== null) this.#tellEnd(ended, decisions)
    }
  }

  #step(key: string, told: ToldWindow, finding: Finding, effect: number, decisions: Decisions): void {
    const { monitor, around } = this.memory
    const { evidence, kind, ratio, action } = finding
    const { window } = told
    const seen: Observation = { outcome: evidence.outcome, ratio, effect, window, confirmed: false, over: null }
    const open = (): Opening => {
      const { summary, cause } = finding
      return { check: evidence.check, kind, summary, cause, action, calibrated: false }
    }
    const { modelVersion, feature } = told.series
    const next = this.alerts.step(key, seen, open, ({ check }, openedAt) =>
      around.ids.hash(monitor.model, modelVersion, '', feature, `parity ${check}`, openedAt),
    )
    const alert = alertOf(this.#alerting, told, finding, next)
    if (alert !== null) decisions.alerts.push(alert)
  }

  #revise(key: string, told: ToldWindow, finding: Finding, decisions: Decisions): void {
    if (finding.evidence.outcome !== 'ok') return
    const state = this.alerts.clear(key, told.window)
    if (!isHeard(this.#alerting, state)) return
    const alert = retraction(this.#alerting, told, finding, state, 'offline values')
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
