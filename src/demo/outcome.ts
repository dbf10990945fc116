import { isEffect } from '../core/alert/effect.js'
import { type AlertEvent, isOver } from '../core/alert/event.js'
import type { Fault, Schedule } from './faults.js'

/** An alert event as it was read from driftline.alerts. */
export interface Told {
  readonly alert: AlertEvent
  /** When it was written to the log, simulated time, epoch ms. */
  readonly at: number
}

/** What became of one fault. */
export interface FaultOutcome {
  readonly fault: Fault
  /** Alerts that opened on its feature while it was there, in the order they came; none: it was not found. */
  readonly openings: readonly Told[]
  /** Alerts on what moves with it. */
  readonly followers: readonly Told[]
  /** Alerts on labels of what moves with it: what it has cost. */
  readonly effects: readonly Told[]
  /** From the fault to the first alert event in the log; null when there was none. */
  readonly delayMs: number | null
  /** Windows that the fault had touched when it was found. */
  readonly windows: number | null
  /** From the end of the fault until the last of its alerts resolved; null while one is open. */
  readonly resolvedAfterMs: number | null
}

export interface Outcome {
  readonly faults: readonly FaultOutcome[]
  readonly falseAlarms: readonly Told[]
}

/**
 * Sets the alert events beside the injector's schedule. This is the only place that knows both, and it decides nothing: it fills the closing
 * table. An alert belongs to a fault if it opened on the fault's feature, or on one that the fault moves, in a window that the fault touched.
 */
export function outcomeOf({ faults }: Pick<Schedule, 'faults'>, told: readonly Told[]): Outcome {
  const opened = told.filter(({ alert }) => alert.status === 'firing')
  const belongs = ({ alert: { window } }: Told, { from, until }: Fault): boolean =>
    window.end > from && window.start < until
  const explained = new Set<Told>()
  const outcomes = faults.map(fault => {
    const during = opened.filter(one => belongs(one, fault))
    const openings = during.filter(({ alert }) => alert.series.feature === fault.feature)
    const followers = during.filter(
      ({ alert: { series } }) => fault.moves.includes(series.feature) || isMadeOf(series.feature, fault.feature),
    )
    const effects = followers.filter(({ alert }) => isEffect(alert))
    const also = followers.filter(one => !effects.includes(one))
    for (const one of [...openings, ...followers]) explained.add(one)
    const first = openings[0]
    const found = { fault, openings, followers: also, effects }
    if (first === undefined) return { ...found, delayMs: null, windows: null, resolvedAfterMs: null }
    const { start, end } = first.alert.window
    return {
      ...found,
      delayMs: first.at - fault.from,
      windows: Math.ceil((end - fault.from) / (end - start)),
      resolvedAfterMs: resolvedAfter(fault, [...openings, ...also], told),
    }
  })
  return { faults: outcomes, falseAlarms: opened.filter(one => !explained.has(one)) }
}

/** Whether a series watches how the feature goes with others: `~trip_km~trip_minutes.3c79`. */
function isMadeOf(series: string, feature: string): boolean {
  return series.startsWith('~') && series.slice(1, series.lastIndexOf('.')).split('~').includes(feature)
}

function resolvedAfter(fault: Fault, openings: readonly Told[], told: readonly Told[]): number | null {
  const ends = openings.map(({ alert }) =>
    told.find(other => other.alert.alertId === alert.alertId && isOver(other.alert.status)),
  )
  if (!Number.isFinite(fault.until) || ends.includes(undefined)) return null
  return Math.max(...ends.map(end => end!.at)) - fault.until
}
