import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { besideOf, decodeHistories, encodeHistories, windowsOf } from '../../src/codec/history.js'
import type { History, Kept } from '../../src/core/detect/history.js'
import type { Profile } from '../../src/core/detect/profile.js'

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
const kept = (hours: readonly number[], profiles: readonly Profile[]): Kept[] =>
  hours.map((hour, i) => ({ start: hour * HOUR, end: (hour + 1) * HOUR, profile: profiles[i % profiles.length] }))
const tail = fc.record({ windows: number, peaks: number, excess: number })
const history: fc.Arbitrary<History> = fc
  .tuple(fc.nat(40), fc.nat(5), fc.nat(5), fc.array(profile, { minLength: 1, maxLength: 3 }), fc.option(tail))
  .map(([past, former, during, profiles, tail]) => {
    const hours = Array.from({ length: past + during }, (_, h) => 480_000 + h)
    return {
      ...{ baseline: 3, calibrated: past > 20, seen: 2, ...(tail === null ? {} : { tail }) },
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

describe('histories beside a decision state', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(histories, all => {
        const { before } = encodeHistories(of, all, windowsOf(all), new Map())
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

  it('write only windows that are new, and tombstones for those that nothing refers to', () => {
    fc.assert(
      fc.property(histories, all => {
        const windows = windowsOf(all)
        const again = encodeHistories(of, all, windows, windows)
        expect(again.before.every(({ key }) => besideOf(key as string)!.kind.startsWith('h'))).toBe(true)
        expect(again.after).toEqual([])
        const gone = encodeHistories(of, [], new Map(), windows).after
        expect(gone.map(({ value }) => value)).toEqual(Array(windows.size).fill(null))
      }),
      { numRuns: 30 },
    )
  })
})
