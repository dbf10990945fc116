import type { AlertKind, Cause } from '../alert/event.js'
import type { AlertState, Opening } from '../alert/lifecycle.js'
import { segmentKey } from '../baseline/baseline.js'
import { causeOf } from './cause/cause.js'
import type { Seen } from './cause/seen.js'
import { COUNTERS } from './counters.js'
import { Finding } from './finding.js'
import { type History, isOfTraining, startsWithVersion } from './history.js'
import { namesOf } from './inspect.js'
import type { Judgement, Subject } from './judgement.js'
import { type Profile, profileOf } from './profile.js'
import { RELATION } from './relation.js'
import type { Score } from './score.js'
import { attributed } from './who-moved.js'

/** What an alert says of itself when it fires: the cause is read off the window, with its history or training as the reference. */
export function openingOf(subject: Subject, { lead, profile, scores, inspection, history }: Judgement): Opening {
  const { contract } = subject
  const { evidence, kind, summary, cause, action } = lead!
  const { check } = evidence
  const { calibrated } = history
  if (profile === null) return { check, kind, summary, cause, action, calibrated }
  // A relation has words of its own: what its values look like means nothing to anybody.
  const relation = inspection.findings.find(finding => finding.cause.code === RELATION)
  if (relation !== undefined) {
    const { summary, cause, action } = relation
    return { check, kind: calibrated && !isOfTraining(history) ? 'drift' : 'skew', summary, cause, action, calibrated }
  }
  const about = seenOf(subject, profile, history, scores)
  const seen = attributed(causeOf(about), profile, about.past)
  // Where nothing more exact is known, the share that went farthest says more than the quantiles.
  const sentence = seen.code === 'distribution' && SHARES.has(evidence.check) ? lead!.cause.sentence : seen.sentence
  return {
    check,
    kind: kindOf(seen, calibrated && !isOfTraining(history)),
    summary: `${contract.name}: ${sentence}`,
    cause: { ...seen, sentence },
    action: seen.whoMoved === 'pipeline' ? 'fix-pipeline' : 'investigate',
    calibrated,
  }
}

/** A series in a window beside what it was: its history, or training where it has none. */
export function seenOf(
  {
    monitor,
    contract,
    view,
    season,
    windowStart,
  }: Pick<Subject, 'monitor' | 'contract' | 'view' | 'season' | 'windowStart'>,
  profile: Profile,
  history: History,
  scores: readonly Score[],
): Seen {
  const { calibrated } = history
  const trained = contract.segments.get(segmentKey(view.segment))
  return {
    contract,
    now: profile,
    sketch: view.features.get(contract.name) ?? null,
    past: calibrated ? season.comparable(contract, history, history.past, windowStart).past : [],
    training: trained === undefined ? null : profileOf(contract, trained),
    ...(calibrated ? season.seen(history, windowStart, profile) : {}),
    scores,
    startsWithVersion: startsWithVersion(history),
    unit: contract.unit,
    names: namesOf(monitor, contract, view),
  }
}

/** The finding that stands for a firing alert in a later window: what it was when it opened, with the window's numbers. */
export function continued({ opening }: AlertState, { inspection, ratio, lead }: Judgement): Finding | null {
  const same = inspection.findings.find(({ evidence }) => evidence.check === opening.check && evidence.decides) ?? lead
  if (same === null) return null
  const { kind, summary, cause, action } = opening
  return new Finding(same.evidence, kind, ratio, action, () => ({ summary, cause }))
}

/** Checks whose findings are sentences about one share. */
const SHARES: ReadonlySet<string> = new Set([...COUNTERS.map(({ check }) => check), 'share', 'repeat'])
const SCHEMA: ReadonlySet<string> = new Set(['missing', 'missing-source', 'type', 'new-feature'])
const QUALITY: ReadonlySet<string> = new Set(['null', 'nan', 'range', 'stale', 'lag'])

function kindOf({ code, whoMoved }: Cause, calibrated: boolean): AlertKind {
  if (SCHEMA.has(code)) return 'schema'
  if (QUALITY.has(code)) return 'quality'
  return !calibrated || whoMoved === 'pipeline' ? 'skew' : 'drift'
}
