import { baselineFacts } from '../alert/describe.js'
import type { LastSeen } from '../alert/ended.js'
import type { WindowFacts } from '../alert/event.js'
import { withMixShares } from '../alert/incident-alert.js'
import type { IncidentEvent } from '../alert/incident-event.js'
import type { JudgedWindow } from '../alert/incident-state.js'
import { isTold } from '../alert/severity.js'
import { NOBODY } from '../alert/telling.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import { offsetRanges } from '../window/part.js'
import type { Version } from './case.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'

/** Which incidents the alerts of a window belong to; the alert events say so. */
export function relate(
  memory: Memory,
  { version, judge, parts, views, contracts, seen }: Version,
  decisions: Decisions,
): void {
  if (judge === null) return
  const { monitor, incidents } = memory
  const { window, alerts, segments } = seen
  const events = incidents.step(monitor, {
    ...quietly(memory, version, window),
    alerts: alerts.map(alert =>
      incidents.incidentOf(alert.alertId) === null ? withMixShares(alert, contracts.get(alert.feature), views) : alert,
    ),
    segments,
    madeOf: madeOf(contracts.values()),
    baseline: baselineFacts(judge),
    input: offsetRanges(parts),
  })
  tellIncidents(memory, events, window, decisions)
}

/** What relations are made of; vectors and texts are no series, so that theirs stand for themselves. */
function* madeOf(contracts: Iterable<FeatureBaseline>): Generator<readonly [string, readonly string[]]> {
  for (const { name, origin } of contracts)
    if (origin?.what === 'joint') yield [name, origin.terms.map(({ feature }) => feature)]
}

/** A window without news of alerts: those that fire, of features and of joined rows. */
export function quietly({ alerts, related, versions }: Memory, modelVersion: string, window: WindowFacts) {
  const all = [alerts, ...related.map(lane => lane.alerts)]
  const firing = new Set(all.flatMap(one => one.firing.map(({ state }) => state.alertId)))
  const operator: NonNullable<JudgedWindow['operator']> = alert =>
    all.map(({ operators }) => operators.of(alert, window.end)).find(({ state }) => state !== 'none') ?? NOBODY
  const settled = Math.min(...related.map(lane => lane.settled()))
  const now = versions.get(modelVersion) ?? window.end
  return { modelVersion, window, alerts: [], firing, segments: [], operator, settled, now }
}

export function tellIncidents(
  { monitor, around, incidents }: Memory,
  events: readonly IncidentEvent[],
  { end }: LastSeen['window'],
  decisions: Decisions,
): void {
  if (end >= around.alertsFrom) decisions.incidents.push(...events.filter(({ severity }) => isTold(monitor, severity)))
  for (const [i, alert] of decisions.alerts.entries())
    decisions.alerts[i] = { ...alert, incidentId: alert.incidentId ?? incidents.incidentOf(alert.alertId) }
}
