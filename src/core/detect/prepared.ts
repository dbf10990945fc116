import type { FeatureBaseline } from '../baseline/baseline.js'
import { type Ecdf, ecdf } from '../sketch/ecdf.js'
import type { SketchState } from '../sketch/state.js'
import { quantilesAt } from '../statistic/quantiles.js'
import { wassersteinScatter } from '../statistic/wasserstein.js'
import { type Cut, countAt, labelCount, numericCut, roomFor } from './cells.js'

/** Where quantiles are told. */
export const QUANTILES: readonly number[] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
/** Labels with more than this share of the baseline are judged one by one, at most so many. */
const LABEL_SHARE = 0.02
const MOST_LABELS = 50

/** The baseline's side of a series' comparisons: nothing of it changes from window to window. */
export class Prepared {
  /** Usable values. */
  readonly m: number
  /** Of a numeric feature that has any. */
  readonly curve: Ecdf | null = null
  /** By how much W1 scatters more than of normal values; 1 without a curve. */
  readonly scatter: number = 1
  /** At `QUANTILES`; empty without a curve. */
  readonly quantiles: readonly number[] = []
  /** Frequent labels of a categorical feature, with their share. */
  readonly labels: readonly { readonly value: string; readonly before: number }[] = []
  readonly #cuts = new Map<number, Cut & { readonly baseline: Float64Array }>()

  constructor(
    readonly contract: FeatureBaseline,
    private readonly sketch: SketchState,
  ) {
    this.m = usable(contract, sketch)
    if (this.m === 0) return
    const { numeric } = contract
    if (numeric !== null) {
      this.curve = ecdf(sketch.numeric!, numeric.grid)
      this.quantiles = quantilesAt(this.curve, QUANTILES)
      this.scatter = wassersteinScatter(this.curve, numeric.sigma)
    } else {
      const shareOf = (value: string): number => labelCount(sketch.categorical, value) / this.m
      const shares = contract.values.slice(0, MOST_LABELS).map(value => ({ value, before: shareOf(value) }))
      this.labels = shares.filter(({ before }) => before > LABEL_SHARE)
    }
  }

  /** The cells of a numeric feature where there may be `most`, with the baseline's counts in them. */
  cut(most: number): Cut & { readonly baseline: Float64Array } {
    const numeric = this.contract.numeric!
    const { cells } = this.sketch.numeric!
    const room = roomFor(numeric, most)
    let cut = this.#cuts.get(room)
    if (cut === undefined) {
      const made = numericCut(numeric, cells, room)
      this.#cuts.set(room, (cut = { ...made, baseline: countAt(made, cells) }))
    }
    return cut
  }
}

const known = new WeakMap<SketchState, Prepared>()

/**
 * Made once for each contract and sketch.
 * @param sketch of one segment of the baseline, its cells at the contract's grid
 */
export function prepared(contract: FeatureBaseline, sketch: SketchState): Prepared {
  let one = known.get(sketch)
  if (one?.contract !== contract) known.set(sketch, (one = new Prepared(contract, sketch)))
  return one
}

/** Values that a feature of this contract's kind can be compared by. */
export function usable({ numeric }: FeatureBaseline, sketch: SketchState | null): number {
  return (numeric !== null ? sketch?.numeric?.count : sketch?.categorical?.count) ?? 0
}
