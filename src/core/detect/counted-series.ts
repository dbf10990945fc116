import type { AlertKind, Cause, Evidence, Outcome } from '../alert/event.js'
import type { Opening } from '../alert/lifecycle.js'
import { moved } from '../alert/words.js'
import { ALPHA } from '../statistic/thresholds.js'
import { NO_DISTANCES } from './compare.js'
import { Finding } from './finding.js'
import { type History, isCalm, reach } from './history.js'
import type { Inspection } from './inspect.js'
import type { Judgement } from './judgement.js'
import { FIXED } from './limits.js'
import { Profile } from './profile.js'
import { riseScore } from './score/share.js'
import type { Score } from './score.js'

/** A share matters from here on: five points. */
export const EFFECT = 0.05
/** Rows from which on a share is judged. */
const FEWEST_ROWS = 50

/** A share that nothing but its rise is wrong with: repeated request ids, values from the future. */
export interface CountedShare {
  readonly check: string
  readonly kind: AlertKind
  /** What the sentence calls it. */
  readonly words: string
  /** Place of its count in the profile's counters; their number of all is the profile's `count`. */
  readonly counter: number
  readonly whoMoved: Cause['whoMoved']
}

/** What is kept of a series that has counts and no distribution. */
export function countedProfile(rows: number, count: number, counters: readonly number[]): Profile {
  const none = new Float64Array(0)
  const tops = { values: none, counts: none }
  return Profile.of({
    ...{ rows, count, counters: Float64Array.from(counters), cells: none, distinct: 0, tops },
    shape: null,
  })
}

/** A share by its own history, and before there is one by its size: five points, of which none are expected. */
export function judgeCounted(
  share: CountedShare,
  now: Profile,
  history: History,
  windowStart: number,
): { readonly finding: Finding; readonly score: Score | null } {
  const { check, kind, words, counter, whoMoved } = share
  const [x, n] = [now.counter(counter), now.count]
  const past = history.past
    .map(({ profile }) => ({ x: profile.counter(counter), n: profile.count }))
    .filter(one => one.n > 0)
  const score = history.calibrated && past.length >= 2 && n >= FEWEST_ROWS ? riseScore(check, x, n, past) : null
  const value = x / Math.max(1, n)
  const [usual, ratio] =
    score === null ? [0, value / EFFECT] : [score.before, reach(score, history, windowStart, FIXED)]
  const because = n < FEWEST_ROWS ? 'too-few-rows' : null
  const outcome = because === null ? outcomeOf(ratio) : 'insufficient-data'
  const m = past.reduce((sum, one) => sum + one.n, 0)
  const evidence = score === null ? sizeEvidence(check, value, n) : scoreEvidence(score, ratio, n, m)
  const judged = { ...evidence, outcome, because }
  const finding = new Finding(judged, kind, ratio, whoMoved === 'pipeline' ? 'fix-pipeline' : 'investigate', () => {
    const sentence = `${words} ${moved(usual, value)}`
    const numbers = { before: usual, now: value }
    const cause: Cause = { code: check, confidence: 'high', sentence, numbers, alternatives: [], whoMoved }
    return { summary: sentence, cause }
  })
  return { finding, score }
}

/** How much a share has moved, in units of the move that matters. */
export function shareEffect({ cause: { numbers } }: Finding): number {
  return Math.max(0, numbers['now'] - numbers['before']) / EFFECT
}

/** Evidence of a score against the series' own windows. */
export function scoreEvidence(score: Score, ratio: number, n: number, m: number): Evidence {
  const { statistic, z, phi } = score
  return {
    ...{ against: 'history', check: statistic, statistic: 'z', value: z },
    ...{ threshold: z === 0 ? FIXED.once : Math.abs(z) / ratio, thresholdFrom: 'history' },
    ...{ noiseFloor: FIXED.floor, alpha: FIXED.alpha, phi, calibrated: true, n, m },
    ...{ outcome: outcomeOf(ratio), because: null, decides: true },
  }
}

function sizeEvidence(check: string, value: number, n: number): Evidence {
  return {
    ...{ against: 'history', check, statistic: 'share', value, threshold: EFFECT, thresholdFrom: 'effect' },
    ...{ noiseFloor: 0, alpha: ALPHA, phi: null, calibrated: false, n, m: 0 },
    ...{ outcome: outcomeOf(value / EFFECT), because: null, decides: true },
  }
}

const outcomeOf = (ratio: number): Outcome => (ratio >= 1 ? 'breach' : 'ok')

/** What the findings of such a series come to. @param effectOf of a finding, in units of the effect that matters */
export function concluded(
  findings: readonly Finding[],
  scores: readonly Score[],
  effectOf: (finding: Finding) => number,
  { profile, counters }: { readonly profile: Profile; readonly counters: Inspection['counters'] },
  history: History,
  firing: boolean,
): Judgement {
  const inspection: Inspection = {
    ...{ kind: 'unknown', because: null, findings, distances: NO_DISTANCES, moved: [], quantiles: null, counters },
  }
  const deciding = findings.filter(({ evidence }) => evidence.decides && evidence.outcome !== 'insufficient-data')
  const same = { inspection, profile, scores, confirmed: history.calibrated, history, limits: FIXED }
  if (deciding.length === 0) return { ...same, outcome: 'insufficient-data', ratio: 0, effect: 0, lead: null }
  const lead = deciding.reduce((far, one) => (one.ratio > far.ratio ? one : far))
  const breach = lead.ratio >= 1 || (firing && !isCalm(scores, FIXED))
  return { ...same, outcome: breach ? 'breach' : 'ok', ratio: lead.ratio, effect: breach ? effectOf(lead) : 0, lead }
}

/** What an alert of such a series says when it fires. */
export function countedOpening({ lead }: Judgement, { calibrated }: History, about: string): Opening {
  const { evidence, kind, summary, cause, action } = lead!
  return { check: evidence.check, kind, summary: about + summary, cause, action, calibrated }
}
