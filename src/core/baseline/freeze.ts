import { ecdf } from '../sketch/ecdf.js'
import { withoutAtoms } from '../sketch/exact.js'
import type { NumericState, Weighted } from '../sketch/state.js'
import { quantileAt } from '../statistic/quantiles.js'
import type { NumericContract } from './baseline.js'

/** Quantile bins of what is not an atom. */
const BINS = 20
const MOST_ATOMS = 64

/**
 * Cuts a numeric feature once and for all, from a sketch that counted without a grid: atoms are values with mass of at least one bin, the
 * rest is cut at 19 quantiles. Fences are further edges: q.01, q.99, q.95, and where values lie far outside.
 */
export function freezeGrid(state: NumericState): NumericContract {
  const whole = ecdf(state, null)
  const q = (p: number): number => quantileAt(whole, p)
  const [q01, q50, q95, q99] = [q(0.01), q(0.5), q(0.95), q(0.99)]
  const atoms = atomsOf(state)
  const rest = restOf(state, atoms)
  const quantileEdges = rest.count === 0 ? new Float64Array(0) : quantileCuts(rest)
  const far = [q01 - (q50 - q01) / 2, q99 + (q99 - q50) / 2]
  const fences = [q01, q95, q99, ...far].filter(Number.isFinite)
  const edges = Float64Array.from(new Set([...quantileEdges, ...fences])).sort()
  const spread = (q(0.8413) - q(0.1587)) / 2
  const deviation = Math.sqrt(state.m2 / Math.max(1, state.count))
  const sigma = [spread, deviation, 1].find(s => Number.isFinite(s) && s > 0)!
  return { grid: { edges, atoms }, quantileEdges, sigma, fences: { q01, q50, q95, q99 } }
}

function atomsOf({ exact, heavy, count }: NumericState): Float64Array {
  const values = exact?.values ?? heavy?.values ?? new Float64Array(0)
  const counts = exact?.weights ?? heavy?.counts.map((c, i) => c - heavy.errors[i]) ?? new Float64Array(0)
  const massive = [...values.keys()].filter(i => counts[i] >= count / BINS).sort((a, b) => counts[b] - counts[a])
  return Float64Array.from(massive.slice(0, MOST_ATOMS), i => values[i]).sort()
}

/** The sketch without its atoms. A digest's centroids still hold them: they are taken off the nearest centroids' weights. */
function restOf(state: NumericState, atoms: Float64Array): NumericState {
  const without = (weighted: Weighted): Weighted => withoutAtoms(weighted, atoms)
  if (state.exact !== null) {
    const exact = without(state.exact)
    return { ...state, exact, count: exact.weights.reduce((sum, weight) => sum + weight, 0) }
  }
  const { values, weights } = state.digest!
  const left = weights.slice()
  for (const atom of atoms) {
    let mass = state.heavy!.counts[state.heavy!.values.indexOf(atom)] ?? 0
    const nearest = [...values.keys()].sort((a, b) => Math.abs(values[a] - atom) - Math.abs(values[b] - atom))
    for (const i of nearest) {
      const taken = Math.min(left[i], mass)
      left[i] -= taken
      mass -= taken
      if (mass <= 0) break
    }
  }
  const kept = [...left.keys()].filter(i => left[i] > 0)
  const digest = { values: Float64Array.from(kept, i => values[i]), weights: Float64Array.from(kept, i => left[i]) }
  return { ...state, digest, count: digest.weights.reduce((sum, weight) => sum + weight, 0) }
}

/** Distinct quantiles of what is left; an edge is the least value of the bin above it. */
function quantileCuts(rest: NumericState): Float64Array {
  const curve = ecdf(rest, null)
  const cuts = Array.from({ length: BINS - 1 }, (_, i) => quantileAt(curve, (i + 1) / BINS))
  const inside = cuts.filter(x => x > curve.x[0])
  return Float64Array.from(new Set(inside)).sort()
}
