import { describe, expect, it } from 'vitest'
import type { PerformanceEvent } from '../../../src/core/performance/event.js'
import { exactAuc } from '../../exact-auc.js'
import { seeded } from '../../random.js'
import { HOUR, T0 } from '../quality-line.js'
import { LabelLine, labelled, type Prediction, predictions } from './label-line.js'

const line = (restarts = false): LabelLine => new LabelLine(labelled(), restarts)
/** After every label. */
const END = T0 + 60 * HOUR

function measure({ measures }: PerformanceEvent, name: string, estimate = false) {
  return measures.find(one => one.name === name && one.estimate === estimate)
}

/** Of the predictions whose label comes. */
function aucOf(rows: readonly Prediction[]): number {
  return exactAuc(
    rows.flatMap(({ knownAfter, score, label }) => (knownAfter === null ? [] : [{ value: score, label }])),
  )
}

describe('windows of predictions', () => {
  it('are told as labels come, and decide once, in their order, when these are in', () => {
    const quiet = line().hours(0, 24, 1000).closeTo(END)
    const first = quiet.performances.filter(({ window }) => window.end === T0 + HOUR)
    expect(first.map(({ window }) => [window.revision, window.provisional])).toEqual([
      [0, true],
      [1, true],
      [2, true],
      [4, true],
      // Nothing is known of when labels come: it waits for the last that could.
      [8, false],
    ])
    const settled = quiet.performances.filter(({ window }) => !window.provisional)
    expect(settled.map(({ window }) => window.end)).toEqual(Array.from({ length: 24 }, (_, i) => T0 + (i + 1) * HOUR))
    // By now it is known that all labels come within four hours.
    expect(settled.at(-1)).toMatchObject({ outcome: 'ok', because: null, predictions: 1000, window: { revision: 4 } })
    expect(settled.at(-1)!.coverage).toBeCloseTo(0.9, 1)
    expect(new Set(quiet.performances.map(({ id }) => id)).size).toBe(quiet.performances.length)
    expect(quiet.alerts).toEqual([])
  })

  it('measure what the rows say whose labels came', () => {
    const rows = predictions(seeded(2), 2000, { skill: 1.2 })
    const [event] = line().hour(0, rows).closeTo(END).last()
    expect(measure(event, 'auc')!.value).toBeCloseTo(aucOf(rows), 3)
    const known = rows.filter(({ knownAfter }) => knownAfter !== null)
    expect(event).toMatchObject({ labelled: known.length, predictions: 2000, unusable: 0 })
    const positives = known.filter(({ label }) => label === 1).length
    expect(measure(event, 'base-rate')!.value).toBeCloseTo(positives / known.length, 9)
  })

  it('have no reference before five of them are in, and estimates beside few labels afterwards', () => {
    const { performances } = line().hours(0, 24, 1000).closeTo(END)
    const settled = performances.filter(({ window }) => !window.provisional)
    expect(settled.slice(0, 5).map(({ because }) => because)).toEqual(Array(5).fill('no-reference'))
    expect(settled[5].reference).toMatchObject({ from: 'windows', windows: 5 })
    expect(settled[5].measures.some(({ estimate }) => estimate)).toBe(false)
    const early = performances.find(({ window }) => window.end === T0 + 24 * HOUR)!
    expect(early).toMatchObject({ outcome: 'insufficient-data', because: 'labels-to-come' })
    expect(early.coverage).toBeLessThan(0.1)
    expect(early.expectedCoverage).toBeLessThan(0.1)
    expect(early.finalCoverage).toBeCloseTo(0.9, 1)
    expect(measure(early, 'auc', true)!.value).toBeCloseTo(0.85, 1)
    expect(early.measures.some(({ decides }) => decides)).toBe(false)
  })

  it('without labels say so in the end', () => {
    const [event] = line().hours(0, 1, 500, { never: 1 }).closeTo(END).last()
    expect(event).toMatchObject({ outcome: 'insufficient-data', because: 'no-reference', labelled: 0, coverage: 0 })
  })

  it('move with the markers of the join alone', () => {
    const busy = line()
      .hours(0, 2, 300)
      .mark(T0 + 100 * HOUR, 't')
    expect(busy.evaluation.collector.boundary).toBe(T0 + 99 * HOUR)
    expect(busy.evaluation.lane!.collector.boundary).toBe(T0 + 2 * HOUR)
    expect(busy.performances.every(({ window }) => window.provisional)).toBe(true)
  })
})

