import { describe, expect, it } from 'vitest'
import { parseMonitor } from '../../src/config/monitor.js'
import { type Random, seeded } from '../random.js'
import { type Event, HOUR, hourly, QualityLine, T0, trained, usual } from './quality-line.js'

const monitor = hourly()
const baselines = [trained(monitor)]
const line = (restarts = false, partitions = 1) => new QualityLine(monitor, baselines, restarts, partitions)
const statuses = (events: readonly { status: string }[]) => events.map(({ status }) => status)

describe('volume', () => {
  it('tells a fall below half, judges nothing in it, and that it is over', () => {
    const one = line().hours(0, 30, 400).hours(30, 33, 60).hours(33, 38, 400).finish()
    expect(statuses(one.told('*'))).toEqual(['firing', 'resolved'])
    const [opened] = one.told('*')
    expect(opened).toMatchObject({
      kind: 'volume',
      check: 'volume',
      severity: 'major',
      summary: '60 rows, 400 expected: 15 % of the usual volume',
      cause: { code: 'volume', numbers: { rows: 60, expected: 400 } },
      openedAt: T0 + 30 * HOUR,
    })
    expect(one.alerts.every(({ series }) => series.feature === '*')).toBe(true)
    const thin = one.verdictsOf('amount').filter(({ window }) => window.rows === 60)
    expect(thin.map(({ outcome, because }) => [outcome, because])).toEqual(
      Array(3).fill(['insufficient-data', 'volume']),
    )
    expect(one.incidents.map(({ status, kind }) => [status, kind])).toEqual([
      ['firing', 'volume'],
      ['resolved', 'volume'],
    ])
  })

  it('tells a flood and judges its rows', () => {
    const one = line().hours(0, 30, 300).hours(30, 32, 1500).finish()
    expect(one.told('*')[0]).toMatchObject({ kind: 'volume', cause: { code: 'flood' }, severity: 'major' })
    expect(one.verdictsOf('amount').at(-1)).toMatchObject({ outcome: 'ok' })
  })

  it('is quiet where traffic has its hours, and where it is too little to tell', () => {
    const busy = line()
    for (let hour = 0; hour < 24 * 6; hour++)
      busy.serve(hour, Math.round(400 * (1 + 0.75 * Math.sin(hour / 3.82))), usual)
    expect(busy.finish().told('*')).toEqual([])
    const few = line()
    for (let hour = 0; hour < 60; hour++) few.serve(hour, 1 + ((hour * 7) % 13), usual)
    expect(few.finish().told('*')).toEqual([])
  })

  it('is switched off by its name', () => {
    const file = `apiVersion: driftline/v1
model: m
serving: { topic: t, format: json, key: k, time: at }
window: { size: 1h }
features: { "*": { checks: { volume: false } } }`
    const { features } = parseMonitor(file, 'm.yaml').monitors[0]
    const deaf = new QualityLine({ ...monitor, features }, baselines).hours(0, 30, 400).hours(30, 32, 60).finish()
    expect(deaf.alerts).toEqual([])
    expect(
      deaf
        .verdictsOf('*')
        .at(-2)!
        .checks.map(({ check }) => check),
    ).toEqual(['completeness', 'duplicates'])
  })

  it('takes a lasting level as usual after eight windows, and tells it once', () => {
    const one = line().hours(0, 30, 400).hours(30, 60, 100).finish()
    expect(statuses(one.told('*'))).toEqual(['firing', 'resolved'])
    expect(one.told('*')[1].reason).toMatch(/standing difference/)
    expect(one.verdictsOf('amount').at(-1)!.because).toBe(null)
  })

  it('tells no loss where rows go to a new model version', () => {
    const rollout =
      (share: number) =>
      (random: Random): Event => ({
        ...usual(random),
        version: random.chance(share) ? 'v2' : 'default',
      })
    const one = line().hours(0, 30, 400)
    for (let hour = 30; hour < 50; hour++) one.serve(hour, 400, rollout(Math.min(1, (hour - 29) / 8)))
    expect(one.finish().told('*')).toEqual([])
  })

  it('names the source partitions that fell silent', () => {
    const one = line(false, 4).hours(0, 30, 400)
    for (let hour = 30; hour < 32; hour++) one.serve(hour, 100, usual, 0)
    one.finish()
    expect(one.told('*')[0]).toMatchObject({
      cause: {
        code: 'input-missing',
        whoMoved: 'pipeline',
        sentence: expect.stringMatching(/nothing from 3 of 4 part/),
      },
    })
    const beside = one
      .verdictsOf('*')
      .at(-2)!
      .checks.find(({ check }) => check === 'completeness')
    expect(beside).toMatchObject({ value: 0.25, outcome: 'insufficient-data', because: 'partitions-missing' })
  })

  it('is not judged in the last window of a file, which may go on', () => {
    const one = line().hours(0, 30, 400).hours(30, 31, 60).finish()
    expect(one.told('*')).toEqual([])
    expect(one.verdictsOf('*').at(-1)).toMatchObject({ outcome: 'insufficient-data', because: 'end-of-input' })
    expect(one.verdictsOf('*').at(-2)).toMatchObject({ outcome: 'ok' })
  })

  it('nor is what is in it, where less than half of the rows are there: a part of a day is like no day', () => {
    const lastOf = (rows: number) => line().hours(0, 30, 400).hours(30, 31, rows).finish().verdictsOf('amount').at(-1)
    expect(lastOf(150)).toMatchObject({ outcome: 'insufficient-data', because: 'end-of-input' })
    expect(lastOf(300)).toMatchObject({ outcome: 'ok' })
  })

  it('tells a segment that falls silent', () => {
    const split = hourly({ segments: [{ name: 'kind', path: null, values: ['a', 'b'], top: 2 }] })
    const of =
      (kind?: string) =>
      (random: Random): Event => {
        const event = usual(random)
        return kind === undefined ? event : { values: { ...event.values, kind } }
      }
    const one = new QualityLine(split, [trained(split)]).hours(0, 30, 400).hours(30, 33, 300, of('a')).finish()
    expect(one.told('*', '{"kind":"b"}')[0]).toMatchObject({ kind: 'volume', cause: { numbers: { rows: 0 } } })
    expect(one.told('*')).toEqual([])
  })
})

