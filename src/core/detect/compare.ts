import type { Distances, Moved, Quantiles } from '../alert/event.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import { ecdf } from '../sketch/ecdf.js'
import type { SketchState } from '../sketch/state.js'
import { chiSquare } from '../statistic/chi-square.js'
import { hellinger, jensenShannonDistance, kullbackLeibler } from '../statistic/divergence.js'
import { kolmogorovSmirnov } from '../statistic/kolmogorov-smirnov.js'
import { psi, psiContributions } from '../statistic/psi.js'
import { quantileOf } from '../statistic/quantiles.js'
import { wasserstein } from '../statistic/wasserstein.js'
import { type Cells, categoricalCells, labelCount, numericCells } from './cells.js'

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
/** Labels with more than this share of the baseline are judged one by one, at most so many. */
const LABEL_SHARE = 0.02
const MOST_LABELS = 50
const MOST_MOVED = 8
const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

/**
 * Window against baseline: the distances people know, what moved, and the labels' shares.
 * @param baseline, window sketches whose cells count at the contract's grid
 */
export function compare(contract: FeatureBaseline, baseline: Side, window: Side): Comparison {
  const { numeric } = contract
  const count = ({ sketch }: Side): number => (numeric ? sketch?.numeric?.count : sketch?.categorical?.count) ?? 0
  const n = count(window)
  const m = count(baseline)
  if (n === 0 || m === 0) return { n, m, cells: 0, distances: NO_DISTANCES, moved: [], quantiles: null, labels: [] }
  const most = Math.floor(Math.min(n, m) / ROWS_A_CELL)
  const cells = numeric
    ? numericCells(numeric, baseline, window, most)
    : categoricalCells(contract, baseline, window, most)
  const { baseline: p, window: q } = cells
  const curves = numeric && [baseline, window].map(({ sketch }) => ecdf(sketch!.numeric!, numeric.grid))
  const quantiles = ({ sketch }: Side): number[] =>
    QUANTILES.map(level => quantileOf(sketch!.numeric!, numeric!.grid, level))
  return {
    n,
    m,
    cells: p.length,
    distances: {
      psi: psi(p, q),
      kl: kullbackLeibler(q, p),
      js: jensenShannonDistance(p, q),
      ks: curves && kolmogorovSmirnov(curves[0], curves[1]),
      w1: curves && wasserstein(curves[0], curves[1]) / numeric.sigma,
      chi2: chiSquare(p, q),
      hellinger: hellinger(p, q),
    },
    moved: movedCells(cells, n, m),
    quantiles: numeric && { p: QUANTILES, baseline: quantiles(baseline), window: quantiles(window) },
    labels: numeric ? [] : labelShares(contract, baseline, window, n, m),
  }
}

function movedCells({ labels, baseline, window }: Cells, n: number, m: number): Moved[] {
  const contributions = psiContributions(baseline, window)
  return labels
    .map((value, c) => ({
      value,
      baselineShare: baseline[c] / m,
      windowShare: window[c] / n,
      contribution: contributions[c],
    }))
    .sort((a, b) => b.contribution - a.contribution)
    .slice(0, MOST_MOVED)
}

function labelShares(contract: FeatureBaseline, baseline: Side, window: Side, n: number, m: number) {
  return contract.values
    .slice(0, MOST_LABELS)
    .map(value => ({
      value,
      before: labelCount(baseline.sketch?.categorical, value) / m,
      now: labelCount(window.sketch?.categorical, value) / n,
    }))
    .filter(({ before }) => before > LABEL_SHARE)
}
