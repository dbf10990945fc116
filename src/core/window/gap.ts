import type { WindowSpec } from '../monitor.js'
import { paneOf, roundOf } from './window.js'

/**
 * Offsets [first, to) that were gone from the log before they were read, and the panes [from, until) that may lack rows because of it: from the
 * oldest one that was open to the one of the first row after the gap.
 *
 *     offsets   ── read ──┤ first ░░░░░ gone ░░░░░ to ├── read ──▶
 *     panes      [··open··)[░░░░░░░░░░░░░░░░░░░░)[····)
 *                ▲ from                               ▲ until
 */
export interface Gap {
  readonly first: number
  readonly to: number
  readonly from: number
  /** Infinity until a row has come that is newer than those before the gap. */
  readonly until: number
}

/** The gap as it is known before a row after it: a task that has read nothing yet misses panes from that row's on. */
export function gapAfter(watermark: number, first: number, to: number, window: WindowSpec): Gap {
  return { first, to, from: oldestOpen(watermark, window), until: Number.POSITIVE_INFINITY }
}

/** @param time of the first row after it */
export function endGap(gap: Gap, time: number, window: WindowSpec): Gap {
  const pane = paneOf(time, window)
  return { ...gap, from: Number.isFinite(gap.from) ? gap.from : pane, until: pane + window.advanceMs }
}

/** Whether rows of the window [start, end) may be missing. */
export function touches({ from, until }: Gap, start: number, end: number): boolean {
  return from < end && until > start
}

/** Start of the oldest pane that still takes rows for its first verdict. */
function oldestOpen(watermark: number, window: WindowSpec): number {
  return roundOf(watermark, window) - (Number.isFinite(watermark) ? window.advanceMs : 0)
}
