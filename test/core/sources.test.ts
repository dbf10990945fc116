import { describe, expect, it } from 'vitest'
import type { FeatureTime, Monitor } from '../../src/core/monitor.js'
import type { Random } from '../random.js'
import { type Event, HOUR, hourly, QualityLine, T0, trained } from './quality-line.js'

const MINUTE = 60_000
const COUNT = 400
const crm = { crm: { features: ['income', 'score'] } }
const time = (series: string, features: string[], maxAgeMs: number | null): FeatureTime => ({
  ...{ series, path: [series], unit: 'ms', features, maxAgeMs },
})
const monitor = (times: FeatureTime[]): Monitor => hourly({ sources: crm, times })
const values = (random: Random): Event['values'] => ({
  income: 3000 + 500 * random.normal(),
  score: 600 + 50 * random.normal(),
  other: random.normal(),
})

type Serve = (time: number, random: Random) => Event

/** One hour of rows, spread evenly, each knowing its time. */
function hour(line: QualityLine, at: number, event: Serve): void {
  let i = 0
  line.serve(at, COUNT, random => event(T0 + at * HOUR + Math.floor((i++ * HOUR) / COUNT), random))
}

function run(one: Monitor, until: number, event: Serve, restarts = false): QualityLine {
  const line = new QualityLine(one, [trained(one, random => ({ values: values(random) }))], restarts)
  for (let at = 0; at < until; at++) hour(line, at, event)
  return line.finish()
}

/** Seconds since the values were computed: every five minutes, but for the hours in which nothing comes. */
function age(now: number, from: number, to: number): number {
  const fresh = Math.floor(now / (5 * MINUTE)) * 5 * MINUTE
  return (now - (now >= from && now < to ? from : fresh)) / 1000
}

const told = ({ alerts }: QualityLine) =>
  alerts.map(({ series, status, kind, check }) => `${series.feature} ${status} ${kind} ${check}`)
const at = (hours: number): number => T0 + hours * HOUR
const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

describe('a source that stops', () => {
  const [from, to] = [at(30) + 20 * MINUTE, at(45)]
  const stops: Serve = (now, random) => ({ values: { ...values(random), 'crm.age': age(now, from, to) } })

  it('is one alert that says since when, how old and which features, until it is fresh again', () => {
    const line = run(monitor([time('crm.age', ['income', 'score'], 2 * HOUR)]), 50, stops)
    expect(told(line)).toEqual(['@crm firing freshness source', '@crm resolved freshness source'])
    const [opened, resolved] = line.alerts
    expect(opened).toMatchObject({
      openedAt: at(32),
      severity: 'critical',
      cause: {
        code: 'stale-source',
        confidence: 'high',
        whoMoved: 'pipeline',
        numbers: { since: from, limit: 7200, features: 2 },
      },
      suggestedAction: 'fix-pipeline',
    })
    expect(opened.summary).toBe(
      `crm is stale in 67 % of the rows since ${iso(from)}: income and score are 2.17 h old (at most 2.66 h, usually 2.45 min, maxAge 2 h)`,
    )
    expect(resolved).toMatchObject({
      reason: `fresh again: stale for 14.7 h, from ${iso(from)} to ${iso(to)}`,
      window: { end: at(48) },
      durationMs: 16 * HOUR,
    })
    const [first] = line.incidents
    expect(first).toMatchObject({
      kind: 'freshness',
      cause: { code: 'stale-source', source: 'crm' },
      summary: opened.summary,
    })
    expect(new Set(line.incidents.map(({ incidentId }) => incidentId)).size).toBe(1)
    const [whole, ...parts] = [...first.alerts].sort((a, b) => (a.feature < b.feature ? -1 : 1))
    expect(parts.length).toBeGreaterThan(0)
    for (const { explainedBy } of parts) expect(explainedBy).toBe(whole.alertId)
  })

  it('is the same with a restart after every message', () => {
    const one = monitor([time('crm.age', ['income', 'score'], 2 * HOUR)])
    const [undisturbed, restarted] = [run(one, 50, stops), run(one, 50, stops, true)]
    expect(restarted.alerts).toEqual(undisturbed.alerts)
    expect(restarted.incidents).toEqual(undisturbed.incidents)
  })

  it('is known by twice the usual age where the monitor does not say what is too old', () => {
    const line = run(monitor([time('crm.age', ['income', 'score'], null)]), 50, stops)
    expect(told(line)).toEqual(['@crm firing freshness source', '@crm resolved freshness source'])
    expect(line.alerts[0]).toMatchObject({ openedAt: at(31), cause: { numbers: { since: from, limit: 3600 } } })
    expect(line.alerts[0].summary).not.toContain('maxAge')
  })

  it('is one alert where each feature has a time of its own, and is the feature where only one is stale', () => {
    const own = monitor([time('income.age', ['income'], HOUR), time('score.age', ['score'], HOUR)])
    const both = run(own, 40, (now, random) => {
      const old = age(now, from, at(36))
      return { values: { ...values(random), 'income.age': old, 'score.age': old } }
    })
    expect(told(both)).toEqual(['@crm firing freshness source', '@crm resolved freshness source'])
    const one = run(own, 40, (now, random) => ({
      values: { ...values(random), 'income.age': age(now, from, at(36)), 'score.age': age(now, 0, 0) },
    }))
    expect(told(one)).toEqual(['income.age firing freshness max-age', 'income.age resolved freshness max-age'])
    expect(new Set(one.verdictsOf('@crm').map(({ outcome }) => outcome))).toEqual(new Set(['ok']))
  })

  it('leaves what is still stale when the others are fresh again to the feature', () => {
    const own = monitor([time('income.age', ['income'], HOUR), time('score.age', ['score'], HOUR)])
    const line = run(own, 38, (now, random) => ({
      values: { ...values(random), 'income.age': age(now, from, at(34)), 'score.age': age(now, from, at(38)) },
    }))
    expect(told(line)).toEqual([
      '@crm firing freshness source',
      '@crm resolved freshness source',
      'score.age firing freshness max-age',
    ])
    expect(line.alerts[2]).toMatchObject({ sequence: 1, reason: 'still firing, and nothing holds it back any more' })
  })
})

