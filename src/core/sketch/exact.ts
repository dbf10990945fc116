import type { Weighted } from './state.js'

/** Distinct values that are counted one by one; more of them go into a digest. */
export const MOST_EXACT = 256

const NONE: Weighted = { values: new Float64Array(0), weights: new Float64Array(0) }
const outValues = new Float64Array(MOST_EXACT + 1)
const outWeights = new Float64Array(MOST_EXACT + 1)

/** Every distinct value with its count, ascending, while there are few. */
export class ExactCounts {
  #held: Weighted = NONE

  get state(): Weighted {
    return this.#held
  }

  /**
   * Adds values[0, n), ascending, `weights` of them or one each.
   * @returns false, and leaves everything as it was, when there would be more than 256 distinct values
   */
  merge(values: Float64Array, n: number, weights: Float64Array | null): boolean {
    const { values: held, weights: counts } = this.#held
    let out = 0
    let h = 0
    for (let i = 0; i < n || h < held.length; ) {
      const x = i >= n || (h < held.length && held[h] <= values[i]) ? held[h] : values[i]
      if (out === MOST_EXACT) return false
      let weight = 0
      if (h < held.length && held[h] === x) weight += counts[h++]
      for (; i < n && values[i] === x; i++) weight += weights === null ? 1 : weights[i]
      outValues[out] = x
      outWeights[out++] = weight
    }
    if (out === held.length) counts.set(outWeights.subarray(0, out))
    else this.#held = { values: outValues.slice(0, out), weights: outWeights.slice(0, out) }
    return true
  }
}

/** The values that are not among `atoms`; both ascending. */
export function withoutAtoms({ values, weights }: Weighted, atoms: Float64Array): Weighted {
  if (atoms.length === 0) return { values, weights }
  const known = new Set(atoms)
  const kept = [...values.keys()].filter(i => !known.has(values[i]))
  return { values: Float64Array.from(kept, i => values[i]), weights: Float64Array.from(kept, i => weights[i]) }
}
