import type { Pair, PairAccumulator } from '../join/pair-accumulator.js'
import type { PairRow } from '../join/pair-entry.js'
import type { PairValue } from '../join/pair-value.js'
import { agree, type Tolerance } from '../join/tolerance.js'
import { PairSample, type SampleState } from './sample.js'

/** Pairs of one feature by what the two sides have; a pair in which neither has the feature is none of it. */
export interface FeatureCounts {
  readonly name: string
  /** matched + mismatched + nullServed + nullOffline + types. */
  readonly pairs: number
  /** Equal within the tolerance, or no value on both sides. */
  readonly matched: number
  readonly mismatched: number
  /** No value served where there is one offline, and the reverse. */
  readonly nullServed: number
  readonly nullOffline: number
  /** Values of different types, or of one that cannot be compared. */
  readonly types: number
  /** Pairs whose row has the feature at all, with or without a value. */
  readonly inServed: number
  readonly inOffline: number
  /** Mismatched pairs of finite numbers, and the sum of served − offline. */
  readonly differences: number
  readonly difference: number
}

/** What is counted of served rows and their offline values. */
export interface ParityCounts {
  /** Served rows. */
  readonly served: number
  /** Those with their offline row. */
  readonly pairs: number
  /** Further rows of paired keys. */
  readonly duplicatesServed: number
  readonly duplicatesOffline: number
  /** Pairs by how much later the offline row's time is, in quarter hours; what is no whole number of them is not here. */
  readonly quarters: ReadonlyMap<number, number>
  /** In the order of their coming. */
  readonly features: readonly FeatureCounts[]
  readonly sample: SampleState
}

const QUARTER_MS = 900_000
/** A time in whole seconds, or computed from one, is a whole quarter hour off. */
const SAME_MS = 1000

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export class ParityAccumulator implements PairAccumulator<ParityCounts> {
  #served = 0
  #pairs = 0
  #duplicatesServed = 0
  #duplicatesOffline = 0
  readonly #quarters = new Map<number, number>()
  /** By the joiner's columns; a state has those that were met. */
  readonly #features: Mutable<FeatureCounts>[] = []
  readonly #sample = new PairSample()

  /** @param columns of the joiner; the list grows */
  constructor(
    private readonly columns: readonly string[],
    private readonly tolerance: Tolerance,
  ) {}

  served(_row: PairRow, sign: 1 | -1): void {
    this.#served += sign
  }

  paired(pair: Pair, sign: 1 | -1): void {
    const { served, other } = pair
    this.#pairs += sign
    this.#duplicatesServed += sign * (served.copies - 1)
    this.#duplicatesOffline += sign * (other.copies - 1)
    const apart = other.time - served.time
    const quarters = Math.round(apart / QUARTER_MS)
    if (Math.abs(apart - quarters * QUARTER_MS) <= SAME_MS) add(this.#quarters, quarters, sign)
    const size = Math.max(served.values.length, other.values.length)
    for (let c = 0; c < size; c++) this.#value(c, served.values[c], other.values[c], sign)
    this.#sample.add(pair, sign)
  }

  state(): ParityCounts {
    return {
      ...{ served: this.#served, pairs: this.#pairs },
      ...{ duplicatesServed: this.#duplicatesServed, duplicatesOffline: this.#duplicatesOffline },
      quarters: new Map(this.#quarters),
      features: this.#features.map(counts => ({ ...counts })),
      sample: this.#sample.state(),
    }
  }

  add(state: ParityCounts): void {
    this.#served += state.served
    this.#pairs += state.pairs
    this.#duplicatesServed += state.duplicatesServed
    this.#duplicatesOffline += state.duplicatesOffline
    for (const [quarters, pairs] of state.quarters) add(this.#quarters, quarters, pairs)
    for (const [c, counts] of state.features.entries()) addCounts(this.#feature(c), counts)
    this.#sample.merge(state.sample)
  }

  #value(c: number, served: PairValue, offline: PairValue, sign: 1 | -1): void {
    if (served === undefined && offline === undefined) return
    const counts = this.#feature(c)
    counts.pairs += sign
    if (served !== undefined) counts.inServed += sign
    if (offline !== undefined) counts.inOffline += sign
    counts[outcomeOf(served ?? null, offline ?? null, this.tolerance)] += sign
    if (typeof served !== 'number' || typeof offline !== 'number' || agree(served, offline, this.tolerance)) return
    const difference = served - offline
    if (difference - difference !== 0) return
    counts.differences += sign
    counts.difference += sign * difference
  }

  #feature(c: number): Mutable<FeatureCounts> {
    for (let at = this.#features.length; at <= c; at++) this.#features.push(noCounts(this.columns[at]))
    return this.#features[c]
  }
}

type Outcome = 'matched' | 'mismatched' | 'nullServed' | 'nullOffline' | 'types'

/** Missing counts as null: what a row does not have, it has no value of. */
function outcomeOf(served: PairValue, offline: PairValue, tolerance: Tolerance): Outcome {
  if (served === null || offline === null)
    return served === offline ? 'matched' : served === null ? 'nullServed' : 'nullOffline'
  if (typeof served === 'number' && typeof offline === 'number')
    return agree(served, offline, tolerance) ? 'matched' : 'mismatched'
  if (typeof served === 'string' && typeof offline === 'string') return served === offline ? 'matched' : 'mismatched'
  return 'types'
}

export function noCounts(name: string): FeatureCounts {
  const outcomes = { matched: 0, mismatched: 0, nullServed: 0, nullOffline: 0, types: 0 }
  return { name, pairs: 0, ...outcomes, inServed: 0, inOffline: 0, differences: 0, difference: 0 }
}

const COUNTED = [
  ...(['pairs', 'matched', 'mismatched', 'nullServed', 'nullOffline', 'types'] as const),
  ...(['inServed', 'inOffline', 'differences', 'difference'] as const),
]

export function addCounts(to: Mutable<FeatureCounts>, more: FeatureCounts): void {
  for (const name of COUNTED) to[name] += more[name]
}

export function add(counts: Map<number, number>, at: number, more: number): void {
  const sum = (counts.get(at) ?? 0) + more
  if (sum === 0) counts.delete(at)
  else counts.set(at, sum)
}
