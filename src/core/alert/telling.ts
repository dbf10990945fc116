import { SEVERITIES, type Severity } from '../monitor.js'
import type { Answer } from './answer.js'
import type { AlertStatus } from './event.js'

/** Who has spoken last of an alert, as its events tell it. */
export interface Operator {
  readonly state: 'none' | 'acked' | 'muted' | 'expected'
  readonly by: string | null
  /** End of a mute, event time. */
  readonly until: number | null
  readonly note: string | null
}

export const NOBODY: Operator = { state: 'none', by: null, until: null, note: null }

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

/** What the state machine says of a window. */
interface Said {
  readonly status: AlertStatus
  readonly reason: string
  /** See `Step`. */
  readonly isNews?: boolean
}

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
 * @param isHeld another alert tells of it, for now, or it has been told often enough: what has been told of it goes on, but nothing begins
 */
export function tell(
  part: OperatorPart,
  step: Said | null,
  muted: Answer | null,
  severity: Severity,
  isHeld = false,
): Telling {
  const swallowed = { ...part, withheld: part.withheld + 1 }
  const silent = step === null ? part : swallowed
  const untold = part.untold || step?.status === 'firing'
  if (muted !== null) return { part: { ...silent, untold, owed: true }, told: null }
  if (isHeld && untold) return { part: { ...silent, untold }, told: null }
  // Whoever never heard of its beginning need not hear of its end.
  if (step?.status === 'resolved') return part.untold ? { part: swallowed, told: null } : { part, told: step }
  if (!part.owed && !part.untold) return reminded(part, step, severity)
  const still = part.owed ? 'still firing after a mute' : 'still firing, and nothing holds it back any more'
  const reason = `${still}${step === null ? '' : `; ${step.reason}`}`
  const due = { status: part.untold ? 'firing' : 'ongoing', reason } as const
  const paid = { ...part, withheld: part.withheld - (step === null ? 1 : 0), untold: false, owed: false }
  return reminded(paid, due, severity)
}

/** An acknowledged alert is not reminded of, unless it is more severe than what was acknowledged; what is news of it is told. */
function reminded(part: OperatorPart, step: Said | null, severity: Severity): Telling {
  const { acked } = part
  const known = acked !== null && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(acked.severity)
  if (step?.status !== 'ongoing' || !known || step.isNews) return { part, told: step }
  return { part: { ...part, withheld: part.withheld + 1 }, told: null }
}

/** As the alert's events tell it. */
export function operatorOf({ acked }: OperatorPart, muted: Answer | null): Operator {
  if (muted !== null) return { state: 'muted', by: muted.by, until: muted.until, note: muted.note }
  return acked === null ? NOBODY : { state: 'acked', by: acked.by, until: null, note: acked.note }
}
