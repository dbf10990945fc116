import { type Segment, segmentKey } from '../baseline/baseline.js'
import { SEVERITIES, type Severity } from '../monitor.js'
import type { AlertStatus } from './event.js'
import type { Observation } from './lifecycle.js'
import { CLEAR } from './lifecycle.js'

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

/** Who has spoken last of an alert, as its events tell it. */
export interface Operator {
  readonly state: 'none' | 'acked' | 'muted' | 'expected'
  readonly by: string | null
  /** End of a mute, event time. */
  readonly until: number | null
  readonly note: string | null
}

export const NOBODY: Operator = { state: 'none', by: null, until: null, note: null }

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

/** The mutes after one more: it takes the place of one given to the same alert and scope, so that a mute can be made shorter. */
export function mute(mutes: readonly Answer[], answer: Answer): readonly Answer[] {
  return [...mutes.filter(other => !sameTarget(other, answer)), answer]
}

/** The mutes that are left: those given to the same alert, and those within the scope, are taken back. */
export function unmute(mutes: readonly Answer[], { alertId, scope }: Answer): readonly Answer[] {
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

/** The operator's part of a firing alert's state. The state machine (lifecycle.ts) knows nothing of it. */
export interface OperatorPart {
  /** An acknowledgement holds for the severity that was seen. */
  readonly acked: { readonly by: string; readonly note: string | null; readonly severity: Severity } | null
  /** Events of the state machine that were not told, less those told that it knows nothing of: event sequences have no gaps. */
  readonly withheld: number
  /** A mute swallowed its beginning: nobody knows of it. */
  readonly untold: boolean
  /** It was mute in its newest window: one event is owed when that ends. */
  readonly owed: boolean
}

export const UNANSWERED: OperatorPart = { acked: null, withheld: 0, untold: false, owed: false }

/** What is told of a window, of what the state machine says. */
export interface Telling {
  readonly part: OperatorPart
  readonly told: { readonly status: AlertStatus; readonly reason: string } | null
}

/**
 * Between the state machine and the topic, once a window for a firing alert, and when it resolves.
 *
 *     windows        1        2        3        4        5        6
 *     state machine  firing   –        ongoing  –        –        resolved
 *     mute           ├─────────────────────────────┤ until
 *     told                                      firing (owed)     resolved
 *
 * @param step the state machine's event of the window, if it has one
 * @param muted the mute in force for the window
 */
export function tell(part: OperatorPart, step: Telling['told'], muted: Answer | null, severity: Severity): Telling {
  const swallowed = { ...part, withheld: part.withheld + 1 }
  if (muted !== null) {
    const silent = step === null ? part : swallowed
    return { part: { ...silent, untold: part.untold || step?.status === 'firing', owed: true }, told: null }
  }
  // Whoever never heard of its beginning need not hear of its end.
  if (step?.status === 'resolved') return part.untold ? { part: swallowed, told: null } : { part, told: step }
  if (!part.owed) return reminded(part, step, severity)
  const due = { status: part.untold ? 'firing' : 'ongoing', reason: 'still firing after a mute' } as const
  const paid = { ...part, withheld: part.withheld - (step === null ? 1 : 0), untold: false, owed: false }
  return reminded(paid, due, severity)
}

/** An acknowledged alert is not reminded of, unless it is more severe than what was acknowledged. */
function reminded(part: OperatorPart, step: Telling['told'], severity: Severity): Telling {
  const { acked } = part
  const known = acked !== null && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(acked.severity)
  if (step?.status !== 'ongoing' || !known) return { part, told: step }
  return { part: { ...part, withheld: part.withheld + 1 }, told: null }
}

/** As the alert's events tell it. */
export function operatorOf({ acked }: OperatorPart, muted: Answer | null): Operator {
  if (muted !== null) return { state: 'muted', by: muted.by, until: muted.until, note: muted.note }
  return acked === null ? NOBODY : { state: 'acked', by: acked.by, until: null, note: acked.note }
}

/** A difference that an operator wants. It stands until the check has been calm for `CLEAR` windows. */
export interface ExpectedChange {
  /** Series and check, as alerts are keyed. */
  readonly key: string
  readonly alertId: string
  readonly by: string
  readonly note: string | null
  /** How far the alert's worst window went: value / threshold. */
  readonly ratio: number
  /** Its windows, which belong to the reference: from the start of the opening one to the end of the last before the answer. */
  readonly from: number
  readonly to: number
  readonly calm: number
}

/** A breach so much farther than what is expected is something new, and at least one threshold farther. */
const BEYOND = 1.25

/** What a wanted difference makes of a window: a breach that goes no farther is no breach. */
export function againstExpected(
  change: ExpectedChange,
  seen: Observation,
): { readonly change: ExpectedChange | null; readonly seen: Observation } {
  if (seen.outcome === 'insufficient-data') return { change, seen }
  if (seen.outcome === 'ok') {
    const calm = change.calm + 1
    return { change: calm < CLEAR ? { ...change, calm } : null, seen }
  }
  const isNew = seen.ratio > Math.max(BEYOND * change.ratio, change.ratio + 1)
  return { change: { ...change, calm: 0 }, seen: isNew ? seen : { ...seen, outcome: 'ok' } }
}
