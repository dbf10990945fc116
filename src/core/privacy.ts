import type { Baseline, FeatureBaseline } from './baseline/baseline.js'
import { type Monitor, slotName } from './monitor.js'

/** Which columns keep their values only as keyed hashes, and what makes them. */
export interface Hashing {
  /** Names of slots. */
  readonly slots: ReadonlySet<string>
  /** The hash of a value, as `HASH` has it. */
  readonly of: (text: string) => string
}

/** What stands for a hashed value: 64 bits in hexadecimal. */
const HASH = /^h:[\da-f]{16}$/

/** Columns of the monitor that are hashed: the features named, and segment dimensions that read the same field. */
export function hashedSlots({ privacy, segments }: Pick<Monitor, 'privacy' | 'segments'>): ReadonlySet<string> {
  const hashed = new Set(privacy?.hash ?? [])
  const dimensions = segments.filter(
    ({ name, path }) => hashed.has(name) || (path !== null && (hashed.has(path.at(-1)!) || hashed.has(path.join('.')))),
  )
  return new Set([...hashed, ...dimensions.map(slotName)])
}

/** Features of a baseline whose values are hashed for the monitor, but were not when it was loaded. */
export function rawFeatures({ privacy }: Pick<Monitor, 'privacy'>, { features }: Baseline): FeatureBaseline[] {
  const hashed = new Set(privacy?.hash ?? [])
  return features.filter(({ name, values, numeric }) => hashed.has(name) && (numeric !== null || !areHashes(values)))
}

/** The baseline without raw values of what is hashed: they would get into plans, panes and events. */
export function withoutRaw(monitor: Pick<Monitor, 'privacy' | 'segments'>, baseline: Baseline): Baseline {
  if (monitor.privacy === undefined) return baseline
  const raw = new Set(rawFeatures(monitor, baseline).map(({ name }) => name))
  const hashed = hashedSlots(monitor)
  const named = monitor.segments.filter(dimension => hashed.has(slotName(dimension))).map(({ name }) => name)
  const segments = [...baseline.segments].filter(([name, values]) => !named.includes(name) || areHashes(values))
  return {
    ...baseline,
    segments: new Map(segments),
    features: baseline.features.filter(({ name }) => !raw.has(name)),
  }
}

function areHashes(values: readonly string[]): boolean {
  return values.every(value => HASH.test(value))
}
