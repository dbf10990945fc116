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

/** Mean square of the past errors, or what the largest of them stands for. */
export function swing(errors: ArrayLike<number>): number {
  let squares = 0
  let largest = 0
  for (let i = 0; i < errors.length; i++) {
    const square = errors[i] * errors[i]
    squares += square
    if (square > largest) largest = square
  }
  return Math.max(squares / Math.max(1, errors.length - 1), largest / LARGEST ** 2)
}

/** Errors in units of counting noise: where they are larger than that, the excess grows with n. */
export function overdispersed(error: number, errors: ArrayLike<number>, weight: number): { z: number; phi: number } {
  const phi = Math.max(1, swing(errors))
  return { z: error / Math.sqrt(1 + (phi - 1) * weight), phi }
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
