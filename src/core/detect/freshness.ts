import type { AlertKind, Cause } from '../alert/event.js'
import type { Opening } from '../alert/lifecycle.js'
import { ageCounts } from '../feature-age.js'
import type { FeatureTime } from '../monitor.js'
import type { SketchState } from '../sketch/state.js'
import { type CountedShare, concluded, countedProfile, judgeCounted, shareEffect } from './counted-series.js'
import type { History } from './history.js'
import type { Judgement } from './judgement.js'

/** Values of a feature that are newer than their prediction, and older than `maxAge`. */
const FUTURE: CountedShare = {
  check: 'future',
  kind: 'freshness',
  words: 'values newer than their prediction',
  counter: 0,
  whoMoved: 'pipeline',
}
const OLD: CountedShare = { ...FUTURE, check: 'max-age', words: 'values older than maxAge', counter: 1 }

/** The age of a feature that the baseline does not have: judged by what the monitor says of it and by its own history. */
export function judgeAge(
  { maxAgeMs }: Pick<FeatureTime, 'maxAgeMs'>,
  sketch: SketchState | null,
  rows: number,
  windowStart: number,
  history: History,
  firing: boolean,
): Judgement {
  const { known, future, stale } = ageCounts({ numeric: sketch?.numeric ?? null })
  const profile = countedProfile(rows, known, [future, stale])
  const judged = (maxAgeMs === null ? [FUTURE] : [FUTURE, OLD]).map(share =>
    judgeCounted(share, profile, history, windowStart),
  )
  const window = (count: number): { baseline: null; window: number } => ({
    baseline: null,
    window: count / Math.max(1, known),
  })
  return concluded(
    judged.map(({ finding }) => finding),
    judged.flatMap(({ score }) => score ?? []),
    shareEffect,
    { profile, counters: { future: window(future), 'max-age': window(stale) } },
    history,
    firing,
  )
}

/** What an age's counters are called where the baseline has it: below 0 is newer than the prediction, outside of its range too old. */
const CALLED: Readonly<Record<string, Pick<CountedShare, 'check' | 'words'> & { readonly instead: string }>> = {
  negative: { ...FUTURE, instead: 'negative values' },
  range: { ...OLD, instead: 'values outside the declared range' },
}

/** The opening of an alert on an age, in words about freshness. */
export function aboutAge(opening: Opening): Opening {
  const kind: AlertKind = 'freshness'
  const called = CALLED[opening.check]
  if (called === undefined) return { ...opening, kind }
  const said = (text: string): string => text.replace(called.instead, called.words)
  const cause: Cause = {
    ...opening.cause,
    ...{ code: called.check, sentence: said(opening.cause.sentence), whoMoved: 'pipeline' },
  }
  return { ...opening, kind, cause, summary: said(opening.summary), action: 'fix-pipeline' }
}
