import type { FeatureBaseline, NumericContract } from '../baseline/baseline.js'
import { cellMapping } from '../sketch/project.js'
import type { CategoricalState } from '../sketch/state.js'
import { zeros } from '../sketch/zeros.js'

/** Counts of both sides in the same cells, labelled for people. */
export interface Cells {
  readonly labels: readonly (string | number)[]
  readonly baseline: Float64Array
  readonly window: Float64Array
}

/** Cells of a numeric series: what people call them, and the cell of each cell of the contract's grid. */
export interface Cut {
  readonly labels: readonly (string | number)[]
  readonly cellOf: Int32Array
}

/** Fewer cells than this see nothing. */
const FEWEST = 5
const TOP_LABELS = 50
/** What is called so is no category. */
export const OTHER_LABEL = '(other)'
export const UNSEEN_LABEL = '(unseen)'

/** How many cells `numericCut` makes where it may make so many: cuts for the same number are the same. */
export function roomFor({ grid, quantileEdges }: NumericContract, most: number): number {
  return Math.min(Math.max(FEWEST, most), quantileEdges.length + 1 + grid.atoms.length)
}

/**
 * Atoms and quantile bins. Where there is room for fewer cells only, bins are halved (20, 10, 5) and the lightest atoms join the bin they
 * lie in; never under five cells.
 * @param counts of the baseline at the contract's grid
 */
export function numericCut({ grid, quantileEdges }: NumericContract, counts: Float64Array, room: number): Cut {
  const bins = quantileEdges.length + 1
  let step = 1
  while (Math.ceil(bins / step) > FEWEST && Math.ceil(bins / step) + grid.atoms.length > room) step *= 2
  const edges = quantileEdges.filter((_, e) => (e + 1) % step === 0)
  const kept = heaviest(counts.subarray(0, grid.atoms.length), Math.max(0, room - edges.length - 1))
  const atoms = grid.atoms.filter((_, a) => kept.has(a))
  const labels = [...atoms, ...[...edges, Number.NaN].map((_, b) => interval(edges, b))]
  return { labels, cellOf: cellMapping(grid, { edges, atoms }) }
}

/** Counts at the contract's grid as counts in the cells of a cut. */
export function countAt({ labels, cellOf }: Cut, counts: Float64Array): Float64Array {
  const cells = zeros(labels.length)
  for (let c = 0; c < cellOf.length; c++) cells[cellOf[c]] += counts[c]
  return cells
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

/**
 * The most frequent labels of the baseline, all other known ones, and what training never saw; without cells that neither side has ever
 * hit, which say nothing and would only add noise.
 */
export function categoricalCells(
  contract: FeatureBaseline,
  baseline: CategoricalState,
  window: CategoricalState,
  most: number,
): Cells {
  const room = Math.max(FEWEST, most)
  const named = contract.values.slice(0, Math.max(1, Math.min(TOP_LABELS, room - 2)))
  const p = countLabels(named, baseline)
  const q = countLabels(named, window)
  const labels: string[] = []
  for (let c = 0; c < p.length; c++) {
    if (p[c] === 0 && q[c] === 0) continue
    p[labels.length] = p[c]
    q[labels.length] = q[c]
    labels.push(c < named.length ? named[c] : c === named.length ? OTHER_LABEL : UNSEEN_LABEL)
  }
  return { labels, baseline: p.subarray(0, labels.length), window: q.subarray(0, labels.length) }
}

/** The labels' counts, those of all other known ones, and of unknown ones. */
function countLabels(named: readonly string[], { known, unknown }: CategoricalState): Float64Array {
  const counts = zeros(named.length + 2)
  let others = 0
  for (const count of known.values()) others += count
  let top = 0
  for (let c = 0; c < named.length; c++) top += counts[c] = known.get(named[c]) ?? 0
  counts[named.length] = others - top
  counts[named.length + 1] = unknown
  return counts
}

/** Count of one label, named by the plan or found by Space-Saving. */
export function labelCount(state: CategoricalState | null | undefined, label: string): number {
  return state?.known.get(label) ?? state?.heavy.find(({ value }) => value === label)?.count ?? 0
}
