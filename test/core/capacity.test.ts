import { describe, expect, it } from 'vitest'
import type { AlertEvent } from '../../src/core/alert/event.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { Random } from '../random.js'
import { PANE, summarizer } from './counted.js'
import { type Event, hourly, QualityLine, trained, usual, written } from './quality-line.js'
import { monitorOf } from './world.js'

const ROWS = 400
const HOURS = 8

function line(monitor: Monitor, values?: (random: Random) => Event, restarts = false): QualityLine {
  return new QualityLine(monitor, [trained(monitor, values)], restarts)
}

/** Calm, then an attack of three hours, then calm until it is over. */
function attacked(one: QualityLine, attack: (random: Random) => Event, calm?: (random: Random) => Event): QualityLine {
  return one
    .hours(0, 2, ROWS, calm)
    .hours(2, 5, ROWS, attack)
    .hours(5, HOURS + 2, ROWS, calm)
    .finish()
}

const capacity = ({ alerts }: QualityLine): AlertEvent[] => alerts.filter(({ kind }) => kind === 'capacity')
const steps = (events: readonly AlertEvent[]) => events.map(({ status, check }) => [status, check])

describe('a cap that is reached', () => {
  it('on model versions: one alert, and every row in a window', () => {
    let n = 0
    const one = attacked(line(hourly()), random => ({ ...usual(random), version: `request ${n++}` }))
    const told = capacity(one)
    expect(steps(told)).toEqual([
      ['firing', 'capacity versions'],
      ['resolved', 'capacity versions'],
    ])
    expect(told[0]).toMatchObject({
      series: { feature: '*', segment: {} },
      summary: expect.stringMatching(/^more than 64 model versions: 336 rows count as version other; .*raise/),
      cause: { code: 'versions-cap', numbers: { cap: 64, rows: 336, values: 0 } },
      incidentId: null,
    })
    expect(told[1]).toMatchObject({
      alertId: told[0]!.alertId,
      sequence: 2,
      summary: expect.stringMatching(/any more/),
    })
    const rows = one.verdictsOf('amount').reduce((sum, { window }) => sum + window.rows, 0)
    expect(rows).toBe((HOURS + 2) * ROWS)
  })

  it('on names of new features: fifty are told, the others are counted', () => {
    let n = 0
    const one = attacked(line(hourly(), usual, true), random => ({
      values: { ...usual(random).values, [`x${n++}`]: 1 },
    }))
    expect(steps(capacity(one))).toEqual([
      ['firing', 'capacity names'],
      ['resolved', 'capacity names'],
    ])
    expect(capacity(one)[0]!.cause.numbers).toEqual({ cap: 50, rows: 350, values: 350 })
    const news = one.alerts.filter(({ check, status }) => check === 'new-feature' && status === 'firing')
    // They come once, and so do not end while the attack lasts.
    expect(news).toHaveLength(50)
  })

  it('on series: segments that have no room count as other, in whole dimensions', () => {
    const values = (random: Random): Event => ({
      values: { amount: random.normal(), kind: random.pick(['a', 'a', 'a', 'b', 'b', 'c']) },
    })
    const segments = [{ name: 'kind', path: null, values: null, top: 3 }]
    const tight = line(hourly({ segments, limits: { series: 4, segments: 50 } }), values)
    tight.hours(0, 3, ROWS, values).finish()
    const [told] = capacity(tight)
    expect(told).toMatchObject({ status: 'firing', check: 'capacity segments', cause: { numbers: { cap: 1 } } })
    const shares = (one: QualityLine) => new Set(one.verdicts.map(({ series }) => series.segment['kind']))
    expect(shares(tight)).toEqual(new Set([undefined, 'a', 'other']))
    const roomy = line(hourly({ segments }), values)
    roomy.hours(0, 3, ROWS, values).finish()
    expect(capacity(roomy)).toEqual([])
    expect(shares(roomy)).toEqual(new Set([undefined, 'a', 'b', 'c']))
  })

  it('is not told where the monitor says so', () => {
    let n = 0
    const checks = { capacity: { delta: null, enabled: false } }
    const spec = { kind: null, unit: null, importance: null, range: null, runbook: null, checks }
    const one = line(hourly({ features: new Map([['*', spec]]) }))
    attacked(one, random => ({ ...usual(random), version: `request ${n++}` }))
    expect(capacity(one)).toEqual([])
  })
})

describe('late rows', () => {
  const MINUTE = 60_000
  const monitor = {
    ...monitorOf({ advance: MINUTE, size: MINUTE, grace: 0, revise: 2000 * MINUTE }),
    features: new Map(),
    limits: { series: 10, segments: 50 },
  }

  it('of more panes than have room count as late, and the part of the newest pane says so', () => {
    const { summarizer: task, row } = summarizer(monitor)
    let offset = 0
    const observe = (minute: number) => task.observe(row({ time: minute * MINUTE, values: { x: 1 } }), offset++)
    observe(1500)
    const outcomes = Array.from({ length: 1000 }, (_, i) => observe(i))
    expect(outcomes.filter(outcome => outcome === 'aggregated')).toHaveLength(160)
    expect(task.counts).toMatchObject({ aggregated: 161, late: 840 })
    const parts = task.finish()
    expect(parts).toHaveLength(161)
    expect(parts.at(-1)).toMatchObject({
      pane: Math.floor((PANE + 1500 * MINUTE) / MINUTE) * MINUTE,
      omitted: [{ cap: 'revisions', limit: 160, rows: 840, values: 0 }],
    })
  })
})

it('versions that come and go leave a bounded state', () => {
  const monitor = hourly({ limits: { series: 20, segments: 50 } })
  const one = line(monitor)
  for (let hour = 0; hour < 60; hour++) one.serve(hour, 60, random => ({ ...usual(random), version: `v${hour}` }))
  one.finish()
  const { histories, versions, rows } = written(one.evaluation.state())
  expect(histories.length).toBeLessThanOrEqual(8 * 20)
  expect(versions.length).toBeLessThanOrEqual(85)
  expect(rows.length).toBeLessThanOrEqual(versions.length)
  expect(versions.at(-1)!.version).toBe('v59')
})
