import type { Committed, JoinOptions, Offsets } from '../core/ports.js'

/**
 * Where an owner begins: at the commit, else where the options say. Within what the log still has; the owner is told the commit and the
 * bounds too, so an expired commit is seen and never a silent reset.
 * @param offsetAt asked only for a start at a time
 */
export async function startOf(
  committed: Committed | null,
  bounds: Offsets,
  start: JoinOptions['start'],
  offsetAt: (time: number) => Promise<number>,
): Promise<number> {
  // A commit beyond the end is of another log under this name, or of one that has lost its end: all that is there is news.
  if (committed !== null) return committed.offset > bounds.end ? bounds.first : within(bounds, committed.offset)
  if (start === 'earliest') return bounds.first
  if (start === undefined || start === 'latest') return bounds.end
  return within(bounds, await offsetAt(start.time))
}

export function within(bounds: Offsets, offset: number): number {
  return Math.min(bounds.end, Math.max(bounds.first, offset))
}
