import type { AlertKind, Cause, Evidence } from '../alert/event.js'
import type { Opening } from '../alert/lifecycle.js'
import { names } from '../alert/likely-cause.js'
import { lasting, moment, percent } from '../alert/words.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import { ALPHA } from '../statistic/thresholds.js'
import type { View } from '../window/view.js'
import { concluded, EFFECT } from './counted-series.js'
import { Finding, type Words } from './finding.js'
import type { History } from './history.js'
import type { Judgement } from './judgement.js'
import {
  type Ages,
  absentShare,
  type Broken,
  type Source,
  type SourceWindow,
  sourceProfile,
  sourceWindow,
  sourceWindowOf,
} from './source-window.js'

const CHECK = 'source'
const KIND: AlertKind = 'freshness'
/** Causes of a source's alert: nothing comes of it, and it says what it said before. */
export const MISSING_SOURCE = 'missing-source'
export const STALE_SOURCE = 'stale-source'

/** Rows without which nothing is said of a source. */
const FEWEST_ROWS = 50
/** Windows that say what is usual of ages and repeats, where the monitor does not. */
const FEWEST_WINDOWS = 14
/** Values are too old beyond so many times what is usual, and never before a window's length. */
const OLD = 2
/** A share that is usually larger can hardly rise. */
const MOST_USUAL = 0.9
/** From this share on it is the source and not some of its rows. */
const WHOLE = 0.9

/** A source in a window. */
export interface SourceSubject {
  readonly source: Source
  readonly view: View
  readonly contracts: ReadonlyMap<string, FeatureBaseline>
  readonly window: { readonly start: number; readonly end: number }
  /** Start of the first window of the alert that is open; null: none is. */
  readonly openedAt: number | null
}

interface Usual {
  /** Usual ages; null while there are too few windows. */
  readonly ages: Ages | null
  readonly features: readonly Broken[]
  /** Age from which on a value is too old, s; null: nothing says so. */
  readonly limit: number | null
}

/** What of a feature rose over the largest share that is usual. */
interface Rise {
  readonly absent: number
  /** NaN: nothing says whether it is stale. */
  readonly stale: number
}

/**
 * Whether all features of a source broke together: missing or null, too old, or the same again for their entities, in five points of the rows
 * more than in any window that is usual. Windows of its alert are never usual, so it lasts until the source is back.
 *
 *     feature   fare    fresh  old  old          tolls   fresh  fresh  fresh        neither age nor entities: it says nothing
 *     source            ok     breach                    ok                         where none is absent
 */
export function judgeSource(subject: SourceSubject, history: History, firing: boolean): Judgement {
  const { source, view, contracts, window } = subject
  const past = history.past.map(({ start, end, profile }) => ({ ...sourceWindowOf(profile), start, end }))
  const usual = usualOf(source, past, window.end - window.start)
  const now = sourceWindow(source, view, contracts, usual.limit)
  const rises = now.features.map((broken, f) => riseOf(broken, usual.features[f]))
  const rise = togetherOf(rises)
  const because = view.rows < FEWEST_ROWS ? 'too-few-rows' : null
  const evidence: Evidence = {
    ...{ against: 'history', check: CHECK, statistic: 'share-difference', value: rise, threshold: EFFECT },
    ...{ thresholdFrom: 'effect', noiseFloor: 0, alpha: ALPHA, phi: null, calibrated: history.calibrated },
    ...{ n: view.rows, m: past.length, because, decides: true },
    outcome: because !== null ? 'insufficient-data' : rise >= EFFECT ? 'breach' : 'ok',
  }
  const finding = new Finding(evidence, KIND, rise / EFFECT, 'fix-pipeline', () => {
    const cause = causeOf(subject, now, usual, rises)
    return { summary: cause.sentence, cause }
  })
  const counters = Object.fromEntries(
    source.features.map(({ name }, f) => [
      name,
      { baseline: usual.features[f].absent, window: now.features[f].absent },
    ]),
  )
  const told = { profile: sourceProfile(view.rows, now), counters }
  return concluded([finding], [], () => rise / EFFECT, told, history, firing)
}

/** What its alert says when it fires. */
export function sourceOpening({ lead }: Judgement): Opening {
  const { summary, cause, action } = lead!
  // Its own windows say what is usual: those of the alert are not learnt from.
  return { check: CHECK, kind: KIND, summary, cause, action, calibrated: true }
}

/**
 * What is told of an alert that goes on: how it is now, or was when it was last broken; when it began stays.
 * @param before what its newest window was told as
 */
export function stillBroken(before: Words, { lead }: Judgement): Finding | null {
  if (lead === null) return null
  return lead.saying(() => {
    if (lead.ratio < 1) return before
    const { cause } = lead
    const { code, numbers } = before.cause
    const { since } = numbers
    const sentence = cause.sentence.replace(moment(cause.numbers['since']), moment(since))
    return { summary: sentence, cause: { ...cause, code, sentence, numbers: { ...cause.numbers, since } } }
  })
}

/** Why the alert is over. @param until end of the last window that was broken */
export function backAgain({ cause: { code, numbers } }: Opening, until: number): string {
  const { since } = numbers
  const [back, was] = code === MISSING_SOURCE ? ['its values are back', 'gone'] : ['fresh again', 'stale']
  return `${back}: ${was} for ${lasting(until - since)}, from ${moment(since)} to ${moment(until)}`
}

type Past = SourceWindow & SourceSubject['window']

