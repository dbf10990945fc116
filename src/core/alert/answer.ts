import { type Segment, segmentKey } from '../baseline/baseline.js'
import type { AlertEvent } from './event.js'

export type Action = 'ack' | 'mute' | 'unmute' | 'expected' | 'resolve'

/** Series and checks that an answer is about; null: any. A segment is meant exactly: `{}` is all rows, not every segment. */
export interface Scope {
  readonly modelVersion: string | null
  readonly segment: Segment | null
  readonly feature: string | null
  readonly check: string | null
}

/**
 * What an operator says of an alert, or of all that a scope holds. Its place in the panes partition decides when it holds.
 *
 *     ack       seen: no more reminders (`ongoing`), unless it becomes more severe; `resolved` is told
 *     mute      no events of windows that end before `until`; the state machine goes on beneath
 *     unmute    takes back the mutes within its scope
 *     expected  the change is wanted: resolved, its windows belong to the reference, and no further alert of it
 *     resolve   over by an operator's word; the next breach is a new alert
 */
export interface Answer {
  /** Unique: the same answer again is a repeat. */
  readonly id: string
  readonly model: string
  readonly action: Action
  /** The alert it was given to; null where only the scope says what it is about. */
  readonly alertId: string | null
  /** Null: that alert alone. */
  readonly scope: Scope | null
  readonly by: string
  /** Wall clock of the command, epoch ms. */
  readonly at: number
  /** End of a mute in event time, epoch ms; null: until it is taken back. */
  readonly until: number | null
  readonly note: string | null
}

/** What identifies an alert for an answer. */
export interface Subject {
  readonly alertId: string
  readonly modelVersion: string
  readonly segment: Segment
  readonly feature: string
  readonly check: string
}

export function concerns({ alertId, scope }: Answer, subject: Subject): boolean {
  return (alertId !== null && alertId === subject.alertId) || (scope !== null && holds(scope, subject))
}

/** Whether everything in `narrow` is in `wide`. */
export function holds(wide: Scope, narrow: Scope): boolean {
  const { modelVersion, segment, feature, check } = wide
  return (
    (modelVersion === null || modelVersion === narrow.modelVersion) &&
    (feature === null || feature === narrow.feature) &&
    (check === null || check === narrow.check) &&
    (segment === null || (narrow.segment !== null && segmentKey(segment) === segmentKey(narrow.segment)))
  )
}

/** Exactly one check of one series. */
export function scopeOf({ series, check }: Pick<AlertEvent, 'series' | 'check'>): Scope {
  const { modelVersion, segment, feature } = series
  return { modelVersion, segment, feature, check }
}

/** The mutes after one more: it takes the place of one given to the same alert and scope, so that a mute can be made shorter. */
export function mute(mutes: readonly Answer[], answer: Answer): readonly Answer[] {
  return [...mutes.filter(other => !sameTarget(other, answer)), answer]
}

/** The mutes that are left: those given to the same alert, and those within the scope, are taken back. */
export function unmute(
  mutes: readonly Answer[],
  { alertId, scope }: Pick<Answer, 'alertId' | 'scope'>,
): readonly Answer[] {
  return mutes.filter(
    other =>
      !(alertId !== null && alertId === other.alertId) &&
      !(scope !== null && other.scope !== null && holds(scope, other.scope)),
  )
}

function sameTarget(a: Answer, b: Answer): boolean {
  if (a.scope === null || b.scope === null) return a.scope === b.scope && a.alertId === b.alertId
  return holds(a.scope, b.scope) && holds(b.scope, a.scope)
}

/** The mute that silences an event of a window with this end; of several the one that lasts longest. */
export function mutedBy(mutes: readonly Answer[], subject: Subject, windowEnd: number): Answer | null {
  let longest: Answer | null = null
  for (const one of mutes)
    if (windowEnd < endOf(one) && concerns(one, subject) && (longest === null || endOf(one) > endOf(longest)))
      longest = one
  return longest
}

export function endOf({ until }: Answer): number {
  return until ?? Number.POSITIVE_INFINITY
}
