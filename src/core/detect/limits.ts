import type { Monitor } from '../monitor.js'
import { ALPHA } from '../statistic/thresholds.js'

/**
 * How far the scores of one or more series went while nothing was wrong: peaks over a threshold. A peak is the largest |z| of a series in a
 * window; older windows weigh less.
 */
export interface Tail {
  readonly windows: number
  /** Windows with a peak beyond `FROM`. */
  readonly peaks: number
  /** By how much those were beyond it, in all. */
  readonly excess: number
}

/** How far a series' scores may go. */
export interface Limits {
  /** A single window beyond this, in standard deviations of the statistic's own swings, is an alert. */
  readonly once: number
  /** Two windows in a row beyond this, by the same statistic and in the same direction, are. */
  readonly twice: number
  /** So are three in a row, four and so on: the longer it lasts, the less it takes. */
  readonly lasting: readonly number[]
  /** Two in a row, three and so on, by one value of a statistic that may be of another value each time. */
  readonly sameValue: readonly number[]
  /** Share of clean windows in which the series goes beyond `once`, as its tail has it. */
  readonly alpha: number
  /** What its largest |z| reaches in a clean window with probability `ALPHA`. */
  readonly floor: number
}

/** Tails of all series of a model version. */
export interface Usual {
  /** Peaks a window and series. */
  readonly rate: number
  /** Mean excess of a peak. */
  readonly mean: number
  /** Number of series. */
  readonly series: number
}

export const NO_TAIL: Tail = { windows: 0, peaks: 0, excess: 0 }

/** Limits of what counts rows and not values: volume, repeated rows, ages. */
export const FIXED: Limits = { once: 6, twice: 3.5, lasting: [], sameValue: [], alpha: ALPHA, floor: 3.5 }

/** Where tails begin. */
const FROM = 3
/** Bounds of `once`: a surprise is a surprise however calm the past, and no past makes deaf. */
export const CALMEST = 5
export const RESTLESS = 8
/** Limits of three, four and five windows in a row, over `once`. */
const LASTING = [0.45, 0.4, 0.35]
/** Of two to five by one value, which nothing but that value brings about. */
const SAME_VALUE = [0.4, 0.35, 0.3, 0.25]
/** Windows after which one weighs 1/e. */
const MEMORY = 300
/** What is thought of a series before anything is known, and how many windows and peaks of its own weigh as much. */
const PRIOR = { rate: 0.02, mean: 0.5 }
const SHRUNK = { windows: 20, peaks: 5 }
/** A window beyond `once`, two running beyond `twice`: each has half of the budget. */
export const RULES = 2
/** False incidents a window at most, however long windows are, for each one a week that may be. */
const MOST_A_WINDOW = 0.003
const WEEK_MS = 7 * 86_400_000

/** The tail with one more window. @param peak its largest |z|; what is beyond any limit counts as far as that */
export function grown({ windows, peaks, excess }: Tail, peak: number): Tail {
  const kept = 1 - 1 / MEMORY
  const beyond = Math.max(0, Math.min(peak, RESTLESS) - FROM)
  return {
    windows: windows * kept + 1,
    peaks: peaks * kept + (beyond > 0 ? 1 : 0),
    excess: excess * kept + beyond,
  }
}

/** What the tails of a model version are like, all peaks taken together: which series swings next, its own past seldom tells. */
export function usualOf(tails: readonly Tail[]): Usual {
  const series = Math.max(1, tails.length)
  const all = tails.reduce((sum, { windows, peaks, excess }) => {
    return { windows: sum.windows + windows, peaks: sum.peaks + peaks, excess: sum.excess + excess }
  }, NO_TAIL)
  // Each series brings what is thought of it beforehand; the mean is one for all.
  const rate = (all.peaks + PRIOR.rate * SHRUNK.windows * series) / (all.windows + SHRUNK.windows * series)
  return { rate, mean: meanOf(all, PRIOR), series }
}

/** Peaks a window, as if some windows more had had the usual rate. */
function rateOf({ windows, peaks }: Tail, { rate }: Pick<Usual, 'rate'>): number {
  return (peaks + rate * SHRUNK.windows) / (windows + SHRUNK.windows)
}

/** Mean excess, likewise. */
function meanOf({ peaks, excess }: Tail, { mean }: Pick<Usual, 'mean'>): number {
  return (excess + mean * SHRUNK.peaks) / (peaks + SHRUNK.peaks)
}

/** False incidents that a window may have. */
export function budgetOf({ falseIncidents, window }: Pick<Monitor, 'falseIncidents' | 'window'>): number {
  return falseIncidents * Math.min(window.advanceMs / WEEK_MS, MOST_A_WINDOW)
}

/**
 * The limits that keep a series to its part of the budget, by peaks over threshold with exponential excesses (Pickands; Siffer et al. 2017, ξ = 0):
 * P(peak > T) = rate·e^−(T − FROM)/mean. Rate and mean are the series' own, shrunk to those of all series, and these to what is usual:
 * one window of 20 series says little, 200 windows say much. Two windows running need half the way: beyond it by the same statistic
 * and sign is as rare. A few windows more need less still, down to about a third.
 * @param budget false incidents a window, above 0
 * @param usual of all series of the model version
 */
export function limitsOf(budget: number, own: Tail, usual: Usual): Limits {
  const rate = rateOf(own, usual)
  const mean = meanOf(own, usual)
  const reached = (share: number): number => FROM + mean * Math.log(rate / share)
  const once = Math.max(CALMEST, Math.min(RESTLESS, reached(budget / (RULES * usual.series))))
  return {
    once,
    twice: once / 2,
    lasting: LASTING.map(share => share * once),
    sameValue: SAME_VALUE.map(share => share * once),
    alpha: Math.min(1, rate * Math.exp((FROM - once) / mean)),
    floor: Math.max(0, reached(ALPHA)),
  }
}
