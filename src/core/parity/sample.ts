import { mixed } from '../baseline/row-sample.js'
import type { Pair } from '../join/pair-accumulator.js'
import type { PairValue } from '../join/pair-value.js'

/** One pair of the sample. */
export interface SampledPair {
  /** Hash that decides whether it is in the sample: of the entity, where the rows have one, else of the key. */
  readonly unit: number
  /** 0: none. */
  readonly entity: number
  /** Of the served row, epoch ms. */
  readonly time: number
  /** Where both rows lie: one pair is one place. */
  readonly place: readonly [number, number, number, number]
  /** By feature: the accumulator's columns. */
  readonly served: readonly PairValue[]
  readonly offline: readonly PairValue[]
  /** 1, or −1 where the pair was counted in another part and is no more. */
  readonly count: number
}

export interface SampleState {
  /** Pairs whose unit is below it are in the sample, all of them. */
  readonly below: number
  readonly pairs: readonly SampledPair[]
}

/** Rows, and values of both sides, of a part: some hundred kilobytes. */
const MOST_PAIRS = 2048
const MOST_VALUES = 32_768
const ALL = 2 ** 32

/**
 * Pairs of some entities, whole: those whose hash is below a threshold, which is halved when there are too many. Samples of two parts make one of
 * both, below the smaller threshold (a theta sketch: Dasgupta, Lang, Rhodes & Thaler 2016). Any order of the same pairs gives the same sample.
 */
export class PairSample {
  #below = ALL
  readonly #pairs = new Map<string, SampledPair>()
  #values = 0

  constructor(
    private readonly most = MOST_PAIRS,
    private readonly mostValues = MOST_VALUES,
  ) {}

  add({ key, served, other }: Pair, sign: 1 | -1): void {
    const entity = served.entity >>> 0
    const unit = mixed(entity === 0 ? ((key.charCodeAt(0) << 16) | key.charCodeAt(1)) >>> 0 : entity)
    if (unit >= this.#below) return
    this.#put({
      ...{ unit, entity, time: served.time, served: served.values, offline: other.values, count: sign },
      place: [served.partition, served.offset, other.partition, other.offset],
    })
    this.#fit()
  }

  merge({ below, pairs }: SampleState): void {
    if (below < this.#below) this.#lower(below)
    for (const pair of pairs) if (pair.unit < this.#below) this.#put(pair)
    this.#fit()
  }

  state(): SampleState {
    return { below: this.#below, pairs: [...this.#pairs.values()] }
  }

  #put(pair: SampledPair): void {
    const place = pair.place.join('/')
    const known = this.#pairs.get(place)
    const count = (known?.count ?? 0) + pair.count
    if (known === undefined) this.#values += sizeOf(pair)
    if (count !== 0) this.#pairs.set(place, { ...pair, count })
    else {
      this.#pairs.delete(place)
      this.#values -= sizeOf(pair)
    }
  }

  #fit(): void {
    while ((this.#pairs.size > this.most || this.#values > this.mostValues) && this.#below > 1)
      this.#lower(this.#below / 2)
  }

  #lower(below: number): void {
    this.#below = below
    for (const [place, pair] of this.#pairs)
      if (pair.unit >= below) {
        this.#pairs.delete(place)
        this.#values -= sizeOf(pair)
      }
  }
}

/** Values that are there: what a row does not have may be left out of its list. */
function sizeOf({ served, offline }: SampledPair): number {
  let size = 0
  for (const values of [served, offline]) for (const value of values) if (value !== undefined) size++
  return size
}
