import type { Monitor } from '../monitor.js'
import type { Ids } from '../ports.js'
import { memberFamily } from './belonging.js'
import { isUpstream, strength } from './cause-family.js'
import { monitorFacts } from './describe.js'
import { isEffect } from './effect.js'
import { isOver } from './event.js'
import type { IncidentEffect, IncidentEvent, IncidentFeature, IncidentMember } from './incident-event.js'
import type { IncidentState, JudgedWindow, Member } from './incident-state.js'
import { isMendable, type LikelyCause } from './likely-cause.js'
import { lastEnd } from './membership.js'
import type { Ranked } from './ranking.js'
import type { Scope } from './scope.js'
import { worstSeverity } from './severity.js'
import type { Operator } from './telling.js'
import { moment } from './words.js'

const MOST_FEATURES = 20
const MOST_EFFECTS = 20
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
  readonly mergedInto: string | null
}

/** The event of a step. */
export function describeIncident(
  monitor: Monitor,
  { ids, software }: { readonly ids: Ids; readonly software: string },
  judged: JudgedWindow,
  { state, status, reason, features, scope, cause, operator, mergedInto }: Told,
): IncidentEvent {
  const { modelVersion, window, baseline, input, joined, operator: operatorOf } = judged
  const { incidentId, sequence, openedAt, severity, peak } = state
  const { model, hash } = monitor
  const effects = effectsOf(state.members)
  const explained = explanations(features, effects)
  const own = features.filter(({ derived }) => !derived)
  const members = [...state.members].sort((a, b) => Number(a.resolvedAt !== null) - Number(b.resolvedAt !== null))
  return {
    // Windows of features and of joined rows may end at the same time.
    id: ids.hash(
      ...[incidentId, window.end, status, window.revision, baseline?.version ?? 0, hash],
      ...(joined === undefined ? [] : [joined]),
    ),
    incidentId,
    sequence,
    status,
    reason,
    mergedInto,
    kind: features[0].lead.kind,
    severity,
    summary: summaryOf(features[0], cause, scope, effects),
    suggestedAction: isOver(status) ? 'none' : actionOf(features[0], cause, effects),
    model,
    modelVersion,
    window,
    openedAt,
    durationMs: lastEnd(state.members, judged) - openedAt,
    peak,
    cause,
    scope,
    featureCount: features.length,
    features: features.slice(0, MOST_FEATURES).map(featureOf),
    effects: effects.slice(0, MOST_EFFECTS).map(effectOf),
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

/** The cause, and the worst that it has led to. */
function summaryOf(first: Ranked, { code, sentence }: LikelyCause, scope: Scope, [effect]: readonly Member[]): string {
  const place = scope.where === 'whole' || code === 'mix' ? '' : `, ${scope.sentence}`
  if (effect === undefined || effect.alertId === first.lead.alertId) return sentence + place
  return `${sentence}${place}; ${effect.summary}, since ${moment(effect.openedAt)}`
}

/** What is broken is mended first; a model is trained anew where labels say so and nothing is known to be broken. */
function actionOf({ lead }: Ranked, cause: LikelyCause, effects: readonly Member[]): IncidentEvent['suggestedAction'] {
  if (!isEffect(lead) && isMendable(cause)) return lead.resolvedAt === null ? 'fix-pipeline' : 'investigate'
  const worse = effects.some(
    ({ kind, resolvedAt }) => resolvedAt === null && (kind === 'performance' || kind === 'concept-drift'),
  )
  return worse ? 'retrain' : 'investigate'
}

/** What it costs before what explains that; those that were taken back are none. */
function effectsOf(members: readonly Member[]): readonly Member[] {
  const order = (one: Member): number => Math.abs(strength(memberFamily(one)) - strength('performance'))
  return members
    .filter(one => isEffect(one) && !one.retracted)
    .sort((a, b) => order(a) - order(b) || b.effect - a.effect || (a.alertId < b.alertId ? -1 : 1))
}

function effectOf(member: Member): IncidentEffect {
  const { alertId, kind, check, feature, segment, severity, openedAt, summary, cause } = member
  const same = { alertId, kind, check, feature, segment, severity, openedAt, numbers: cause.numbers }
  return { ...same, status: statusOf(member), sentence: summary }
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
  const { alertId, feature, segment, kind, check, cause, severity, openedAt } = member
  const status = statusOf(member)
  return { alertId, feature, segment, kind, check, causeCode: cause.code, severity, status, openedAt, explainedBy }
}

function statusOf({ retracted, resolvedAt }: Member): IncidentMember['status'] {
  return retracted ? 'retracted' : resolvedAt === null ? 'firing' : 'resolved'
}

/**
 * A feature's alerts are explained by its leading one, a derived series and an effect by the most telling feature, what is absent or stale by its
 * source's alert.
 */
function explanations(features: readonly Ranked[], effects: readonly Member[]): Map<string, string> {
  const first = features[0].lead.alertId
  const sources = new Map(features.flatMap(one => (one.isSource ? [[one.source, one.lead.alertId] as const] : [])))
  const pairs = features.flatMap(({ lead, members, derived, source }) => {
    const by = isUpstream(memberFamily(lead)) ? sources.get(source) : undefined
    const leader = derived ? first : (by ?? lead.alertId)
    return members.map(({ alertId }) => [alertId, alertId === lead.alertId ? leader : (by ?? lead.alertId)] as const)
  })
  const led = isEffect(features[0].lead) ? [] : effects.map(({ alertId }) => [alertId, first] as const)
  return new Map([...pairs, ...led].filter(([alertId, by]) => alertId !== by))
}
