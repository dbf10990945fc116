import type { Score } from '../score.js'

/**
 * Windows between a window and its reference: a change that has just begun is not compared with itself, and a series that wanders shows in its
 * past errors how far it goes in that time.
 */
const LAG = 8
/** Windows that a reference has at least; the lag gives way to it. */
const FEWEST = 20
/** Windows before a past window that make a reference for it; the earliest ones are compared with all others. */
const FEWEST_BEFORE = 6
/** The largest past error is taken for so many standard deviations, should the others be smaller: one swing of the kind is no surprise the second time. */
const LARGEST = 2

/** Windows [0, n) that past window i is compared with; null: all others. */
export function before(i: number): number | null {
  return i - LAG >= FEWEST_BEFORE ? i - LAG : null
}

/** Windows [0, n) that the window at hand is compared with. */
export function reference(windows: number): number {
  return Math.max(Math.min(FEWEST, windows), windows - LAG)
}

/** The newest past errors may be the beginning of what is judged: where they do not follow each other, the largest is looked for before them. */
const NEWEST = 2
/** Autocorrelation from which on errors follow each other. */
const FOLLOW = 0.25

/**
 * Mean square of the past errors, or what the largest of them stands for. Of one kind of array: where there may be several, each number that is
 * read is a new object.
 * @param errors in time order
 */
export function swing(errors: Float64Array): number {
  const until = errors.length - NEWEST
  let squares = 0
  let together = 0
  let largest = 0
  let newest = 0
  let last = 0
  for (let i = 0; i < errors.length; i++) {
    const error = errors[i]
    const square = error * error
    squares += square
    together += error * last
    last = error
    if (i < until) {
      if (square > largest) largest = square
    } else if (square > newest) newest = square
  }
  if (newest > largest && together > FOLLOW * squares) largest = newest
  return Math.max(squares / Math.max(1, errors.length - 1), largest / LARGEST ** 2)
}

/** A change too small to matter, as most are: the past errors need not be looked at. */
export function still(statistic: string, before: number, now: number): Score {
  return { statistic, z: 0, before, now, phi: 1 }
}

/**
 * Errors in units of counting noise: where they are larger than that, the excess grows with n, as of a level that swings; it does not shrink in a
 * window of fewer rows, as that of rows that come in groups does not.
 */
export function overdispersed(error: number, errors: Float64Array, weight: number): { z: number; phi: number } {
  const phi = Math.max(1, swing(errors))
  return { z: error / Math.sqrt(1 + (phi - 1) * Math.max(1, weight)), phi }
}

let memoryOfErrors = new Float64Array(0)
/** By their number: that of the past windows, or one less. */
const pastErrors: Float64Array[] = []

/** Room for the errors of so many past windows, all 0, until the next statistic. */
export function noErrors(size: number): Float64Array {
  if (memoryOfErrors.length < size) {
    memoryOfErrors = new Float64Array(2 * size)
    pastErrors.length = 0
  }
  pastErrors[size] ??= memoryOfErrors.subarray(0, size)
  return pastErrors[size].fill(0)
}
/**
 * Dependent rows and swings make a distance larger than counting alone does: its usual size is no surprise, nor is a smaller one. The errors are
 * centred where they are.
 */
export function centred(error: number, errors: Float64Array, weight: number): { z: number; phi: number } {
  let sum = 0
  for (let i = 0; i < errors.length; i++) sum += errors[i]
  const centre = Math.max(0, sum / Math.max(1, errors.length))
  for (let i = 0; i < errors.length; i++) errors[i] -= centre
  const { z, phi } = overdispersed(error - centre, errors, weight)
  return { z: Math.max(0, z), phi }
}
