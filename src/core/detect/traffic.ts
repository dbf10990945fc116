import type { Cause, Evidence, WindowFacts } from '../alert/event.js'
import { number, percent } from '../alert/words.js'
import { type Segment, segmentKey } from '../baseline/baseline.js'
import type { FeatureSpec } from '../monitor.js'
import type { Duplicates } from '../window/duplicates.js'
import type { View } from '../window/view.js'
import {
  type CountedShare,
  concluded,
  countedProfile,
  judgeCounted,
  scoreEvidence,
  shareEffect,
} from './counted-series.js'
import { Finding } from './finding.js'
import { type History, reach } from './history.js'
import type { Judgement } from './judgement.js'
import { FIXED } from './limits.js'
import type { Score } from './score.js'
import type { Season } from './season/season.js'
import { volumeEffect, volumeScore } from './volume.js'

/** Feature name of the series of the rows themselves: how many there are, and how many of them twice. */
export const TRAFFIC = '*'

const DUPLICATES: CountedShare = {
  check: 'duplicates',
  kind: 'quality',
  words: 'rows with the request id of another row',
  counter: 0,
  whoMoved: 'pipeline',
}

/** The rows of one segment in one window, of all model versions: a rollout moves rows from one to the other, and loses none. */
export interface Traffic {
  readonly windowStart: number
  readonly rows: number
  readonly partitions: WindowFacts['partitions']
  readonly checks: FeatureSpec['checks']
}

/**
 * Rows of a window by segment, over all model versions.
 * @param views of each model version
 * @param silent segments that have had rows: without any now, they have none
 */
export function rowsBySegment(
  views: readonly (readonly Pick<View, 'segment' | 'rows'>[])[],
  silent: readonly Segment[],
): { readonly segment: Segment; readonly rows: number }[] {
  const found = new Map<string, { segment: Segment; rows: number }>()
  for (const { segment, rows } of [...views.flat(), ...silent.map(segment => ({ segment, rows: 0 }))]) {
    const key = segmentKey(segment)
    found.set(key, { segment, rows: rows + (found.get(key)?.rows ?? 0) })
  }
  return [...found.values()]
}

/** What is judged of the rows, each with an alert of its own. */
export type Matter = 'volume' | 'duplicates'

/** How many rows there are, by the newest clean windows and the time of week. Completeness is told beside. */
export function judgeVolume(traffic: Traffic, history: History, season: Season, firing: boolean): Judgement {
  const { finding, score } = volumeFinding(traffic, history, season)
  const isOn = traffic.checks['volume']?.enabled !== false
  const findings = [...(isOn ? [finding] : []), completeness(traffic)]
  const scores = isOn && score !== null ? [score] : []
  const effect = (): number => (score === null ? 0 : volumeEffect(score))
  const profile = countedProfile(traffic.rows, 0, [])
  return concluded(findings, scores, effect, { profile, counters: {} }, history, firing)
}

/** How many of them come twice: by their history, and by their share before there is one. */
export function judgeDuplicates(
  { share, sampled, repeated }: Duplicates,
  { rows, windowStart, checks }: Traffic,
  history: History,
  firing: boolean,
): Judgement {
  const profile = countedProfile(rows, sampled, [repeated])
  const { finding, score } = judgeCounted(DUPLICATES, profile, history, windowStart)
  const isOn = checks[DUPLICATES.check]?.enabled !== false
  const counters = { duplicates: { baseline: null, window: share } }
  const scores = isOn && score !== null ? [score] : []
  return concluded(isOn ? [finding] : [], scores, shareEffect, { profile, counters }, history, firing)
}

/** Whether so much of the traffic is missing that what is left says nothing of the rest. */
export function isThin({ scores }: Judgement): boolean {
  return scores.some(({ statistic, z }) => statistic === 'volume' && z < -FIXED.twice)
}

/** Whether a window that the end of a file may have cut has less than half of the rows that are expected: a part of a day is like no day. */
export function isPart(traffic: Traffic, history: History | undefined, season: Season): boolean {
  const score = history === undefined ? null : scoreOf(traffic, history, season)
  return score !== null && score.z < 0
}

function volumeFinding(
  traffic: Traffic,
  history: History,
  season: Season,
): { readonly finding: Finding; readonly score: Score | null } {
  const { rows, windowStart } = traffic
  const score = scoreOf(traffic, history, season)
  if (score === null) {
    const because = history.calibrated ? 'too-few-rows' : 'too-few-windows'
    const none = scoreEvidence({ statistic: 'volume', z: 0, before: 0, now: rows, phi: 1 }, 0, rows, 0)
    const evidence: Evidence = { ...none, calibrated: history.calibrated, outcome: 'insufficient-data', because }
    return { finding: volumeFound(evidence, 0, traffic, 0), score: null }
  }
  const ratio = reach(score, history, windowStart, FIXED)
  const evidence = scoreEvidence(score, ratio, rows, Math.round(score.before))
  return { finding: volumeFound(evidence, ratio, traffic, score.before), score }
}

/** Null without history enough. Where the time of week is little known, what is odd beside one of the two only is not odd. */
function scoreOf({ rows, windowStart }: Traffic, history: History, season: Season): Score | null {
  if (!history.calibrated) return null
  const { past, plain } = season.rowsAt(history, windowStart)
  const score = volumeScore(rows, past)
  const other = plain && volumeScore(rows, plain)
  return score !== null && other !== null && Math.abs(other.z) < Math.abs(score.z) ? other : score
}

function volumeFound(evidence: Evidence, ratio: number, traffic: Traffic, expected: number): Finding {
  const cause = volumeCause(traffic, expected)
  const action = cause.whoMoved === 'pipeline' ? 'fix-pipeline' : 'investigate'
  return new Finding(evidence, 'volume', ratio, action, () => ({ summary: cause.sentence, cause }))
}

function volumeCause({ rows, partitions }: Traffic, expected: number): Cause {
  const { expected: all, present } = partitions
  const low = rows < expected
  const silent = low && present < all
  const share = rows / Math.max(1, expected)
  const counted = `${number(rows)} rows, ${number(expected)} expected`
  const sentence = low
    ? `${counted}: ${percent(share)} of the usual volume${silent ? `; nothing from ${all - present} of ${all} partitions` : ''}`
    : `${counted}: ${number(share)} times the usual volume`
  return {
    code: silent ? 'input-missing' : low ? 'volume' : 'flood',
    confidence: silent ? 'high' : 'medium',
    sentence,
    numbers: { rows, expected, partitions: all, partitionsPresent: present },
    alternatives: silent ? ['volume'] : [],
    whoMoved: silent ? 'pipeline' : 'unknown',
  }
}

/** Source partitions that had rows: fewer may be nothing, and is told. */
function completeness({ partitions: { expected, present }, rows }: Traffic): Finding {
  const whole = present >= expected
  const sentence = `rows from ${present} of ${expected} source partitions`
  const evidence: Evidence = {
    ...{ against: 'history', check: 'completeness', statistic: 'share', value: present / Math.max(1, expected) },
    ...{ threshold: 1, thresholdFrom: 'effect', noiseFloor: 0, alpha: 0, phi: null, calibrated: false, n: rows, m: 0 },
    ...{ outcome: whole ? 'ok' : 'insufficient-data', because: whole ? null : 'partitions-missing', decides: false },
  }
  const cause: Cause = {
    ...{ code: 'input-missing', confidence: 'low', sentence, numbers: { expected, present }, alternatives: [] },
    whoMoved: 'unknown',
  }
  return new Finding(evidence, 'volume', 0, 'investigate', () => ({ summary: sentence, cause }))
}
