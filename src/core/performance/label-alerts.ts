import type { Observation, Opening } from '../alert/lifecycle.js'
import { segmentKey } from '../baseline/baseline.js'
import type { Finding } from '../detect/finding.js'
import { seriesKey } from '../evaluation/case.js'
import type { Decisions } from '../evaluation/decisions.js'
import { LaneAlerts } from '../evaluation/lane-alerts.js'
import type { Memory } from '../evaluation/memory.js'
import { toldWindow } from './describe.js'
import type { PerformanceEvent } from './event.js'
import { findingsOf, LABEL_KINDS, type Told } from './findings.js'

/** The alerts of a model's outputs, one a kind for each output and segment. Their windows become mature when those of features are long past. */
export class LabelAlerts extends LaneAlerts {
  constructor(memory: Memory) {
    super(memory, 'labels')
  }

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
    if (finding !== undefined) this.tell(toldWindow(event, findings), finding, next, decisions)
  }

  /** A revision never runs the state machine; it may take back an alert that stands on the window. */
  #revise(key: string, event: PerformanceEvent, findings: readonly Finding[], decisions: Decisions): void {
    const [finding] = findings
    if (finding === undefined || finding.evidence.outcome !== 'ok') return
    this.takeBack(key, toldWindow(event, findings), finding, 'labels', decisions)
  }
}

function toldOf({ series, coverage, labelled, measures, reference }: PerformanceEvent): Told {
  return { output: series.feature, coverage, labelled, measures, reference }
}
