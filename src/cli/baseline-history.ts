import { formatDuration } from '../config/duration.js'
import { seasonWarning } from '../config/season-notes.js'
import type { Baseline, FeatureBaseline } from '../core/baseline/baseline.js'
import type { Monitor } from '../core/monitor.js'
import { asideColours as aside } from './colours.js'

/** Windows of a feature that its training rows tell of, all segments together, and the seasons found in them. */
export interface HistorySummary {
  readonly windows: number
  readonly from: number
  readonly to: number
  readonly windowMs: number
  readonly seasons: string
}

/** Null where the rows have no times, or too few windows with rows enough. */
export function historyOf({ segments }: FeatureBaseline): HistorySummary | null {
  const history = segments.get('')?.history
  const [first] = history?.past ?? []
  if (history === undefined || first === undefined) return null
  const { seasons } = history
  const from = Math.min(first.start, seasons?.from ?? first.start)
  const windows = history.past.length
  return {
    ...{ windows, from, to: history.past.at(-1)!.end, windowMs: first.end - first.start },
    seasons: seasons?.kind ?? 'none',
  }
}

/** Too few windows for a history, which say how far limits against training must lie (swings.ts); all segments together. */
export interface SwingsSummary {
  /** Of the check that has most. */
  readonly windows: number
  readonly windowMs: number
  readonly checks: readonly string[]
}

/** Null where there is a history, and where there were fewer than 3 windows. */
export function swingsOf({ segments }: FeatureBaseline): SwingsSummary | null {
  const swings = segments.get('')?.swings
  if (swings === undefined) return null
  const windows = Math.max(...[...swings.checks.values()].map(({ windows }) => windows))
  return { windows, windowMs: swings.sizeMs, checks: [...swings.checks.keys()] }
}

/** What a baseline knows of earlier windows, in a line or two. */
export function historyLine(baseline: Baseline): string {
  const few = baseline.features.flatMap(feature => swingsOf(feature) ?? [])
  const [first] = few
  if (first === undefined) return pastLine(baseline)
  const most = Math.max(...few.map(({ windows }) => windows))
  const which = `${few.length} of ${baseline.features.length} series, of ${most} windows of ${formatDuration(first.windowMs)}`
  return `${pastLine(baseline)}\nlimits: none against training below what its own windows came to, in ${which}`
}

function pastLine({ features }: Baseline): string {
  const known = features.flatMap(feature => historyOf(feature) ?? [])
  if (known.length === 0)
    return 'history: none: its rows have no times, or fewer than 20 windows with 50 rows; series are calibrated while serving'
  const most = known.reduce((a, b) => (b.windows > a.windows ? b : a))
  const kinds = ['weekday-hour', 'hour-of-week'].flatMap(kind => {
    const count = known.filter(({ seasons }) => seasons === kind).length
    return count === 0 ? [] : [`${kind} in ${count}`]
  })
  return (
    `history: the newest ${most.windows} windows of ${formatDuration(most.windowMs)} in ${known.length} of ${features.length} series; ` +
    `seasons: ${kinds.join(', ') || 'none'}`
  )
}

/** As the table of features shows it. */
export function historyText(feature: FeatureBaseline): string {
  const known = historyOf(feature)
  const few = swingsOf(feature)
  if (known === null) return few === null ? '–' : `${few.windows} × ${formatDuration(few.windowMs)}, for limits`
  return `${known.windows} × ${formatDuration(known.windowMs)}${known.seasons === 'none' ? '' : `, ${known.seasons}`}`
}

/** Says on stderr when the history is too short for the seasons that the monitor asks for. */
export function tellShortSeasons({ file, seasons }: Monitor, baseline: Baseline): void {
  const known = baseline.features.flatMap(feature => historyOf(feature) ?? [])
  const historyMs = known.length === 0 ? null : Math.max(...known.map(({ from, to }) => to - from))
  const warning = seasonWarning(file, seasons?.kind, { source: baseline.source, historyMs })
  if (warning !== null) process.stderr.write(`${aside.yellow('warning')} ${warning}\n`)
}