describe('a source without times', () => {
  const entities = { ...monitor([]), serving: { ...monitor([]).serving, entity: ['customer'] } }
  /** Forty customers, whose values are computed anew for every event, but for those that stand still from hour 20 to 24. */
  const customers = (still: readonly string[]): Serve => {
    const known = new Map<string, Event['values']>()
    let i = 0
    return (now, random) => {
      const entity = `customer ${i++ % 40}`
      const fresh = values(random)
      const last = known.get(entity) ?? fresh
      const stands = now >= at(20) && now < at(24)
      const served = Object.fromEntries(
        Object.keys(fresh).map(name => [name, stands && still.includes(name) ? last[name]! : fresh[name]!]),
      )
      known.set(entity, served)
      return { values: served, entity }
    }
  }

  it('is stale where all its features repeat what the same entity had', () => {
    const line = run(entities, 30, customers(['income', 'score']))
    expect(told(line)).toEqual(['@crm firing freshness source', '@crm resolved freshness source'])
    expect(line.alerts[0].summary).toBe(
      `crm is stale since ${iso(at(20))}: income and score are the same as before for the same entity`,
    )
  })

  it('is the feature where only one does', () => {
    const line = run(entities, 30, customers(['income']))
    expect(new Set(line.alerts.map(({ series, cause }) => `${series.feature} ${cause.code}`))).toEqual(
      new Set(['income stale']),
    )
  })
})

describe('a source that says nothing', () => {
  const gone = (now: number): boolean => now >= at(30) && now < at(33)

  it.each([
    ['null', () => null],
    ['missing', () => undefined],
  ])('is one alert where its features are %s, and over when they are back', (_, none) => {
    const line = run(monitor([]), 40, (now, random) => {
      const { income, score, ...rest } = values(random)
      const [a, b] = gone(now) ? [none(), none()] : [income, score]
      return { values: { ...rest, ...(a === undefined ? {} : { income: a, score: b! }) } }
    })
    expect(told(line)).toEqual(['@crm firing freshness source', '@crm resolved freshness source'])
    const [opened, resolved] = line.alerts
    expect(opened.summary).toBe(`crm is silent since ${iso(at(30))}: income and score are missing or null`)
    expect(opened).toMatchObject({ cause: { code: 'missing-source' }, window: { end: at(31) } })
    expect(resolved.reason).toBe(`its values are back: gone for 3 h, from ${iso(at(30))} to ${iso(at(33))}`)
  })

  it('is told in the first windows that are served, by what training had', () => {
    const line = run(monitor([]), 4, (_, random) => ({ values: { ...values(random), income: null, score: null } }))
    expect(told(line)).toEqual(['@crm firing freshness source'])
  })

  it('is the feature where only one is null', () => {
    const line = run(monitor([]), 40, (now, random) => ({
      values: { ...values(random), ...(gone(now) ? { income: null } : {}) },
    }))
    expect(told(line)).toEqual(['income firing quality null', 'income resolved quality null'])
  })

  it('is taken back when late events show that it was not', () => {
    //   hour      …  29   30                  31       32
    //   rows         400  210, 18 without     400
    //   late                                  210 of hour 30, all with
    const line = new QualityLine(monitor([]), [trained(monitor([]), random => ({ values: values(random) }))])
    line.hours(0, 30, COUNT, random => ({ values: values(random) }))
    let i = 0
    line.serve(30, 210, random => ({
      values: { ...values(random), ...(i++ < 18 ? { income: null, score: null } : {}) },
    }))
    for (const at of [31, 30]) line.serve(at, at === 30 ? 210 : COUNT, random => ({ values: values(random) }))
    line.hours(32, 36, COUNT, random => ({ values: values(random) })).finish()
    expect(told(line).filter(one => one.startsWith('@'))).toEqual([
      '@crm firing freshness source',
      '@crm retracted freshness source',
    ])
  })
})
