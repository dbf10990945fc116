import type { Answer } from '../alert/answer.js'
import type { ToldWindow } from '../alert/describe.js'
import { describeEnded, type Ended, type LastSeen } from '../alert/ended.js'
import { NOT_WATCHED } from '../alert/ends.js'
import { incidentAlert } from '../alert/incident-alert.js'
import type { IncidentAlert, JoinedSide, JudgedWindow } from '../alert/incident-state.js'
import type { Step } from '../alert/lifecycle.js'
import { SeriesAlerts } from '../alert/series-alerts.js'
import { isTold } from '../alert/severity.js'
import type { Finding } from '../detect/finding.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { type Alerting, alertOf, isHeard, retraction } from './publish.js'
import { quietly, tellIncidents } from './relate.js'

/** A window of joined rows that has decided. */
export type Decided = Pick<JudgedWindow, 'modelVersion' | 'window' | 'baseline' | 'input'>

/**
 * The alerts of a lane of joined rows. They are told apart from those of features: their windows are judged at other times. By then the windows of
 * features up to there have been judged: stage 1 writes their markers first. So an incident knows what moved before it hears what that led to.
 */
export abstract class LaneAlerts {
  readonly alerts = new SeriesAlerts()
  /** What fires in the window that is looked at. */
  #seen: IncidentAlert[] = []

  /** @param joined what the rows are joined with; null: their alerts are in no incident */
  constructor(
    protected readonly memory: Memory,
    private readonly joined: JoinedSide | null,
  ) {}

  passed(windowEnd: number, revisedMs: number): void {
    this.alerts.passed(windowEnd, revisedMs)
  }

  answer(answer: Answer, decisions: Decisions): void {
    const ended = this.alerts.take(answer)
    for (const one of ended) this.tellEnd(one, decisions)
    this.#relateEnded(ended, decisions)
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
    this.end(version => (changed ? NOT_WATCHED : over(version)), decisions)
  }

  /** @param over why the alerts of a model version are over; null: they go on */
  end(over: (version: string) => string | null, decisions: Decisions): void {
    const all = this.alerts.firing.flatMap(one => {
      const reason = over(one.key.slice(0, one.key.indexOf('|')))
      const ended = reason === null ? null : this.alerts.end(one, reason)
      this.tellEnd(ended, decisions)
      return ended ?? []
    })
    this.#relateEnded(all, decisions)
  }

  /** After all alerts of a window have been stepped: which incidents they belong to. */
  relate(decided: Decided, decisions: Decisions): void {
    const alerts = this.#seen
    this.#seen = []
    this.#step(decided, alerts, decisions)
  }

  /** What is to be told of an alert's step, to the incidents and to the world. */
  protected tell(told: ToldWindow, finding: Finding, next: Step, decisions: Decisions): void {
    const { state, transition } = next
    if (this.joined !== null && told.baseline !== null && transition !== 'resolved' && isHeard(this.alerting, state))
      this.#seen.push(incidentAlert(told, finding, state, null))
    const alert = alertOf(this.alerting, told, finding, next)
    if (alert !== null) decisions.alerts.push(alert)
  }

  /** Takes back an alert that stands on a window which late rows have changed. */
  protected takeBack(
    key: string,
    told: ToldWindow,
    finding: Finding,
    late: Parameters<typeof retraction>[4],
    decisions: Decisions,
  ): void {
    const { memory } = this
    const { series, window, baseline, input } = told
    const state = this.alerts.clear(key, window)
    if (!isHeard(this.alerting, state)) return
    const alert = retraction(this.alerting, told, finding, state, late)
    const decided = { modelVersion: series.modelVersion, window, baseline, input }
    const { incidentId, events } = memory.incidents.retract(memory.monitor, this.#judged(decided), state.alertId)
    decisions.incidents.push(...events.filter(({ severity }) => isTold(memory.monitor, severity)))
    if (alert !== null) decisions.alerts.push({ ...alert, incidentId })
  }

  protected get alerting(): Alerting {
    const { monitor, around } = this.memory
    return { monitor, around, alerts: this.alerts }
  }

  protected tellEnd(ended: Ended | null, decisions: Decisions): void {
    const { monitor, around, incidents } = this.memory
    const alert = ended && describeEnded(monitor, around, ended)
    if (alert === null || alert.window.end < around.alertsFrom) return
    decisions.alerts.push({ ...alert, incidentId: incidents.incidentOf(alert.alertId) })
  }

  /** No window of theirs need come any more. */
  #relateEnded(ended: readonly Ended[], decisions: Decisions): void {
    const newest = new Map(ended.map(({ last }): [string, LastSeen] => [last.modelVersion, last]))
    for (const { modelVersion, window, baseline } of newest.values())
      this.#step({ modelVersion, window, baseline, input: [] }, [], decisions)
  }

  #step(decided: Decided, alerts: readonly IncidentAlert[], decisions: Decisions): void {
    if (this.joined === null) return
    const { memory } = this
    const events = memory.incidents.step(memory.monitor, { ...this.#judged(decided), alerts })
    tellIncidents(memory, events, decided.window, decisions)
  }

  #judged(decided: Decided): JudgedWindow {
    const { memory, joined } = this
    const quiet = { ...quietly(memory, decided.modelVersion, decided.window), ...decided }
    return joined === null ? quiet : { ...quiet, joined }
  }
}
