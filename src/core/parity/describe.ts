import type { Teller, ToldWindow } from '../alert/describe.js'
import type { BaselineFacts, Evidence, Outcome, SeriesFacts, WindowFacts } from '../alert/event.js'
import { originFacts, seriesFacts, toldAs } from '../alert/joined-event.js'
import { percent } from '../alert/words.js'
import type { Judge } from '../baseline/active.js'
import { Finding, type Words } from '../detect/finding.js'
import { span } from '../join/words.js'
import { type Monitor, type Offline, specOf } from '../monitor.js'
import type { OffsetRange } from '../window/part.js'
import type { JoinFacts, ParityEvent, ParityFacts } from './event.js'
import type { ParityWindow } from './window.js'

/** Fewer pairs say nothing. */
export const FEWEST_PAIRS = 50
/** The series of the join itself. */
const JOIN_SERIES = '*'
/** Part of the pairs that have the same time between them. */
const MOSTLY = 0.8
const QUARTER_MS = 900_000
const ALPHA = 0.01
/** A share of rows that matters once; as at launch (`severityOf`). */
const EFFECT = 0.05
/** Least tolerated share that ratios are made with: no difference at all may be tolerated. */
const LEAST_TOLERATED = 0.001

/** A series in a window of served rows. */
export interface SeriesWindow {
  readonly version: string
  /** Null: the join itself. */
  readonly feature: string | null
  readonly window: WindowFacts
  readonly join: JoinFacts
  readonly parity: ParityFacts | null
  readonly note: string | null
  /** Why nothing can be decided whatever was counted; null: nothing keeps it from that. */
  readonly unfit: string | null
  readonly judge: Judge | null
  readonly input: readonly OffsetRange[]
}

export function describeParity(monitor: Monitor, teller: Teller, one: SeriesWindow): ParityEvent {
  const { version, window, join, parity, note } = one
  const { model, hash } = monitor
  const feature = one.feature ?? JOIN_SERIES
  const pairs = parity?.pairs ?? join.joined
  const because = one.unfit ?? (pairs === 0 ? 'no-pairs' : pairs < FEWEST_PAIRS ? 'too-few-pairs' : null)
  const breaches = parity !== null && parity.low > parity.tolerated
  const outcome: Outcome = because !== null ? 'insufficient-data' : breaches ? 'breach' : 'ok'
  return {
    id: teller.ids.hash('parity', model, version, feature, window.end, window.revision, hash),
    series: seriesFacts(monitor, {
      ...{ modelVersion: version, segment: {}, feature, featureKind: kindOf(monitor, feature, parity) },
    }),
    ...{ window, outcome, because, join, parity, note },
    ...originFacts(monitor, teller, feature, one),
  }
}

function kindOf(monitor: Monitor, feature: string, parity: ParityFacts | null): SeriesFacts['featureKind'] {
  return specOf(monitor, feature)?.kind ?? (parity?.meanDifference != null ? 'numeric' : 'unknown')
}

export function joinFacts({ served, pairs, duplicatesServed, duplicatesOffline, quarters }: ParityWindow): JoinFacts {
  const [most] = [...quarters].sort(([, a], [, b]) => b - a)
  const common = most !== undefined && most[1] >= MOSTLY * pairs
  return {
    ...{ served, joined: pairs, unmatched: served - pairs, duplicatesServed, duplicatesOffline },
    apartMs: common ? most[0] * QUARTER_MS : null,
  }
}

