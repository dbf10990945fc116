import type { ToldWindow } from '../alert/describe.js'
import type { Observation, Opening } from '../alert/lifecycle.js'
import type { Finding } from '../detect/finding.js'
import { seriesKey } from '../evaluation/case.js'
import type { Decisions } from '../evaluation/decisions.js'
import { LaneAlerts } from '../evaluation/lane-alerts.js'
import type { Memory } from '../evaluation/memory.js'
import type { Offline } from '../monitor.js'
import { effectOf, findingOf, toldParity } from './describe.js'
import type { ParityEvent } from './event.js'

/** The alerts of features whose served values are not their offline values, one a feature. */
export class ParityAlerts extends LaneAlerts {
  constructor(
    memory: Memory,
    private readonly offline: Offline,
  ) {
    super(memory, 'offline')
  }

  /** After a window that decides; a revision never runs the state machine, it may take back an alert that stands on the window. */
  follow(event: ParityEvent, step: 'first' | 'revise', decisions: Decisions): void {
    const { parity, series } = event
    const finding = findingOf(event)
    if (parity === null || finding === null) return
    const key = `${seriesKey(series.modelVersion, {}, series.feature)} parity`
    const told = toldParity(event, this.offline, finding.evidence)
    if (step === 'revise') {
      if (finding.evidence.outcome === 'ok') this.takeBack(key, told, finding, 'offline values', decisions)
    } else if (event.window.end >= this.memory.around.alertsFrom)
      this.#step(key, told, finding, effectOf(parity), decisions)
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
    this.tell(told, finding, next, decisions)
  }
}
