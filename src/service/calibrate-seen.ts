import type { PublicEvent } from '../codec/public-decoder.js'
import { type Answer, concerns } from '../core/alert/answer.js'
import { isEffect } from '../core/alert/effect.js'
import type { AlertEvent, VerdictEvent } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import { TRAFFIC } from '../core/detect/traffic.js'

export interface FoundIncident {
  readonly openedAt: number
  readonly summary: string
  readonly severity: string
  readonly features: readonly string[]
}

/** Largest |z| that has a step of its own. */
const PEAKS = 10

/** What verdicts and alert events come to, repeats counted once. */
export class Seen {
  /** Window ends. */
  readonly windows = new Set<number>()
  /** Largest |z| of the windows that history decided in, by window end. */
  readonly judged = new Map<number, number>()
  /** Rows by model version and window, as of the newest revision. */
  readonly #rows = new Map<string, { readonly revision: number; readonly rows: number }>()
  readonly #againstTraining = new Set<string>()
  /** Alerts against history, by incident. */
  readonly #alerts = new Map<string, AlertEvent[]>()
  readonly #incidents = new Map<string, IncidentEvent>()
  /** Incidents that were one event with another, and which that is. */
  readonly #merged = new Map<string, string>()

  /** @param expected answers of operators by which an alert was none that is false */
  constructor(private readonly expected: readonly Answer[] = []) {}

  /** Sum over the windows; where they overlap, rows are in several. */
  get rows(): number {
    return [...this.#rows.values()].reduce((sum, { rows }) => sum + rows, 0)
  }

  /** Alerts of the first windows, against training. */
  get againstTraining(): number {
    return this.#againstTraining.size
  }

  take(one: PublicEvent | null): void {
    if (one?.type === 'verdict') this.#verdict(one.event)
    else if (one?.type === 'alert') this.#alert(one.event)
    else if (one?.type === 'incident' && one.event.mergedInto !== null)
      this.#merged.set(one.event.incidentId, one.event.mergedInto)
    else if (one?.type === 'incident' && one.event.status === 'firing')
      this.#incidents.set(one.event.incidentId, one.event)
  }

  #verdict({ series, window, checks }: VerdictEvent): void {
    const { revision, rows } = window
    const key = `${window.end}/${series.modelVersion}`
    const isAll = series.feature === TRAFFIC && Object.keys(series.segment).length === 0
    if (isAll && revision >= (this.#rows.get(key)?.revision ?? 0)) this.#rows.set(key, { revision, rows })
    if (revision > 0) return
    this.windows.add(window.end)
    for (const { against, decides, calibrated, value } of checks)
      if (against === 'history' && decides && calibrated)
        this.judged.set(window.end, Math.max(this.judged.get(window.end) ?? 0, Math.abs(value)))
  }

  #alert(alert: AlertEvent): void {
    const { alertId, check, series } = alert
    if (alert.status !== 'firing' || this.expected.some(answer => concerns(answer, { alertId, check, ...series })))
      return
    const [own] = alert.evidence
    // Of labels, of what is joined, of input that is not watched: no score of a window is behind it.
    if (own === undefined || !own.decides || isEffect(alert)) return
    if (own.against === 'training') this.#againstTraining.add(alertId)
    else if (own.against === 'history') {
      const key = alert.incidentId ?? alertId
      this.#alerts.set(key, [...(this.#alerts.get(key) ?? []), alert])
    }
  }

  incidents(): FoundIncident[] {
    const found = new Map<string, AlertEvent[]>()
    for (const [id, alerts] of this.#alerts) {
      const last = this.#lastOf(id)
      found.set(last, [...(found.get(last) ?? []), ...alerts])
    }
    return [...found]
      .map(([id, alerts]) => {
        const known = this.#incidents.get(id)
        const { summary, severity } = known ?? alerts[0]!
        const features = [...new Set(alerts.map(({ series }) => series.feature))]
        return { openedAt: Math.min(...alerts.map(({ openedAt }) => openedAt)), summary, severity, features }
      })
      .sort((a, b) => a.openedAt - b.openedAt)
  }

  #lastOf(incident: string): string {
    const into = this.#merged.get(incident)
    return into === undefined ? incident : this.#lastOf(into)
  }

  peaks(): number[] {
    const counts = new Array<number>(PEAKS).fill(0)
    for (const peak of this.judged.values()) counts[Math.min(PEAKS - 1, Math.floor(peak))]!++
    return counts
  }
}
