import { Dictionary, hashBytes, textOf } from '../core/dictionary.js'
import type { Row } from '../core/row.js'
import { type FeatureSink, type Mapping, News, type Target } from './mapping.js'

const MOST_KEYS = 4096
const LONGEST_KEY = 1025

/** The keys of one Avro map: from their bytes to the slots of its features, without a text. */
export class MapKeys {
  readonly #known = new Dictionary()
  readonly #features: (FeatureSink | News | null)[] = []

  /**
   * @param serves whether the map's values can be features at all
   * @param kind what they look like
   */
  constructor(
    private readonly target: Target,
    private readonly mapping: Mapping,
    private readonly serves: boolean,
    private readonly kind: 'auto' | 'embedding',
  ) {}

  /** The slot of a key of this row; null where it is none. Tells the row of schema news, and makes room for a slot it has just found. */
  slot(row: Row, bytes: Uint8Array, from: number, length: number): FeatureSink | null {
    const hash = hashBytes(bytes, from, length)
    const id = this.#known.find(bytes, from, length, hash)
    const feature = id >= 0 ? this.#features[id] : this.#resolve(bytes, from, length)
    if (feature instanceof News) {
      feature.tell(row)
      return null
    }
    if (feature !== null && feature.slot >= row.flags.length) row.fit()
    return feature
  }

  #resolve(bytes: Uint8Array, from: number, length: number): FeatureSink | News | null {
    // Longer than any name; what there is of it is enough to know that.
    const name = textOf(bytes, from, Math.min(length, LONGEST_KEY))
    const { layout } = this.mapping
    const serves = this.serves || layout.indexOf(name) >= 0
    const feature = serves ? this.target.feature(name, this.mapping, this.kind) : null
    if (length < LONGEST_KEY && this.#known.size < MOST_KEYS && this.#known.add(name) === this.#features.length)
      this.#features.push(feature)
    return feature
  }
}

/** Finds which of the declared places below a map a key is. */
export class MapPlaces {
  readonly #known = new Dictionary()
  constructor(names: readonly string[]) {
    for (const name of names) this.#known.add(name)
  }
  /** Index of the name, or −1. */
  find(bytes: Uint8Array, from: number, length: number): number {
    return this.#known.find(bytes, from, length, hashBytes(bytes, from, length))
  }
}
