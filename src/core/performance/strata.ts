import { total } from '../statistic/psi.js'
import { keyOfScore, numberBetween, scoreBetween } from './score-key.js'
import type { BinaryScores, ClassScores, RegressionScores } from './score-state.js'

/** Neighbouring bins, `to` exclusive. */
export interface Group {
  readonly from: number
  readonly to: number
}

/**
 * Neighbouring bins put together so that groups have about the same mass, and at least `least` of it.
 * @param mass by bin, ascending
 * @param most groups at most
 * @param other by bin, of which groups have at least `least` too
 */
export function groups(mass: Float64Array, most: number, least = 0, other = mass): Group[] {
  const target = Math.max(total(mass) / most, least)
  const found: Group[] = []
  let [from, sum, others] = [0, 0, 0]
  for (let b = 0; b < mass.length; b++) {
    sum += mass[b]
    others += other[b]
    if (sum > 0 && sum >= target * (1 - 1e-9) && others >= least) {
      found.push({ from, to: b + 1 })
      ;[from, sum, others] = [b + 1, 0, 0]
    }
  }
  if (from === mass.length) return found
  // What is left over goes to the last group where it is less than half of one, or too little.
  const last = found.at(-1)
  if (last !== undefined && (sum < Math.max(target / 2, least) || others < least))
    found[found.length - 1] = { ...last, to: mass.length }
  else found.push({ from, to: mass.length })
  return found
}

/** What the predictions of each bin say: their mean score, or the middle of the bin where there is none, or of numbers. */
export function valuesOf(state: BinaryScores | RegressionScores): Float64Array {
  return Float64Array.from(state.bins, (bin, b) => {
    const low = bin << state.shift
    const high = low + 2 ** state.shift - 1
    if (state.type === 'regression') return numberBetween(low, high)
    if (!(state.n[b] > 0)) return scoreBetween(low, high, state.threshold)
    return Math.min(1, Math.max(0, state.scores[b] / state.n[b]))
  })
}

/** Sums of a column over groups. */
export function grouped(column: Float64Array, of: readonly Group[]): Float64Array {
  return Float64Array.from(of, ({ from, to }) => total(column.subarray(from, to)))
}

/** Bins of two states side by side: as wide as the wider ones, and all that either has. */
export interface CommonBins {
  readonly shift: number
  readonly bins: Int32Array
  /** A column of either state, by these bins. */
  readonly first: (column: Float64Array) => Float64Array
  readonly second: (column: Float64Array) => Float64Array
}

/** Both of one type; scores that were binned from another threshold on go by the first's. */
export function commonBins<S extends BinaryScores | RegressionScores>(first: S, second: S): CommonBins {
  const shift = Math.max(first.shift, second.shift)
  const own = second.type === 'binary' && first.type === 'binary' ? binsAt(second, first.threshold) : second.bins
  const [a, b] = [first.bins.map(bin => bin >> (shift - first.shift)), own.map(bin => bin >> (shift - second.shift))]
  const bins = distinct([...a, ...b])
  return { shift, bins, first: onto(bins, a), second: onto(bins, b) }
}

/** The counts by bins from another threshold on. */
export function atThreshold(state: BinaryScores, threshold: number): BinaryScores {
  if (state.threshold === threshold) return state
  const own = binsAt(state, threshold)
  const bins = distinct(own)
  const moved = onto(bins, own)
  const { n, labelled, scores, positive } = state
  return {
    ...state,
    threshold,
    ...{ bins, n: moved(n), labelled: moved(labelled), scores: moved(scores), positive: moved(positive) },
  }
}

/** Where the mean score of each bin lies from another threshold on. */
function binsAt(state: BinaryScores, threshold: number): Int32Array {
  if (state.threshold === threshold) return state.bins
  return Int32Array.from(valuesOf(state), score => keyOfScore(score, threshold) >> state.shift)
}

function distinct(bins: Iterable<number>): Int32Array {
  return Int32Array.from(new Set(bins)).sort()
}

/** Sums columns that are by bins `own` by `bins`, which have them all. */
function onto(bins: Int32Array, own: Int32Array): (column: Float64Array) => Float64Array {
  const index = new Map(Array.from(bins, (bin, i) => [bin, i]))
  const places = own.map(bin => index.get(bin)!)
  return column => {
    const sums = new Float64Array(bins.length)
    for (const [i, at] of places.entries()) sums[at] += column[i]
    return sums
  }
}

/** Labelled predictions of each class. */
export function labelledByClass({ classes, confusion }: ClassScores): Float64Array {
  const labelled = new Float64Array(classes.length)
  for (const [i, count] of confusion.count.entries()) labelled[confusion.predicted[i]] += count
  return labelled
}
