import type { Cause } from '../../alert/event.js'
import { number, percent } from '../../alert/words.js'
import { namedFactors } from './constants.js'
import type { Seen } from './seen.js'

/** What part of the rows may be in another unit. */
export const LEAST_SHARE = 0.01
export const MOST_SHARE = 0.95

/** The words for a part of the rows times e^log, known to within `error`. */
export function tellPart(
  { unit }: Seen,
  log: number,
  share: number,
  error: number,
  confidence: Cause['confidence'],
): Cause {
  const factor = Math.exp(log)
  const named = namedFactors(log, Math.max(0.01, 3 * error), unit)
  const said = factor >= 1 ? `multiplied by ${number(factor)}` : `divided by ${number(1 / factor)}`
  return {
    code: 'partial-unit',
    confidence,
    sentence: `${percent(share)} of the rows look ${said}${named.length > 0 ? ` (${named[0].words})` : ''}, the others as before`,
    numbers: { share, factor, low: Math.exp(log - 3 * error), high: Math.exp(log + 3 * error) },
    alternatives: named.slice(1).map(({ value, words }) => `partial-unit × ${number(value)} (${words})`),
    whoMoved: 'pipeline',
  }
}
