import type { Action, AlertKind, Cause, Outcome } from './event.js'
import { number } from './words.js'

/**
 * The life of the alert of one series, a step a window (first verdicts only; revisions never run it).
 *
 *     window    ok   breach   breach   ok   ok   ok
 *     launch    –    pending  firing    …    …   resolved (–)
 *     history   –    firing     …       …    …   resolved (–)
 *
 * What has begun in the middle of a window is whole in the next: until a window has nothing in common with the one in which the alert fired, its
 * cause is looked for again, and a clearer one is told at once.
 *
 * The launch rule has no history that says how often a breach is nothing: it waits for a second one, or for one of twice the threshold. A score
 * against history has its confirmation in its limits. Windows that hold too little data neither confirm nor clear.
 */
export interface AlertState {
  readonly status: 'pending' | 'firing'
  readonly alertId: string
  /** Start of the window that first breached. */
  readonly openedAt: number
  /** Events issued so far. */
  readonly sequence: number
  readonly breaches: number
  /** Windows in a row without a breach. */
  readonly calm: number
  /** Windows since it began to fire, that one included. */
  readonly fired: number
  /** End of the window in which it began to fire; null while pending. */
  readonly firedAt: number | null
  /** The farthest the statistic went, in units of its threshold. */
  readonly peak: { readonly value: number; readonly windowEnd: number }
  /** Largest effect of its windows, in units of the effect that matters, and as last told. */
  readonly effect: number
  readonly toldEffect: number
  /** Ends of its newest windows that breached and that no late event has cleared since: what it stands on. */
  readonly breaching: readonly number[]
  /** What it was in the window that made it fire, or in one soon after that told its cause more clearly; pending: in the newest. */
  readonly opening: Opening
}

export interface Opening {
  readonly check: string
  readonly kind: AlertKind
  readonly summary: string
  readonly cause: Cause
  readonly action: Exclude<Action, 'none'>
  /** Found against history; else against training. */
  readonly calibrated: boolean
}

/** Breaches in a row that fire by the launch rule. */
const CONFIRM = 2
/** A breach of so many times the threshold needs no confirmation. */
export const FAR = 2
/** Calm windows in a row that resolve: one could be the noise of a value near the threshold. */
export const CLEAR = 3
/** An alert that has become so many times as large since it was told is told again. */
const GROWN = 3
/** Windows between two events of a firing alert, at least. */
const QUIET = 4
/** Breaching windows that are kept of an alert; older ones are not revised any more. */
const MOST_BREACHING = 32

export interface Observation {
  readonly outcome: Outcome
  /** value / threshold of the check that leads. */
  readonly ratio: number
  readonly effect: number
  readonly window: { readonly start: number; readonly end: number }
  /** Fires in its first window. */
  readonly confirmed: boolean
  /** However far it went, a second window must confirm it. */
  readonly twice?: boolean
  /** It is of a feature's values: the windows after the first may show their cause more clearly. */
  readonly looksAgain?: boolean
  /** Why it resolves in this window whatever it looks like: the difference has become the usual state. */
  readonly over: string | null
}

export interface Step {
  /** Null: inactive. */
  readonly state: AlertState | null
  readonly transition: 'firing' | 'ongoing' | 'resolved' | null
  readonly reason: string
  /** `ongoing` that is no reminder: it tells what the alert had not told. */
  readonly isNews?: boolean
}

/**
 * @param open what the alert is, asked in the windows until it fires, and in those that show its cause more clearly
 * @param idOf makes its id from the start of its opening window
 */
export function step(
  state: AlertState | null,
  seen: Observation,
  open: () => Opening,
  idOf: (opening: Opening, openedAt: number) => string,
): Step {
  if (seen.outcome === 'insufficient-data' && seen.over === null) return { state, transition: null, reason: '' }
  if (state?.status === 'firing') return burn(state, seen, open)
  if (seen.outcome !== 'breach') return { state: null, transition: null, reason: '' }
  const opening = open()
  const breaches = (state?.breaches ?? 0) + 1
  const openedAt = state?.openedAt ?? seen.window.start
  const alertId = state?.alertId ?? idOf(opening, openedAt)
  const next: AlertState = {
    ...{ status: 'pending', alertId, openedAt, sequence: 0, breaches, calm: 0, fired: 0, firedAt: null },
    ...{ peak: peakOf(state, seen), effect: Math.max(state?.effect ?? 0, seen.effect), toldEffect: 0, opening },
    breaching: breachingOf(state, seen),
  }
  const far = seen.ratio >= FAR && seen.twice !== true
  if (!seen.confirmed && !far && breaches < CONFIRM) return { state: next, transition: null, reason: '' }
  const reason = far || breaches === 1 ? `${times(seen.ratio)} the threshold` : `${breaches} windows over the threshold`
  const firing: AlertState = {
    ...next,
    status: 'firing',
    sequence: 1,
    fired: 1,
    firedAt: seen.window.end,
    toldEffect: next.effect,
  }
  return { state: firing, transition: 'firing', reason }
}

