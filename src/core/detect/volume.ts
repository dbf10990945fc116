import { swing } from './score/errors.js'
import type { Score } from './score.js'

/** Clean windows that say how many rows are expected: the newest, since traffic has its hours. */
const NEWEST = 4
/** Below this share of what is expected, or above its inverse, the volume is judged. */
const HALF = 0.5
/** Fewer expected rows than this come and go by chance. */
const FEWEST_EXPECTED = 20
/** Steadier than this no traffic is taken to be. */
const LEAST_SWING = 0.05

/**
 * The rows of a window against the mean of the newest four clean windows: z of ln(rows/expected) over what the past windows' own were, the
 * largest of them taken for two standard deviations, and counting noise. 0 between half and twice of what is expected. `before` and `now` are
 * rows. Null where too few rows are expected to say anything.
 * @param past rows of the clean windows, oldest first
 */
export function volumeScore(rows: number, past: readonly number[]): Score | null {
  const expected = expectedOf(past, past.length)
  if (expected === null || expected < FEWEST_EXPECTED) return null
  const errors = past.flatMap((own, i) => {
    const before = expectedOf(past, i)
    return before === null ? [] : [logRatio(own, before)]
  })
  const counting = (1 + 1 / NEWEST) / expected
  const variance = Math.max(counting, swing(errors), LEAST_SWING ** 2)
  const change = logRatio(rows, expected)
  const usual = rows > HALF * expected && rows < expected / HALF
  const phi = Math.max(1, variance / counting)
  return { statistic: 'volume', z: usual ? 0 : change / Math.sqrt(variance), before: expected, now: rows, phi }
}

/** How often the rows have halved or doubled: the effect of a change of volume. */
export function volumeEffect({ before, now }: Score): number {
  return Math.abs(logRatio(now, before)) / Math.LN2
}

/** Mean of the newest windows before the i-th; null where there are too few. */
function expectedOf(past: readonly number[], i: number): number | null {
  if (i < NEWEST) return null
  let sum = 0
  for (let j = i - NEWEST; j < i; j++) sum += past[j]
  return sum / NEWEST
}

function logRatio(rows: number, expected: number): number {
  return Math.log((rows + 0.5) / (expected + 0.5))
}
