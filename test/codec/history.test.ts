import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { besideOf, decodeHistories, encodeHistories, NO_PARTS, partsOf } from '../../src/codec/history.js'
import type { History, Kept } from '../../src/core/detect/history.js'
import type { Profile } from '../../src/core/detect/profile.js'
import type { Seasons } from '../../src/core/detect/season/season.js'

const counts = fc.array(fc.nat(1e6), { maxLength: 12 }).map(all => Float64Array.from(all))
const values = fc.array(fc.double({ noNaN: true }), { maxLength: 8 }).map(all => Float64Array.from(all))
const number = fc.double({ noNaN: true })
const shape = fc.record({
  ...{ mean: number, variance: number, spread: number, spreadVariance: number },
  ...{ quantiles: values, magnitudes: values },
})
const profile: fc.Arbitrary<Profile> = fc.record({
  ...{ rows: fc.nat(), count: fc.nat(), counters: counts, cells: counts, distinct: fc.nat() },
  ...{ tops: fc.record({ values, counts }), shape: fc.option(shape) },
})
const HOUR = 3_600_000
const single = fc.float({ noNaN: true })
/** Slots of four a day, some of them with a window. */
const seasons: fc.Arbitrary<Seasons> = fc
  .record({
    kind: fc.constantFrom('none', 'weekday-hour', 'hour-of-week'),
    measured: fc.option(fc.nat()),
    level: fc.option(fc.array(single, { minLength: 3, maxLength: 3 }).map(all => Float32Array.from(all))),
    slots: fc.uniqueArray(fc.nat(27), { minLength: 1 }),
    numbers: fc.array(single, { minLength: 2, maxLength: 2 }),
  })
  .map(({ slots, numbers, ...rest }) => {
    const days = Array<Float32Array | null>(7).fill(null)
    for (const slot of slots) (days[slot >> 2] ??= new Float32Array(12)).set([1, ...numbers], 3 * (slot % 4))
    return { ...rest, clock: 'UTC/4', from: 1, to: 2, width: 3, days }
  })
const kept = (hours: readonly number[], profiles: readonly Profile[]): Kept[] =>
  hours.map((hour, i) => ({ start: hour * HOUR, end: (hour + 1) * HOUR, profile: profiles[i % profiles.length] }))
const history: fc.Arbitrary<History> = fc
  .tuple(fc.nat(40), fc.nat(5), fc.nat(5), fc.array(profile, { minLength: 1, maxLength: 3 }), fc.option(seasons))
  .map(([past, former, during, profiles, seasonal]) => {
    const hours = Array.from({ length: past + during }, (_, h) => 480_000 + h)
    return {
      ...{ baseline: 3, calibrated: past > 20, seen: 2 },
      ...(seasonal === null ? {} : { seasons: seasonal }),
      past: kept(hours.slice(0, past), profiles),
      former: kept(
        Array.from({ length: former }, (_, h) => 470_000 + h),
        profiles,
      ),
      during: kept(hours.slice(past), profiles),
      beyond: [{ end: 480_000 * HOUR, statistics: [{ statistic: 'psi', sign: 1 }] }],
    }
  })
const histories = fc
  .array(history, { maxLength: 4 })
  .map(all => all.map((one, i) => ({ key: `v1||feature ${i}`, history: one })))
const of = { model: 'm', monitor: 'v' }

function slotsWithWindows({ days }: Seasons): number[] {
  return days.flatMap((day, d) => [0, 1, 2, 3].filter(hour => day?.[3 * hour] === 1).map(hour => 4 * d + hour))
}

describe('histories beside a decision state', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(histories, all => {
        const { before } = encodeHistories(of, all, partsOf(all), NO_PARTS)
        const records = before.map(({ key, value, headers }) => {
          const beside = besideOf(key as string)!
          expect(beside.state).toBe('m/v')
          return { kind: beside.kind, value: value!, version: Number(headers!['schema-version']) }
        })
        expect(decodeHistories(records).histories).toEqual(all)
      }),
      { numRuns: 50 },
    )
  })

  it('write only the slot that a window was learnt into', () => {
    const day = new Float32Array(12).fill(1)
    const was: Seasons = {
      ...{ clock: 'UTC/4', kind: 'none', measured: null, level: null, from: 1, to: 2, width: 3 },
      days: [day, day, null, null, null, null, null],
    }
    const is = { ...was, days: was.days.map((one, d) => (d === 1 ? one!.map((x, i) => (i === 4 ? 2 : x)) : one)) }
    const series = (seasons: Seasons) => new Map([['v1||f', seasons]])
    const none = { windows: new Map(), seasons: series(was) }
    const { before, after } = encodeHistories(of, [], { windows: new Map(), seasons: series(is) }, none)
    expect(before.map(({ key }) => key)).toEqual(['m/v#s5/0'])
    expect(after).toEqual([])
  })

  it('write only windows that are new, and tombstones for those that nothing refers to', () => {
    fc.assert(
      fc.property(histories, all => {
        const parts = partsOf(all)
        const again = encodeHistories(of, all, parts, parts)
        expect(again.before.every(({ key }) => besideOf(key as string)!.kind.startsWith('h'))).toBe(true)
        expect(again.after).toEqual([])
        const gone = encodeHistories(of, [], NO_PARTS, parts).after
        const slots = new Set([...parts.seasons.values()].flatMap(slotsWithWindows))
        expect(gone.map(({ value }) => value)).toEqual(Array(parts.windows.size + slots.size).fill(null))
      }),
      { numRuns: 30 },
    )
  })
})
