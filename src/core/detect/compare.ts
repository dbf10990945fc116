import type { Distances, Moved, Quantiles } from '../alert/event.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import { ecdf } from '../sketch/ecdf.js'
import type { SketchState } from '../sketch/state.js'
import { chiSquare } from '../statistic/chi-square.js'
import { hellinger, jensenShannonDistance, kullbackLeibler } from '../statistic/divergence.js'
import { kolmogorovSmirnov } from '../statistic/kolmogorov-smirnov.js'
import { psiContributions, total } from '../statistic/psi.js'
import { quantilesAt } from '../statistic/quantiles.js'
import { wasserstein } from '../statistic/wasserstein.js'
import { type Cells, categoricalCells, countAt, labelCount } from './cells.js'
import { type Prepared, prepared, QUANTILES, usable } from './prepared.js'
import { asTheyAre, type Names } from './shown.js'

/** One side of a comparison: all rows of a segment, and the feature's sketch (null: no row had it). */
export interface Side {
  readonly rows: number
  readonly sketch: SketchState | null
}

export interface Comparison {
  /** Usable values of the window and of the baseline. */
  readonly n: number
  readonly m: number
  /** Cells that PSI was taken over; 0 where one side is empty. */
  readonly cells: number
  readonly distances: Distances
  /** By how much W1 scatters more than of normal values. */
  readonly scatter: number
  /** Most telling first. */
  readonly moved: readonly Moved[]
  readonly quantiles: Quantiles | null
  /** Shares of the baseline's frequent labels. */
  readonly labels: readonly { readonly value: string; readonly before: number; readonly now: number }[]
}

export const NO_DISTANCES: Distances = {
  psi: null,
  kl: null,
  js: null,
  ks: null,
  w1: null,
  chi2: null,
  hellinger: null,
}

/** PSI is taken over cells that hold ten rows on average. */
const ROWS_A_CELL = 10
const MOST_MOVED = 8

/**
 * Window against baseline: the distances people know, what moved, and the labels' shares.
 * @param baseline, window sketches whose cells count at the contract's grid
 * @param names of categories, for what is told
 */
export function compare(contract: FeatureBaseline, baseline: Side, window: Side, names: Names = asTheyAre): Comparison {
  const n = usable(contract, window.sketch)
  const m = usable(contract, baseline.sketch)
  if (n === 0 || m === 0)
    return { n, m, cells: 0, distances: NO_DISTANCES, scatter: 1, moved: [], quantiles: null, labels: [] }
  const side = prepared(contract, baseline.sketch!)
  const cells = cellsOf(side, window.sketch!, baseline.sketch!, Math.floor(Math.min(n, m) / ROWS_A_CELL))
  const { baseline: p, window: q } = cells
  const { numeric } = contract
  const before = side.curve
  const now = numeric && ecdf(window.sketch!.numeric!, numeric.grid)
  const contributions = psiContributions(p, q)
  return {
    n,
    m,
    cells: p.length,
    distances: {
      psi: total(contributions),
      kl: kullbackLeibler(q, p),
      js: jensenShannonDistance(p, q),
      ks: now && kolmogorovSmirnov(before!, now),
      w1: now && wasserstein(before!, now) / numeric!.sigma,
      chi2: chiSquare(p, q),
      hellinger: hellinger(p, q),
    },
    scatter: side.scatter,
    moved: movedCells(numeric === null ? named(cells, contributions, names) : told(cells, contributions), n, m),
    quantiles: now && { p: QUANTILES, baseline: side.quantiles, window: quantilesAt(now, QUANTILES) },
    labels: side.labels.map(({ value, before }) => {
      return { value: names(value), before, now: labelCount(window.sketch!.categorical, value) / n }
    }),
  }
}

function cellsOf(side: Prepared, window: SketchState, baseline: SketchState, most: number): Cells {
  if (side.contract.numeric === null)
    return categoricalCells(side.contract, baseline.categorical!, window.categorical!, most)
  const cut = side.cut(most)
  return { labels: cut.labels, baseline: cut.baseline, window: countAt(cut, window.numeric!.cells) }
}

type Told = Cells & { readonly contributions: Float64Array }

function told({ labels, baseline, window }: Cells, contributions: Float64Array): Told {
  return { labels, baseline, window, contributions }
}

/** The cells by the names that are told; those of one name are one. */
function named(cells: Cells, contributions: Float64Array, names: Names): Told {
  if (names === asTheyAre) return told(cells, contributions)
  const labels = cells.labels.map(label => names(String(label)))
  const all = [...new Set(labels)]
  const summed = (counts: Float64Array): Float64Array => {
    const sums = new Float64Array(all.length)
    for (const [c, label] of labels.entries()) sums[all.indexOf(label)] += counts[c]
    return sums
  }
  const { baseline, window } = cells
  return {
    labels: all,
    baseline: summed(baseline),
    window: summed(window),
    contributions: summed(contributions),
  }
}

const top = new Int32Array(MOST_MOVED + 1)

/** The cells with the greatest contributions, greatest first, equal ones in the order of the cells. */
function movedCells({ labels, baseline, window, contributions }: Told, n: number, m: number): Moved[] {
  let size = 0
  for (let c = 0; c < contributions.length; c++) {
    let at = size
    for (; at > 0 && contributions[top[at - 1]] < contributions[c]; at--) top[at] = top[at - 1]
    top[at] = c
    if (size < MOST_MOVED) size++
  }
  const moved: Moved[] = []
  for (let i = 0; i < size; i++) {
    const c = top[i]
    const contribution = contributions[c]
    moved.push({ value: labels[c], baselineShare: baseline[c] / m, windowShare: window[c] / n, contribution })
  }
  return moved
}
