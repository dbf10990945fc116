import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import { withoutAtoms } from '../sketch/exact.js'
import { withdraw } from '../sketch/project.js'
import type { NumericState, Weighted } from '../sketch/state.js'
import { quantileAt } from '../statistic/quantiles.js'
import type { NumericContract } from './baseline.js'

/** Quantile bins of what is not an atom. */
const BINS = 20
const MOST_ATOMS = 64

/**
 * Cuts a numeric feature once and for all, from a sketch that counted without a grid: atoms are values with at least the mass of one bin, the
 * rest is cut at 19 quantiles. Fences are further edges: q.01, q.95, q.99, and half the way from the median to q.01 or q.99 beyond them.
 */
export function freezeGrid(state: NumericState): NumericContract {
  const whole = ecdf(state, null)
  const q = (p: number): number => quantileAt(whole, p)
  const [q01, q50, q95, q99] = [q(0.01), q(0.5), q(0.95), q(0.99)]
  const atoms = atomsOf(state)
  const rest = withoutThem(state, atoms)
  const quantileEdges = rest === null ? new Float64Array(0) : quantileCuts(ecdf(rest, null))
  const far = [q01 - (q50 - q01) / 2, q99 + (q99 - q50) / 2]
  const fences = [q01, q95, q99, ...far].filter(Number.isFinite)
  const edges = distinct([...quantileEdges, ...fences])
  const spread = (q(0.84) - q(0.16)) / 2
  const deviation = Math.sqrt(state.m2 / Math.max(1, state.count - 1))
  const sigma = [spread, deviation, 1].find(s => Number.isFinite(s) && s > 0)!
  return { grid: { edges, atoms: atoms.values }, quantileEdges, sigma, fences: { q01, q50, q95, q99 } }
}

/** Values with the mass of a bin, ascending, and their counts: at least what Space-Saving is sure of. */
function atomsOf({ exact, heavy, count }: NumericState): Weighted {
  const values = exact?.values ?? heavy!.values
  const counts = exact?.weights ?? heavy!.counts.map((c, i) => c - heavy!.errors[i])
  const massive = [...values.keys()]
    .filter(i => counts[i] >= count / BINS)
    .sort((a, b) => counts[b] - counts[a])
    .slice(0, MOST_ATOMS)
    .sort((a, b) => values[a] - values[b])
  return { values: Float64Array.from(massive, i => values[i]), weights: Float64Array.from(massive, i => counts[i]) }
}

/** The sketch of all other values; null where there are none. */
function withoutThem(state: NumericState, atoms: Weighted): NumericState | null {
  const { exact, digest } = state
  const kept = exact !== null ? withoutAtoms(exact, atoms.values) : withdraw(digest!, atoms)
  const count = kept.weights.reduce((sum, weight) => sum + weight, 0)
  return count === 0 ? null : { ...state, count, exact: exact && kept, digest: digest && kept }
}

/** Distinct quantiles; an edge is the least value of the bin above it, so the least value of all is none. */
function quantileCuts(rest: Ecdf): Float64Array {
  const cuts = Array.from({ length: BINS - 1 }, (_, i) => quantileAt(rest, (i + 1) / BINS))
  return distinct(cuts.filter(x => x > rest.x[0]))
}

function distinct(values: readonly number[]): Float64Array {
  return Float64Array.from(new Set(values.map(x => x + 0))).sort()
}
