import { PublicDecoder } from '../codec/public-decoder.js'
import { type Baseline, type FeatureBaseline, segmentKey } from '../core/baseline/baseline.js'
import { type Detectable, detectable, rowsFor } from '../core/detect/detectable.js'
import type { History } from '../core/detect/history.js'
import { budgetOf, type Limits, limitsOf, NO_TAIL, RULES, usualOf } from '../core/detect/limits.js'
import type { Profile } from '../core/detect/profile.js'
import { Season } from '../core/detect/season/season.js'
import type { Monitor } from '../core/monitor.js'
import type { Batch } from '../core/ports.js'
import { distinctOf } from '../core/sketch/distinct-values.js'
import { type Calibrated, referenceOf, type SeasonCalibration, seasonsIn } from './calibrate-seasons.js'
import { type FoundIncident, Seen } from './calibrate-seen.js'
import { type ReplayOptions, replay } from './replay.js'

/** Longest window that is advised: who waits longer, waits in vain. */
const LONGEST_MS = 90 * 86_400_000
const WEEK_MS = 7 * 86_400_000
/** A shift that is small for most models, in σ: windows are advised for it. */
export const TARGET = 0.1

/** What a monitor would say of a history that nothing was wrong in. */
export interface Calibration {
  readonly model: string
  readonly windowMs: number
  readonly advanceMs: number
  /** False incidents a week that may be: as the monitor says, and as limits are made for, at most 3 in 1000 windows for each one. */
  readonly asked: number
  readonly budget: number
  readonly events: number
  /** Windows with rows; of them so many were judged by history. */
  readonly windows: number
  readonly judged: number
  readonly weeks: number
  /** False incidents a week: as the tails of the scores have it, and as counted. Null: no window was judged by history. */
  readonly predicted: number | null
  readonly measured: number | null
  /** Those that were counted, oldest first. */
  readonly incidents: readonly FoundIncident[]
  /** Alerts of the first windows, against training. */
  readonly againstTraining: number
  /** Windows by the largest |z| of all their series, in steps of 1 from 0 on; the last holds all beyond. */
  readonly peaks: readonly number[]
  readonly series: readonly SeriesCalibration[]
  /** Null where windows are longer than a day. */
  readonly seasons: SeasonCalibration | null
}

export interface SeriesCalibration {
  readonly feature: string
  readonly segment: string
  readonly windows: number
  readonly limits: Limits
  readonly sees: Detectable
  /** Length of the windows in which a shift of `TARGET` σ shows, ms; null where no length does, or it is not numeric. */
  readonly windowFor: number | null
  /** Why it is useless to watch; null: it is not. */
  readonly useless: Useless | null
}

export type Useless = 'all-null' | 'constant' | 'id-like' | 'too-few-rows'

type Options = Omit<ReplayOptions, 'baseline' | 'onAlerts' | 'onVerdicts' | 'onEnd'> & { readonly baseline: Baseline }

/** The whole line over a history: what was told, and the series' own histories at the end. */
async function observed(options: Options): Promise<Omit<Past, 'seasonal'>> {
  const decoder = new PublicDecoder(null)
  const seen = new Seen()
  const take = async (batch: { headers: ReturnType<Batch['headers']>; value: Uint8Array }[]): Promise<void> => {
    for (const { headers, value } of batch) seen.take(await decoder.decode(headers, value))
  }
  const pending: Promise<void>[] = []
  const onBatch = (batch: Batch): void => {
    const all = Array.from({ length: batch.size }, (_, i) => ({
      headers: batch.headers(i),
      value: new Uint8Array(batch.value(i)!),
    }))
    pending.push(take(all))
  }
  const histories = new Map<string, History>()
  const { events } = await replay({
    ...options,
    onAlerts: onBatch,
    onVerdicts: onBatch,
    onEnd: line => {
      for (const evaluation of line.evaluating?.evaluations ?? [])
        for (const { key, history } of evaluation.state().histories) histories.set(key, history)
    },
  })
  await Promise.all(pending)
  return { events, seen, histories }
}

/** What the limits and the series come to at the end of a history. A monitor without seasons is run once more, with them. */
export async function calibrate(options: Options): Promise<Calibration> {
  const { monitor, baseline } = options
  const past = await observed(options)
  const wanting = withSeasons(monitor)
  const isOnceMore = wanting !== monitor && new Season(wanting).clock !== null
  const seasonal = isOnceMore ? (await observed({ ...options, monitor: wanting })).histories : past.histories
  return calibrationOf(monitor, baseline, { ...past, seasonal })
}

