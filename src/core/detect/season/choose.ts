import type { Profile } from '../profile.js'
import { excessOfRows, misfit } from './levels.js'
import type { SeasonKind, SlotMeans, Without } from './slots.js'

/** A past window, and its part in what is known of its slot. */
export interface Measured {
  readonly profile: Profile
  readonly slot: number
  readonly without: Without
}

/** Windows from which on seasons can be measured. */
const FEWEST = 20
/** Seasons are worth their noise where they take this much off the misfit; once there, they stay while they take off anything. */
const WORTH = 0.95
/** Finer slots against coarser ones. */
const FINER = 0.97
/** Share of the windows whose slot must be known from another period. */
const MOST = 0.8

/**
 * The seasons that foretell past windows best, each from the others only: by its slot, and by how far the other windows lie from theirs. A kind
 * needs two periods of history, which is when most windows' slots are known without them.
 */
export function choose(
  means: SlotMeans,
  windows: readonly Measured[],
  wanted: 'auto' | SeasonKind,
  now: SeasonKind,
  lossOf: Loss = lossOfLevels,
): SeasonKind {
  if (windows.length < FEWEST || wanted === 'none') return 'none'
  const isKnown = (kind: SeasonKind): boolean => {
    const known = windows.filter(({ slot, without }) => means.weightOf(kind, slot) - without.weight > 0.5)
    return known.length >= MOST * windows.length
  }
  if (wanted !== 'auto') return isKnown(wanted) ? wanted : 'none'
  const losses = new Map<SeasonKind, number>([['none', lossOf(means, windows, 'none')]])
  for (const kind of ['weekday-hour', 'hour-of-week'] as const)
    if (isKnown(kind)) losses.set(kind, lossOf(means, windows, kind) / (kind === now ? 1 : WORTH))
  const coarse = losses.get('weekday-hour') ?? Number.POSITIVE_INFINITY
  const fine = losses.get('hour-of-week') ?? Number.POSITIVE_INFINITY
  const best: SeasonKind = fine < FINER * coarse ? 'hour-of-week' : 'weekday-hour'
  return Math.min(coarse, fine) < losses.get('none')! ? best : 'none'
}

/** How badly a kind foretells the windows; infinite where it cannot. */
type Loss = (means: SlotMeans, windows: readonly Measured[], kind: SeasonKind) => number

/** Windows before one that its rows are expected by. */
const NEWEST = 4

/** Of numbers of rows, which are expected by the newest windows before, season or not: how far they were off these. */
export function lossOfRows(means: SlotMeans, windows: readonly Measured[], kind: SeasonKind): number {
  const excess: number[] = []
  for (const { profile, slot, without } of windows) {
    const foretold = means.of(kind, slot, without)
    if (foretold === null) return Number.POSITIVE_INFINITY
    // Without seasons the mean of all says nothing that the newest windows do not.
    excess.push(kind === 'none' ? excessOfRows(profile, NO_LEVELS) : excessOfRows(profile, foretold))
  }
  let squares = 0
  for (let i = NEWEST; i < excess.length; i++) {
    const before = excess.slice(i - NEWEST, i).reduce((sum, x) => sum + x, 0) / NEWEST
    squares += (excess[i] - before) ** 2
  }
  return Math.sqrt(squares)
}

const NO_LEVELS = new Float64Array(2)

function lossOfLevels(means: SlotMeans, windows: readonly Measured[], kind: SeasonKind): number {
  const foretold = windows.map(({ slot, without }) => means.of(kind, slot, without))
  if (foretold.some(levels => levels === null)) return Number.POSITIVE_INFINITY
  const residuals = windows.map(({ without: { levels } }, i) => levels.map((x, l) => x - foretold[i]![l]))
  const sums = residuals[0].map((_, l) => residuals.reduce((sum, residual) => sum + residual[l], 0))
  return windows.reduce((loss, { profile }, i) => {
    const others = windows.length - 1
    return (
      loss +
      misfit(
        profile,
        foretold[i]!.map((x, l) => x + (sums[l] - residuals[i][l]) / others),
      )
    )
  }, 0)
}
