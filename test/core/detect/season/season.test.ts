import { describe, expect, it } from 'vitest'
import { correct } from '../../../../src/core/detect/history.js'
import type { Judgement } from '../../../../src/core/detect/judgement.js'
import { FIXED } from '../../../../src/core/detect/limits.js'
import { SeasonClock } from '../../../../src/core/detect/season/clock.js'
import { daysOf } from '../../../../src/core/detect/season/slots.js'
import type { Monitor } from '../../../../src/core/monitor.js'
import { type Random, seeded } from '../../../random.js'
import type { Value } from '../../cause/lab.js'
import { HOUR, MONDAY, Series } from './series.js'

const DAY = 24 * HOUR
const WEEK = 7 * DAY
const berlin = (kind: 'auto' | 'none' | 'weekday-hour' | 'hour-of-week') => ({ kind, zone: 'Europe/Berlin' })
const clockOf = (sizeMs: number, seasons: Monitor['seasons']): SeasonClock | null =>
  SeasonClock.of({ window: { sizeMs } as Monitor['window'], ...(seasons && { seasons }) })

const berlinHour = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Berlin', hour: 'numeric', hourCycle: 'h23' })
/** Daily swing on Berlin's clocks, so many σ up and down, and noise that the rows of a window share. */
function swung(random: Random, start: number, { swing = 0.3, shift = 0, rows = 500, shared = 0.02 }): Value[] {
  const level = swing * Math.sin((2 * Math.PI * Number(berlinHour.format(start + HOUR / 2))) / 24)
  const common = level + shift + shared * random.normal()
  return Array.from({ length: rows }, () => common + random.normal())
}

describe('slots of the week', () => {
  it('are local hours: a day of 25 hours goes into one twice, and the next Monday is where it was', () => {
    const clock = clockOf(HOUR, berlin('auto'))!
    expect(clock.slots).toBe(168)
    // Berlin's clocks go back on Sunday 25 October 2026, from 3 to 2.
    const sunday = Date.UTC(2026, 9, 24, 22)
    const slots = Array.from({ length: 26 }, (_, h) => clock.slotOf(sunday + h * HOUR))
    expect(slots.slice(0, 5)).toEqual([144, 145, 146, 146, 147])
    expect(slots.slice(23)).toEqual([166, 167, 0])
    for (const week of [0, 10, 20, 30, 40]) {
      const noon = new Date(Date.UTC(2026, 0, 6 + 7 * week, 12))
      const local = Number(berlinHour.format(noon))
      expect(clock.slotOf(noon.getTime())).toBe(24 + local)
    }
  })

  it.each([
    [HOUR / 4, 168],
    [HOUR, 168],
    [4 * HOUR, 42],
    [5 * HOUR, 28],
    [DAY, 7],
  ])('of windows of %d ms are %d', (size, slots) => {
    expect(clockOf(size, undefined)?.slots).toBe(slots)
  })

  it('of windows longer than a day there are none, nor where none are wanted', () => {
    expect(clockOf(2 * DAY, undefined)).toBeNull()
    expect(clockOf(HOUR, berlin('none'))).toBeNull()
  })
})

/** Windows of so many hours from Monday on. */
function learn(series: Series, hours: number, of: Parameters<typeof swung>[2] = {}): Judgement[] {
  return Array.from({ length: hours }, (_, h) => {
    const start = MONDAY + h * HOUR
    return series.take(start, swung(series.random, start, of))
  })
}

const still = (random: Random): Value => random.normal()
/** Training has all hours in it. */
const swinging = (random: Random): Value => swung(random, MONDAY + random.integer(0, 167) * HOUR, { rows: 1 })[0]

describe('a series without seasons', () => {
  it('is scored as if there were no such thing', () => {
    const [auto, none] = [berlin('auto'), berlin('none')].map(seasons => new Series(seasons, still))
    const [a, b] = [auto, none].map(series => learn(series, 150, { swing: 0, shared: 0.05 }))
    expect(auto.history.seasons!.kind).toBe('none')
    expect(a.map(({ scores }) => scores)).toEqual(b.map(({ scores }) => scores))
  })
})

