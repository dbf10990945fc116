import type { MonitorVersion } from '../codec/control.js'
import { joinedForMs } from '../core/join/lane-window.js'
import type { FeatureSpec, Monitor } from '../core/monitor.js'
import type { CollectorState } from '../core/window/collector.js'
import type { PaneRange } from '../core/window/pane-ranges.js'
import { firstPane } from './baselines.js'

/** A monitor version and the panes it counts, as all instances agree. */
export interface Enrolled {
  readonly monitor: Monitor
  /** Ascending; several where a version came back after another. */
  readonly ranges: readonly PaneRange[]
}

/** Parts are kept for so long (`driftline.panes` in topology/topics.yaml): of a version that ended earlier nothing could be judged any more. */
const PANES_KEPT_MS = 7 * 86_400_000

/** Up to which time the windows of a monitor version are closed and revised, epoch ms; Infinity where no more rows come. */
export type ClosedTo = (monitor: Monitor) => number

/** By what its decision state says; −∞ where none is known. */
export function closedTo(collector: Pick<CollectorState, 'boundary' | 'sources'> | undefined): number {
  const { boundary, sources } = collector ?? { boundary: Number.NEGATIVE_INFINITY, sources: [] }
  return sources.length > 0 && sources.every(({ idle }) => idle) ? Number.POSITIVE_INFINITY : boundary
}

/** A monitor version of a model, as what is kept of it is named. */
export function keyOf(model: string, monitor: string): string {
  return `${model}/${monitor}`
}

/** The monitor as driftline.control keeps it. */
export function definitionOf(monitor: Monitor): string {
  return JSON.stringify({ ...monitor, features: [...monitor.features] })
}

/** Words are asked for every second. */
const READ = new WeakMap<MonitorVersion, Monitor>()

/** @param word that has a definition */
function monitorOf(word: MonitorVersion): Monitor {
  const known = READ.get(word)
  if (known !== undefined) return known
  const plain = JSON.parse(word.definition!) as Omit<Monitor, 'features' | 'sources'> & {
    features: [string, FeatureSpec][]
    /** Absent in what earlier versions wrote. */
    sources?: Monitor['sources']
  }
  const monitor = { ...plain, features: new Map(plain.features), sources: plain.sources ?? {} }
  READ.set(word, monitor)
  return monitor
}

/**
 * The word to give so that all instances run this monitor; null when they do. A change that alters parts takes effect from a pane that no
 * event has reached; until then the version before counts.
 */
export function enrolment(words: readonly MonitorVersion[], monitor: Monitor, now: number): MonitorVersion | null {
  const { model, version } = monitor
  const last = words.at(-1)
  const definition = definitionOf(monitor)
  if (last?.version === version && last.definition === definition) return null
  const unchanged = last !== undefined && last.definition !== null && last.version === version
  const from = last === undefined ? null : unchanged ? last.from : firstPane(monitor, now)
  return { model, version, from, definition, at: now }
}

/** The word that ends a model's watch; null when it has ended. */
export function removal(words: readonly MonitorVersion[], now: number): MonitorVersion | null {
  const last = words.at(-1)
  if (last === undefined || last.definition === null) return null
  const from = firstPane(monitorOf(last), now)
  return { model: last.model, version: last.version, from, definition: null, at: now }
}

/**
 * Versions of one model that still have panes to count or to judge, from its words in their order. Two processes may have given theirs without knowing
 * of the other's, by clocks that differ, so the pane of a later word may be the earlier one: from there on the word before counts no more. A version
 * leaves when its last windows are closed, not by the clock alone: after an outage its records may still be unread.
 */
export function enrolled(words: readonly MonitorVersion[], now: number, closedTo: ClosedTo): Enrolled[] {
  // A later word for the same version from the same pane only says it in other words (owner, tags, runbook).
  const versions = words.filter((word, i) => {
    const next = words[i + 1]
    return next === undefined || next.version !== word.version || next.definition === null || next.from !== word.from
  })
  const found = versions.flatMap((word, i) => {
    if (word.definition === null) return []
    const monitor = monitorOf(word)
    const range = {
      from: fromOf(word),
      until: Math.min(...versions.slice(i + 1).map(fromOf), Number.POSITIVE_INFINITY),
    }
    const { sizeMs, graceMs, reviseForMs } = monitor.window
    // Labels or offline values of its last predictions may come for longer than late rows.
    const last = range.until + Math.max(reviseForMs, joinedForMs(monitor))
    const late = now - (last + sizeMs + graceMs + monitor.serving.maxAheadMs)
    const over = late > PANES_KEPT_MS || (late > 0 && closedTo(monitor) >= last)
    return over || range.from >= range.until ? [] : [{ monitor, range }]
  })
  const names = new Set(found.map(({ monitor }) => monitor.version))
  return [...names].map(name => {
    const same = found.filter(({ monitor }) => monitor.version === name)
    return { monitor: same.at(-1)!.monitor, ranges: same.map(({ range }) => range) }
  })
}

/** The first word about a model counts from the beginning. */
function fromOf({ from }: MonitorVersion): number {
  return from ?? Number.NEGATIVE_INFINITY
}
