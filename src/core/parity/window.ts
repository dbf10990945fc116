import type { PairPart } from '../join/pair-parts.js'
import type { PairValue } from '../join/pair-value.js'
import { add, addCounts, type FeatureCounts, noCounts, type ParityCounts } from './counts.js'
import type { SampledPair } from './sample.js'

/** A part of parity as stage 2 has it. */
export type ParityPart = PairPart<ParityCounts>

/** Pairs of all parts that a window is looked at in; fewer are enough for shares, and more take long. */
const MOST_LOOKED_AT = 20_000
/** Their values of both sides, with those of the day before: looking at them takes a few seconds. */
const MOST_VALUES = 600_000

/** One pair of the merged sample, its values by feature name. */
export interface LookedAt {
  readonly pair: SampledPair
  /** Of a pane before the window: only what was there before. */
  readonly isPast: boolean
  readonly served: (feature: string) => PairValue
  readonly offline: (feature: string) => PairValue
}

/** What the parts of a window come to. */
export interface ParityWindow extends Omit<ParityCounts, 'features' | 'sample'> {
  /** In text order. */
  readonly features: readonly FeatureCounts[]
}

/** Adds parts up. */
export function mergeParity(parts: readonly ParityPart[]): ParityWindow {
  const features = new Map<string, FeatureCounts>()
  const quarters = new Map<number, number>()
  const total = { served: 0, pairs: 0, duplicatesServed: 0, duplicatesOffline: 0 }
  for (const { counted } of parts) {
    total.served += counted.served
    total.pairs += counted.pairs
    total.duplicatesServed += counted.duplicatesServed
    total.duplicatesOffline += counted.duplicatesOffline
    for (const [apart, pairs] of counted.quarters) add(quarters, apart, pairs)
    for (const counts of counted.features) {
      const sum = features.get(counts.name) ?? noCounts(counts.name)
      addCounts(sum, counts)
      features.set(counts.name, sum)
    }
  }
  const names = [...features.keys()].sort()
  return { ...total, quarters, features: names.map(name => features.get(name)!) }
}

/**
 * The pairs of all samples below the least threshold, by entity, then time; those taken back in another part are left out.
 * @param past parts of panes before the window, for earlier values of its entities
 */
export function mergeSamples(parts: readonly ParityPart[], past: readonly ParityPart[]): LookedAt[] {
  const samples = [...parts, ...past].map(({ counted: { sample, features } }) => ({ sample, features }))
  let below = samples.reduce((least, { sample }) => Math.min(least, sample.below), 2 ** 32)
  const found = new Map<string, { readonly looked: LookedAt; count: number }>()
  for (const [p, { sample, features }] of samples.entries()) {
    const columnOf = new Map(features.map(({ name }, c) => [name, c]))
    for (const pair of sample.pairs) {
      if (pair.unit >= below) continue
      const place = pair.place.join('/')
      const known = found.get(place)
      if (known !== undefined) known.count += pair.count
      else found.set(place, { looked: lookedAt(pair, p >= parts.length, columnOf), count: pair.count })
    }
  }
  let pairs = [...found.values()].flatMap(({ looked, count }) => (count > 0 ? [looked] : []))
  const values = 2 * Math.max(1, ...samples.map(({ features }) => features.length))
  const isTooMuch = (): boolean =>
    pairs.length * values > MOST_VALUES || pairs.filter(({ isPast }) => !isPast).length > MOST_LOOKED_AT
  while (isTooMuch() && below > 1) {
    below /= 2
    const least = below
    pairs = pairs.filter(({ pair }) => pair.unit < least)
  }
  return pairs.sort(
    ({ pair: a }, { pair: b }) => a.entity - b.entity || a.time - b.time || (a.place < b.place ? -1 : 1),
  )
}

function lookedAt(pair: SampledPair, isPast: boolean, columnOf: ReadonlyMap<string, number>): LookedAt {
  const of = (values: readonly PairValue[]) => (feature: string) => values[columnOf.get(feature) ?? -1]
  return { pair, isPast, served: of(pair.served), offline: of(pair.offline) }
}
