import { INFINITE, MISSING, NUMBER, type Row, WRONG_TYPE } from '../row.js'
import type { Derivation } from './derivation.js'

/** Projections of a vector that are watched, computed in one sweep. Each sees a shift in its direction; four leave few shifts of a cloud unseen. */
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
    const { flags, vectors } = row
    const { source, projections } = this
    const dimension = row.lengths[source]
    if (flags[source] !== NUMBER || (this.dimensions !== null && !this.dimensions.has(dimension))) {
      this.#none(row, flags[source] === NUMBER ? WRONG_TYPE : flags[source])
      return
    }
    const from = row.starts[source]
    const all = directions(dimension)
    const [second, third, fourth] = [dimension, 2 * dimension, 3 * dimension]
    let square = 0
    let p1 = 0
    let p2 = 0
    let p3 = 0
    let p4 = 0
    for (let i = 0; i < dimension; i++) {
      const x = vectors[from + i]
      square += x * x
      p1 += all[i] * x
      p2 += all[second + i] * x
      p3 += all[third + i] * x
      p4 += all[fourth + i] * x
    }
    if (square === Number.POSITIVE_INFINITY) {
      this.#none(row, INFINITE)
      return
    }
    const norm = Math.sqrt(square)
    const carry = norm * ROUNDING
    put(row, this.norm, carry - (carry - norm))
    put(row, projections[0], p1)
    put(row, projections[1], p2)
    put(row, projections[2], p3)
    put(row, projections[3], p4)
  }

  #none({ flags }: Row, why: number): void {
    flags[this.norm] = why
    for (let p = 0; p < this.projections.length; p++) flags[this.projections[p]] = MISSING
  }
}

function put({ flags, numbers }: Row, slot: number, x: number): void {
  numbers[slot] = x
  flags[slot] = NUMBER
}