describe('a series with a daily swing', () => {
  it('is found to have one in its third day', () => {
    const series = new Series(berlin('auto'), swinging)
    const kinds = learn(series, 80).map(({ history }) => history.seasons?.kind ?? 'none')
    expect(kinds.slice(0, 24).every(kind => kind === 'none')).toBe(true)
    expect(series.history.seasons!.kind).toBe('weekday-hour')
  })

  it('keeps its slots within 64 kB', () => {
    const series = new Series(berlin('hour-of-week'), swinging)
    learn(series, 170, { rows: 60 })
    const { days } = series.history.seasons!
    expect(days.reduce((bytes, day) => bytes + (day?.byteLength ?? 0), 0)).toBeLessThanOrEqual(64 * 1024)
  })

  /** Share of pairs of windows, over two weeks, in which an alert would open; nothing is learnt from them. */
  const rings = (series: Series, weeks: number, shift: number): number => {
    const random = seeded(99)
    const pairs = Array.from({ length: 56 }, (_, i) => MONDAY + weeks * WEEK + i * 6 * HOUR).map(start =>
      [start, start + HOUR].map(at => Series.loudest(series.judge(at, swung(random, at, { shift, rows: 1000 })))),
    )
    return pairs.filter(pair => Math.max(...pair) > FIXED.once || Math.min(...pair) > FIXED.twice).length / pairs.length
  }

  it('shows a shift of a quarter σ that its swing of 0.3 σ would hide (STATISTICS §2.9), and nothing else', () => {
    const [blind, seeing] = [berlin('none'), berlin('auto')].map(seasons => new Series(seasons, swinging))
    for (const series of [blind, seeing]) learn(series, 3 * 168, { rows: 1000 })
    expect(rings(blind, 3, 0.25)).toBeLessThan(0.25)
    expect(rings(seeing, 3, 0.25)).toBeGreaterThan(0.7)
    expect(rings(seeing, 3, 0)).toBe(0)
  })

  it('does not ring when the clocks change', () => {
    const series = new Series(berlin('auto'), swinging)
    // Clocks go forward on Sunday 29 March 2026: the 12th weekend.
    const from = MONDAY + 9 * WEEK
    const random = seeded(3)
    const z = Array.from({ length: 4 * 168 }, (_, h) => {
      const start = from + h * HOUR
      return Series.loudest(series.take(start, swung(random, start, { swing: 0.6 })))
    })
    expect(series.history.seasons!.kind).toBe('weekday-hour')
    expect(Math.max(...z.slice(10 * 24))).toBeLessThan(FIXED.once)
  })

  it('forgets a window wholly that a revision replaces', () => {
    const [revised, plain] = [1, 1].map(seed => new Series(berlin('weekday-hour'), swinging, HOUR, seed))
    for (const series of [revised, plain]) learn(series, 100)
    const at = MONDAY + 100 * HOUR
    const [wrong, right] = [seeded(5), seeded(6)].map(random => swung(random, at, {}))
    plain.take(at, right)
    revised.take(at, wrong)
    const kept = { ...revised.history.past.at(-1)!, profile: revised.lab.window(right).profile }
    const { contract } = revised.lab
    revised.history = revised.season.amend(contract, revised.history, correct(revised.history, kept, [], FIXED))
    const slotsOf = ({ history }: Series): number[] => daysOf(history.seasons!, 24).flatMap(day => [...(day ?? [])])
    const [a, b] = [slotsOf(revised), slotsOf(plain)]
    expect(a.every((x, i) => Math.abs(x - b[i]) < 1e-5)).toBe(true)
  })

  it('is told by the clock of another zone', () => {
    const series = new Series(berlin('auto'), swinging)
    learn(series, 3 * 168, { swing: 0.6 })
    const start = MONDAY + 3 * WEEK + 15 * HOUR
    const shifted = swung(seeded(8), start - 6 * HOUR, { swing: 0.6, rows: 1000 })
    expect(series.cause(start, shifted)).toMatchObject({ code: 'hours-shifted' })
  })
})