/** What is odd about the join. */
export function noteOf(
  join: JoinFacts,
  { topic, horizonMs }: Offline,
  one: Pick<ParityWindow, 'features'>,
): string | null {
  const { served, joined, apartMs } = join
  const said: string[] = []
  if (served > 0 && joined === 0)
    said.push(
      `no key of these rows has come in ${topic} within ${span(horizonMs)} of its time: are both keys written alike, and the times in one zone?`,
    )
  if (apartMs !== null && apartMs !== 0 && joined >= FEWEST_PAIRS) {
    const way = apartMs > 0 ? 'later' : 'earlier'
    said.push(`the times in ${topic} are ${span(apartMs)} ${way} than those served, as of another time zone`)
  }
  const [onlyServed, onlyOffline] = [
    one.features.filter(({ inOffline }) => inOffline === 0),
    one.features.filter(({ inServed }) => inServed === 0),
  ].map(features => features.map(({ name }) => name))
  if (onlyServed.length > 0) said.push(`only served, and not compared: ${listed(onlyServed)}`)
  if (onlyOffline.length > 0) said.push(`only in ${topic}, and not compared: ${listed(onlyOffline)}`)
  return said.length === 0 ? null : said.join('; ')
}

const LISTED = 10

function listed(names: readonly string[]): string {
  const more = names.length - LISTED
  return `${names.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What the pairs of a feature say; null of the join itself, and where nothing was decided. */
export function findingOf({ series, outcome, parity }: ParityEvent): Finding | null {
  if (parity === null || outcome === 'insufficient-data') return null
  const { low, tolerated } = parity
  const ratio = low / Math.max(tolerated, LEAST_TOLERATED)
  return new Finding(evidenceOf(parity, outcome), 'parity', ratio, 'fix-pipeline', () =>
    wordsOf(series.feature, parity),
  )
}

export function effectOf({ rate, tolerated }: ParityFacts): number {
  return Math.max(0, rate - tolerated) / EFFECT
}

function evidenceOf({ rate, low, tolerated, pairs }: ParityFacts, outcome: Outcome): Evidence {
  return {
    ...{ against: 'offline', check: 'parity', statistic: 'mismatch-share', value: rate, threshold: tolerated },
    ...{ thresholdFrom: 'effect', noiseFloor: tolerated + (rate - low), alpha: ALPHA, phi: null, calibrated: true },
    ...{ n: pairs, m: pairs, outcome, because: null, decides: true },
  }
}

function wordsOf(feature: string, parity: ParityFacts): Words {
  const { rate, causes, unexplained, tolerated, nullServed, nullOffline, types, pairs, meanDifference, medianRatio } =
    parity
  const [cause] = causes
  const told = `${percent(rate)} of its rows differ from their offline values (tolerated ${percent(tolerated)})`
  const explained = cause === undefined ? 0 : cause.share / rate
  const numbers: Record<string, number> = { rate, unexplained, ...cause?.numbers }
  const counted = { nullServed: nullServed / pairs, nullOffline: nullOffline / pairs, types: types / pairs }
  for (const [name, share] of Object.entries(counted)) if (share > 0) numbers[name] = share
  if (cause !== undefined) numbers['share'] = cause.share
  if (meanDifference !== null) numbers['meanDifference'] = meanDifference
  if (medianRatio !== null) numbers['medianRatio'] = medianRatio
  return {
    summary: `${feature}: ${told}${cause === undefined ? '' : `; ${cause.sentence}`}`,
    cause: {
      code: cause?.code ?? 'mismatch',
      confidence: explained >= 0.8 ? 'high' : explained >= 0.5 ? 'medium' : 'low',
      sentence:
        cause === undefined
          ? 'serving computes something else than the offline job, in no way that is known'
          : `${cause.sentence} (${percent(cause.share)} of the rows)`,
      numbers,
      alternatives: causes.slice(1).map(({ sentence, share }) => `${sentence} (${percent(share)} of the rows)`),
      whoMoved: 'pipeline',
    },
  }
}

/** As the alerts of the window tell it: what they are compared with is the offline topic, with or without a baseline. */
export function toldParity(event: ParityEvent, { topic }: Offline, evidence: Evidence): ToldWindow {
  const offline: BaselineFacts = {
    version: 0,
    hash: '',
    rows: 0,
    source: `topic ${topic}`,
    activeFrom: null,
    note: null,
  }
  return toldAs(event, [evidence], event.baseline ?? offline)
}
