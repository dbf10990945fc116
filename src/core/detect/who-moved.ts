import type { Cause } from '../alert/event.js'
import type { Profile } from './profile.js'

/** The newest windows, and those that are too new to be a reference, as for the scores. */
const NEWEST = 3
const LAG = 8
const FEWEST = 8
/** From this share on a change was under way: a step half a window old makes a quarter. */
const UNDER_WAY = 1 / 3

/** A mean that moved by so many σ says more than the cells, which scatter. */
const MEAN_MOVED = 0.15

/**
 * How much of a change the newest windows before it had made already: (newest − reference)/(now − reference) of the mean, or where that stands
 * still the projection of the one on the other by shares of cells. About 0 for a step, near 1 for what came slowly; 0 where there is too
 * little history.
 * @param past clean windows, oldest first
 */
export function underWay(now: Profile, past: readonly Profile[]): number {
  if (past.length < FEWEST + LAG) return 0
  const usual = meanOf(past.slice(0, -LAG))
  const change = meanOf([now]) - usual
  if (Math.abs(change) >= MEAN_MOVED) return (meanOf(past.slice(-NEWEST)) - usual) / change
  return alongCells(now, past)
}

function alongCells(now: Profile, past: readonly Profile[]): number {
  const reference = sharesOf(past.slice(0, -LAG))
  const newest = sharesOf(past.slice(-NEWEST))
  const here = sharesOf([now])
  let along = 0
  let whole = 0
  for (const [c, share] of reference.entries()) {
    const change = here[c] - share
    along += (newest[c] - share) * change
    whole += change * change
  }
  return whole === 0 ? 0 : along / whole
}

/** A change that no fault explains and that came slowly is one of the world; one that came at once may be anybody's. */
export function attributed(cause: Cause, now: Profile, past: readonly Profile[]): Cause {
  if (!isMove(cause)) return cause
  const share = underWay(now, past)
  if (share < UNDER_WAY) return cause
  return {
    ...cause,
    code: 'distribution',
    alternatives: cause.code === 'distribution' ? cause.alternatives : [cause.code],
    sentence: `${cause.sentence}; it came gradually`,
    numbers: { ...cause.numbers, underWay: share },
    whoMoved: 'world',
  }
}

/** What the world may do: nothing known, or all values moved by as much, which no unit does step by step. */
function isMove({ code, whoMoved, numbers }: Cause): boolean {
  return (code === 'distribution' && whoMoved === 'unknown') || (code === 'unit' && 'shift' in numbers)
}

/** In the baseline's σ; NaN for labels. */
function meanOf(windows: readonly Profile[]): number {
  const shaped = windows.flatMap(({ shape }) => shape ?? [])
  return shaped.reduce((sum, { mean }) => sum + mean, 0) / shaped.length
}

function sharesOf(windows: readonly Profile[]): Float64Array {
  const sums = new Float64Array(windows[0].cells.length)
  let rows = 0
  for (const { cells, count } of windows) {
    rows += count
    for (let c = 0; c < cells.length; c++) sums[c] += cells[c]
  }
  return sums.map(sum => sum / Math.max(1, rows))
}
