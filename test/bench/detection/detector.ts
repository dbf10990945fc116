import type { Stream } from './streams.js'
import type { Column } from './values.js'

/** An alert that begins. */
export interface Opening {
  readonly window: number
  /** Name of the series; it may be one that the stream does not have (a joint series of the scheme's own). */
  readonly feature: string
  /** Code of the cause it names; null for schemes that name none. */
  readonly cause: string | null
  /** The one that its newest event names. */
  readonly lastCause: string | null
  /** Incident that the scheme puts it into; null for schemes without, where each window's alerts are one. */
  readonly incident: string | null
}

/** What a scheme says of one window. */
export interface Said {
  readonly openings: readonly Opening[]
  /** Features that alarm in this window, whether an alert opened now or before. */
  readonly alarming: readonly string[]
}

/**
 * A scheme at work on one stream. It is shown every window once, in order and without faults, and is then asked what it would have said,
 * had the windows from a moment on been others for one feature.
 */
export interface Detector {
  readonly name: string
  /** @param keep whether the window lies where faults will be tried: what is needed to judge it again must be kept */
  see(window: number, columns: readonly Column[], keep: boolean): Said
  /** Faults will be tried from this window on; called before it is shown. */
  mark(window: number): void
  /** @param columns the feature's values in the windows from `start` on; all other features stay as they were */
  again(start: number, feature: number, columns: readonly Column[]): readonly Opening[]
}

/** Opens an alert for every feature in every window: what a found fault is worth by itself. */
export function alwaysFire({ features }: Stream): Detector {
  const openings = (window: number): Opening[] =>
    features.map(({ name }) => ({ window, feature: name, cause: null, lastCause: null, incident: null }))
  return {
    name: 'always-fire',
    see: window => ({ openings: openings(window), alarming: features.map(({ name }) => name) }),
    mark: () => {},
    again: (start, _, columns) => columns.flatMap((_, age) => openings(start + age)),
  }
}

export function neverFire(): Detector {
  return {
    name: 'never-fire',
    see: () => ({ openings: [], alarming: [] }),
    mark: () => {},
    again: () => [],
  }
}
