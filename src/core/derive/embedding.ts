import { MISSING, NUMBER, type Row, WRONG_TYPE } from '../row.js'
import type { Derivation } from './derivation.js'

/** Projections of a vector that are watched. Each sees a shift in its direction; four leave few shifts of a whole cloud unseen. */
export const PROJECTIONS = 4
/** A norm keeps 14 binary digits: vectors that are normalised in single precision all have length 1, and no distribution. */
const ROUNDING = 2 ** 39 + 1
/** Dimensions whose directions are kept at hand. */
const MOST_KEPT = 64

const kept = new Map<number, Float64Array>()

/**
 * The directions for vectors of one dimension, one after the other: ±1/√dimension, the signs by a hash of direction and place. Unit length: a
 * projection of independent numbers of variance 1 has variance 1.
 */
export function directions(dimension: number): Float64Array {
  let all = kept.get(dimension)
  if (all === undefined) {
    if (kept.size >= MOST_KEPT) kept.clear()
    const size = 1 / Math.sqrt(dimension)
    all = new Float64Array(PROJECTIONS * dimension)
    for (let i = 0; i < all.length; i++)
      all[i] = (mixed(i % dimension, Math.floor(i / dimension)) & 1) === 0 ? size : -size
    kept.set(dimension, all)
  }
  return all
}

function mixed(place: number, direction: number): number {
  let h = Math.imul(place + 1, 0x9e3779b1) ^ Math.imul(direction + 1, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Fills the norm and the projections of one vector feature (sliced Wasserstein: Rabin et al. 2011). */
export class EmbeddingSeries implements Derivation {
  /**
   * @param source slot that holds the vector
   * @param norm, projections slots that are filled; the norm's also says why there is none
   * @param dimensions of vectors that count; null: any
   */
  constructor(
    private readonly source: number,
    private readonly norm: number,
    private readonly projections: Int32Array,
    private readonly dimensions: ReadonlySet<number> | null,
  ) {}

  fill(row: Row): void {
    const { flags, numbers, vectors } = row
    const { source, projections } = this
    const dimension = row.lengths[source]
    if (flags[source] !== NUMBER || (this.dimensions !== null && !this.dimensions.has(dimension))) {
      flags[this.norm] = flags[source] === NUMBER ? WRONG_TYPE : flags[source]
      for (let p = 0; p < projections.length; p++) flags[projections[p]] = MISSING
      return
    }
    const from = row.starts[source]
    let square = 0
    for (let i = from, end = from + dimension; i < end; i++) square += vectors[i] * vectors[i]
    const norm = Math.sqrt(square)
    const carry = norm * ROUNDING
    numbers[this.norm] = norm < 1e290 ? carry - (carry - norm) : norm
    flags[this.norm] = NUMBER
    const all = directions(dimension)
    for (let p = 0, at = 0; p < projections.length; p++) {
      let sum = 0
      for (let i = 0; i < dimension; i++) sum += all[at++] * vectors[from + i]
      const slot = projections[p]
      numbers[slot] = sum
      flags[slot] = NUMBER
    }
  }
}
