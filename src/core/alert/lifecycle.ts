import type { Outcome } from './event.js'

/**
 * The life of one check on one series, a step a window (first verdicts only; revisions never run it).
 *
 *     window    ok   breach   breach   ok   ok   ok
 *     state      –   pending  firing    …    …   resolved (–)
 *     event                   firing             resolved
 *
 * A breach of twice the threshold fires at once. Windows that hold too little data neither confirm nor clear.
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
  readonly peak: { readonly value: number; readonly windowEnd: number }
}

/** Breaches in a row that fire. */
export const CONFIRM = 2
/** A breach of so many times the threshold needs no confirmation. */
export const FAR = 2
/** Calm windows in a row that resolve: one could be the noise of a value near the threshold. */
export const CLEAR = 3

export interface Observation {
  readonly outcome: Outcome
  readonly value: number
  /** value / threshold. */
  readonly ratio: number
  readonly window: { readonly start: number; readonly end: number }
}

export interface Step {
  /** Null: inactive. */
  readonly state: AlertState | null
  readonly transition: 'firing' | 'resolved' | null
  readonly reason: string
}

/** @param openId makes the alert's id from the start of its opening window */
export function step(state: AlertState | null, seen: Observation, openId: (openedAt: number) => string): Step {
  if (seen.outcome === 'insufficient-data') return { state, transition: null, reason: '' }
  if (seen.outcome === 'ok') return calm(state)
  const { start, end } = seen.window
  const peak = state === null || seen.value > state.peak.value ? { value: seen.value, windowEnd: end } : state.peak
  const opened = state ?? { status: 'pending', alertId: openId(start), openedAt: start, sequence: 0, breaches: 0 }
  const next: AlertState = { ...opened, breaches: opened.breaches + 1, calm: 0, peak }
  if (next.status === 'firing') return { state: next, transition: null, reason: '' }
  const far = seen.ratio >= FAR
  if (!far && next.breaches < CONFIRM) return { state: next, transition: null, reason: '' }
  const reason = far
    ? `${times(seen.ratio)} the threshold in one window`
    : `${next.breaches} windows over the threshold`
  return { state: { ...next, status: 'firing', sequence: next.sequence + 1 }, transition: 'firing', reason }
}

function calm(state: AlertState | null): Step {
  if (state === null || state.status === 'pending') return { state: null, transition: null, reason: '' }
  const quiet = { ...state, calm: state.calm + 1 }
  if (quiet.calm < CLEAR) return { state: quiet, transition: null, reason: '' }
  const resolved = { ...quiet, sequence: quiet.sequence + 1 }
  return { state: resolved, transition: 'resolved', reason: `${CLEAR} windows in a row below the threshold` }
}

function times(ratio: number): string {
  return ratio >= 100 ? 'over 100 times' : `${ratio.toFixed(1)} times`
}
