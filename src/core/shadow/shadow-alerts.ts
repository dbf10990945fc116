import type { ToldWindow } from '../alert/describe.js'
import type { Observation, Opening } from '../alert/lifecycle.js'
import { segmentKey } from '../baseline/baseline.js'
import type { Finding } from '../detect/finding.js'
import { seriesKey } from '../evaluation/case.js'
import type { Decisions } from '../evaluation/decisions.js'
import { LaneAlerts } from '../evaluation/lane-alerts.js'
import type { Memory } from '../evaluation/memory.js'
import { isHeard } from '../evaluation/publish.js'
import type { ShadowEvent } from './event.js'
import { findingsOf, NO_BASELINE } from './findings.js'

/** Names the check in keys and ids: one alert for each output and segment, whatever diverges in it. */
const CHECK = 'shadow'

/** Alerts that advise to roll back. An interval that is wholly beyond its limit needs no second window. */
export class ShadowAlerts extends LaneAlerts {
  /** In no incident: the advice is about a version that decides nothing, and whatever breaks a feature breaks it for both. */
  constructor(memory: Memory) {
    super(memory, null)
  }

  /**
   * After the first verdict on a window.
   * @param over why an alert ends in this window, whatever it looks like; null: it goes on
   */
  follow(event: ShadowEvent, over: string | null, decisions: Decisions): void {
    const { monitor, around } = this.memory
    const { series, window } = event
    if (window.end < around.alertsFrom) return
    const key = keyOf(event)
    const findings = findingsOf(event, monitor.task!.type)
    const [finding] = findings
    const ratio = finding?.ratio ?? 0
    const seen: Observation = { outcome: event.outcome, ratio, effect: ratio, window, confirmed: true, over }
    const open = (): Opening => {
      const { evidence, kind, summary, cause, action } = finding!
      return { check: evidence.check, kind, summary, cause, action, calibrated: true }
    }
    const next = this.alerts.step(
      key,
      over === null ? seen : { ...seen, outcome: 'insufficient-data' },
      open,
      (_, at) =>
        around.ids.hash(monitor.model, series.modelVersion, segmentKey(series.segment), series.feature, CHECK, at),
    )
    if (finding !== undefined) this.tell(toldWindow(event, findings), finding, next, decisions)
    else if (next.transition === 'resolved' && isHeard(this.alerting, next.state))
      // Nothing was measured: its end is told of the window before.
      this.tellEnd(this.alerts.operators.end(key, next.state, next.reason), decisions)
  }

  /** A revision never runs the state machine; it may take back an alert that stands on the window. */
  revise(event: ShadowEvent, decisions: Decisions): void {
    const findings = findingsOf(event, this.memory.monitor.task!.type)
    const [finding] = findings
    if (finding === undefined || event.outcome === 'breach') return
    this.takeBack(keyOf(event), toldWindow(event, findings), finding, 'events', decisions)
  }
}

function keyOf({ series: { modelVersion, segment, feature } }: ShadowEvent): string {
  return `${seriesKey(modelVersion, segment, feature)} ${CHECK}`
}

/** As the alerts of the window tell it. */
function toldWindow(event: ShadowEvent, findings: readonly Finding[]): ToldWindow {
  const { series, window, baseline, monitor, input, software } = event
  const nothing = { moved: [], quantiles: null, counters: {} }
  const checks = findings.map(({ evidence }) => evidence)
  return { series, window, baseline: baseline ?? NO_BASELINE, monitor, input, software, checks, ...nothing }
}
