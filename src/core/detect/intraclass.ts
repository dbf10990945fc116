import { MEAN, VARIANCE } from './places.js'
import type { Profile } from './profile.js'

/** From here on the rows of a window go together: a fifth of such a series' windows are a third of σ and more from those before them. */
export const TOGETHER = 0.1
/** Windows that say so. */
const FEWEST = 10
/** Changes between windows that may be anything, the largest first: one window that is odd makes two. */
const APART = 2

/**
 * Intraclass correlation: which part of the variance of a single value lies between one window and the next. 0 where rows are independent, 1 where
 * all rows of a window have the same value, as the weather of the day or the hour. By changes from window to window, so that a trend is none.
 * @param windows of one series, with values, in time order; the moments are of y = (x − median)/σ, clipped
 */
export function intraclass(windows: readonly Profile[]): number {
  if (windows.length < FEWEST) return 0
  const correlation = windows[0].places.hasShape ? ofMoments(windows.filter(hasShape)) : ofCells(windows)
  return Number.isFinite(correlation) ? Math.max(0, correlation) : 0
}

/** Kish's design effect: as many rows say as little as one that is independent. */
export function designEffect(correlation: number, rows: number): number {
  return correlation < TOGETHER ? 1 : 1 + Math.max(0, rows - 1) * correlation
}

const hasShape = ({ places }: Profile): boolean => places.hasShape

function ofMoments(windows: readonly Profile[]): number {
  const changes = new Float64Array(windows.length - 1)
  let within = 0
  /** Of the window before, and its counting variance. */
  let mean = 0
  let ofMean = 0
  for (let i = 0; i < windows.length; i++) {
    const { numbers, at, places, count } = windows[i]
    const variance = numbers[at + places.shape + VARIANCE]
    const own = numbers[at + places.shape + MEAN]
    const ofOwn = variance / count
    within += variance / windows.length
    if (i > 0) changes[i - 1] = ((own - mean) ** 2 - ofOwn - ofMean) / 2
    mean = own
    ofMean = ofOwn
  }
  changes.sort()
  const kept = Math.max(1, changes.length - APART)
  let between = 0
  for (let i = 0; i < kept; i++) between += changes[i] / kept
  return between / (between + within)
}

/** The chance that two rows have the same label, in one window and in neighbouring ones. */
function ofCells(windows: readonly Profile[]): number {
  const { cells: from, topValues: to } = windows[0].places
  let same = 0
  let neighbours = 0
  for (let i = 0; i < windows.length; i++) {
    const { numbers, at, count } = windows[i]
    const before = windows[i - 1]
    for (let c = from; c < to; c++) {
      const here = numbers[at + c]
      same += (here * (here - 1)) / (count * Math.max(1, count - 1))
      if (i > 0) neighbours += (here / count) * (before.numbers[before.at + c] / before.count)
    }
  }
  same /= windows.length
  neighbours /= windows.length - 1
  return (same - neighbours) / (1 - neighbours)
}
