import type { FeatureBaseline } from '../baseline/baseline.js'
import { standsForFeature } from '../derive/origin.js'
import type { Side } from './compare.js'
import { COUNTERS } from './counters.js'
import type { Profile } from './profile.js'
import { labelScores, psiScore, sumCells } from './score/cells.js'
import { distinctScore } from './score/distinct.js'
import { gainScore, trainedShares } from './score/gain.js'
import { allCounts, allRows } from './score/run.js'
import { shapeScores } from './score/shape.js'
import { counterScore, sumCounters } from './score/share.js'
import { ofRowsTogether } from './score/together.js'

/** One statistic of a window against the same statistic of the series' own earlier windows. */
export interface Score {
  /** A counter's name, `psi`, `mean`, `spread`, `middle`, `width`, `w1`, `distinct`, `gain`, or `=label`. */
  readonly statistic: string
  /** Signed: the change over what this statistic usually does, counting noise included. Nearly standard normal while nothing changes. */
  readonly z: number
  /** The statistic in the reference and now: shares, σ, logarithms (spread, distinct), PSI. */
  readonly before: number
  readonly now: number
  /** Overdispersion: variance of the past windows' errors over that of counting, at least 1. */
  readonly phi: number
  /** Of `gain`: which value gained. */
  readonly value?: number
}

/** Usable values from which on they are judged; the shares of all rows always are. */
export const FEWEST_USABLE = 50

const sumsOfRows = new Float64Array(COUNTERS.length)
const sumsOfUsable = new Float64Array(COUNTERS.length)

/**
 * All statistics of a window against the reference.
 * @param past clean windows of the series, oldest first, at least 2
 * @param training the segment's rows in the training baseline; null where it has none
 */
export function scoresOf(
  contract: FeatureBaseline,
  now: Profile,
  past: readonly Profile[],
  training: Side | null,
): Score[] {
  const scores: Score[] = []
  const fit = past.every(profile => profile.count >= FEWEST_USABLE)
    ? past
    : past.filter(profile => profile.count >= FEWEST_USABLE)
  const judged = now.count >= FEWEST_USABLE && fit.length >= 2
  const rows = allRows.begin(past.length)
  for (let i = 0; i < past.length; i++) rows.put(i, past[i].rows)
  const counts = allCounts.begin(fit.length)
  for (let i = 0; i < fit.length; i++) counts.put(i, fit[i].count)
  const ofRows = sumCounters(past, sumsOfRows)
  const ofUsable = fit === past ? ofRows : sumCounters(fit, sumsOfUsable)
  const { origin } = contract
  // Rows in which a derived series has no value are told of its feature, once: without values there is nothing to say of how they lie.
  const tellsRows = origin === undefined || standsForFeature(origin)
  for (const [c, { check, of, applies }] of COUNTERS.entries()) {
    if (!applies(contract) || !(of === 'usable' ? judged : tellsRows)) continue
    scores.push(
      of === 'rows'
        ? counterScore(check, c, ofRows[c], now, now.rows, past, rows)
        : counterScore(check, c, ofUsable[c], now, now.count, fit, counts),
    )
  }
  if (!judged) return scores
  sumCells(now, fit)
  if (contract.numeric === null) scores.push(...labelScores(contract, now, fit, counts))
  else scores.push(...shapeScores(contract.numeric, now, fit), gainScore(now, fit, trainedShares(contract, training)))
  scores.push(distinctScore(now, fit, counts), psiScore(now, fit, counts))
  return ofRowsTogether(scores, now, fit, training)
}
