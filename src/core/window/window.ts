import type { WindowSpec } from '../monitor.js'

/** Start of the pane that holds `time`. */
export function paneOf(time: number, window: WindowSpec): number {
  return Math.floor(time / window.advanceMs) * window.advanceMs
}

/**
 * The boundary that a row arriving at this watermark can still reach: the first window end B with watermark < B + grace.
 *
 *     watermark − grace
 *            v
 *     ----|--x-----|--------|
 *                  B = round
 */
export function roundOf(watermark: number, window: WindowSpec): number {
  if (!Number.isFinite(watermark)) return watermark
  return paneOf(watermark - window.graceMs, window) + window.advanceMs
}

/** The last boundary that this watermark lets close: B with B + grace ≤ watermark. */
export function boundaryOf(watermark: number, window: WindowSpec): number {
  return roundOf(watermark, window) - (Number.isFinite(watermark) ? window.advanceMs : 0)
}

/** Ends of the windows that hold the pane, ascending. */
export function windowEnds(pane: number, window: WindowSpec): number[] {
  const ends: number[] = []
  for (let end = pane + window.advanceMs; end <= pane + window.sizeMs; end += window.advanceMs) ends.push(end)
  return ends
}
