import { describe, expect, it } from 'vitest'
import type { ShadowEvent } from '../../../src/core/shadow/event.js'
import { seeded } from '../../random.js'
import { HOUR, hourly, T0 } from '../quality-line.js'
import { pairs, shadowed } from './pairs.js'
import { ShadowLine } from './shadow-line.js'

const advised = (events: readonly ShadowEvent[]) => events.map(({ advice, because }) => [advice, because])
const random = seeded(1)
const alike = (n = 1000) => pairs(random, n)
const unlike = (n = 1000) => pairs(random, n, { flips: 0.05 })

describe('a challenger', () => {
  it('that decides as the champion does is promoted after three windows, without an alert', () => {
    const line = new ShadowLine()
    for (let hour = 0; hour < 4; hour++) line.hour(hour, alike())
    expect(advised(line.events)).toEqual([
      ['hold', 'windows-to-come'],
      ['hold', 'windows-to-come'],
      ['promote', null],
      ['promote', null],
    ])
    expect(line.events[2]).toMatchObject({ outcome: 'ok', champion: 'v12', within: { windows: 3, needed: 3 } })
    expect(line.events[2]!.summary).toMatch(
      /^v13 is within every limit in 3 windows in a row; v13 .*, limit (1 %|0\.02): promote$/,
    )
    expect(line.alerts).toEqual([])
  })

  it('that decides otherwise is rolled back at once, with one alert that ends when it is over', () => {
    const line = new ShadowLine().hour(0, alike()).hour(1, unlike()).hour(2, unlike())
    for (let hour = 3; hour < 6; hour++) line.hour(hour, alike())
    expect(advised(line.events)).toEqual([
      ['hold', 'windows-to-come'],
      ['roll-back', null],
      ['roll-back', null],
      ['hold', 'windows-to-come'],
      ['hold', 'windows-to-come'],
      ['promote', null],
    ])
    expect(line.events[1]!.summary).toMatch(
      /^v13 flips [3-7]\.\d % of decisions \(95 % [2-5]\.\d % to [4-9]\.\d %\), limit 1\.0 %: roll back$/,
    )
    expect(line.alerts.map(({ status, kind, window }) => [status, kind, window.end])).toEqual([
      ['firing', 'shadow', T0 + 2 * HOUR],
      ['resolved', 'shadow', T0 + 6 * HOUR],
    ])
    const [firing] = line.alerts
    expect(firing).toMatchObject({ check: 'flips', suggestedAction: 'roll-back', summary: line.events[1]!.summary })
    expect(firing!.evidence[0]).toMatchObject({ against: 'champion', outcome: 'breach', threshold: 0.01 })
    expect(firing!.baseline.note).toBe('two versions are compared with each other')
  })

  it('is held with what is missing', () => {
    const told = (rows: Parameters<ShadowLine['hour']>[1]) => new ShadowLine().hour(0, rows).events[0]!
    expect(told(alike(300))).toMatchObject({ because: 'too-few-rows', outcome: 'insufficient-data' })
    expect(told(alike(300)).summary).toMatch(
      /^hold: 300 requests that both have scored, about \d+ a window are needed \(v?/,
    )
    const near = pairs(seeded(3), 2000, { flips: 0.012 })
    expect(told(near)).toMatchObject({ advice: 'hold', outcome: 'insufficient-data' })
    expect(told(near).summary).toMatch(/too near to the limit to tell|are needed/)
  })

  it('whose rows do not come, or whose champion’s do not, is told of', () => {
    const line = new ShadowLine().alone(0, 0, 900).alone(1, 1, 800)
    expect(advised(line.events)).toEqual([
      ['hold', 'no-challenger'],
      ['hold', 'no-champion'],
    ])
    expect(line.events[0]!.summary).toBe(
      'hold: no row of version v13; is shadow.challenger what serving.version carries?',
    )
  })

  it('that has no request in common is told of, and what to write', () => {
    const line = new ShadowLine()
    line.part(0, 0, counts => {
      for (const arm of [0, 1] as const)
        for (let i = 0; i < 700; i++) counts()[0]!.made(arm, { values: [0.3], latency: Number.NaN }, 1)
    })
    expect(line.events[0]).toMatchObject({ advice: 'hold', because: 'no-request-in-common', rows: { pairs: 0 } })
    expect(line.events[0]!.summary).toBe(
      'hold: no request id in common among 700 rows of v12 and 700 of v13: is the traffic split? Then write mode: canary',
    )
  })

  it('is compared in each segment, and not promoted where one is beyond', () => {
    const line = new ShadowLine()
    const rows = () => [
      ...alike(19_000).map(row => ({ ...row, city: 'Bonn' })),
      ...unlike(600).map(row => ({ ...row, city: 'Ulm' })),
    ]
    for (let hour = 0; hour < 3; hour++) line.hour(hour, rows())
    expect(advised(line.of()).at(-1)).toEqual(['hold', 'a-segment-is-beyond'])
    expect(advised(line.of({ city: 'Bonn' })).at(-1)).toEqual(['promote', null])
    expect(advised(line.of({ city: 'Ulm' })).at(-1)).toEqual(['roll-back', null])
    expect(line.alerts.map(({ series, status }) => [series.segment, status])).toEqual([[{ city: 'Ulm' }, 'firing']])
  })

  it('that is slower than it may be is rolled back for that', () => {
    const monitor = shadowed(hourly(), { limits: { flips: 0.01, score: 0.02, latency: 10 } })
    const line = new ShadowLine(monitor).hour(0, pairs(random, 1000, { slower: 30 }))
    expect(line.events[0]!.summary).toMatch(
      /^v13 is 30\.?\d* ms slower in the mean \(95 % .* ms to .* ms\), limit 10 ms: roll back$/,
    )
    expect(line.events[0]!.quantiles.latency[0]).toBeGreaterThan(25)
    const faster = new ShadowLine(monitor).hour(0, pairs(random, 1000, { slower: -15 }))
    expect(faster.events[0]).toMatchObject({ outcome: 'ok' })
  })

  it('with a part of the traffic is compared as a sample', () => {
    const monitor = shadowed(hourly(), { mode: 'canary', limits: { decisions: 0.05, score: 0.05 } })
    const split = (shift: number) =>
      pairs(random, 6000).map(({ champion }) => ({ champion, challenger: Math.min(1, random.next() + shift) }))
    const line = new ShadowLine(monitor)
    for (let hour = 0; hour < 3; hour++) line.hour(hour, split(0))
    line.hour(3, split(0.2))
    expect(advised(line.events).slice(2)).toEqual([
      ['promote', null],
      ['roll-back', null],
    ])
    expect(line.events[3]!.summary).toMatch(
      /^v13 (decides positive for \d+ % more of all requests|scores 0\.\d+ higher)/,
    )
  })
})

describe('rows that come later', () => {
  it('revise a window, and take back an alert that stands on it', () => {
    const line = new ShadowLine().hour(0, unlike(1000))
    expect(line.alerts.map(({ status }) => status)).toEqual(['firing'])
    line.hour(0, alike(60_000), 1)
    expect(line.events.at(-1)).toMatchObject({ window: { revision: 1, end: T0 + HOUR }, outcome: 'ok' })
    expect(line.alerts.map(({ status }) => status)).toEqual(['firing', 'retracted'])
    expect(line.events.at(-1)!.within.windows).toBe(0)
  })
})

describe('the lane of two versions', () => {
  const told = (line: ShadowLine) => {
    const draw = seeded(5)
    line.hour(0, pairs(draw, 900, { flips: 0.06 }))
    for (let hour = 1; hour < 8; hour++) line.hour(hour, pairs(draw, 900, { flips: hour > 3 ? 0 : 0.06 }), hour % 3)
    return line
  }

  it('says the same after restarts between any two messages', () => {
    const [calm, restarted] = [told(new ShadowLine()), told(new ShadowLine(undefined, true))]
    expect(restarted.events).toEqual(calm.events)
    expect(restarted.alerts).toEqual(calm.alerts)
    expect(calm.alerts.map(({ status }) => status)).toContain('firing')
    expect(new Set(calm.events.map(({ id }) => id)).size).toBe(calm.events.length)
  })

  it('ends an alert when one of the two is served no more', () => {
    const line = new ShadowLine().hour(0, unlike())
    for (let hour = 1; hour < 4; hour++) line.alone(hour, 0, 900)
    expect(line.alerts.map(({ status, reason }) => [status, reason]).at(-1)).toEqual([
      'resolved',
      'no row of version v13: it is served no more',
    ])
    expect(line.firing).toBe(0)
  })

  it('ends it when both are gone, and by an operator’s word', () => {
    const gone = new ShadowLine().hour(0, unlike()).mark(T0 + 5 * HOUR)
    expect(gone.alerts.at(-1)).toMatchObject({ status: 'resolved' })
    const answered = new ShadowLine().hour(0, unlike())
    const { alertId } = answered.alerts[0]!
    answered.answer({
      id: 'a',
      model: 'm',
      action: 'resolve',
      alertId,
      scope: null,
      by: 'x',
      at: 0,
      until: null,
      note: null,
    })
    expect(answered.alerts.at(-1)).toMatchObject({ status: 'resolved', alertId })
  })
})
