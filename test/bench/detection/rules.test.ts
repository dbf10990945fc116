import { describe, expect, it } from 'vitest'
import { alwaysFire } from './detector.js'
import { FAULTS } from './faults.js'
import { DriftLine } from './line.js'
import { plainRule } from './plain-scheme.js'
import { sampleStream } from './sample-stream.js'
import { judged, quiet, tally } from './score.js'
import { seasonal } from './seasonal.js'
import { textbookRule } from './textbook.js'
import { plan, run } from './trials.js'
import { type Column, mean, type Value } from './values.js'
import { opened, Yardstick } from './yardstick.js'

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i)

describe('the plain scheme', () => {
  /** Numbers and labels without a generator, so that `shared/prototype/plain-scheme.py` was run on the same (numpy 2.4.6). */
  const u = (i: number): number => (i * 7919) % 10007
  const number = (i: number): Value =>
    (i * 31) % 97 < 3 ? null : Math.floor(1000 * (u(i) / 10007) * (u(i) / 10007)) / 10
  const label = (i: number): Value => ((i * 31) % 97 < 2 ? null : 'abcde'[Math.floor(u(i) ** 2 / 20_028_010) % 5]!)
  const scores = (
    kind: 'numeric' | 'categorical',
    of: (i: number) => Value,
    change: (value: Value) => Value,
  ): number[] => {
    const rule = plainRule({ name: 'x', kind }, range(0, 2000).map(of))
    for (let w = 0; w < 30; w++) rule.learn(range(2000 + 200 * w, 200).map(of))
    return range(0, 3).map(w => rule.score(range(8000 + 200 * w, 200).map(i => change(of(i)))))
  }
  const close = (...values: number[]) => values.map(value => expect.closeTo(value, 9))

  it('gives the scores of the original', () => {
    expect(scores('numeric', number, value => value)).toEqual(
      close(0.9582821430479145, 1.32070957375012, 1.9735327381985923),
    )
    expect(scores('numeric', number, value => (typeof value === 'number' ? 1.1 * value : value))).toEqual(
      close(8.368142727418407, 10.376582447518828, 9.345654612467282),
    )
    expect(scores('categorical', label, value => value)).toEqual(
      close(1.8287001241713046, 1.4816935742818393, 2.2956246368076574),
    )
    const swapped = (value: Value): Value => (value === 'a' ? 'b' : value === 'b' ? 'a' : value)
    expect(scores('categorical', label, swapped)).toEqual(
      close(41.75967671574225, 43.44240378286417, 42.60104024930321),
    )
  })

  it('alarms above 12 once, above 5 twice', () => {
    const { alarms } = plainRule({ name: 'x', kind: 'numeric' }, [1, 2, 3])
    expect([alarms(12.1, 0), alarms(12, 0), alarms(5.1, 5.1), alarms(5.1, 5), alarms(5, 20)]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ])
  })
})

