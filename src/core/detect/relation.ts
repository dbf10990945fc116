import type { Cause } from '../alert/event.js'
import { number } from '../alert/words.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import { jointFeatures } from '../derive/joint.js'
import type { Joint } from '../derive/origin.js'
import type { Comparison } from './compare.js'
import { Finding } from './finding.js'
import type { Score } from './score.js'

/**
 * A direction that moved by less than this on average (W1, in σ of its features) is no breach, however improbable: one as tight as that of
 * a trip's miles and minutes would ring at every rush hour. A correlation of .4 that breaks comes to .16.
 */
const LEAST_MOVE = 0.12
/** Cause code of a relation that broke. */
export const RELATION = 'relation'
/** Why a relation is not judged: a feature it is made of moved by itself. */
const FEATURE_MOVED = 'feature-moved'
/** Spreads closer than this factor are told as a shift. */
const WIDER = 1.15

/** The findings of a direction, in words about the features that it is made of. */
export function aboutRelation(
  contract: FeatureBaseline,
  origin: Joint,
  seen: Comparison,
  findings: readonly Finding[],
): Finding[] {
  const { sentence, numbers } = relationWords(origin, seen)
  const cause: Cause = {
    code: RELATION,
    confidence: 'medium',
    sentence,
    numbers,
    alternatives: [],
    whoMoved: 'unknown',
  }
  const small = (seen.distances.w1 ?? 0) < LEAST_MOVE
  return findings.map(finding => {
    const { evidence } = finding
    const outcome = small && evidence.outcome === 'breach' ? 'ok' : evidence.outcome
    const words = { summary: `${contract.name}: ${sentence}`, cause }
    return new Finding({ ...evidence, outcome }, finding.kind, finding.ratio, 'investigate', () => words)
  })
}

/** How far the middle nine tenths of the rows spread about the relation, or how far its middle moved. */
function relationWords(origin: Joint, { quantiles }: Comparison): Pick<Cause, 'sentence' | 'numbers'> {
  const names = jointFeatures(origin)
  if (quantiles === null) return { sentence: `${names}: nothing to compare`, numbers: {} }
  const at = (of: readonly number[], p: number): number => of[quantiles.p.indexOf(p)]
  const [before, now] = [quantiles.baseline, quantiles.window].map(of => at(of, 0.95) - at(of, 0.05))
  const numbers = { baselineWidth: before, width: now }
  const widths = `${number(now)} σ of them, ${number(before)} σ in training`
  if (now > WIDER * before)
    return { sentence: `${names} no longer go together as in training: rows spread over ${widths}`, numbers }
  if (before > WIDER * now)
    return { sentence: `${names} go together more than in training: rows spread over ${widths}`, numbers }
  const [from, to] = [at(quantiles.baseline, 0.5), at(quantiles.window, 0.5)]
  const sentence = `${names} go together otherwise than in training: the middle of their difference moved by ${number(to - from)} σ`
  return { sentence, numbers: { ...numbers, baselineMedian: from, median: to } }
}

/** Whether a direction moved by less than matters, whatever its scores say. */
export function staysTogether(origin: FeatureBaseline['origin'], scores: readonly Score[]): boolean {
  if (origin?.what !== 'joint') return false
  const moved = scores.find(({ statistic }) => statistic === 'w1')
  return moved !== undefined && moved.now < LEAST_MOVE
}

/**
 * A relation is judged only where the features that it is made of look as ever on their own: what moves one of them moves every direction
 * that it is in, and says nothing of how they go together.
 * @param breached features of the same window and segment with a breach
 */
export function hasMovedMargin(origin: FeatureBaseline['origin'], breached: ReadonlySet<string>): boolean {
  return origin?.what === 'joint' && origin.terms.some(({ feature }) => breached.has(feature))
}

/** Whether the series was not judged because a feature that it is made of moved. */
export function isBesideMoved({ findings }: { readonly findings: readonly Finding[] }): boolean {
  return findings[0]?.evidence.because === FEATURE_MOVED
}

/** The findings of a relation beside a margin that moved. */
export function unjudged(findings: readonly Finding[]): Finding[] {
  return findings.map(one => one.with({ ...one.evidence, outcome: 'insufficient-data', because: FEATURE_MOVED }))
}
