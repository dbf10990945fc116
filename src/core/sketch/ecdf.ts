import type { Grid } from '../baseline/grid.js'
import type { NumericState } from './state.js'

/**
 * A distribution function as knots: at x[i] it is `before[i]` from the left and `after[i]` from the right, linear in between. Values counted
 * exactly are steps; a digest's centroid spreads its weight evenly, half of it below its mean.
 */
export interface Ecdf {
  readonly x: Float64Array
  readonly before: Float64Array
  readonly after: Float64Array
}

/** @param grid that the state's cells count at: its atoms are not in the digest */
export function ecdf(state: NumericState, grid: Grid | null): Ecdf {
  const steps: { x: number; weight: number }[] = []
  if (state.exact !== null)
    for (let i = 0; i < state.exact.values.length; i++)
      steps.push({ x: state.exact.values[i], weight: state.exact.weights[i] })
  else if (grid !== null)
    for (let a = 0; a < grid.atoms.length; a++)
      if (state.cells[a] > 0) steps.push({ x: grid.atoms[a], weight: state.cells[a] })
  const smooth = state.exact === null ? smoothKnots(state) : { x: [], rank: [] }
  return combine(steps, smooth, state.count)
}

/** Knots of the digest's own distribution function, in ranks: the least value, each centroid's middle, the greatest value. */
function smoothKnots({ digest, min, max }: NumericState): { x: number[]; rank: number[] } {
  const x: number[] = []
  const rank: number[] = []
  if (digest === null || digest.values.length === 0) return { x, rank }
  const { values, weights } = digest
  let before = 0
  const put = (at: number, r: number): void => {
    x.push(x.length > 0 ? Math.max(at, x[x.length - 1]) : at)
    rank.push(r)
  }
  if (weights[0] > 1) put(Math.min(min, values[0]), 0)
  for (let i = 0; i < values.length; i++) {
    if (weights[i] === 1) {
      put(values[i], before)
      put(values[i], before + 1)
    } else put(values[i], before + weights[i] / 2)
    before += weights[i]
  }
  if (weights[weights.length - 1] > 1) put(Math.max(max, values[values.length - 1]), before)
  return { x, rank }
}

function combine(
  steps: readonly { x: number; weight: number }[],
  smooth: { x: number[]; rank: number[] },
  count: number,
): Ecdf {
  const at = [...new Set([...steps.map(step => step.x), ...smooth.x])].sort((a, b) => a - b)
  const before = new Float64Array(at.length)
  const after = new Float64Array(at.length)
  let s = 0
  let stepped = 0
  let k = 0
  for (const [i, x] of at.entries()) {
    while (k < smooth.x.length && smooth.x[k] < x) k++
    const left = rankAt(smooth, k, x)
    let end = k
    while (end < smooth.x.length && smooth.x[end] === x) end++
    const right = end > k ? smooth.rank[end - 1] : left
    before[i] = (stepped + left) / count
    while (s < steps.length && steps[s].x === x) stepped += steps[s++].weight
    after[i] = (stepped + right) / count
  }
  return { x: Float64Array.from(at), before, after }
}

/** Rank just below x; `k` is the first smooth knot at or above x. */
function rankAt({ x, rank }: { x: number[]; rank: number[] }, k: number, at: number): number {
  if (k === 0) return x.length > 0 && x[0] === at ? rank[0] : 0
  if (k === x.length) return rank[k - 1]
  if (x[k] === at) return rank[k]
  return rank[k - 1] + ((rank[k] - rank[k - 1]) * (at - x[k - 1])) / (x[k] - x[k - 1])
}

/** F(x−) and F(x) at any x, by walking both curves' knots in ascending order. */
export class EcdfWalk {
  #i = 0
  constructor(private readonly curve: Ecdf) {}

  /** @param x not below the x of the call before */
  at(x: number): { before: number; after: number } {
    const { x: knots, before, after } = this.curve
    while (this.#i < knots.length && knots[this.#i] < x) this.#i++
    const i = this.#i
    if (i === knots.length) return { before: 1, after: 1 }
    if (knots[i] === x) return { before: before[i], after: after[i] }
    if (i === 0) return { before: 0, after: 0 }
    const between = after[i - 1] + ((before[i] - after[i - 1]) * (x - knots[i - 1])) / (knots[i] - knots[i - 1])
    return { before: between, after: between }
  }
}
