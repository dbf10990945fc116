import { Digest } from './digest.js'
import type { Weighted } from './state.js'

/** Digests that are merged before they are compressed again: fewer compressions, less error, bounded scratch. */
const AT_ONCE = 64

let values = new Float64Array(0)
let weights = new Float64Array(0)
let otherValues = new Float64Array(0)
let otherWeights = new Float64Array(0)

/**
 * The digest of all that the given ones hold. Sorted lists are merged two by two, equal values in the order given, and compressed 64 at a
 * time: the result depends on the lists and their order alone.
 */
export function digestOf(lists: readonly Weighted[]): Digest {
  const digest = new Digest()
  for (let from = 0; from < lists.length; from += AT_ONCE) {
    const n = mergeRuns(lists.slice(from, from + AT_ONCE))
    digest.mergeWeighted(values, weights, n)
  }
  return digest
}

/** Leaves the merged list in `values` and `weights`. */
function mergeRuns(lists: readonly Weighted[]): number {
  let n = 0
  const ends: number[] = []
  for (const list of lists) ends.push((n += list.values.length))
  if (values.length < n) {
    values = new Float64Array(2 * n)
    weights = new Float64Array(2 * n)
    otherValues = new Float64Array(2 * n)
    otherWeights = new Float64Array(2 * n)
  }
  for (const [r, list] of lists.entries()) {
    values.set(list.values, ends[r] - list.values.length)
    weights.set(list.weights, ends[r] - list.values.length)
  }
  for (let runs = ends.length; runs > 1; runs = (runs + 1) >> 1) {
    for (let r = 0; r < runs; r += 2) {
      const from = r === 0 ? 0 : ends[r - 1]
      mergePair(from, ends[r], r + 1 < runs ? ends[r + 1] : ends[r])
    }
    for (let r = 0; r < runs; r += 2) ends[r >> 1] = r + 1 < runs ? ends[r + 1] : ends[r]
    ;[values, otherValues] = [otherValues, values]
    ;[weights, otherWeights] = [otherWeights, weights]
  }
  return n
}

/** Merges [from, middle) and [middle, to) into the other arrays. */
function mergePair(from: number, middle: number, to: number): void {
  let i = from
  let j = middle
  for (let o = from; o < to; o++) {
    const at = j === to || (i < middle && values[i] <= values[j]) ? i++ : j++
    otherValues[o] = values[at]
    otherWeights[o] = weights[at]
  }
}
