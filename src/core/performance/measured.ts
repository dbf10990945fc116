import { reweighted } from './early-labels.js'
import { type LabelCoverage, labelCoverage } from './label-coverage.js'
import { type Measure, type MeasureOptions, measuresOf } from './measure.js'
import type { ScoreState } from './score-state.js'

/** What the labels of a window say, reweighted where they came for some scores rather than for others. */
export interface Measured {
  readonly measures: readonly Measure[]
  readonly coverage: LabelCoverage
  /** Null: labels came evenly, and each row counts once. */
  readonly corrected: { readonly designEffect: number; readonly unsupported: number } | null
}

/** @param coveragePhi overdispersion of coverage between past windows */
export function measured(state: ScoreState, options: MeasureOptions = {}, coveragePhi = 1): Measured {
  const coverage = labelCoverage(state, coveragePhi)
  if (!coverage.varies) return { measures: measuresOf(state, options), coverage, corrected: null }
  const { state: even, designEffect, unsupported } = reweighted(state)
  const phi: MeasureOptions['phi'] = (name, of) => designEffect * (options.phi?.(name, of) ?? 1)
  return { measures: measuresOf(even, { ...options, phi }), coverage, corrected: { designEffect, unsupported } }
}
