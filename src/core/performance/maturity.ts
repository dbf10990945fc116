/** How many labels of a window had come when it was so old. */
export interface LabelAge {
  /** Event time since the window's end. */
  readonly ageMs: number
  readonly labelled: number
  readonly predictions: number
}

/** How labels came in windows that are complete. */
export interface LabelCurve {
  /** Ascending; the last is that of complete windows. */
  readonly agesMs: Float64Array
  /** Share of the predictions with a label by that age; never falls. */
  readonly coverage: Float64Array
  /** Standard deviation of the final coverage from window to window. */
  readonly spread: number
  readonly windows: number
}

export interface Maturity {
  readonly coverage: number
  /** Final coverage of past windows; null: none is complete yet. */
  readonly expected: number | null
  /** Of the labels that are expected, the share that has come, at most 1; null as above. */
  readonly come: number | null
  /** Enough labels that no more change the picture; otherwise what is measured is provisional. */
  readonly mature: boolean
  /** Fewer labels than past windows of that age had, by more than these differ: they are late, or fail to come. */
  readonly behind: boolean
}

/** Complete windows from which on their curve decides. */
const FEWEST_WINDOWS = 3
/** Of the labels that will come. */
const ENOUGH = 0.95
/** Standard deviations below the curve that count as behind, and the least difference that matters. */
const [BEHIND, LEAST] = [4, 0.05]

/**
 * Learns from windows that waited as long as labels may take. Null where there is none.
 * @param past for each window what it had by its ages, ascending
 */
export function labelCurve(past: readonly (readonly LabelAge[])[], horizonMs: number): LabelCurve | null {
  const complete = past.filter(ages => (ages.at(-1)?.ageMs ?? -1) >= horizonMs && (ages.at(-1)?.predictions ?? 0) > 0)
  if (complete.length === 0) return null
  const agesMs = Float64Array.from(new Set(complete.flatMap(ages => ages.map(({ ageMs }) => ageMs)))).sort()
  const coverage = agesMs.map(age => mean(complete.map(ages => coverageBy(ages, age))))
  for (let i = 1; i < coverage.length; i++) coverage[i] = Math.max(coverage[i], coverage[i - 1])
  const finals = complete.map(ages => coverageOf(ages.at(-1)!))
  const spread = Math.sqrt(finals.reduce((sum, x) => sum + (x - mean(finals)) ** 2, 0) / Math.max(1, finals.length - 1))
  return { agesMs, coverage, spread, windows: complete.length }
}

/**
 * Whether the labels of a window have come: all that past windows had at the end, or as long as labels may take is over.
 * @param curve null where nothing is known yet
 */
export function maturity(curve: LabelCurve | null, now: LabelAge, horizonMs: number): Maturity {
  const coverage = coverageOf(now)
  const over = now.ageMs >= horizonMs
  if (curve === null) return { coverage, expected: null, come: null, mature: over, behind: false }
  const expected = curve.coverage.at(-1)!
  const usual = curveAt(curve, now.ageMs)
  const counting = now.predictions > 0 ? (usual * (1 - usual)) / now.predictions : 0
  const known = curve.windows >= FEWEST_WINDOWS
  const come = expected > 0 ? Math.min(1, coverage / expected) : 1
  const behind = known && usual - coverage > Math.max(LEAST, BEHIND * Math.sqrt(counting + curve.spread ** 2))
  return {
    ...{ coverage, expected, come, behind },
    mature: over || (known && come >= ENOUGH && usual >= ENOUGH * expected),
  }
}

const coverageOf = ({ labelled, predictions }: LabelAge): number => (predictions > 0 ? labelled / predictions : 0)

/** What a window had when it was so old. */
function coverageBy(ages: readonly LabelAge[], ageMs: number): number {
  const known = ages.findLast(age => age.ageMs <= ageMs)
  return known === undefined ? 0 : coverageOf(known)
}

/** The share of the predictions that usually have a label by then. */
export function curveAt({ agesMs, coverage }: LabelCurve, ageMs: number): number {
  const at = agesMs.findLastIndex(age => age <= ageMs)
  return at < 0 ? 0 : coverage[at]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length
}