describe('a model that gets worse', () => {
  const course = (restarts = false): LabelLine =>
    line(restarts).hours(0, 20, 800).hours(20, 26, 800, { skill: 0.5 }).hours(26, 34, 800).closeTo(END)
  const worse = course()

  it('is told after two windows, and when it is well again', () => {
    const told = worse.told('performance')
    expect(told.map(({ status }) => status)).toEqual(['firing', 'resolved'])
    const [firing, resolved] = told
    expect(firing).toMatchObject({
      ...{ kind: 'performance', suggestedAction: 'retrain' },
      series: { feature: 'prediction', segment: {}, modelVersion: 'default' },
      window: { end: T0 + 22 * HOUR, provisional: false },
      cause: { code: 'performance' },
    })
    expect(firing.summary).toMatch(/^prediction: (AUC fell|log loss rose) from 0\.\d+ to 0\.\d+ \(95 % /)
    expect(firing.evidence[0]).toMatchObject({ outcome: 'breach', against: 'history', decides: true })
    expect(firing.measures.find(({ name }) => name === 'auc')).toMatchObject({ outcome: 'breach', decides: true })
    expect(resolved).toMatchObject({
      alertId: firing.alertId,
      suggestedAction: 'none',
      window: { end: T0 + 29 * HOUR },
    })
  })

  it('is an incident, as nothing else is known to be wrong', () => {
    expect(worse.incidents.map(({ status, suggestedAction }) => `${status}: ${suggestedAction}`)).toEqual([
      'firing: retrain',
      'resolved: none',
    ])
    const [opened] = worse.incidents
    expect(opened).toMatchObject({
      ...{ kind: 'concept-drift', cause: { whoMoved: 'world' } },
      effects: [{ kind: 'performance', feature: 'prediction', status: 'firing' }, { kind: 'concept-drift' }],
    })
    expect(opened.summary).toMatch(/^prediction: the same score means something else: .*; prediction: AUC fell from /)
    for (const { incidentId } of worse.told('performance')) expect(incidentId).toBe(opened.incidentId)
  })

  it('is told alike with a restart after every message', () => {
    const again = course(true)
    expect(again.alerts).toEqual(worse.alerts)
    expect(again.incidents).toEqual(worse.incidents)
    expect(again.performances).toEqual(worse.performances)
  })

  it('is not told by one window alone, however bad', () => {
    const once = line().hours(0, 20, 800).hours(20, 21, 800, { skill: 0 }).hours(21, 28, 800).closeTo(END)
    expect(once.last()[20]).toMatchObject({ outcome: 'breach' })
    expect(once.alerts).toEqual([])
  })

  it('is muted and ended by operators as features are', () => {
    const scope = { modelVersion: null, segment: null, feature: 'prediction', check: null }
    const word = { model: 'm', alertId: null, by: 'ann', at: 0, note: null }
    const muted = line()
      .hours(0, 20, 800)
      .answer({ ...word, id: '1', action: 'mute', scope, until: T0 + 40 * HOUR })
      .hours(20, 24, 800, { skill: 0.5 })
      .closeTo(END)
    expect(muted.alerts).toEqual([])
    const ended = line()
      .hours(0, 20, 800)
      .hours(20, 26, 800, { skill: 0.5 })
      .answer({ ...word, id: '2', action: 'resolve', scope, until: null })
    expect(ended.evaluation.firing).toEqual([])
    expect(ended.alerts.filter(({ status }) => status === 'resolved').length).toBeGreaterThan(0)
    expect(ended.incidents.at(-1)).toMatchObject({ status: 'resolved' })
    expect(muted.incidents).toEqual([])
  })

  it('is told by segment', () => {
    const some = (city: string, skill: number, seed: number): Prediction[] =>
      predictions(seeded(seed), 600, { skill }).map(row => ({ ...row, city }))
    const apart = line()
    for (let hour = 0; hour < 24; hour++)
      apart.hour(hour, [...some('Graz', hour < 20 ? 1.5 : 0.5, hour), ...some('Wien', 1.5, 100 + hour)])
    apart.closeTo(END)
    expect(apart.told('performance', '{"city":"Graz"}').at(0)).toMatchObject({ status: 'firing' })
    expect(apart.told('performance', '{"city":"Wien"}')).toEqual([])
  })

  it('is told no more when its version is not served any more', () => {
    const version = 'v2'
    const gone = line().hours(0, 20, 800).hours(20, 24, 800, { skill: 0.5 })
    for (let hour = 24; hour < 40; hour++)
      gone.hour(
        hour,
        predictions(seeded(hour), 400).map(row => ({ ...row, version })),
      )
    expect(gone.told('performance').at(-1)).toMatchObject({
      status: 'resolved',
      reason: 'model version default is served no more: none of its predictions waits for a label',
    })
  })
})

describe('what labels say besides', () => {
  it('more of them are positive: label shift', () => {
    const shifted = line().hours(0, 20, 800).hours(20, 24, 800, { prior: 0.5 }).closeTo(END)
    const [firing] = shifted.told('label-shift')
    expect(firing).toMatchObject({ status: 'firing', check: 'base-rate', suggestedAction: 'investigate' })
    expect(firing.summary).toMatch(/^prediction: the share of positive labels rose from (29|30|31) % to (4|5)\d %$/)
    expect(firing.cause).toMatchObject({ code: 'label-shift', whoMoved: 'world' })
  })

  it('the same scores come true otherwise: concept drift', () => {
    const otherwise = line().hours(0, 20, 800)
    for (let hour = 20; hour < 24; hour++)
      otherwise.hour(
        hour,
        // As many positive labels, of the same scores: but half of them at random.
        predictions(seeded(hour), 800).map((row, i) => (i % 2 === 0 ? row : { ...row, label: i % 20 < 6 ? 1 : 0 })),
      )
    otherwise.closeTo(END)
    const [firing] = otherwise.told('concept-drift')
    expect(firing).toMatchObject({ status: 'firing', check: 'concept-drift', suggestedAction: 'retrain' })
    expect(firing.summary).toContain('the same score means something else')
    expect(otherwise.told('label-shift')).toEqual([])
  })

  it('labels come for high scores only: feedback loop', () => {
    const looped = line().hours(0, 20, 800)
    for (let hour = 20; hour < 24; hour++)
      looped.hour(
        hour,
        predictions(seeded(hour), 800).map(row => (row.score > 0.3 ? row : { ...row, knownAfter: null })),
      )
    looped.closeTo(END)
    const [firing] = looped.told('feedback-loop')
    expect(firing).toMatchObject({ status: 'firing', check: 'coverage-by-score', suggestedAction: 'investigate' })
    expect(firing.summary).toMatch(/labels come for high scores rather than for low ones: coverage differs by \d+ %/)
  })

  it('labels that are corrected take an alert back', () => {
    const wrong = line().hours(0, 20, 800)
    for (let hour = 20; hour < 22; hour++)
      wrong.hour(
        hour,
        predictions(seeded(hour), 800).map((row, i) =>
          i % 2 === 0 || row.knownAfter === null
            ? row
            : { ...row, label: 1 - row.label, corrected: { label: row.label, after: 6 * HOUR } },
        ),
      )
    wrong.hours(22, 32, 800).closeTo(END)
    const told = wrong.told('performance')
    expect(told.map(({ status }) => status)).toEqual(['firing', 'retracted'])
    expect(told[1].reason).toMatch(/^late labels have changed the window until .*: it does not breach$/)
    expect(told[1].incidentId).toBe(told[0].incidentId)
  })
})
