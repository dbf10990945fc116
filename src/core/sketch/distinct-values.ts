import { estimateDistinct } from './distinct.js'
import { MOST_EXACT } from './exact.js'
import type { SketchState } from './state.js'

/** Distinct usable values of a series: exact while they are few, else estimated; a continuous feature beyond that counts as one more than that. */
export function distinctOf({ numeric, categorical }: SketchState): number {
  let sum = 0
  if (numeric !== null && numeric.count > 0) {
    if (numeric.exact !== null) sum += numeric.exact.values.length
    else if (numeric.distinct !== null) sum += estimateDistinct(numeric.distinct)
    else sum += MOST_EXACT + 1
  }
  if (categorical !== null) {
    sum += categorical.known.size
    sum += categorical.distinct === null ? categorical.heavy.length : estimateDistinct(categorical.distinct)
  }
  return sum
}
