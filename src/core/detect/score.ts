import type { FeatureBaseline } from '../baseline/baseline.js'
import { standsForFeature } from '../derive/origin.js'
import type { Side } from './compare.js'
import { COUNTERS } from './counters.js'
import { designEffect, intraclass } from './intraclass.js'
import type { Profile } from './profile.js'
import { labelScores, psiScore, sumCells } from './score/cells.js'
import { distinctScore } from './score/distinct.js'
import { gainScore, trainedShares } from './score/gain.js'
import { allCounts, allRows } from './score/run.js'
import { shapeScores } from './score/shape.js'
import { counterScore, sumCounters } from './score/share.js'

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

/** Shares that follow where the values lie: what is once where the windows are is never, or always, in their sum. */
const OF_LEVEL: ReadonlySet<string> = new Set(['high', 'tails', 'far', 'negative', 'psi'])
/** A smaller score says nothing, however many rows. */
const LOUD = 1

/** Whether a hundredth of the values lies farther out than all that training had is wide: no level leads there. */
function isBeyondAll({ numbers, at, places }: Profile, training: Side | null): boolean {
  const known = training?.sketch?.numeric
  if (!known || !places.hasShape) return false
  const width = known.max - known.min
  const [low, high] = [numbers[at + places.quantiles], numbers[at + places.quantilesEnd - 1]]
  return low < known.min - width || high > known.max + width
}

/**
 * Where the rows of a window go together, so many of them are counted as one: a share that has always been 0 has no past errors that would say so,
 * and the first day of frost is no surprise to a hundred rows that have the same weather.
 */
function ofRowsTogether(scores: Score[], now: Profile, past: readonly Profile[], training: Side | null): Score[] {
  const isOfLevel = ({ statistic }: Score): boolean => OF_LEVEL.has(statistic) || statistic.startsWith('=')
  if (!scores.some(score => Math.abs(score.z) > LOUD && isOfLevel(score))) return scores
  const effect = isBeyondAll(now, training) ? 1 : designEffect(intraclass(past), now.count)
  return scores.map(score =>
    isOfLevel(score) && score.phi < effect
      ? { ...score, z: score.z * Math.sqrt(score.phi / effect), phi: effect }
      : score,
  )
}
