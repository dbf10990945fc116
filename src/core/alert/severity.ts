import type { Monitor, Severity } from '../monitor.js'

/** Mildest first. */
export const SEVERITIES: readonly Severity[] = ['info', 'warn', 'major', 'critical']

/** Importance at which an effect counts once; a feature of unknown importance counts as one of this. */
const NEUTRAL = 0.1
const LEAST_WEIGHT = 0.25
const MOST_WEIGHT = 3
/** Effect × weight from which a severity holds. */
const FROM: readonly (readonly [Severity, number])[] = [
  ['critical', 10],
  ['major', 2],
  ['warn', 0.5],
]

/**
 * How bad: the effect size times what rests on the feature.
 *
 * Effect: value over the threshold that matters at launch (|Δshare| / 5 points, PSI / .25, W1/σ / .5), or |z| over its threshold where a
 * statistic has no such size. Weight: √(importance / .1), from ¼ to 3; 1 where the importance is not known.
 *
 * | effect × weight | < .5 | .5–2 | 2–10 | ≥ 10 |
 * |---|---|---|---|---|
 * | severity | info | warn | major | critical |
 *
 * | for example | effect | unknown | importance .4 | .02 |
 * |---|---|---|---|---|
 * | shift of ¼ σ (PSI .06) | .5 | warn | warn | info |
 * | nulls +3 points | .6 | warn | warn | info |
 * | shift of 1 σ | 2 | major | major | warn |
 * | nulls +15 points | 3 | major | major | warn |
 * | every value null | 20 | critical | critical | major |
 */
export function severityOf(effect: number, importance: number | null): Severity {
  const weight = importance === null ? 1 : clamp(Math.sqrt(importance / NEUTRAL), LEAST_WEIGHT, MOST_WEIGHT)
  const score = effect * weight
  return FROM.find(([, from]) => score >= from)?.[0] ?? 'info'
}

/** Whether the monitor asks to be told: not where it only observes, nor below its least severity. */
export function isTold({ mode, notify }: Pick<Monitor, 'mode' | 'notify'>, severity: Severity): boolean {
  return mode !== 'observe' && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(notify.minSeverity)
}

/** The worst of them; `info` of none. */
export function worstSeverity(all: readonly Severity[]): Severity {
  return SEVERITIES[Math.max(0, ...all.map(one => SEVERITIES.indexOf(one)))]
}

function clamp(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x))
}
