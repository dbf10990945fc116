import type { Outcome } from '../alert/event.js'
import type { Shadow, WindowSpec } from '../monitor.js'
import type { Advice, DivergenceFacts } from './event.js'
import { CHALLENGER, CHAMPION, type ShadowState } from './shadow-counts.js'

/** Why there is no promotion and no roll-back. */
export type Hold =
  | 'no-champion'
  | 'no-challenger'
  | 'no-request-in-common'
  | 'too-few-rows'
  | 'too-near-the-limit'
  | 'windows-to-come'
  | 'a-segment-is-beyond'
  | 'input-gap'
  | 'baseline-changed'
  | 'partition-missing'

/** What one window says by itself: a divergence beyond its limit, all within, or neither. */
export function outcomeOf(divergences: readonly DivergenceFacts[]): Outcome {
  const limited = divergences.filter(({ limit }) => limit !== null)
  if (limited.some(({ verdict }) => verdict === 'beyond')) return 'breach'
  return limited.length > 0 && limited.every(({ verdict }) => verdict === 'within') ? 'ok' : 'insufficient-data'
}

/**
 * Windows in a row that promote: as many as make up `windows` of them that do not overlap.
 *
 *     tumbling, 3   |---|---|---|            3 windows
 *     hopping, 2    |-------|                advance = size / 2: 3 windows
 *                       |-------|
 *                           |-------|
 */
export function windowsToPromote({ windows }: Pick<Shadow, 'windows'>, { sizeMs, advanceMs }: WindowSpec): number {
  return (windows - 1) * Math.ceil(sizeMs / advanceMs) + 1
}

/** What is known of a window when it is advised on. */
export interface Considered {
  readonly mode: Shadow['mode']
  readonly counts: ShadowState
  readonly divergences: readonly DivergenceFacts[]
  /** Windows in a row within every limit, this one included, and how many promote. */
  readonly within: { readonly windows: number; readonly needed: number }
  /** Of the rows of all segments: whether a segment is beyond a limit. */
  readonly segmentBeyond: boolean
  /** Why the window cannot be judged; null: it can. */
  readonly unfit: string | null
}

/**
 * roll-back: an interval is wholly beyond its limit. promote: all are within, for long enough, and no segment is beyond. Otherwise hold, and
 * why.
 */
export function adviceOf(one: Considered): { readonly advice: Advice; readonly because: Hold | string | null } {
  const { mode, counts, divergences, within, segmentBeyond, unfit } = one
  const hold = (because: Hold | string) => ({ advice: 'hold', because }) as const
  if (unfit !== null) return hold(unfit)
  if (counts.rows[CHALLENGER] <= 0) return hold('no-challenger')
  if (counts.rows[CHAMPION] <= 0) return hold('no-champion')
  if (mode === 'shadow' && counts.pairs <= 0) return hold('no-request-in-common')
  const outcome = outcomeOf(divergences)
  if (outcome === 'breach') return { advice: 'roll-back', because: null }
  if (outcome !== 'ok') {
    const open = divergences.filter(({ verdict }) => verdict === 'open')
    return hold(open.length > 0 && open.every(({ needed }) => needed === null) ? 'too-near-the-limit' : 'too-few-rows')
  }
  if (segmentBeyond) return hold('a-segment-is-beyond')
  return within.windows >= within.needed ? { advice: 'promote', because: null } : hold('windows-to-come')
}
