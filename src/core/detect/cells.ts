import type { FeatureBaseline, NumericContract } from '../baseline/baseline.js'
import { projectCells } from '../sketch/project.js'
import type { CategoricalState } from '../sketch/state.js'
import type { Side } from './compare.js'

/** Counts of both sides in the same cells, labelled for people. */
export interface Cells {
  readonly labels: readonly (string | number)[]
  readonly baseline: Float64Array
  readonly window: Float64Array
}

/** Fewer cells than this see nothing. */
const FEWEST = 5
const TOP_LABELS = 50

/**
 * Atoms and quantile bins. Where there is room for `most` cells only, bins are halved (20, 10, 5) and the lightest atoms join the bin they
 * lie in; never under five cells.
 */
export function numericCells(contract: NumericContract, baseline: Side, window: Side, most: number): Cells {
  const { grid, quantileEdges } = contract
  const cutAt = { edges: quantileEdges, atoms: grid.atoms }
  const project = ({ sketch }: Side): Float64Array => projectCells(sketch!.numeric!.cells, grid, cutAt)
  const p = project(baseline)
  const q = project(window)
  const room = Math.max(FEWEST, most)
  const bins = quantileEdges.length + 1
  let step = 1
  while (Math.ceil(bins / step) > FEWEST && Math.ceil(bins / step) + grid.atoms.length > room) step *= 2
  const edges = quantileEdges.filter((_, e) => (e + 1) % step === 0)
  const kept = heaviest(p.subarray(0, grid.atoms.length), Math.max(0, room - edges.length - 1))
  const atoms = grid.atoms.filter((_, a) => kept.has(a))
  const coarse = { edges, atoms }
  const labels = [...atoms, ...[...edges, Number.NaN].map((_, b) => interval(edges, b))]
  return { labels, baseline: projectCells(p, cutAt, coarse), window: projectCells(q, cutAt, coarse) }
}

function heaviest(weights: Float64Array, most: number): Set<number> {
  const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a] || a - b)
  return new Set(order.slice(0, most))
}

function interval(edges: Float64Array, bin: number): string {
  if (edges.length === 0) return 'all'
  if (bin === 0) return `< ${short(edges[0])}`
  if (bin === edges.length) return `≥ ${short(edges[bin - 1])}`
  return `[${short(edges[bin - 1])}, ${short(edges[bin])})`
}

const short = (x: number): string => String(Number(x.toPrecision(4)))

/** The most frequent labels of the baseline, all other known ones, and what training never saw. */
export function categoricalCells(contract: FeatureBaseline, baseline: Side, window: Side, most: number): Cells {
  const room = Math.max(FEWEST, most)
  const named = contract.values.slice(0, Math.max(1, Math.min(TOP_LABELS, room - 2)))
  const counts = ({ sketch }: Side): Float64Array => {
    const state = sketch!.categorical!
    const top = named.map(label => state.known.get(label) ?? 0)
    const known = [...state.known.values()].reduce((sum, count) => sum + count, 0)
    return Float64Array.of(...top, known - top.reduce((sum, count) => sum + count, 0), state.unknown)
  }
  const cells = { labels: [...named, '(other)', '(unseen)'], baseline: counts(baseline), window: counts(window) }
  return withoutEmpty(cells)
}

/** Cells that neither side has ever hit say nothing and would only add noise. */
function withoutEmpty({ labels, baseline, window }: Cells): Cells {
  const kept = [...labels.keys()].filter(c => baseline[c] > 0 || window[c] > 0)
  return {
    labels: kept.map(c => labels[c]),
    baseline: Float64Array.from(kept, c => baseline[c]),
    window: Float64Array.from(kept, c => window[c]),
  }
}

/** Count of one label, named by the plan or found by Space-Saving. */
export function labelCount(state: CategoricalState | null | undefined, label: string): number {
  return state?.known.get(label) ?? state?.heavy.find(({ value }) => value === label)?.count ?? 0
}
