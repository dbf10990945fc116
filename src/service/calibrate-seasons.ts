import type { FeatureBaseline } from '../core/baseline/baseline.js'
import { detectable } from '../core/detect/detectable.js'
import type { History } from '../core/detect/history.js'
import type { Limits } from '../core/detect/limits.js'
import type { Profile } from '../core/detect/profile.js'
import { Season } from '../core/detect/season/season.js'
import type { SeasonKind } from '../core/detect/season/slots.js'
import type { Monitor } from '../core/monitor.js'

const WEEK_MS = 7 * 86_400_000
/** Hours of the week can be measured from two periods on. */
const WEEKS_NEEDED = 2

/** Which seasons the series of a history have, and what they are worth. */
export interface SeasonCalibration {
  /** As the monitor says. */
  readonly wanted: 'auto' | SeasonKind
  /** Series of all rows, by the kind that foretells their newest windows best. */
  readonly kinds: Readonly<Record<SeasonKind, number>>
  /** Those of any kind, in text order. */
  readonly features: readonly string[]
  /** Weeks that slots were learnt from, training rows included; and those missing to tell hours of the week. */
  readonly weeks: number
  readonly missingWeeks: number
  /** Smallest shift, σ, that these series show in two windows running, their median: beside all windows, and beside their own slot. */
  readonly shift: { readonly without: number; readonly with: number } | null
}

/** A series of all rows at the end of a history. */
export interface Calibrated {
  readonly contract: FeatureBaseline
  readonly history: History
  readonly limits: Limits
}

/** The reference windows as the series' newest window was compared with them: in its slot of the week, where it has seasons. */
export function referenceOf(season: Season, { contract, history }: Omit<Calibrated, 'limits'>): readonly Profile[] {
  const newest = history.past.at(-1)
  return newest === undefined ? [] : season.comparable(contract, history, history.past, newest.start).past
}

/** @param monitor that the history was judged by, with seasons. @returns null where windows are longer than a day */
export function seasonsIn(
  monitor: Monitor,
  wanted: SeasonCalibration['wanted'],
  series: readonly Calibrated[],
): SeasonCalibration | null {
  const season = new Season(monitor)
  if (season.clock === null) return null
  const kinds = { none: 0, 'weekday-hour': 0, 'hour-of-week': 0 }
  for (const { history } of series) kinds[history.seasons?.kind ?? 'none']++
  const seasonal = series.filter(({ history }) => (history.seasons?.kind ?? 'none') !== 'none')
  const shifts = seasonal.flatMap(one => {
    const { contract, history, limits } = one
    const plain = history.past.map(({ profile }) => profile)
    const [without, beside] = [plain, referenceOf(season, one)].map(
      past => detectable(contract, past, limits).shift?.twice,
    )
    return without === undefined || beside === undefined ? [] : [{ without, with: beside }]
  })
  const spans = series.flatMap(({ history: { seasons } }) => (seasons ? [seasons.to - seasons.from] : []))
  const weeks = (Math.max(0, ...spans) + (spans.length > 0 ? monitor.window.advanceMs : 0)) / WEEK_MS
  return {
    ...{ wanted, kinds, features: seasonal.map(({ contract }) => contract.name).sort() },
    ...{ weeks, missingWeeks: Math.max(0, WEEKS_NEEDED - weeks) },
    shift:
      shifts.length === 0
        ? null
        : { without: median(shifts.map(one => one.without)), with: median(shifts.map(one => one.with)) },
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!
}
