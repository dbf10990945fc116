import type { MonitorVersion } from '../codec/control.js'
import { joinedForMs } from '../core/join/lane-window.js'
import type { FeatureSpec, Monitor } from '../core/monitor.js'
import type { PaneRange } from '../core/window/pane-ranges.js'
import { firstPane } from './baselines.js'

/** A monitor version and the panes it counts, as all instances agree. */
export interface Enrolled {
  readonly monitor: Monitor
  /** Ascending; several where a version came back after another. */
  readonly ranges: readonly PaneRange[]
}

/** A monitor version of a model, as what is kept of it is named. */
export function keyOf(model: string, monitor: string): string {
  return `${model}/${monitor}`
}

/** The monitor as driftline.control keeps it. */
export function definitionOf(monitor: Monitor): string {
  return JSON.stringify({ ...monitor, features: [...monitor.features] })
}

function monitorOf(definition: string): Monitor {
  const plain = JSON.parse(definition) as Omit<Monitor, 'features' | 'sources'> & {
    features: [string, FeatureSpec][]
    /** Absent in what earlier versions wrote. */
    sources?: Monitor['sources']
  }
  return { ...plain, features: new Map(plain.features), sources: plain.sources ?? {} }
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
  const from = firstPane(monitorOf(last.definition), now)
  return { model: last.model, version: last.version, from, definition: null, at: now }
}

/**
 * Versions of one model that still have panes to count or to judge, from its words in their order. Two processes may have given theirs without knowing
 * of the other's, by clocks that differ, so the pane of a later word may be the earlier one: from there on the word before counts no more.
 */
export function enrolled(words: readonly MonitorVersion[], now: number): Enrolled[] {
  // A later word for the same version from the same pane only says it in other words (owner, tags, runbook).
  const versions = words.filter((word, i) => {
    const next = words[i + 1]
    return next === undefined || next.version !== word.version || next.definition === null || next.from !== word.from
  })
  const found = versions.flatMap((word, i) => {
    if (word.definition === null) return []
    const monitor = monitorOf(word.definition)
    const range = {
      from: fromOf(word),
      until: Math.min(...versions.slice(i + 1).map(fromOf), Number.POSITIVE_INFINITY),
    }
    const { sizeMs, graceMs, reviseForMs } = monitor.window
    // Labels or offline values of its last predictions may come for longer than late rows.
    const until = Math.max(reviseForMs, joinedForMs(monitor))
    const over = range.until + sizeMs + graceMs + until + monitor.serving.maxAheadMs < now
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
