import { familyOf, isUpstream } from '../alert/cause-family.js'
import { describeAlert, describeVerdict, type ToldWindow } from '../alert/describe.js'
import { lastSeen } from '../alert/ended.js'
import type { AlertEvent, VerdictEvent, WindowFacts } from '../alert/event.js'
import type { Flap } from '../alert/flapping.js'
import { incidentAlert } from '../alert/incident-alert.js'
import type { AlertState, Observation, Opening, Step } from '../alert/lifecycle.js'
import { segmentKey } from '../baseline/baseline.js'
import { largestSum, summed } from '../detect/cusum.js'
import type { Finding } from '../detect/finding.js'
import type { Inspection } from '../detect/inspect.js'
import type { Judgement } from '../detect/judgement.js'
import type { Case } from './case.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'

/** The verdict of a series. */
export function publish(
  { monitor, around }: Memory,
  one: Case,
  inspection: Inspection,
  decisions: Decisions,
): VerdictEvent {
  const verdict = describeVerdict(monitor, around, one, inspection)
  decisions.verdicts.push(verdict)
  const { segment } = one.view
  if (verdict.outcome === 'ok') one.seen.segments.find(known => known.segment === segment)?.quiet.add(one.feature)
  return verdict
}

/** What is published of a series that has a history: also what its scores add up to. */
export function inspectionOf({ inspection, history, scores }: Judgement, window: WindowFacts): Inspection {
  const { kind, because, findings, distances, moved, quantiles, counters } = inspection
  const cusum = largestSum(summed(history.cusum ?? null, scores, window), window)
  return { kind, because, findings, cusum, distances, moved, quantiles, counters }
}

/** The alert of a series, one window further. */
export function stepped(
  { alerts, around, monitor }: Memory,
  { key, version, view, feature }: Case & { readonly key: string },
  seen: Observation,
  open: () => Opening,
): Step {
  return alerts.step(key, seen, open, ({ check }, openedAt) =>
    around.ids.hash(monitor.model, version, segmentKey(view.segment), feature, check, openedAt),
  )
}

/**
 * What is to be told of an alert's step, to the incidents and to the world.
 * @param z score that made it; null where an effect size against training decided
 * @param flap what comes again and again is held back; absent: nothing is
 * @returns whether there is an alert event
 */
export function tell(
  memory: Memory,
  { feature, seen }: Case,
  verdict: VerdictEvent,
  finding: Finding,
  next: Step,
  z: number | null,
  decisions: Decisions,
  flap: Flap = { isHeld: false, reason: next.reason },
): boolean {
  const { state } = next
  if (!isHeard(memory, state)) return false
  if (next.transition !== 'resolved' && !flap.isHeld) seen.alerts.push(incidentAlert(verdict, finding, state, z))
  const isTold = seen.held.has(feature) && (finding.kind === 'freshness' || isUpstream(familyOf(finding.cause.code)))
  const alert = alertOf(memory, verdict, finding, { ...next, reason: flap.reason }, isTold || flap.isHeld)
  if (alert !== null) decisions.alerts.push(alert)
  return alert !== null
}

/** Alerts of features, or those of outputs, and by what they are told. */
export type Alerting = Pick<Memory, 'monitor' | 'around' | 'alerts'>

/**
 * The event of an alert's step; null where an operator, the monitor or a backfill keeps it back.
 * @param isHeld another alert tells of it, for now, or it has been told often enough
 */
export function alertOf(
  alerting: Alerting,
  verdict: ToldWindow,
  finding: Finding,
  next: Step,
  isHeld = false,
): AlertEvent | null {
  const { monitor, around, alerts } = alerting
  const { state } = next
  if (!isHeard(alerting, state)) return null
  const what = alerts.operators.tell(next, lastSeen(verdict, finding, state), isHeld)
  const alert = what && describeAlert(monitor, around, verdict, finding, state, what)
  return verdict.window.end >= around.alertsFrom ? alert : null
}

/** The event of an alert that late events, labels or offline values take back; null as above. */
export function retraction(
  alerting: Alerting,
  verdict: ToldWindow,
  finding: Finding,
  state: AlertState,
  late: 'events' | 'labels' | 'offline values',
): AlertEvent | null {
  const { monitor, around, alerts } = alerting
  const { end } = verdict.window
  const reason = `late ${late} have changed the window until ${new Date(end).toISOString()}: it does not breach`
  const what = alerts.operators.retract(state, end, reason)
  return what && describeAlert(monitor, around, verdict, finding, state, what)
}

/** Who was not told of its beginning, in a backfill, need not hear of its end. */
export function isHeard({ around }: Alerting, state: AlertState | null): state is AlertState & { firedAt: number } {
  return state !== null && state.firedAt !== null && state.firedAt >= around.alertsFrom
}
