import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { besideOf, decodeHistories, encodeHistories, windowsOf } from '../../src/codec/history.js'
import type { History, Kept } from '../../src/core/detect/history.js'
import { Profile, type ProfileFields } from '../../src/core/detect/profile.js'

const counts = fc.array(fc.nat(1e6), { maxLength: 12 }).map(all => Float64Array.from(all))
const values = fc.array(fc.double({ noNaN: true }), { maxLength: 8 }).map(all => Float64Array.from(all))
const number = fc.double({ noNaN: true })
const shape = fc.record({
  ...{ mean: number, variance: number, spread: number, spreadVariance: number },
  ...{ quantiles: values, magnitudes: values },
})
const tops = fc
  .array(fc.tuple(number, fc.nat(1e6)), { maxLength: 8 })
  .map(all => ({ values: Float64Array.from(all, ([value]) => value), counts: Float64Array.from(all, ([, n]) => n) }))
const fields: fc.Arbitrary<ProfileFields> = fc.record({
  ...{ rows: fc.nat(), count: fc.nat(), counters: counts, cells: counts, distinct: fc.nat(), tops },
  shape: fc.option(
    fc.oneof(
      shape,
      shape.map(one => ({ ...one, magnitudes: one.quantiles })),
    ),
  ),
})
const profile = fields.map(Profile.of)
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

describe('a profile', () => {
  it('gives back what it was made of', () => {
    fc.assert(
      fc.property(fields, made => {
        const { rows, count, counters, cells, distinct, tops, shape } = Profile.of(made)
        expect({ rows, count, counters, cells, distinct, tops, shape }).toEqual(made)
      }),
    )
  })
})

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

  it('write a window anew where a profile of it is another, and take all its records back once nothing refers to it', () => {
    const one = fc.sample(profile, { numRuns: 2, seed: 1 })
    const series = (count: number, changed: number): { key: string; history: History }[] =>
      Array.from({ length: count }, (_, s) => ({
        key: `v1||feature ${s}`,
        history: {
          ...{ baseline: 1, former: [], during: [], calibrated: false, beyond: [], seen: 1 },
          past: kept([480_000, 480_001], one).map((window, i) =>
            s === changed && i === 1 ? { ...window, profile: one[0]! } : window,
          ),
        },
      }))
    const names = (records: readonly { key: unknown }[]): string[] => records.map(({ key }) => (key as string).slice(4))
    const all = windowsOf(series(700, -1))
    const changed = windowsOf(series(700, 650))
    const fewer = windowsOf(series(100, -1))
    const later = 480_002 * HOUR
    const sooner = 480_001 * HOUR
    expect(names(encodeHistories(of, series(700, -1), all, new Map()).before)).toEqual([
      `w${sooner}/0`,
      `w${sooner}/1`,
      `w${later}/0`,
      `w${later}/1`,
      'h0',
    ])
    expect(names(encodeHistories(of, series(700, 650), changed, all).before)).toEqual([
      `w${later}/0`,
      `w${later}/1`,
      'h0',
    ])
    expect(names(encodeHistories(of, series(100, -1), fewer, changed).before)).toEqual(['h0'])
    expect(names(encodeHistories(of, [], new Map(), fewer).after)).toEqual([
      `w${sooner}/0`,
      `w${sooner}/1`,
      `w${later}/0`,
      `w${later}/1`,
    ])
  })

  it('write only windows that are new, and tombstones for those that nothing refers to', () => {
    fc.assert(
      fc.property(histories, all => {
        const windows = windowsOf(all)
        const first = encodeHistories(of, all, windows, new Map()).before
        const keys = first.map(({ key }) => key as string).filter(key => besideOf(key)!.kind.startsWith('w'))
        const again = encodeHistories(of, all, windows, windows)
        expect(again.before.every(({ key }) => besideOf(key as string)!.kind.startsWith('h'))).toBe(true)
        expect(again.after).toEqual([])
        const gone = encodeHistories(of, [], new Map(), windows).after
        expect(gone).toEqual(keys.map(key => ({ key, value: null })))
      }),
      { numRuns: 30 },
    )
  })
})