describe('duplicated request ids', () => {
  const twice = (share: number) => {
    let last = 0
    return (random: Random): Event => ({ ...usual(random), key: `once ${random.chance(share) ? last : ++last}` })
  }

  it('are told by their size before there is a history, and by it afterwards', () => {
    const early = line().hours(0, 2, 500).hours(2, 4, 500, twice(0.3)).finish()
    expect(early.told('*')).toMatchObject([{ status: 'firing', kind: 'quality', check: 'duplicates' }])
    expect(early.told('*')[0].summary).toMatch(/^rows with the request id of another row rose from 0 % to (2|3)\d %$/)
    const late = line().hours(0, 30, 500, twice(0.02)).hours(30, 33, 500, twice(0.1)).finish()
    expect(late.told('*')[0]).toMatchObject({ check: 'duplicates', openedAt: T0 + 30 * HOUR })
    expect(line().hours(0, 50, 500, twice(0.02)).finish().alerts).toEqual([])
  })
})

describe('an age that the baseline does not have', () => {
  const times = [{ series: 'amount.age', path: ['at'], unit: 'ms', features: ['amount'], maxAgeMs: HOUR }] as const
  const aged = hourly({ times: [...times] })
  const of =
    (age: (random: Random) => number) =>
    (random: Random): Event => {
      const event = usual(random)
      return { values: { ...event.values, 'amount.age': age(random) } }
    }
  const fresh = of(random => random.integer(0, 60))
  const run = () => new QualityLine(aged, [trained(aged)])

  it('is told as stale beyond maxAge, and as from the future below 0', () => {
    const stale = run()
      .hours(0, 3, 300, fresh)
      .hours(
        3,
        5,
        300,
        of(() => 7200),
      )
      .finish()
    expect(stale.told('amount.age')).toMatchObject([{ kind: 'freshness', check: 'max-age', status: 'firing' }])
    expect(stale.told('amount.age')[0].summary).toBe('amount.age: values older than maxAge rose from 0 % to 100 %')
    const leak = run()
      .hours(0, 30, 300, fresh)
      .hours(
        30,
        32,
        300,
        of(random => (random.chance(0.12) ? -60 : 60)),
      )
      .finish()
    expect(leak.told('amount.age')[0]).toMatchObject({ kind: 'freshness', check: 'future', openedAt: T0 + 30 * HOUR })
    expect(run().hours(0, 40, 300, fresh).finish().alerts).toEqual([])
  })
})

