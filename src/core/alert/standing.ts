import { type AlertStep, type History, isCalm, STANDING } from '../detect/history.js'
import type { Judgement } from '../detect/judgement.js'
import { RELATION } from '../detect/relation.js'
import type { AlertState, Observation, Step } from './lifecycle.js'

const OTHER_BASELINE = 'the series is compared with another baseline from now on'

type Seen = Pick<Judgement, 'scores' | 'limits'>

/** Why an alert ends whatever the window looks like. */
export function overOf(
  state: AlertState | null,
  { calibrated, during }: History,
  { scores, limits }: Seen,
): string | null {
  if (state?.status !== 'firing' || !calibrated) return null
  // A history that began while the alert fired knows nothing of it.
  if (state.opening.calibrated && state.fired > 0 && during.length === 0) return OTHER_BASELINE
  if (!state.opening.calibrated && scores.length > 0 && isCalm(scores, limits))
    return 'there are windows enough to compare the series with itself: a difference from training that stands is told once'
  if (state.opening.calibrated && windowsOf(state, during.length) + 1 >= STANDING)
    return `a standing difference: for ${STANDING} windows, which are the reference from now on`
  return null
}

/** Windows that it has stood for; of a relation also those that are not judged because its features moved: it comes to rest with them. */
function windowsOf({ fired, opening }: AlertState, during: number): number {
  return opening.cause.code === RELATION ? Math.max(fired, during) : fired
}

/**
 * An alert against training that is still a surprise when the series' own windows take over is the same alert against those: it is not told a
 * second time.
 */
export function takenOver(state: AlertState, { calibrated }: History, { scores, limits }: Seen): AlertState {
  if (state.status !== 'firing' || state.opening.calibrated || !calibrated || isCalm(scores, limits)) return state
  return { ...state, fired: 0, opening: { ...state.opening, calibrated: true } }
}

export function alertStep({ state, transition }: Step, { over }: Observation): AlertStep {
  // What the launch rule says of a window keeps nothing from being learnt.
  if (state?.status !== 'firing' || !state.opening.calibrated) return 'none'
  if (transition !== 'resolved') return 'firing'
  if (over === OTHER_BASELINE) return 'none'
  return over === null ? 'calmed' : 'standing'
}
