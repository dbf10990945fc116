import { familyOf, isUpstream } from '../alert/cause-family.js'
import { describeAlert, describeVerdict } from '../alert/describe.js'
import { lastSeen } from '../alert/ended.js'
import type { VerdictEvent, WindowFacts } from '../alert/event.js'
import { incidentAlert } from '../alert/incident-alert.js'
import type { Observation, Opening, Step } from '../alert/lifecycle.js'
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
  const verdict = describeVerdict(monitor, around, { ...one, inspection })
  decisions.verdicts.push(verdict)
  const { segment } = one.view
  if (verdict.outcome === 'ok') one.seen.segments.find(known => known.segment === segment)?.quiet.add(one.feature)
  return verdict
}

/** What is published of a series that has a history: also what its scores add up to. */
export function inspectionOf({ inspection, history, scores }: Judgement, window: WindowFacts): Inspection {
  return { ...inspection, cusum: largestSum(summed(history.cusum ?? null, scores, window), window) }
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
 */
export function tell(
  { alerts, monitor, around }: Memory,
  { feature, window, seen }: Case,
  verdict: VerdictEvent,
  finding: Finding,
  next: Step,
  z: number | null,
  decisions: Decisions,
): void {
  const { state } = next
  // Who was not told of its beginning, in a backfill, need not hear of its end.
  if (state?.firedAt == null || state.firedAt < around.alertsFrom) return
  if (next.transition !== 'resolved') seen.alerts.push(incidentAlert(verdict, finding, state, z))
  const isHeld = seen.held.has(feature) && (finding.kind === 'freshness' || isUpstream(familyOf(finding.cause.code)))
  const told = alerts.operators.tell(next, lastSeen(verdict, finding, state), isHeld)
  const alert = told && describeAlert(monitor, around, verdict, finding, state, told)
  if (alert !== null && window.end >= around.alertsFrom) decisions.alerts.push(alert)
}