describe('values that repeat their entity’s last one', () => {
  const entities = hourly({ serving: { ...monitor.serving, entity: ['e'] } })
  const seen = new Map<number, number>()
  const driver =
    (frozen: boolean) =>
    (random: Random): Event => {
      const entity = random.integer(0, 40)
      const value = frozen && random.chance(0.6) ? (seen.get(entity) ?? 35) : 35 + 12 * random.normal()
      seen.set(entity, value)
      return { values: { amount: value, kind: random.pick(['a', 'a', 'b']) }, entity: `e${entity}` }
    }

  it('are told as stale', () => {
    const one = new QualityLine(entities, [trained(entities)])
      .hours(0, 30, 400, driver(false))
      .hours(30, 33, 400, driver(true))
      .finish()
    expect(one.told('amount')[0]).toMatchObject({ kind: 'quality', check: 'repeat', cause: { code: 'stale' } })
    expect(one.alerts.every(({ series }) => series.feature === 'amount')).toBe(true)
  })
})

describe('a renamed feature', () => {
  it('is one piece of schema news that names both', () => {
    const renamed = (random: Random): Event => {
      const { amount, kind } = usual(random).values
      return { values: { Amount_: amount!, kind: kind! } }
    }
    const one = line().hours(0, 30, 300).hours(30, 33, 300, renamed).finish()
    expect(one.alerts).toHaveLength(1)
    expect(one.alerts[0]).toMatchObject({
      kind: 'schema',
      series: { feature: 'amount' },
      cause: { code: 'renamed', whoMoved: 'pipeline', alternatives: ['missing-source', 'new-feature Amount_'] },
    })
    expect(one.alerts[0].summary).toMatch(/^amount: Amount_ looks like what was amount.*in 100 % of the rows$/)
    expect(one.verdictsOf('Amount_')).toHaveLength(3)
    expect(one.incidents).toHaveLength(1)
  })
})

describe('the two questions', () => {
  /** Hours that swing by a sixth of σ, and from the 40th on a shift. */
  const by = (shift: (hour: number) => number) => {
    const one = line()
    const swings = seeded(1)
    for (let hour = 0; hour < 70; hour++) {
      const moved = 2 * swings.normal() + (hour < 40 ? 0 : shift(hour - 40))
      one.serve(hour, 400, random => {
        const { amount, kind } = usual(random).values
        return { values: { amount: (amount as number) + moved, kind: kind! } }
      })
    }
    return one.finish()
  }

  it('are both answered, whichever decides', () => {
    const one = line().hours(0, 20, 400).hours(20, 24, 400).finish()
    const said = one.verdictsOf('amount').map(({ skew, drift }) => `${skew} ${drift}`)
    expect(said.slice(0, 20)).toEqual(Array(20).fill('ok insufficient-data'))
    expect(said.slice(20)).toEqual(Array(4).fill('ok ok'))
    // A difference that stands is no surprise any more, and goes on to be one from training.
    const stood = by(() => 30)
      .verdictsOf('amount')
      .at(-1)!
    expect([stood.skew, stood.drift, stood.outcome]).toEqual(['breach', 'ok', 'ok'])
  })

  it('put down to the world what no fault explains and came slowly', () => {
    const slow = by(hour => 0.8 * hour).told('amount')[0]
    expect(slow.cause).toMatchObject({ code: 'distribution', whoMoved: 'world' })
    expect(slow.summary).toMatch(/; it came gradually$/)
    const sudden = by(() => 15).told('amount')[0]
    expect(sudden.cause).toMatchObject({ code: 'distribution', whoMoved: 'unknown' })
  })
})
