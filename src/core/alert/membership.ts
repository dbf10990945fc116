import { segmentKey } from '../baseline/baseline.js'
import { memberFamily } from './belonging.js'
import { isEffect } from './effect.js'
import type { IncidentAlert, IncidentState, JudgedWindow, Member } from './incident-state.js'
import { type SegmentFacts, throughMix } from './scope.js'
import { worstSeverity } from './severity.js'

/** Alerts of an incident that have resolved are kept up to so many. */
const MOST_RESOLVED = 100

export const isFiring = ({ resolvedAt }: Member): boolean => resolvedAt === null

/**
 * Those that what opens may belong to: they fire, or did until this window. On joined rows it opens late: those that fired in its windows.
 * @param fresh at least one
 */
export function present(members: readonly Member[], fresh: readonly IncidentAlert[], judged: JudgedWindow): Member[] {
  const { joined, window } = judged
  const from = joined === undefined ? window.end - 1 : Math.min(...fresh.map(({ openedAt }) => openedAt))
  return members.filter(one => one.resolvedAt === null || (one.resolvedAt > from && !one.retracted))
}

/**
 * Who says what is wrong: the causes that fire; where what labels say outlasts them, those that did; without any, the effects.
 * @param members at least one
 */
export function speaking(members: readonly Member[]): readonly Member[] {
  const firing = members.filter(isFiring)
  const causes = members.filter(one => !isEffect(one))
  const [now, before] = [causes.filter(isFiring), causes.filter(({ retracted }) => !retracted)]
  if (now.length > 0) return now
  if (firing.length === 0) return causes.length > 0 ? causes : members
  return before.length > 0 ? before : firing
}

/** Up to when the incident is known to last: to this window, or the end of a member; what fires and is not judged here goes on to the newest. */
export function lastEnd(members: readonly Member[], judged: JudgedWindow): number {
  const { joined, window, now = window.end } = judged
  if (joined === undefined) return window.end
  const ends = members.map(one => one.resolvedAt ?? (isEffect(one) || one.kind === 'parity' ? window.end : now))
  return Math.max(...(members.some(isFiring) ? [window.end] : []), ...ends)
}

/** Whether the window of these rows decides on the alert. */
function speaksOf({ joined }: JudgedWindow, member: Member): boolean {
  return joined === undefined || (joined === 'labels' ? isEffect(member) : member.kind === 'parity')
}

/** Members that fire no more are marked; the others keep the worst that was seen of them, or what it has turned out to be. */
export function refreshed(state: IncidentState, judged: JudgedWindow): IncidentState {
  const { alerts, firing, window } = judged
  const news = new Map(alerts.map(alert => [alert.alertId, alert]))
  const members = state.members.map((member): Member => {
    if (!speaksOf(judged, member)) return member
    const seen = news.get(member.alertId)
    const resolvedAt = firing.has(member.alertId) ? null : (member.resolvedAt ?? window.end)
    const recast = seen !== undefined && judged.joined === undefined && seen.cause.code !== member.cause.code
    if (seen === undefined || (seen.effect <= member.effect && !recast)) return { ...member, resolvedAt }
    const { effect, summary, cause } = seen
    return { ...member, resolvedAt, effect, summary, cause, severity: worstSeverity([member.severity, seen.severity]) }
  })
  return { ...state, members }
}

/** Families of causes that the mix of the rows can bring about; a unit or a type does not change by it. */
const BY_MIX: readonly string[] = ['distribution', 'absence', 'labels']

/** What opens, with the dimension through whose mix it moved. */
export function withMix(
  fresh: readonly IncidentAlert[],
  open: readonly IncidentState[],
  { segments }: JudgedWindow,
): Member[] {
  const there = [...open.flatMap(({ members }) => members.filter(isFiring)), ...fresh]
  const fires = new Set(there.map(({ segment, feature }) => `${segmentKey(segment)}|${feature}`))
  return fresh.map(({ explainedByMix, ...alert }) => {
    const { feature, segment } = alert
    const firing = (one: SegmentFacts): boolean => fires.has(`${segmentKey(one.segment)}|${feature}`)
    const could = segmentKey(segment) === '' && BY_MIX.includes(memberFamily({ ...alert, mix: null }))
    const mix = could ? throughMix(feature, segments, firing, explainedByMix) : null
    return { ...alert, mix, resolvedAt: null, retracted: false }
  })
}

/** By what they are, so that the order in which the alerts came does not count. */
export function inTextOrder(members: readonly Member[]): Member[] {
  const key = ({ openedAt, segment, feature, alertId }: Member): string =>
    [String(openedAt).padStart(16, '0'), segmentKey(segment), feature, alertId].join('|')
  return members
    .map(member => ({ member, key: key(member) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ member }) => member)
}

export function trimmed(members: readonly Member[]): readonly Member[] {
  const resolved = members.filter(one => !isFiring(one))
  if (resolved.length <= MOST_RESOLVED) return members
  const oldest = new Set(resolved.sort((a, b) => a.resolvedAt! - b.resolvedAt!).slice(0, -MOST_RESOLVED))
  return members.filter(one => !oldest.has(one))
}
