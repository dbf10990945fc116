import { type Answer, endOf, mute, mutedBy, type Subject, unmute } from '../core/alert/answer.js'
import type { Target } from './answer-target.js'
import { about } from './answer-text.js'

/**
 * What somebody who takes back a mute should know: that there was none, or that a wider one goes on.
 * @param before all answers given about the model, in their order
 */
export function unmuteNote(before: readonly Answer[], { alertId, scope }: Target, now: number): string | null {
  let mutes: readonly Answer[] = []
  for (const one of before)
    if (one.action === 'mute') mutes = mute(mutes, one)
    else if (one.action === 'unmute') mutes = unmute(mutes, one)
  mutes = mutes.filter(one => endOf(one) > now)
  const left = unmute(mutes, { alertId, scope })
  const subject = alertId !== null && scope !== null ? subjectOf(alertId, scope) : null
  const wider = subject && mutedBy(left, subject, now)
  if (wider !== null) return `it stays muted: ${about(wider)} is, by ${wider.by}`
  return left.length === mutes.length ? 'nothing was muted there' : null
}

function subjectOf(
  alertId: string,
  { modelVersion, segment, feature, check }: NonNullable<Target['scope']>,
): Subject | null {
  if (modelVersion === null || segment === null || feature === null || check === null) return null
  return { alertId, modelVersion, segment, feature, check }
}