function burn(state: AlertState, seen: Observation, open: () => Opening): Step {
  const fired = state.fired + 1
  if (seen.over !== null) return resolved({ ...state, fired }, seen.over)
  if (seen.outcome === 'ok') {
    const quiet = { ...state, fired, calm: state.calm + 1 }
    if (quiet.calm < CLEAR) return { state: quiet, transition: null, reason: '' }
    return resolved(quiet, `${CLEAR} windows in a row below the threshold`)
  }
  const effect = Math.max(state.effect, seen.effect)
  const breaching = breachingOf(state, seen)
  const early = seen.looksAgain === true && seen.window.start <= state.firedAt!
  const now = early ? open() : state.opening
  const opening = clearer(state.opening, now)
  const peak = peakOf(state, seen)
  const next = { ...state, fired, breaches: state.breaches + 1, calm: 0, peak, effect, breaching, opening }
  if (opening !== state.opening) {
    const reason = `its cause is clearer now: ${otherThan(opening.cause, state.opening.cause)}`
    const told = { ...next, sequence: next.sequence + 1, toldEffect: effect }
    return { state: told, transition: 'ongoing', reason, isNews: true }
  }
  // What was seen of a part of the first window is told in the words of the next: a share of 6 % there is one of 20 %.
  const same = early && now.cause.code === state.opening.cause.code
  if (effect < GROWN * state.toldEffect || !(same || fired % QUIET === 0))
    return { state: next, transition: null, reason: '' }
  const words = same ? retold(state.opening, now) : state.opening
  const told = { ...next, sequence: next.sequence + 1, toldEffect: effect, opening: words }
  return {
    state: told,
    transition: 'ongoing',
    reason: `${times(effect / state.toldEffect)} what it was when last told`,
  }
}

const SURE = { low: 0, medium: 1, high: 2 } as const

/** Causes of a part of the rows: what a fault of all of them looks like in the window that it begins in. */
const PARTIAL: ReadonlySet<string> = new Set([
  'partial-unit',
  'imputation',
  'missing',
  'null',
  'type',
  'unseen',
  'range',
])

/** Whether a cause says more than the one that was found first: another one, that is no guess. One that was sure of all rows stays. */
export function isClearer(found: Cause, known: Cause): boolean {
  if (found.code === known.code) return isCorrected(found, known)
  // What two features show together weighs more than what either looks like by itself.
  if (found.code === 'exchanged' || known.code === 'exchanged') return found.code === 'exchanged'
  if (found.code === 'distribution' || found.code === 'deploy') return false
  if (found.confidence === 'low') return false
  if (known.code === 'distribution') return true
  if (known.confidence === 'high' && !PARTIAL.has(known.code)) return false
  return SURE[found.confidence] >= SURE[known.confidence]
}

/** Whether it is the same more surely, with a factor that lies beyond what the first was thought to be: a part of the rows pulls at it. */
function isCorrected(found: Cause, known: Cause): boolean {
  const { factor } = found.numbers
  const { low, high } = known.numbers
  return SURE[found.confidence] > SURE[known.confidence] && (factor < low || factor > high)
}

function otherThan(now: Cause, before: Cause): string {
  if (now.code !== before.code) return `${now.code}, not ${before.code}`
  return `${now.code} × ${number(now.numbers.factor)}, not × ${number(before.numbers.factor)}`
}

/** The alert with the cause that a later window shows, where that says more: what it is, and by which check, it stays. */
function clearer(before: Opening, now: Opening): Opening {
  return isClearer(now.cause, before.cause) ? retold(before, now) : before
}

function retold(before: Opening, now: Opening): Opening {
  const { kind, summary, cause, action } = now
  return { ...before, kind, summary, cause, action }
}

function resolved(state: AlertState, reason: string): Step {
  return { state: { ...state, sequence: state.sequence + 1 }, transition: 'resolved', reason }
}

function breachingOf(state: AlertState | null, { window: { end } }: Observation): readonly number[] {
  return [...(state?.breaching ?? []), end].slice(-MOST_BREACHING)
}

/** The alert without a window that late events have cleared; null: what is left of its windows would not have opened it. */
export function cleared(state: AlertState, window: Observation['window']): AlertState | null {
  const breaching = state.breaching.filter(end => end !== window.end)
  const confirmed = state.firedAt !== null && state.firedAt - state.openedAt > window.end - window.start
  return breaching.length < (confirmed ? CONFIRM : 1) ? null : { ...state, breaching }
}

function peakOf(state: AlertState | null, { ratio, window: { end } }: Observation): AlertState['peak'] {
  return state === null || ratio > state.peak.value ? { value: ratio, windowEnd: end } : state.peak
}

function times(ratio: number): string {
  return ratio >= 100 ? 'over 100 times' : `${ratio.toFixed(1)} times`
}
