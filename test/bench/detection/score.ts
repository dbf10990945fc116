import { wilson } from '../../../src/core/statistic/intervals.js'
import type { Fault } from './fault.js'
import type { Family, Stream } from './streams.js'
import type { Result } from './trials.js'

/** Windows with so many rows are large. */
export const LARGE = 1000

/** What was served without faults. */
export interface Quiet {
  readonly windows: number
  /** Windows in which an alert opened, those apart that only told of documented changes. */
  readonly incidents: number
  /** Those of them in which an incident began, where the scheme says which alerts are one incident: later ones may join an open one. */
  readonly merged: number
  readonly documented: number
  /** Windows in which a feature alarmed, likewise. */
  readonly alarmWindows: number
}

/** A window without faults in which an alert opened. */
export interface Incident {
  readonly stream: string
  readonly window: number
  readonly features: readonly string[]
  /** No alert before it was of the same incident. */
  readonly begins: boolean
  /** Every one of them tells of a documented change. */
  readonly documented: boolean
}

export function incidents(stream: Stream, { said }: Result): Incident[] {
  const known = new Set<string>()
  return said.flatMap(({ openings }, i) => {
    const window = stream.history + i
    const features = [...new Set(openings.map(({ feature }) => feature))]
    const documented = features.every(feature => stream.documented(feature, window))
    const begins = openings.some(({ incident }) => incident === null || !known.has(incident))
    for (const { incident } of openings) if (incident !== null) known.add(incident)
    return features.length === 0 ? [] : [{ stream: stream.name, window, features, begins, documented }]
  })
}

/** One trial, judged. */
export interface Judged {
  readonly kind: string
  readonly size: Fault['size']
  readonly family: Family
  readonly stream: string
  readonly feature: string
  readonly start: number
  readonly large: boolean
  /** Windows from the fault's first to the one that told; null where none did in time. */
  readonly delay: number | null
  /** Cause that was named; null where none was, or nothing was found. */
  readonly cause: string | null
  readonly causeRight: boolean
  /** Whether the cause that its alert named last is right. */
  readonly lastCauseRight: boolean
  /** The same rule found something there without a fault. */
  readonly chance: boolean
}

export interface Tally {
  readonly trials: number
  readonly found: number
  readonly rate: number
  readonly low: number
  readonly high: number
  /** Median over those found; null where none was. */
  readonly delay: number | null
  /** Share of those found; null for schemes that name no cause, and where nothing was found. */
  readonly causeRight: number | null
  /** The same of the cause that was named last. */
  readonly lastCauseRight: number | null
  readonly chance: number
}

export function quiet(stream: Stream, result: Result): Quiet {
  const told = incidents(stream, result)
  const strange = told.filter(({ documented }) => !documented)
  const alarmWindows = result.said.filter(({ alarming }, i) =>
    alarming.some(feature => !stream.documented(feature, stream.history + i)),
  )
  return {
    windows: result.said.length,
    incidents: strange.length,
    merged: strange.filter(({ begins }) => begins).length,
    documented: told.length - strange.length,
    alarmWindows: alarmWindows.length,
  }
}

export function add(a: Quiet, b: Quiet): Quiet {
  return {
    windows: a.windows + b.windows,
    incidents: a.incidents + b.incidents,
    merged: a.merged + b.merged,
    documented: a.documented + b.documented,
    alarmWindows: a.alarmWindows + b.alarmWindows,
  }
}

/** @param rows of a window */
export function judged(stream: Stream, { said, trials }: Result, rows: number): Judged[] {
  const clean = said.flatMap(({ openings }) => openings)
  return trials.map(({ trial: { fault, feature, start }, openings }) => {
    const { name } = stream.features[feature]!
    const here = (one: { feature: string; window: number }): boolean =>
      one.feature === name && one.window >= start && one.window < start + fault.within
    const first = openings.find(here)
    return {
      kind: fault.kind,
      size: fault.size,
      family: stream.family,
      stream: stream.name,
      feature: name,
      start,
      large: rows >= LARGE,
      delay: first === undefined ? null : first.window - start,
      cause: first?.cause ?? null,
      causeRight: first?.cause != null && fault.causes.includes(first.cause),
      lastCauseRight: first?.lastCause != null && fault.causes.includes(first.lastCause),
      chance: clean.some(here),
    }
  })
}

export function tally(trials: readonly Judged[]): Tally {
  const found = trials.filter(({ delay }) => delay !== null)
  const named = found.filter(({ cause }) => cause !== null)
  const { low, high } = wilson(found.length, trials.length)
  const delays = found.map(({ delay }) => delay!).sort((a, b) => a - b)
  return {
    trials: trials.length,
    found: found.length,
    rate: found.length / trials.length,
    low,
    high,
    delay: delays.length === 0 ? null : (delays[(delays.length - 1) >> 1]! + delays[delays.length >> 1]!) / 2,
    causeRight: named.length === 0 ? null : found.filter(({ causeRight }) => causeRight).length / found.length,
    lastCauseRight:
      named.length === 0 ? null : found.filter(({ lastCauseRight }) => lastCauseRight).length / found.length,
    chance: trials.filter(({ chance }) => chance).length / trials.length,
  }
}
