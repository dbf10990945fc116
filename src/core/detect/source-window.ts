import type { FeatureBaseline } from '../baseline/baseline.js'
import { ageCounts } from '../feature-age.js'
import type { FeatureTime, Monitor } from '../monitor.js'
import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import { lowerBound } from '../sketch/search.js'
import { quantilesAt } from '../statistic/quantiles.js'
import type { View } from '../window/view.js'
import { countedProfile } from './counted-series.js'
import { COUNTERS } from './counters.js'
import type { Profile } from './profile.js'
import { repeatCounts } from './repeats.js'

/** Values whose entity was known, without which their repeats say nothing. */
const FEWEST_REPEATABLE = 50

/** Rows of a feature that cannot come from a source that works, as shares. NaN: nothing says so. */
export interface Broken {
  /** Of all rows: the feature is missing or null. */
  readonly absent: number
  /** Of the values whose age is known: they are too old. */
  readonly old: number
  /** Of the values whose entity was seen before: they are its last one again. */
  readonly repeated: number
}

/** How old the values of a source are, s: of the newest and the oldest of its ages. NaN: nothing says so. */
export interface Ages {
  readonly median: number
  readonly least: number
  /** 95 % of the values are younger. */
  readonly high: number
  readonly most: number
}

/** A source in one window, as its history keeps it. */
export interface SourceWindow {
  readonly ages: Ages
  /** In the order of `features`. */
  readonly features: readonly Broken[]
}

/** A source whose features are watched. */
export interface Source {
  readonly name: string
  /** Those that the baseline has. */
  readonly features: readonly FeatureBaseline[]
  /** Where events say how old they are; each at most once. */
  readonly times: readonly FeatureTime[]
}

/** The sources of a monitor that the baseline has features of. */
export function watchedSources(
  { sources, times }: Pick<Monitor, 'sources' | 'times'>,
  contracts: ReadonlyMap<string, FeatureBaseline>,
): Source[] {
  return Object.entries(sources).flatMap(([name, { features: names }]) => {
    const features = names.flatMap(feature => contracts.get(feature) ?? [])
    const its = times.filter(time => time.features.some(feature => names.includes(feature)))
    return features.length === 0 ? [] : [{ name, features, times: its }]
  })
}

/** @param limit age beyond which a value is too old where the monitor does not say, s; null: there is none */
export function sourceWindow(
  { features, times }: Source,
  view: View,
  contracts: ReadonlyMap<string, FeatureBaseline>,
  limit: number | null,
): SourceWindow {
  const aged = new Map(times.map(time => [time, agesOf(time, view, contracts, limit)]))
  return {
    ages: pooled([...aged.values()].flatMap(one => one ?? [])),
    features: features.map(contract => {
      const time = times.find(one => one.features.includes(contract.name))
      const side = { rows: view.rows, sketch: view.features.get(contract.name) ?? null }
      const [repeatable, repeats] = repeatCounts(side)
      return {
        absent: absentShare(side, contract),
        old: (time && aged.get(time)?.old) ?? Number.NaN,
        repeated: repeatable < FEWEST_REPEATABLE ? Number.NaN : repeats / repeatable,
      }
    }),
  }
}

/** Share of rows without the feature, and with null. */
export function absentShare(side: Parameters<(typeof ABSENT)[number]['count']>[0], contract: FeatureBaseline): number {
  return ABSENT.reduce((sum, { count }) => sum + count(side, contract), 0) / Math.max(1, side.rows)
}

const ABSENT = (COUNTERS as readonly (typeof COUNTERS)[number][]).filter(
  ({ check }) => check === 'missing' || check === 'null',
)

interface Aged extends Ages {
  readonly old: number
}

function agesOf(
  { series, maxAgeMs }: FeatureTime,
  view: View,
  contracts: ReadonlyMap<string, FeatureBaseline>,
  limit: number | null,
): Aged | null {
  const state = view.features.get(series)?.numeric
  if (state == null || state.count === 0) return null
  const curve = ecdf(state, contracts.get(series)?.numeric?.grid ?? null)
  const [median, high] = quantilesAt(curve, [0.5, 0.95])
  const { known, stale } = ageCounts({ numeric: state })
  const old = maxAgeMs !== null ? stale / known : limit === null ? Number.NaN : shareAbove(curve, limit)
  return { median, high, least: state.min, most: state.max, old }
}

function shareAbove({ x, after }: Ecdf, value: number): number {
  const at = lowerBound(x, 0, x.length, value)
  const upTo = x[at] === value ? at : at - 1
  return upTo < 0 ? 1 : 1 - after[upTo]
}

function pooled(all: readonly Ages[]): Ages {
  if (all.length === 0) return { median: Number.NaN, least: Number.NaN, high: Number.NaN, most: Number.NaN }
  return {
    median: Math.max(...all.map(({ median }) => median)),
    least: Math.min(...all.map(({ least }) => least)),
    high: Math.max(...all.map(({ high }) => high)),
    most: Math.max(...all.map(({ most }) => most)),
  }
}

const OF_AGES = 4
const OF_FEATURE = 3

/** As a profile, which histories keep: the ages, then the shares of each feature. */
export function sourceProfile(rows: number, { ages, features }: SourceWindow): Profile {
  const { median, least, high, most } = ages
  const shares = features.flatMap(({ absent, old, repeated }) => [absent, old, repeated])
  return countedProfile(rows, features.length, [median, least, high, most, ...shares])
}

export function sourceWindowOf(profile: Profile): SourceWindow {
  const [median, least, high, most] = [0, 1, 2, 3].map(c => profile.counter(c))
  const features = Array.from({ length: profile.count }, (_, f) => {
    const [absent, old, repeated] = [0, 1, 2].map(c => profile.counter(OF_AGES + OF_FEATURE * f + c))
    return { absent, old, repeated }
  })
  return { ages: { median, least, high, most }, features }
}
