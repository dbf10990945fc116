import { type Monitor, specOf } from './monitor.js'

const MARK = '@'

/** Name of the series of an upstream source as a whole: `@crm`. */
export function sourceSeries(source: string): string {
  return MARK + source
}

/** What a series with such a name is of. */
export function namedSource(series: string): string | null {
  return series.startsWith(MARK) ? series.slice(MARK.length) : null
}

/** The source that a series is of as a whole; null: it is of a feature. */
export function sourceOf({ sources }: Pick<Monitor, 'sources'>, series: string): string | null {
  const name = namedSource(series)
  return name !== null && Object.hasOwn(sources, name) ? name : null
}

/** Share of the decision that rests on a series; on a source rests what rests on the most important of its features. */
export function importanceOf(monitor: Monitor, series: string): number | null {
  const source = sourceOf(monitor, series)
  if (source === null) return specOf(monitor, series)?.importance ?? null
  const known = monitor.sources[source].features.flatMap(name => specOf(monitor, name)?.importance ?? [])
  return known.length === 0 ? null : Math.max(...known)
}
