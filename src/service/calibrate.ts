import { PublicDecoder } from '../codec/public-decoder.js'
import type { AlertEvent, VerdictEvent } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
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

export interface FoundIncident {
  readonly openedAt: number
  readonly summary: string
  readonly severity: string
  readonly features: readonly string[]
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

/** Largest |z| that has a step of its own. */
const PEAKS = 10

type Options = Omit<ReplayOptions, 'baseline' | 'onAlerts' | 'onVerdicts' | 'onEnd'> & { readonly baseline: Baseline }

/** The whole line over a history: what was told, and the series' own histories at the end. */
async function observed(
  options: Options,
): Promise<{ readonly events: number; readonly seen: Seen; readonly histories: ReadonlyMap<string, History> }> {
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
  const { events, seen, histories } = await observed(options)
  const wanted = monitor.seasons?.kind ?? 'auto'
  const withSeasons: Monitor =
    wanted === 'none' ? { ...monitor, seasons: { kind: 'auto', zone: monitor.seasons!.zone } } : monitor
  const season = new Season(monitor)
  const isShort = new Season(withSeasons).clock !== null
  const seasonal =
    wanted === 'none' && isShort ? (await observed({ ...options, monitor: withSeasons })).histories : histories
  const budget = budgetOf(monitor)
  const usual = usualOf([...histories.values()].map(({ tail }) => tail ?? NO_TAIL))
  const contracts = new Map(baseline.features.map(feature => [feature.name, feature]))
  const { advanceMs, sizeMs } = monitor.window
  const series = [...histories].flatMap(([key, history]): SeriesCalibration[] => {
    const [, segment, feature] = splitKey(key)
    const contract = contracts.get(feature)
    if (contract === undefined) return []
    const limits = limitsOf(budget, history.tail ?? NO_TAIL, usual)
    const past = history.past.map(({ profile }) => profile)
    const sees = detectable(contract, referenceOf(season, { contract, history }), limits)
    const factor = sees.shift === null ? Number.POSITIVE_INFINITY : rowsFor(TARGET, sees.shift, limits)
    const needed = rounded(Math.max(1, factor) * sizeMs, sizeMs)
    const windowFor = needed <= Math.max(sizeMs, LONGEST_MS) ? needed : null
    return [
      {
        feature,
        segment,
        windows: past.length,
        limits,
        sees,
        windowFor,
        useless: uselessOf(contract, past, monitor.window.historyMinRows),
      },
    ]
  })
  const whole = [...seasonal].flatMap(([key, history]): Calibrated[] => {
    const [, segment, feature] = splitKey(key)
    const contract = contracts.get(feature)
    if (segment !== '' || contract === undefined) return []
    return [{ contract, history, limits: limitsOf(budget, history.tail ?? NO_TAIL, usual) }]
  })
  const judged = seen.judged.size
  const weeks = (judged * advanceMs) / WEEK_MS
  const incidents = seen.incidents()
  return {
    ...{
      model: monitor.model,
      windowMs: sizeMs,
      advanceMs,
      asked: monitor.falseIncidents,
      budget: (budget * WEEK_MS) / advanceMs,
      events,
    },
    ...{ windows: seen.windows.size, judged, weeks },
    predicted:
      judged === 0 ? null : (RULES * series.reduce((sum, one) => sum + one.limits.alpha, 0) * WEEK_MS) / advanceMs,
    measured: judged === 0 ? null : incidents.length / weeks,
    ...{ incidents, againstTraining: seen.againstTraining, peaks: seen.peaks(), series },
    seasons: seasonsIn(withSeasons, wanted, whole),
  }
}

/** Follows verdicts and alert events. */
class Seen {
  /** Window ends. */
  readonly windows = new Set<number>()
  /** Largest |z| of the windows that history decided in, by window end. */
  readonly judged = new Map<number, number>()
  againstTraining = 0
  /** Alerts against history, by incident. */
  readonly #alerts = new Map<string, AlertEvent[]>()
  readonly #incidents = new Map<string, IncidentEvent>()

  take(one: Awaited<ReturnType<PublicDecoder['decode']>>): void {
    if (one?.type === 'verdict') this.#verdict(one.event)
    else if (one?.type === 'alert') this.#alert(one.event)
    else if (one?.type === 'incident' && one.event.status === 'firing')
      this.#incidents.set(one.event.incidentId, one.event)
  }

  #verdict({ window, checks }: VerdictEvent): void {
    if (window.revision > 0) return
    this.windows.add(window.end)
    for (const { against, decides, calibrated, value } of checks)
      if (against === 'history' && decides && calibrated)
        this.judged.set(window.end, Math.max(this.judged.get(window.end) ?? 0, Math.abs(value)))
  }

  #alert(alert: AlertEvent): void {
    if (alert.status !== 'firing') return
    if (!alert.evidence.some(({ against, decides }) => decides && against === 'history')) this.againstTraining++
    else {
      const key = alert.incidentId ?? alert.alertId
      this.#alerts.set(key, [...(this.#alerts.get(key) ?? []), alert])
    }
  }

  incidents(): FoundIncident[] {
    return [...this.#alerts]
      .map(([id, alerts]) => {
        const known = this.#incidents.get(id)
        const { summary, severity } = known ?? alerts[0]!
        const features = [...new Set(alerts.map(({ series }) => series.feature))]
        return { openedAt: Math.min(...alerts.map(({ openedAt }) => openedAt)), summary, severity, features }
      })
      .sort((a, b) => a.openedAt - b.openedAt)
  }

  peaks(): number[] {
    const counts = new Array<number>(PEAKS).fill(0)
    for (const peak of this.judged.values()) counts[Math.min(PEAKS - 1, Math.floor(peak))]!++
    return counts
  }
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
