import type { AlertState } from './lifecycle.js'

/** Why alerts end when their monitor counts no more panes. */
export const NOT_WATCHED = 'the monitor was changed or removed; a changed one tells what still holds by itself'

/** Windows without a word of a series after which its alert is over. */
const GONE_AFTER = 8

export interface Situation {
  /** Last boundary closed, epoch ms. */
  readonly boundary: number
  readonly advanceMs: number
  /** End of the last window that the monitor version counts all panes of; Infinity while it is the newest. */
  readonly until: number
}

/**
 * Why an alert ends without a window that ends it; null: it does not.
 *
 *     model version   v1 ──────── rows ────────┤ none for 8 windows ▶ resolved
 *     monitor         a ────────────────────── until ▶ resolved (b tells what still holds)
 *
 * @param versionEnd end of the newest window of its model version
 * @param lastEnd end of the newest window in which its series was judged
 */
export function overdue(
  modelVersion: string,
  versionEnd: number,
  lastEnd: number,
  { boundary, advanceMs, until }: Situation,
): string | null {
  if (boundary >= until) return NOT_WATCHED
  const patience = GONE_AFTER * advanceMs
  if (boundary - versionEnd >= patience)
    return `model version ${modelVersion} is served no more: no rows for ${GONE_AFTER} windows`
  if (boundary - lastEnd >= patience) return `no window of the series could be judged for ${GONE_AFTER} windows`
  return null
}

/** Why an alert ends with the baseline that judges now; null: it does not. @param known whether that has the feature */
export function outOfBaseline({ opening }: AlertState, known: boolean, baseline: number): string | null {
  if (opening.check === 'new-feature') return known ? `baseline ${baseline} has the feature` : null
  return known ? null : `baseline ${baseline} does not have the feature`
}