describe('yardsticks', () => {
  it('opens an alert at the first alarm, and again only after three windows without', () => {
    const alarms = [0, 1, 1, 0, 0, 1, 0, 0, 0, 1].map(Boolean)
    expect(opened(alarms).map(Number)).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  it('has PSI as the textbooks do', () => {
    const values: Column = range(0, 1000)
    const rule = textbookRule({ name: 'x', kind: 'numeric' }, values)
    expect(rule.score(values)).toBe(0)
    // All in the lowest of ten bins: 100.5 of 1005 rows, before and 1000.5 now; .5 instead of 100.5 in the other nine.
    const [p, q, r] = [100.5 / 1005, 1000.5 / 1005, 0.5 / 1005]
    expect(rule.score(values.map(() => 3))).toBeCloseTo((q - p) * Math.log(q / p) + 9 * (r - p) * Math.log(r / p), 12)
    expect(rule.score(values.map(() => null))).toBe(0)
  })
})

describe('trials', () => {
  const stream = sampleStream(5)
  const baseline = stream.baseline()
  const gross = FAULTS.filter(({ kind }) =>
    ['unit ×1000', 'nulls +15', 'unseen 10 %', 'source all null'].includes(kind),
  )
  const trials = plan(stream, gross, 4, baseline)
  const detectors = [
    new DriftLine(stream, baseline),
    new Yardstick('plain', stream, baseline, plainRule),
    alwaysFire(stream),
  ]
  const results = run(stream, detectors, trials)

  it('finds gross faults at their feature, at once, and nothing else', () => {
    for (const result of results.slice(0, 2)) {
      const figures = tally(judged(stream, result, 200))
      expect(figures, result.name).toMatchObject({ trials: 16, found: 16, chance: 0 })
      expect(figures.delay).toBeLessThanOrEqual(1)
      expect(quiet(stream, result)).toEqual({ windows: 40, incidents: 0, merged: 0, documented: 0, alarmWindows: 0 })
    }
    expect(tally(judged(stream, results[2]!, 200))).toMatchObject({ found: 16, chance: 1 })
    expect(quiet(stream, results[2]!)).toMatchObject({ windows: 40, incidents: 40, alarmWindows: 40 })
  })

  it('says of windows shown again what it said the first time, whatever the alerts open then', () => {
    // The amount moves for good at window 58; the copies of the state are taken before and after.
    const moving = {
      ...stream,
      window: (index: number) => (index < 58 ? stream.window(index) : jumped(stream.window(index))),
    }
    const again = [new DriftLine(moving, baseline), new Yardstick('plain', moving, baseline, plainRule)]
    const starts = [56, 59]
    const first = run(
      moving,
      again,
      starts.map(start => ({ fault: gross[0]!, feature: 1, start, clean: 0 })),
    )
    for (const [d, detector] of again.entries())
      for (const start of starts) {
        const unchanged = range(start, 5).map(window => moving.window(window)[0]!)
        const said = first[d]!.said.slice(start - moving.history, start - moving.history + 5)
        expect(detector.again(start, 0, unchanged)).toEqual(said.flatMap(({ openings }) => openings))
        expect(said.flatMap(({ openings }) => openings).length > 0).toBe(start === 56)
      }
  })

  it('counts an incident once for its window, and a documented one apart', () => {
    const said = [
      { openings: [], alarming: [] },
      { openings: [opening(1, 'amount'), opening(1, 'zeros')], alarming: ['amount', 'zeros'] },
      { openings: [opening(2, 'zeros')], alarming: ['zeros'] },
    ]
    const known = { ...stream, documented: (feature: string) => feature === 'zeros' }
    expect(quiet(known, { name: '', said, trials: [] })).toEqual({
      windows: 3,
      incidents: 1,
      merged: 1,
      documented: 1,
      alarmWindows: 1,
    })
  })
})

const jumped = ([amount, ...others]: readonly Column[]): readonly Column[] => [
  amount!.map(value => (typeof value === 'number' ? value + 60 : value)),
  ...others,
]
const opening = (window: number, feature: string) => ({
  window,
  feature,
  cause: null,
  lastCause: null,
  incident: 'one',
})

describe('the seasonal stream', () => {
  const stream = seasonal('development', true)

  it('has at least 1,000 rows an hour, the same at every call', () => {
    const rows = range(0, 24).map(window => stream.window(window)[0]!.length)
    expect(Math.min(...rows)).toBeGreaterThanOrEqual(1000)
    const again = seasonal('development', true)
    expect(again.window(30)).toEqual(stream.window(30))
  })

  it('has a day: the same hour of two days is more alike than twelve hours apart', () => {
    const temperature = stream.features.findIndex(({ name }) => name === 'temperature')
    const levels = range(0, 240).map(window => mean(stream.window(window)[temperature]! as number[]))
    const apart = (hours: number): number => mean(levels.slice(hours).map((level, i) => Math.abs(level - levels[i]!)))
    expect(apart(24)).toBeLessThan(0.5 * apart(12))
  })
})
