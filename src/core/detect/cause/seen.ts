import type { FeatureBaseline } from '../../baseline/baseline.js'
import type { SketchState } from '../../sketch/state.js'
import type { Profile } from '../profile.js'
import type { Score } from '../score.js'
import type { Names } from '../shown.js'
import type { Slots } from './hours.js'

/** All that a cause is read off: one series in the window that opens its alert. */
export interface Seen {
  readonly contract: FeatureBaseline
  readonly now: Profile
  /** The window's sketch; null where no row had the feature. */
  readonly sketch: SketchState | null
  /** Clean reference windows in time order; empty under the launch rule, where `training` is the reference. */
  readonly past: readonly Profile[]
  readonly training: Profile | null
  /** Where `past` is one season slot: the newest clean windows of any slot, in time order, among which an old batch is looked for. */
  readonly recent?: readonly Profile[]
  /** Distributions by season slot, where there are seasons. */
  readonly slots?: Slots
  readonly scores: readonly Score[]
  /** Whether the change begins with a model version. */
  readonly startsWithVersion: boolean
  /** As the monitor or the baseline declares it: mi, days, °F. */
  readonly unit: string | null
  /** Of categories, for sentences; absent: as they are. */
  readonly names?: Names
}

/** A category as sentences have it, in quotes. */
export function quoted({ names }: Pick<Seen, 'names'>, value: string): string {
  return `"${names?.(value) ?? value}"`
}
