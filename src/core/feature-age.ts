import type { FeatureTime, Monitor } from './monitor.js'
import type { Range } from './plan.js'
import type { SketchState } from './sketch/state.js'

/**
 * Age of a feature: prediction time (the event's) less the time its value was computed, in seconds. A numeric series of its own; negative
 * where the value is newer than the prediction.
 */
export const AGE_UNIT = 's'

/** Name of the series of a feature, or of a source whose features are computed together. */
export function ageSeries(of: string): string {
  return `${of}.age`
}

/** Whether the series is an age and not what an event carries. */
export function isAge({ times }: Pick<Monitor, 'times'>, feature: string): boolean {
  return times.some(({ series }) => series === feature)
}

/** Ages that are as they should be: not negative, and not beyond `maxAge`. */
export function ageRange({ maxAgeMs }: Pick<FeatureTime, 'maxAgeMs'>): Range {
  return [0, maxAgeMs === null ? Number.POSITIVE_INFINITY : maxAgeMs / 1000]
}

/** Counts of an age series, exact: values that are newer than their prediction (a leak, or a clock), and values older than `maxAge`. */
export function ageCounts({ numeric }: Pick<SketchState, 'numeric'>): {
  readonly known: number
  readonly future: number
  readonly stale: number
} {
  if (numeric === null) return { known: 0, future: 0, stale: 0 }
  return { known: numeric.count, future: numeric.negatives, stale: numeric.outside - numeric.negatives }
}
