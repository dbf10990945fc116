import { numberBetween } from '../performance/score-key.js'
import type { ScoreState } from '../performance/score-state.js'
import { total } from '../statistic/psi.js'
import { POSITIVE } from './pair-counts.js'

/** A share: so many of so many. */
type Share = readonly [x: number, n: number]

/** Shares of each decision by version: of a binary task the positive ones, of classes all; of a regression none. */
export function decisionShares(
  champion: ScoreState,
  challenger: ScoreState,
): { readonly decision: string; readonly champion: Share; readonly challenger: Share }[] {
  const texts = [...new Set([...decisionsOf(champion).keys(), ...decisionsOf(challenger).keys()])].sort()
  const shareOf = (state: ScoreState, decision: string): Share => [
    decisionsOf(state).get(decision) ?? 0,
    total(state.n),
  ]
  return texts.map(decision => ({
    decision,
    champion: shareOf(champion, decision),
    challenger: shareOf(challenger, decision),
  }))
}

/** Exact: the threshold is an edge of the bins. */
function decisionsOf(state: ScoreState): ReadonlyMap<string, number> {
  if (state.type === 'regression') return new Map()
  if (state.type === 'multiclass') return new Map(state.classes.map((text, c) => [text, state.n[c]]))
  return new Map([[POSITIVE, state.bins.reduce((sum, bin, b) => sum + (bin >= 0 ? state.n[b] : 0), 0)]])
}

/**
 * Mean of the scores of a version, the variance of that mean, and the mean of their size |score|. Of a binary task the variance and of a regression
 * the size are those of the bins' means, next to exact with 256 of them.
 */
export function armMeans(state: ScoreState): {
  readonly n: number
  readonly mean: number
  readonly variance: number
  readonly size: number
} {
  const n = total(state.n)
  if (state.type === 'multiclass') return { n, mean: Number.NaN, variance: Number.NaN, size: Number.NaN }
  if (state.type === 'binary') {
    const mean = total(state.scores) / n
    const squares = state.scores.reduce((sum, score, b) => sum + (state.n[b] > 0 ? score ** 2 / state.n[b] : 0), 0)
    return { n, mean, variance: Math.max(0, squares / n - mean * mean) / n, size: mean }
  }
  const [sum, squares] = state.predictions
  const mean = sum / n
  const lows = state.bins.map(bin => bin << state.shift)
  let sizes = 0
  for (let b = 0; b < lows.length; b++)
    sizes += state.n[b] * Math.abs(numberBetween(lows[b], lows[b] + 2 ** state.shift - 1))
  return { n, mean, variance: Math.max(0, squares / n - mean * mean) / n, size: sizes / n }
}