/** What a monitor has seen: in a run over files, or in service. */
export interface Past {
  readonly events: number
  readonly seen: Seen
  /** By `version|segment|feature`, as they are at its end. */
  readonly histories: ReadonlyMap<string, History>
  /** The same as a monitor with seasons has them; null where no such monitor has run. */
  readonly seasonal: ReadonlyMap<string, History> | null
}

export function calibrationOf(
  monitor: Monitor,
  baseline: Baseline,
  { events, seen, histories, seasonal }: Past,
): Calibration {
  const season = new Season(monitor)
  const budget = budgetOf(monitor)
  const usual = usualOf([...histories.values()].map(({ tail }) => tail ?? NO_TAIL))
  const contracts = new Map(baseline.features.map(feature => [feature.name, feature]))
  const { advanceMs, sizeMs } = monitor.window
  const version = newestVersion(histories)
  const series = [...histories].flatMap(([key, history]): SeriesCalibration[] => {
    const [own, segment, feature] = splitKey(key)
    const contract = contracts.get(feature)
    if (own !== version || contract === undefined) return []
    const limits = limitsOf(budget, history.tail ?? NO_TAIL, usual)
    const past = history.past.map(({ profile }) => profile)
    const sees = detectable(contract, referenceOf(season, { contract, history }), limits)
    const factor = sees.shift === null ? Number.POSITIVE_INFINITY : rowsFor(TARGET, sees.shift, limits)
    const needed = rounded(Math.max(1, factor) * sizeMs, sizeMs)
    const windowFor = needed <= Math.max(sizeMs, LONGEST_MS) ? needed : null
    const useless = uselessOf(contract, past, monitor.window.historyMinRows)
    return [{ feature, segment, windows: past.length, limits, sees, windowFor, useless }]
  })
  const whole = [...(seasonal ?? [])].flatMap(([key, history]): Calibrated[] => {
    const [own, segment, feature] = splitKey(key)
    const contract = contracts.get(feature)
    if (own !== version || segment !== '' || contract === undefined) return []
    return [{ contract, history, limits: limitsOf(budget, history.tail ?? NO_TAIL, usual) }]
  })
  const judged = seen.judged.size
  const weeks = (judged * advanceMs) / WEEK_MS
  const incidents = seen.incidents()
  const alpha = series.reduce((sum, one) => sum + one.limits.alpha, 0)
  return {
    ...{ model: monitor.model, windowMs: sizeMs, advanceMs, events },
    ...{ asked: monitor.falseIncidents, budget: (budget * WEEK_MS) / advanceMs },
    ...{ windows: seen.windows.size, judged, weeks },
    predicted: judged === 0 ? null : (RULES * alpha * WEEK_MS) / advanceMs,
    measured: judged === 0 ? null : incidents.length / weeks,
    ...{ incidents, againstTraining: seen.againstTraining, peaks: seen.peaks(), series },
    seasons: seasonal && seasonsIn(withSeasons(monitor), monitor.seasons?.kind ?? 'auto', whole),
  }
}

/** The monitor itself where it has some, or is to find out. */
function withSeasons(monitor: Monitor): Monitor {
  const { seasons } = monitor
  return seasons?.kind === 'none' ? { ...monitor, seasons: { kind: 'auto', zone: seasons.zone } } : monitor
}

/** The model version that has served last. */
export function newestVersion(histories: ReadonlyMap<string, History>): string {
  let [newest, end] = ['', Number.NEGATIVE_INFINITY]
  for (const [key, { past }] of histories) {
    const last = past.at(-1)?.end ?? Number.NEGATIVE_INFINITY
    const [version] = splitKey(key)
    // Histories of the rows themselves are of no version.
    if (version !== '' && last > end) [newest, end] = [version, last]
  }
  return newest
}

/** version|segment|feature: feature names may hold the sign. */
function splitKey(key: string): [version: string, segment: string, feature: string] {
  const first = key.indexOf('|')
  const second = key.indexOf('|', first + 1)
  return [key.slice(0, first), key.slice(first + 1, second), key.slice(second + 1)]
}

function uselessOf(contract: FeatureBaseline, past: readonly Profile[], minRows: number): Useless | null {
  if (past.length === 0) return null
  if (past.every(({ count }) => count === 0)) return 'all-null'
  if (past.every(({ count }) => count < minRows)) return 'too-few-rows'
  const trained = contract.segments.get(segmentKey({}))
  if (past.every(({ distinct }) => distinct <= 1) && (trained === undefined || distinctOf(trained.sketch) <= 1))
    return 'constant'
  if (contract.numeric === null && past.every(({ distinct, count }) => count >= minRows && distinct > count / 2))
    return 'id-like'
  return null
}

/** Up to whole windows. */
function rounded(ms: number, sizeMs: number): number {
  return Math.ceil(ms / sizeMs - 1e-9) * sizeMs
}