function usualOf({ features, times }: Source, past: readonly Past[], sizeMs: number): Usual {
  const most = (shares: readonly number[], least: number): number =>
    shares.length < least ? Number.NaN : Math.max(0, ...shares)
  const aged = past.filter((one, i) => isFollowed(one, past.slice(i + 1))).map(({ ages }) => ages)
  const enough = aged.length >= FEWEST_WINDOWS
  const learnt = enough ? Math.max(OLD * Math.max(...aged.map(({ high }) => high)), sizeMs / 1000) : null
  const declared = times.flatMap(({ maxAgeMs }) => (maxAgeMs === null ? [] : [maxAgeMs / 1000]))
  const middle = aged.map(({ median }) => median).sort((a, b) => a - b)[aged.length >> 1]
  return {
    ages: enough
      ? {
          median: middle,
          least: Math.max(...aged.map(({ least }) => least)),
          high: Math.max(...aged.map(({ high }) => high)),
          most: Math.max(...aged.map(({ most }) => most)),
        }
      : null,
    features: features.map((contract, f) => {
      const known = (share: keyof Broken): number[] =>
        past.map(one => one.features[f][share]).filter(value => !Number.isNaN(value))
      const trained = contract.segments.get('')
      const absent = trained === undefined ? 0 : absentShare(trained, contract)
      return {
        absent: Math.max(absent, most(known('absent'), 0)),
        old: most(known('old'), 0),
        repeated: most(known('repeated'), FEWEST_WINDOWS),
      }
    }),
    limit: declared.length > 0 ? Math.min(...declared) : learnt,
  }
}

/**
 * Whether newer values came after a window: else how old its own are may be the beginning of an end.
 *
 *     values    v  v  v  v  ·  ·  ·        stopped: the windows from here on say nothing of what is usual, as none after them has newer ones
 */
function isFollowed({ ages, end }: Past, later: readonly Past[]): boolean {
  return later.some(one => one.start - 1000 * one.ages.least > end - 1000 * ages.least)
}

function riseOf(now: Broken, usual: Broken): Rise {
  const stale = Number.isNaN(now.old)
    ? usual.repeated > MOST_USUAL
      ? Number.NaN
      : now.repeated - usual.repeated
    : now.old - usual.old
  return { absent: now.absent - usual.absent, stale }
}

/** The rise that all features have, of those that say anything; 0 where one of several says nothing but of itself. */
function togetherOf(rises: readonly Rise[]): number {
  const anyAbsent = rises.some(({ absent }) => absent >= EFFECT)
  const telling = rises.filter(({ stale }) => anyAbsent || !Number.isNaN(stale))
  if (telling.length < Math.min(2, rises.length)) return 0
  return Math.max(0, Math.min(...telling.map(riseIn)))
}

function riseIn({ absent, stale }: Rise): number {
  return Number.isNaN(stale) ? absent : Math.max(absent, stale)
}

function causeOf(subject: SourceSubject, now: SourceWindow, usual: Usual, rises: readonly Rise[]): Cause {
  const { source, window, openedAt } = subject
  const { name, features } = source
  const isAbsent = rises.every(({ absent }) => absent >= EFFECT)
  const byAge = now.features.some(({ old }) => !Number.isNaN(old))
  const share = shareOf(now, isAbsent)
  const from = openedAt ?? window.start
  const since = !isAbsent && byAge ? stoppedAt(now.ages, usual.ages, share, window) : from
  const whole = share >= WHOLE
  const verb = features.length > 1 ? 'are' : 'is'
  const code = isAbsent ? MISSING_SOURCE : STALE_SOURCE
  const place = whole ? '' : ` in ${percent(share)} of the rows`
  const what = isAbsent ? (whole ? 'is silent' : 'is missing') : 'is stale'
  const ages = !isAbsent && byAge ? now.ages : null
  const limit = usual.limit === null ? {} : { limit: usual.limit }
  const numbers = {
    ...{ since, share, features: features.length },
    ...(ages === null ? {} : { medianAge: ages.median, oldestAge: ages.most, ...limit }),
    ...(ages === null || usual.ages === null ? {} : { usualAge: usual.ages.median }),
  }
  return {
    code,
    confidence: 'high',
    sentence: `${name} ${what}${place} since ${moment(since)}: ${names(features.map(feature => ({ feature: feature.name })))} ${isAbsent ? `${verb} missing or null` : ageWords(verb, source, ages, usual)}`,
    numbers,
    alternatives: [],
    whoMoved: 'pipeline',
  }
}

/** The least of the features' shares. */
function shareOf({ features }: SourceWindow, isAbsent: boolean): number {
  const shares = features.map(({ absent, old, repeated }) =>
    isAbsent ? absent : Math.max(absent, Number.isNaN(old) ? (Number.isNaN(repeated) ? 1 : repeated) : old),
  )
  return Math.min(...shares)
}

/**
 * When the newest value was computed. Where none is as new as usual, none came in the whole window: it is as old at its start as the newest of
 * them. Else the source stopped in the window, and the oldest at its end say when.
 */
function stoppedAt(
  ages: Ages,
  usual: Ages | null,
  share: number,
  { start, end }: { readonly start: number; readonly end: number },
): number {
  const whole = usual === null ? share >= WHOLE : ages.least > usual.least
  if (whole) return Math.round(start - 1000 * ages.least)
  return Math.round(Math.max(start, end - 1000 * ages.most))
}

function ageWords(verb: string, { times }: Source, ages: Ages | null, usual: Usual): string {
  if (ages === null) return `${verb} the same as before for the same entity`
  const said = times.some(({ maxAgeMs }) => maxAgeMs !== null)
  const duration = (seconds: number): string => lasting(1000 * seconds)
  const more = [
    `at most ${duration(ages.most)}`,
    ...(usual.ages === null ? [] : [`usually ${duration(usual.ages.median)}`]),
    ...(said && usual.limit !== null ? [`maxAge ${duration(usual.limit)}`] : []),
  ]
  return `${verb} ${duration(ages.median)} old (${more.join(', ')})`
}
