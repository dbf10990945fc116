import type { AlertKind } from './event.js'

/** What labels say of a model: a consequence, where something else of an incident can have brought it about. */
const EFFECTS: readonly AlertKind[] = ['performance', 'concept-drift', 'label-shift', 'feedback-loop']

/** Windows before it in which the cause of an effect may have opened: what stood longer did not begin to hurt now. */
const WITHIN = 24

export function isEffect({ kind }: { readonly kind: AlertKind }): boolean {
  return EFFECTS.includes(kind)
}

/**
 * Whether a cause, seen by its windows of opening, can have brought about an effect. By event time: labels come when the cause may be long over.
 *
 *     window         1      2      3      4      5
 *     cause          –      ▲ may have           ▲ may not
 *     effect                       ▲ opens
 *
 * An effect opens in its first window, and what is adjacent may need a window more to be seen.
 */
export function mayCause(cause: readonly number[], effect: readonly number[], sizeMs: number): boolean {
  const first = Math.min(...effect)
  return cause.some(opened => opened <= first + sizeMs && opened >= first - WITHIN * sizeMs)
}

/** How many windows lie between the nearest opening of a cause and an effect; adjacent ones count as the same. */
export function apart(cause: readonly number[], effect: readonly number[], sizeMs: number): number {
  const first = Math.min(...effect)
  return Math.max(0, Math.min(...cause.map(opened => Math.abs(first - opened))) / sizeMs - 1)
}
