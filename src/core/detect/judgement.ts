import type { Cause, Evidence, Outcome } from '../alert/event.js'
import { fromTo, moved } from '../alert/words.js'
import { type FeatureBaseline, segmentKey } from '../baseline/baseline.js'
import { type FeatureSpec, type Monitor, specOf } from '../monitor.js'
import { ALPHA } from '../statistic/thresholds.js'
import type { View } from '../window/view.js'
import { COUNTERS } from './counters.js'
import { effectOf } from './effect.js'
import { Finding } from './finding.js'
import { followed, type History, isCalm, reach, returned, STANDING } from './history.js'
import { type Inspection, inspect, namesOf } from './inspect.js'
import type { Limits } from './limits.js'
import { type Profile, profileOf } from './profile.js'
import { hasMovedMargin, staysTogether, unjudged } from './relation.js'
import { REPEAT_WORDS, repeatScores } from './repeats.js'
import { type Score, scoresOf } from './score.js'
import type { Comparable, Season } from './season/season.js'
import type { Names } from './shown.js'

/** What a series' window comes to: what is published of it, what its alert sees of it, and what its history keeps of it. */
export interface Judgement {
  readonly inspection: Inspection
  /** Null where the segment is not in the baseline. */
  readonly profile: Profile | null
  readonly scores: readonly Score[]
  /** As the alert's state machine sees it. */
  readonly outcome: Outcome
  readonly ratio: number
  readonly effect: number
  readonly confirmed: boolean
  /** The finding that goes farthest; null without one. */
  readonly lead: Finding | null
  /** What the window was compared with. */
  readonly history: History
  /** How far its scores may go. */
  readonly limits: Limits
}

/** A series in a window. */
export interface Subject {
  readonly monitor: Monitor
  readonly contract: FeatureBaseline
  readonly view: View
  readonly windowStart: number
  readonly season: Season
  /** Features of the same window and segment with a breach, or with a wanted difference that is not learnt yet. */
  readonly breached: ReadonlySet<string>
  readonly limits: Limits
}

/** Windows from which on scores against history are reported, before they decide. */
const REPORTED = 14
/** After a standing or wanted difference: windows of the new state from which on it is the reference. */
const LEARNT = STANDING
/** Rows from which on shares of all rows are judged. */
const FEWEST_ROWS = 50

/**
 * A series' window: by its own history once there is enough of it, before that against training by the launch rule. Both are reported; what
 * decides says so.
 */
export function judge(subject: Subject, history: History, firing: boolean): Judgement {
  const { monitor, contract, view, windowStart, season, breached, limits } = subject
  const trained = contract.segments.get(segmentKey(view.segment))
  // Once its own history decides, what training says is reported beside it.
  const decides = trained === undefined || !history.calibrated
  const isMoved = hasMovedMargin(contract.origin, breached)
  const inspected = inspect(monitor, contract, view, decides)
  const launch = isMoved ? withFindings(inspected, unjudged(inspected.findings)) : inspected
  if (trained === undefined) return byLaunch(launch, null, [], history, limits)
  const sketch = view.features.get(contract.name) ?? null
  const profile = profileOf(contract, { rows: view.rows, sketch }, history.past.at(-1)?.profile ?? null)
  const names = namesOf(monitor, contract, view)
  const checks = specOf(monitor, contract.name)?.checks ?? {}
  const scored = (past: readonly Profile[]): Score[] =>
    past.length < (history.calibrated ? LEARNT : REPORTED)
      ? []
      : [...scoresOf(contract, profile, past, trained), ...repeatScores(profile, past)].filter(score =>
          isJudged(monitor.window, checks, profile, names, score),
        )
  const scoredIn = ({ past, plain }: Comparable): Score[] => quieter(scored(past), plain && scored(plain))
  const reference = season.comparable(contract, history, history.past, windowStart)
  const { past } = reference
  const scores = scoredIn(reference)
  if (history.former.length > 0 && !isCalm(scores, limits)) {
    const before = scoredIn(season.comparable(contract, history, history.former, windowStart))
    if (before.length > 0 && isCalm(before, limits)) return judge(subject, returned(history), firing)
  }
  if (!isMoved && !firing && history.during.length > 0 && !isCalm(scores, limits)) {
    const beside = scoredIn(season.comparable(contract, history, history.during, windowStart))
    if (beside.length > 0 && isCalm(beside, limits)) return judge(subject, followed(history), firing)
  }
  const sizes = sizesOf(past)
  const against = scores.map(score => evidenceOf(score, profile, sizes, history, windowStart, limits))
  if (!history.calibrated) return byLaunch(launch, profile, scores, history, limits, against)
  const deciding = scores.length > 0 ? against : [tooFew(profile, limits)]
  const inspection = withFindings(launch, isMoved ? unjudged(deciding) : deciding, launch.findings)
  if (isMoved || staysTogether(contract.origin, scores))
    return {
      inspection,
      profile,
      scores,
      outcome: 'insufficient-data',
      ratio: 0,
      effect: 0,
      confirmed: true,
      lead: null,
      history,
      limits,
    }
  const lead = deciding.reduce((far, one) => (one.ratio > far.ratio ? one : far))
  const breach = lead.ratio >= 1 || (firing && !isCalm(scores, limits))
  const outcome = scores.length === 0 ? 'insufficient-data' : breach ? 'breach' : 'ok'
  return {
    inspection,
    profile,
    scores,
    outcome,
    ratio: lead.ratio,
    effect: effectOf(scores, lead.ratio >= 1 ? lead.evidence.check : '', limits),
    confirmed: true,
    lead,
    history,
    limits,
  }
}

