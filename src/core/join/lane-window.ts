import type { Monitor, WindowSpec } from '../monitor.js'
import { paneOf } from '../window/window.js'
import { shelfMs } from './shelves.js'

/** The log that both sides of a join write to; its markers move the time of joined windows, and no others do. */
export const JOINS_TOPIC = 'driftline.joins'

/**
 * Windows of joined rows, by the time of their predictions: as long as those of the monitor, revised until a label can come no more. Null where
 * nothing is joined.
 */
export function laneWindow({ window, labels }: Pick<Monitor, 'window' | 'labels'>): WindowSpec | null {
  return labels === undefined ? null : windowWithin(window, labels.horizonMs)
}

/** As long as those of the monitor, revised until the other side of a pair can come no more. */
export function windowWithin(window: WindowSpec, horizonMs: number): WindowSpec {
  const until = horizonMs + window.graceMs + shelfMs({ horizonMs, advanceMs: window.advanceMs })
  return { ...window, reviseForMs: onGrid(until, 0, window.advanceMs) }
}

/** How long rows of its last predictions may come to the join; 0 where nothing is joined. */
export function joinedForMs({
  window,
  labels,
  offline,
  shadow,
}: Pick<Monitor, 'window' | 'labels' | 'offline' | 'shadow'>): number {
  const horizons = [labels?.horizonMs, offline?.horizonMs, shadow?.withinMs].filter(ms => ms !== undefined)
  return Math.max(0, ...horizons.map(horizonMs => windowWithin(window, horizonMs).reviseForMs))
}

/**
 * The first boundary from `round` on that rows of a pane may count in: a window that labels come to for days has some ten revisions, and not
 * hundreds.
 *
 *     pane end   +1   +2      +4              +8     advances
 *        |        |    |   x   ▲
 */
export function onGrid(round: number, paneEnd: number, advanceMs: number): number {
  if (round <= paneEnd) return paneEnd
  let step = advanceMs
  while (paneEnd + step < round) step *= 2
  return paneEnd + step
}

/**
 * The round in which something of a row counts.
 * @param time of the row
 * @param known when it became known
 * @param reached see `roundOf`: what rows can still reach
 */
export function roundKnown(window: WindowSpec, time: number, known: number, reached: number): number {
  const { advanceMs } = window
  const paneEnd = paneOf(time, window) + advanceMs
  return onGrid(Math.max(paneOf(known, window) + advanceMs, reached), paneEnd, advanceMs)
}
