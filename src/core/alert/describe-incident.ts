import type { Monitor } from '../monitor.js'
import type { Ids } from '../ports.js'
import { memberFamily } from './belonging.js'
import { isUpstream } from './cause-family.js'
import { monitorFacts } from './describe.js'
import { isOver } from './event.js'
import type { IncidentEvent, IncidentFeature, IncidentMember } from './incident-event.js'
import type { IncidentState, JudgedWindow, Member } from './incident-state.js'
import { isMendable, type LikelyCause } from './likely-cause.js'
import type { Ranked } from './ranking.js'
import type { Scope } from './scope.js'
import { worstSeverity } from './severity.js'
import type { Operator } from './telling.js'

const MOST_FEATURES = 20
const MOST_ALERTS = 200

interface Told {
  /** After this window. */
  readonly state: IncidentState
  readonly status: IncidentEvent['status']
  readonly reason: string
  /** The most telling first. */
  readonly features: readonly Ranked[]
  readonly scope: Scope
  readonly cause: LikelyCause
  readonly operator: Operator
}

/** The event of a step. */
export function describeIncident(
  monitor: Monitor,
  { ids, software }: { readonly ids: Ids; readonly software: string },
  { modelVersion, window, baseline, input, operator: operatorOf }: JudgedWindow,
  { state, status, reason, features, scope, cause, operator }: Told,
): IncidentEvent {
  const { incidentId, sequence, openedAt, severity, peak } = state
  const { model, hash } = monitor
  const explained = explanations(features)
  const own = features.filter(({ derived }) => !derived)
  const members = [...state.members].sort((a, b) => Number(a.resolvedAt !== null) - Number(b.resolvedAt !== null))
  return {
    id: ids.hash(incidentId, window.end, status, window.revision, baseline?.version ?? 0, hash),
    incidentId,
    sequence,
    status,
    reason,
    kind: features[0].lead.kind,
    severity,
    summary: summaryOf(cause, scope),
    suggestedAction: isOver(status) ? 'none' : isMendable(cause) ? 'fix-pipeline' : 'investigate',
    model,
    modelVersion,
    window,
    openedAt,
    durationMs: window.end - openedAt,
    peak,
    cause,
    scope,
    featureCount: features.length,
    features: features.slice(0, MOST_FEATURES).map(featureOf),
    alertCount: members.length,
    alerts: members.slice(0, MOST_ALERTS).map(member => ({
      ...memberOf(member, explained.get(member.alertId) ?? null),
      operator: operatorOf?.({ ...member, modelVersion }).state ?? 'none',
    })),
    operator,
    baseline,
    // The runbook of the one feature, else that of the model.
    monitor: monitorFacts(monitor, own.length === 1 ? own[0].feature : ''),
    input,
    software,
  }
}

function summaryOf({ code, sentence }: LikelyCause, scope: Scope): string {
  const place = scope.where === 'whole' || code === 'mix' ? '' : `, ${scope.sentence}`
  return sentence + place
}

function featureOf({ feature, importance, lead, members, adjustedP, effect, derived }: Ranked): IncidentFeature {
  const scores = members.flatMap(({ z }) => z ?? [])
  return {
    feature,
    importance,
    severity: worstSeverity(members.map(({ severity }) => severity)),
    check: lead.check,
    causeCode: lead.cause.code,
    sentence: lead.summary,
    numbers: lead.cause.numbers,
    z: scores.length === 0 ? null : scores.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)),
    adjustedP,
    effect,
    derived,
    alerts: members.length,
  }
}

function memberOf(member: Member, explainedBy: string | null): Omit<IncidentMember, 'operator'> {
  const { alertId, feature, segment, kind, check, cause, severity, resolvedAt, openedAt, retracted } = member
  const status = retracted ? 'retracted' : resolvedAt === null ? 'firing' : 'resolved'
  return { alertId, feature, segment, kind, check, causeCode: cause.code, severity, status, openedAt, explainedBy }
}

/**
 * A feature's alerts are explained by its leading one, a derived series by the most telling feature, what is absent or stale by its source's
 * alert.
 */
function explanations(features: readonly Ranked[]): Map<string, string> {
  const first = features[0].lead.alertId
  const sources = new Map(features.flatMap(one => (one.isSource ? [[one.source, one.lead.alertId] as const] : [])))
  const pairs = features.flatMap(({ lead, members, derived, source }) => {
    const by = isUpstream(memberFamily(lead)) ? sources.get(source) : undefined
    const leader = derived ? first : (by ?? lead.alertId)
    return members.map(({ alertId }) => [alertId, alertId === lead.alertId ? leader : (by ?? lead.alertId)] as const)
  })
  return new Map(pairs.filter(([alertId, by]) => alertId !== by))
}
