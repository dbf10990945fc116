import { expect, test } from 'vitest'
import { type AlertStep, begin, type History, remember } from '../../../../src/core/detect/history.js'
import type { Judgement } from '../../../../src/core/detect/judgement.js'
import { FIXED } from '../../../../src/core/detect/limits.js'
import { Season } from '../../../../src/core/detect/season/season.js'
import { isThin, judgeVolume } from '../../../../src/core/detect/traffic.js'
import type { Monitor } from '../../../../src/core/monitor.js'
import { type Random, seeded } from '../../../random.js'
import { monitorOf } from '../../world.js'
import { HOUR, MONDAY } from './series.js'

/** Rows by the hour: of a shop that sells by day, half as much on the weekend, and next to nothing at night. */
function shop(hour: number, noon: number): number {
  const day = Math.floor(hour / 24) % 7
  const swing = Math.exp(-(((hour % 24) - 13) ** 2) / 18)
  return noon * (day >= 5 ? 0.5 : 1) * (0.004 + swing)
}

/** The rows of one monitor, hour by hour. */
class Traffic {
  readonly season: Season
  history: History = begin(0, null)
  readonly random: Random = seeded(5)
  private readonly monitor: Monitor

  constructor(
    kind: 'auto' | 'none',
    private readonly noon = 3000,
  ) {
    const monitor = monitorOf({ advance: HOUR, size: HOUR, grace: 0, revise: 0 })
    this.monitor = { ...monitor, seasons: { kind, zone: 'UTC' } }
    this.season = new Season(this.monitor)
  }

  /** What usually comes: counting noise, and 6 % of its own. */
  usual(hour: number): number {
    const mean = shop(hour, this.noon) * Math.exp(0.06 * this.random.normal())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.random.normal()))
  }

  judge(hour: number, rows: number): Judgement {
    const windowStart = MONDAY + hour * HOUR
    const traffic = { windowStart, rows, partitions: { expected: 1, present: 1 }, checks: {} }
    return judgeVolume(traffic, this.history, this.season, false)
  }

  take(hour: number, rows = this.usual(hour), alert: AlertStep = 'none'): Judgement {
    const judged = this.judge(hour, rows)
    const start = MONDAY + hour * HOUR
    const kept = { start, end: start + HOUR, profile: judged.profile! }
    const after = remember(judged.history, kept, judged.scores, alert, 3, FIXED)
    this.history = this.season.follow(null, this.history, after)
    return judged
  }
}

const WEEK = 24 * 7
const at = (day: number, hour: number): number => 3 * WEEK + 24 * day + hour
const zOf = ({ scores }: Judgement): number => scores[0]?.z ?? 0

/** Three weeks of history, then hours as usual until one of the fourth. */
function until(hour: number, kind: 'auto' | 'none' = 'auto', noon?: number): Traffic {
  const traffic = new Traffic(kind, noon)
  for (let h = 0; h < hour; h++) traffic.take(h)
  return traffic
}

test('a quiet night and a quiet weekend are usual, once there are two periods', () => {
  const traffic = until(3 * WEEK)
  expect(traffic.history.seasons?.kind).not.toBe('none')
  const judged = Array.from({ length: 2 * WEEK }, (_, h) => traffic.take(3 * WEEK + h))
  expect(judged.filter(({ outcome }) => outcome === 'breach')).toEqual([])
  expect(judged.filter(isThin)).toEqual([])
})

test('half of a usual noon rings with seasons, and not without; so does a noon in the night', () => {
  const noon = at(2, 12)
  const seasonal = until(noon)
  const half = Math.round(shop(noon, 3000) * 0.42)
  const z = zOf(seasonal.judge(noon, half))
  expect(z).toBeLessThan(-FIXED.once)
  expect(isThin(seasonal.judge(noon, half))).toBe(true)
  expect(Math.abs(zOf(until(noon, 'none').judge(noon, half)))).toBeLessThan(FIXED.twice)
  const night = at(3, 2)
  const later = until(night, 'auto', 9000)
  expect(zOf(later.judge(night, 1500))).toBeGreaterThan(FIXED.once)
  expect(later.judge(night, 1500).lead?.evidence.m).toBeLessThan(120)
})

test('nights with hardly a row do not make deaf for the day', () => {
  const noon = at(2, 12)
  const traffic = until(noon, 'auto', 800)
  expect(zOf(traffic.judge(noon, 300))).toBeLessThan(-FIXED.once)
})

test('traffic that is thrice as much for good is expected at every hour of the week', () => {
  const from = at(2, 9)
  const traffic = until(from)
  const thrice = (hour: number): number => 3 * traffic.usual(hour)
  for (let h = from; h < from + 7; h++) expect(traffic.take(h, thrice(h), 'firing').outcome).toBe('breach')
  traffic.take(from + 7, thrice(from + 7), 'standing')
  const judged = Array.from({ length: 67 }, (_, h) => traffic.take(from + 8 + h, thrice(from + 8 + h)))
  expect(judged.filter(({ outcome }) => outcome === 'breach')).toEqual([])
  // Noon on Saturday: half of what weekdays have.
  const expected = traffic.judge(at(5, 12), 4500).lead!.evidence.m
  expect(expected / 4500).toBeGreaterThan(0.8)
  expect(expected / 4500).toBeLessThan(1.2)
})
