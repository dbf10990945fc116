import type { Score } from '../score.js'
import { before, noErrors, reference, still, swing } from './errors.js'

/**
 * A statistic of the past windows, oldest first, and last that of the window at hand, each with the variance that counting gives it; and
 * running sums. In memory that is used again and again.
 */
class Levels {
  /** Past windows. */
  size = 0
  values = new Float64Array(0)
  variances = new Float64Array(0)
  /** Of the values [0, i). */
  sums = new Float64Array(0)

  begin(size: number): this {
    this.size = size
    if (this.values.length > size) return this
    this.values = new Float64Array(2 * size + 1)
    this.variances = new Float64Array(2 * size + 1)
    this.sums = new Float64Array(2 * size + 2)
    return this
  }

  /** In order, from 0 to `size`. */
  put(i: number, value: number, variance: number): void {
    this.values[i] = value
    this.variances[i] = variance
    this.sums[i + 1] = this.sums[i] + value
  }
}

/** One for all: each statistic is scored before the next is looked at. */
export const levels = new Levels()

/**
 * The change over the standard deviation that counting and the past windows' own errors make: τ² is what they are beyond counting.
 * @param isAssumed whether the variances are those of another distribution: errors beyond them may then be counting, which grows in a window of
 *   fewer rows
 */
export function levelScore(
  statistic: string,
  least: number,
  { size: R, values, variances, sums }: Levels,
  isAssumed = false,
): Score {
  const value = values[R]
  const to = reference(R)
  const usual = sums[to] / to
  if (Math.abs(value - usual) < least) return still(statistic, usual, value)
  let counting = 0
  for (let i = 0; i < R; i++) counting += variances[i]
  counting /= R
  const errors = noErrors(R)
  for (let i = 0; i < R; i++) {
    const until = before(i)
    errors[i] = values[i] - (until === null ? (sums[R] - values[i]) / (R - 1) : sums[until] / until)
  }
  const wander = swing(errors)
  const tau2 = Math.max(0, wander - counting * (1 + 1 / R))
  // A window of equal values has no variance of its own; the reference's says what counting does.
  const own = Math.max(variances[R], counting)
  const phi = Math.max(1, wander / Math.max(1e-12, counting))
  const added = own + counting / to + tau2 * (1 + 1 / to)
  const variance = isAssumed ? Math.max(added, phi * own) : added
  const z = (value - usual) / Math.sqrt(Math.max(1e-12, variance))
  return { statistic, z, before: usual, now: value, phi }
}
