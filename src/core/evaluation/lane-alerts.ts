import type { Answer } from '../alert/answer.js'
import type { ToldWindow } from '../alert/describe.js'
import { describeEnded, type Ended } from '../alert/ended.js'
import { SeriesAlerts } from '../alert/series-alerts.js'
import type { Finding } from '../detect/finding.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { type Alerting, isHeard, retraction } from './publish.js'

/** The alerts of a lane of joined rows. They are told apart from those of features: their windows are judged at other times. */
export abstract class LaneAlerts {
  readonly alerts = new SeriesAlerts()

  constructor(protected readonly memory: Memory) {}

  passed(windowEnd: number, revisedMs: number): void {
    this.alerts.passed(windowEnd, revisedMs)
  }

  answer(answer: Answer, decisions: Decisions): void {
    for (const ended of this.alerts.take(answer)) this.tellEnd(ended, decisions)
  }

  /**
   * Ends alerts that no window of their own will end: the monitor has changed, or they are `over`.
   * @param boundary up to which the lane's windows are closed
   * @param over why the alerts of a model version are over; null: they go on
   */
  endOverdue(boundary: number, over: (version: string) => string | null, decisions: Decisions): void {
    // The end of a file closes every window, but no time has passed.
    if (!Number.isFinite(boundary)) return
    const changed = boundary >= this.memory.ranges.until
    for (const one of this.alerts.firing) {
      const reason = changed
        ? 'the monitor was changed or removed; a changed one tells what still holds by itself'
        : over(one.key.slice(0, one.key.indexOf('|')))
      if (reason !== null) this.tellEnd(this.alerts.end(one, reason), decisions)
    }
  }

  /** Takes back an alert that stands on a window which late rows have changed. */
  protected takeBack(
    key: string,
    told: ToldWindow,
    finding: Finding,
    late: Parameters<typeof retraction>[4],
    decisions: Decisions,
  ): void {
    const state = this.alerts.clear(key, told.window)
    if (!isHeard(this.alerting, state)) return
    const alert = retraction(this.alerting, told, finding, state, late)
    if (alert !== null) decisions.alerts.push(alert)
  }

  protected get alerting(): Alerting {
    const { monitor, around } = this.memory
    return { monitor, around, alerts: this.alerts }
  }

  protected tellEnd(ended: Ended | null, decisions: Decisions): void {
    const { monitor, around } = this.memory
    const alert = ended && describeEnded(monitor, around, ended)
    if (alert !== null && alert.window.end >= around.alertsFrom) decisions.alerts.push(alert)
  }
}
