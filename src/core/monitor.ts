import type { SeasonKind } from './detect/season/slots.js'
import type { Tolerance } from './join/tolerance.js'
import type { Range } from './plan.js'
import type { FeatureKind } from './row.js'

export type TimeUnit = 'ms' | 'us' | 'ns' | 's' | 'iso'
/** From the least to the worst. */
export const SEVERITIES = ['info', 'warn', 'major', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** A dotted path into an event, split: `features.trip_miles` is ['features', 'trip_miles']. */
export type Path = readonly string[]

/** Numbers of a vector at most, where the monitor does not say. */
export const MOST_NUMBERS = 4096

/** Keys of a monitor version that may be held in one partition of driftline.joins, where the monitor does not say. */
export const MOST_KEYS = 5_000_000

/** What one monitor file asks for, checked and with every default filled in. Durations in milliseconds. */
export interface Monitor {
  readonly model: string
  /** Of the whole file's meaning: part of every event id, so that a change of the monitor gives new events. */
  readonly hash: string
  /** Of what alters parts (mapping, window, kinds, segments): part of checkpoint, part and commit keys. */
  readonly version: string
  /** File it came from, for messages. */
  readonly file: string
  readonly owner: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly mode: 'alert' | 'observe'
  readonly serving: Serving
  /** What the model predicts; absent: not said. */
  readonly task?: Task
  /** Where what came true arrives; absent: nothing is joined. */
  readonly labels?: Labels
  /** Where feature values recomputed offline arrive; absent: served values are compared with none. */
  readonly offline?: Offline
  readonly window: WindowSpec
  /** Slots of the week that windows are compared by, on the clocks of a zone; absent: chosen by measurement, in UTC. */
  readonly seasons?: { readonly kind: 'auto' | SeasonKind; readonly zone: string }
  /** `active`, a version, or `first-windows`: the first 14 sufficient windows become the baseline. */
  readonly baseline: 'active' | 'first-windows' | number
  readonly segments: readonly Dimension[]
  /** Series that watch how features go together; absent: for the relations that the training rows have. */
  readonly joint?: 'none' | 'random'
  readonly features: ReadonlyMap<string, FeatureSpec>
  /** Upstream systems by name, and the features that come from each. */
  readonly sources: Readonly<Record<string, { readonly features: readonly string[] }>>
  /** Where events say how old their features are. */
  readonly times: readonly FeatureTime[]
  readonly limits: {
    readonly series: number
    readonly segments: number
    /** Numbers of a vector; absent: `MOST_NUMBERS`. */
    readonly dimension?: number
    /** Keys that may be held in one partition of driftline.joins; absent: `MOST_KEYS`. */
    readonly keys?: number
  }
  /** A week, that may be. */
  readonly falseIncidents: number
  /** Absent: all values are kept and told as they are. */
  readonly privacy?: Privacy
  readonly notify: { readonly minSeverity: Severity; readonly runbook: string | null; readonly link: string | null }
}

export interface Privacy {
  /** Features whose values are kept only as keyed hashes. */
  readonly hash: readonly string[]
  /** Categories that fewer rows have, in window and baseline alike, are not named in events. */
  readonly minCount: number
}

/** Where serving events come from and where their parts lie. */
export interface Serving {
  readonly topic: string
  readonly format: 'avro' | 'json'
  /** All must hold for a record to be this monitor's; compared as text. */
  readonly where: readonly { readonly path: Path; readonly equals: string }[]
  readonly key: Path
  readonly entity: Path | null
  readonly time: { readonly path: Path; readonly unit: TimeUnit }
  /** Path of the model version; null: one version called `fixedVersion`. */
  readonly version: Path | null
  readonly fixedVersion: string
  /** `features.*` (all fields of a record or map), or flat names and patterns with `*`. */
  readonly features: readonly string[]
  readonly ignore: readonly string[]
  readonly prediction: Path | null
  readonly sampleRate: number
  readonly maxAheadMs: number
  readonly idleAfterMs: number
}

/** What a model predicts. */
export interface Task {
  readonly type: 'binary' | 'multiclass' | 'regression'
  /** The label of the positive class, as text; null: true or 1. */
  readonly positive: string | null
  /** Score from which the prediction is positive; null: .5. */
  readonly threshold: number | null
  readonly costs: { readonly falsePositive: number; readonly falseNegative: number } | null
  /** The outputs that are scores of their own (of an ensemble, say), and where they lie: at least one. */
  readonly outputs: readonly { readonly name: string; readonly path: Path }[]
}

/** A topic that a monitor reads, and what of it comes from there. */
export interface Input {
  readonly side: 'serving' | 'labels' | 'offline'
  readonly topic: string
}

/** The topics that a monitor reads: that of its predictions, and those of its labels and offline values; they may be one. */
export function inputsOf({ serving, labels, offline }: Pick<Monitor, 'serving' | 'labels' | 'offline'>): Input[] {
  return [
    { side: 'serving', topic: serving.topic },
    ...(labels === undefined ? [] : [{ side: 'labels' as const, topic: labels.topic }]),
    ...(offline === undefined ? [] : [{ side: 'offline' as const, topic: offline.topic }]),
  ]
}

/** Whether rows of it go through driftline.joins. */
export function isJoined({ labels, offline }: Pick<Monitor, 'labels' | 'offline'>): boolean {
  return labels !== undefined || offline !== undefined
}

/** What predictions and labels are: the classes of a multiclass task are no numbers. */
export function predictionKind({ task }: Pick<Monitor, 'task'>): 'numeric' | 'categorical' {
  return task?.type === 'multiclass' ? 'categorical' : 'numeric'
}

/** Name of the column that holds an output of the task for the join. */
export function outputSlot(name: string): string {
  return `#output ${name}`
}

/** Where labels come from. */
export interface Labels {
  readonly topic: string
  readonly format: 'avro' | 'json'
  readonly where: Serving['where']
  /** The same key as `Serving.key`. */
  readonly key: Path
  /** When the label became known: its event time. */
  readonly time: Serving['time']
  readonly value: Path
  /** How long after its prediction a label may come. */
  readonly horizonMs: number
}

/** Where feature values recomputed offline come from, and what of the served ones they may differ by. */
export interface Offline {
  readonly topic: string
  readonly format: 'avro' | 'json'
  readonly where: Serving['where']
  /** The same key as `Serving.key`. */
  readonly key: Path
  /** What the values are of: the time of their prediction. */
  readonly time: Serving['time']
  readonly features: readonly string[]
  readonly tolerance: Tolerance
  /** How far apart the times of a pair may be; also how long a row waits for the other side. */
  readonly horizonMs: number
  /** Share of the pairs that may differ, of each feature. */
  readonly maxMismatch: number
  /** Rows that differ, in events: none, with letters and digits masked, or as they are. */
  readonly examples: 'none' | 'masked' | 'shown'
}

/**
 * Event-time windows: hopping by `advanceMs`, tumbling where size = advance. Aligned to the epoch.
 *
 *     pane     |----|----|----|----|          advance
 *     window   |-------------------|          size = 4 panes, end = e
 *     verdict                      e + grace  revision 0
 *     revision                     e + k·advance + grace, while k·advance ≤ reviseFor
 */
export interface WindowSpec {
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
  /** A multiple of advance. */
  readonly reviseForMs: number
  /** Usable values from which on a window is judged against training. */
  readonly minRows: number
  /** The same against the series' own history, which says itself how much a small window swings. */
  readonly historyMinRows: number
}

/** A declared segment dimension: the values of one field. */
export interface Dimension {
  readonly name: string
  /** Where the value lies; null: it is the feature of that name. */
  readonly path: Path | null
  /** These values, or the baseline's `top` most frequent. */
  readonly values: readonly string[] | null
  readonly top: number
}

/** Name of the column that is read for a dimension: the feature of that name, or a column of its own. */
export function slotName({ name, path }: Pick<Dimension, 'name' | 'path'>): string {
  return path === null ? name : `#${name}`
}

/** When the values of a feature, or of all features of a source, were computed. */
export interface FeatureTime {
  /** The series of their age: `trip_miles.age`, `meter.age`. */
  readonly series: string
  readonly path: Path
  readonly unit: TimeUnit
  /** The features that are so old. */
  readonly features: readonly string[]
  /** Older values are stale; null: nothing is said. */
  readonly maxAgeMs: number | null
}

/** What the monitor says of a series: of its feature, where it is one of those that a vector or a text is watched by. */
export function specOf({ features }: Pick<Monitor, 'features'>, series: string): FeatureSpec | undefined {
  let spec = features.get(series)
  for (let name = series; spec === undefined && name.includes('.'); ) {
    name = name.slice(0, name.lastIndexOf('.'))
    const source = features.get(name)
    if (source?.kind === 'embedding' || source?.kind === 'text') spec = source
  }
  return spec
}

export interface FeatureSpec {
  readonly kind: FeatureKind | null
  readonly unit: string | null
  /** Share of the decision that rests on it, 0 to 1. */
  readonly importance: number | null
  /** Plausible values, both ends included. */
  readonly range: Range | null
  readonly runbook: string | null
  /** Per check: tolerated drift `delta` (PSI units) for the noise floor, or switched off. */
  readonly checks: Readonly<Record<string, { readonly delta: number | null; readonly enabled: boolean }>>
}