/** Of each statistic the smaller score, where a window was compared in two ways. */
function quieter(scores: Score[], others: Score[] | null): Score[] {
  if (others === null) return scores
  const found = new Map(others.map(score => [score.statistic, score]))
  return scores.map(score => {
    const other = found.get(score.statistic)
    return other !== undefined && Math.abs(other.z) < Math.abs(score.z) ? other : score
  })
}

/** By training. @param against what its short history would say, reported beside */
function byLaunch(
  launch: Inspection,
  profile: Profile | null,
  scores: readonly Score[],
  history: History,
  limits: Limits,
  against: readonly Finding[] = [],
): Judgement {
  let lead: Finding | null = null
  for (const one of launch.findings) {
    const { decides, outcome } = one.evidence
    if (decides && outcome !== 'insufficient-data' && (lead === null || one.ratio > lead.ratio)) lead = one
  }
  const inspection = against.length === 0 ? launch : withFindings(launch, launch.findings, against)
  const ratio = lead?.ratio ?? 0
  const effect = lead?.evidence.check === 'new-feature' ? 0 : ratio
  const outcome = lead?.evidence.outcome ?? 'insufficient-data'
  return { inspection, profile, scores, outcome, ratio, effect, confirmed: false, lead, history, limits }
}

function withFindings(inspection: Inspection, first: readonly Finding[], then: readonly Finding[] = []): Inspection {
  const { kind, because, distances, moved, quantiles, counters } = inspection
  return { kind, because, findings: [...first, ...then], distances, moved, quantiles, counters }
}

/** Scores that the monitor has not switched off, of windows with rows enough; none that would name a category of too few rows. */
function isJudged(
  { historyMinRows }: Monitor['window'],
  checks: FeatureSpec['checks'],
  { rows, count }: Profile,
  names: Names,
  { statistic }: Score,
): boolean {
  const isLabel = statistic.startsWith('=')
  if (checks[isLabel ? 'share' : statistic]?.enabled === false) return false
  if (isLabel && names(statistic.slice(1)) !== statistic.slice(1)) return false
  if (OF_ROWS.has(statistic)) return rows >= Math.min(FEWEST_ROWS, historyMinRows)
  return count >= historyMinRows
}

const OF_ROWS: ReadonlySet<string> = new Set(COUNTERS.filter(({ of }) => of === 'rows').map(({ check }) => check))

/** Rows and usable values, in all. */
type Sizes = Pick<Profile, 'rows' | 'count'>

function sizesOf(past: readonly Profile[]): Sizes {
  const sizes = { rows: 0, count: 0 }
  for (const { rows, count } of past) {
    sizes.rows += rows
    sizes.count += count
  }
  return sizes
}

function evidenceOf(
  score: Score,
  now: Sizes,
  past: Sizes,
  history: History,
  windowStart: number,
  limits: Limits,
): Finding {
  const { statistic, z, phi } = score
  const ratio = reach(score, history, windowStart, limits)
  const size = OF_ROWS.has(statistic) ? 'rows' : 'count'
  const threshold = z === 0 ? limits.once : Math.abs(z) / ratio
  const evidence: Evidence = {
    against: 'history',
    check: statistic,
    statistic: 'z',
    value: z,
    threshold,
    thresholdFrom: 'history',
    noiseFloor: limits.floor,
    alpha: ALPHA,
    phi,
    calibrated: history.calibrated,
    n: now[size],
    m: past[size],
    outcome: ratio >= 1 ? 'breach' : 'ok',
    // Reported while the history is short: it says what would have been.
    because: history.calibrated ? null : 'uncalibrated',
    decides: history.calibrated,
  }
  return new Finding(evidence, 'drift', ratio, 'investigate', () => {
    return { summary: sentenceOf(score), cause: unexplained(score) }
  })
}

function sentenceOf({ statistic, before, now }: Score): string {
  const words = statistic === 'repeat' ? REPEAT_WORDS : COUNTERS.find(({ check }) => check === statistic)?.words
  return words === undefined ? `${statistic} ${fromTo(before, now)}` : `${words} ${moved(before, now)}`
}

function unexplained(score: Score): Cause {
  const { before, now, z } = score
  return {
    ...{ code: 'distribution', confidence: 'low', sentence: sentenceOf(score), numbers: { before, now, z } },
    ...{ alternatives: [], whoMoved: 'unknown' },
  }
}

function tooFew(now: Profile, limits: Limits): Finding {
  const score: Score = { statistic: 'psi', z: 0, before: 0, now: 0, phi: 1 }
  const none: History = { baseline: 0, past: [], former: [], during: [], calibrated: true, beyond: [], seen: 0 }
  const finding = evidenceOf(score, now, sizesOf([]), none, 0, limits)
  return finding.with({ ...finding.evidence, outcome: 'insufficient-data', because: 'too-few-rows' })
}
