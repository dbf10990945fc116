import { describeEnded, type Ended } from '../alert/ended.js'
import { outOfBaseline, overdue } from '../alert/ends.js'
import type { AlertState } from '../alert/lifecycle.js'
import type { Judge } from '../baseline/active.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import { TRAFFIC } from '../detect/traffic.js'
import { isAge } from '../feature-age.js'
import { sourceOf } from '../source.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { quietly, tellIncidents } from './relate.js'

/** An alert that ends without a window that ends it. */
export interface Ending {
  readonly key: string
  readonly state: AlertState
  readonly reason: string
}

/** Alerts of features that the baseline of this window has no more, or has now. */
export function endOutOfBaseline(
  memory: Memory,
  version: string,
  { baseline }: Judge,
  contracts: ReadonlyMap<string, FeatureBaseline>,
  decisions: Decisions,
): void {
  const { alerts, monitor } = memory
  for (const one of alerts.firing) {
    const last = alerts.operators.last(one.state.alertId)
    if (last?.modelVersion !== version || last.feature === TRAFFIC) continue
    if (isAge(monitor, last.feature) || sourceOf(monitor, last.feature) !== null) continue
    const reason = outOfBaseline(one.state, contracts.has(last.feature), baseline.version)
    if (reason !== null) end(memory, { ...one, reason }, decisions)
  }
}

/** Alerts that no window will end any more. */
export function endOverdue(memory: Memory, decisions: Decisions): void {
  const { alerts, collector, monitor, ranges, versions } = memory
  // The end of a file closes every window, but no time has passed.
  const { boundary } = collector
  if (!Number.isFinite(boundary)) return
  const situation = { boundary, advanceMs: monitor.window.advanceMs, until: ranges.until }
  const newest = Math.max(...versions.values())
  const over = alerts.firing.flatMap(one => {
    const { key, state } = one
    const last = alerts.operators.last(state.alertId)
    // That there are no rows is what it tells.
    if (last?.feature === TRAFFIC && boundary > newest && boundary < ranges.until) return []
    const version = last?.modelVersion ?? key.slice(0, key.indexOf('|'))
    const end = versions.get(version) ?? state.openedAt
    const reason = overdue(version, end, last?.window.end ?? end, situation)
    return reason === null ? [] : [{ ...one, reason }]
  })
  endAll(memory, over, decisions)
}

/** Ends alerts, and the incidents that they leave without any, of versions that no window is judged of. */
export function endAll(memory: Memory, over: readonly Ending[], decisions: Decisions): void {
  const ended = over.flatMap(one => end(memory, one, decisions) ?? [])
  const newest = new Map(ended.map(({ last }) => [last.modelVersion, last]))
  for (const { modelVersion, window, baseline } of newest.values()) {
    const judged = { ...quietly(memory, modelVersion, window), baseline, input: [] }
    tellIncidents(memory, memory.incidents.step(memory.monitor, judged), window, decisions)
  }
}

function end(memory: Memory, one: Ending, decisions: Decisions): Ended | null {
  const ended = memory.alerts.end(one, one.reason)
  const history = memory.histories.get(one.key)
  if (history !== undefined) memory.histories.set(one.key, { ...history, during: [] })
  if (ended !== null) tellEnd(memory, ended, decisions)
  return ended
}

export function tellEnd({ monitor, around, incidents }: Memory, ended: Ended, decisions: Decisions): void {
  const alert = describeEnded(monitor, around, ended)
  const incidentId = incidents.incidentOf(ended.state.alertId)
  if (alert !== null && alert.window.end >= around.alertsFrom) decisions.alerts.push({ ...alert, incidentId })
}
