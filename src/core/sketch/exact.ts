import { indexOf } from './search.js'
import type { Weighted } from './state.js'

/** Distinct values that are counted one by one; more of them go into a digest. */
export const MOST_EXACT = 256

const outValues = new Float64Array(MOST_EXACT)
const outWeights = new Float64Array(MOST_EXACT)

const NONE: Weighted = { values: new Float64Array(0), weights: new Float64Array(0) }

/** Every distinct value with its count, ascending, while there are few. */
export class ExactCounts {
  /** Made anew by each merge: it may be kept. */
  state = NONE

  /**
   * Adds values[0, n), ascending, `weights` of them or one each.
   * @returns false, and leaves everything as it was, when there would be more than 256 distinct values
   */
  merge(values: Float64Array, n: number, weights: Float64Array | null): boolean {
    const { values: held, weights: counts } = this.state
    const size = held.length
    let out = 0
    let h = 0
    for (let i = 0; i < n || h < size; ) {
      if (out === MOST_EXACT) return false
      let x: number
      let weight = 0
      if (i < n && (h === size || values[i] <= held[h])) {
        x = values[i]
        const from = i
        if (weights === null) {
          do i++
          while (i < n && values[i] === x)
          weight = i - from
        } else weight = weights[i++]
        if (h < size && held[h] === x) weight += counts[h++]
      } else {
        x = held[h]
        weight = counts[h++]
      }
      outValues[out] = x
      outWeights[out++] = weight
    }
    this.state = { values: outValues.slice(0, out), weights: outWeights.slice(0, out) }
    return true
  }
}

/** The values that are not among `atoms`; both ascending. */
export function withoutAtoms(all: Weighted, atoms: Float64Array): Weighted {
  if (atoms.length === 0) return all
  const { values, weights } = all
  const kept = [...values.keys()].filter(i => indexOf(atoms, values[i]) < 0)
  return { values: Float64Array.from(kept, i => values[i]), weights: Float64Array.from(kept, i => weights[i]) }
}
