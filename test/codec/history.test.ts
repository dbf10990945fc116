import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { besideOf, decodeHistories, encodeHistories, NO_PARTS, partsOf } from '../../src/codec/history.js'
import type { History, Kept } from '../../src/core/detect/history.js'
import { Profile, type ProfileFields } from '../../src/core/detect/profile.js'
import type { Seasons } from '../../src/core/detect/season/season.js'
import { readable } from '../readable-histories.js'

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
const profile = fields.map(made => Profile.of(made))
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
const tail = fc.record({ windows: number, peaks: number, excess: number })
const cusum = fc.record({
  to: number,
  sums: fc.array(
    fc.record({ statistic: fc.constantFrom('mean', '=a'), sign: fc.constantFrom(1, -1), sum: number, since: number }),
  ),
})
const history: fc.Arbitrary<History> = fc
  .tuple(
    fc.nat(40),
    fc.nat(5),
    fc.nat(5),
    fc.array(profile, { minLength: 1, maxLength: 3 }),
    fc.option(seasons),
    fc.option(tail),
    fc.option(cusum),
  )
  .map(([past, former, during, profiles, seasonal, tail, cusum]) => {
    const hours = Array.from({ length: past + during }, (_, h) => 480_000 + h)
    return {
      ...{
        baseline: 3,
        calibrated: past > 20,
        seen: 2,
        ...(tail === null ? {} : { tail }),
        ...(cusum === null ? {} : { cusum }),
      },
      ...(seasonal === null ? {} : { seasons: seasonal, trained: 5 }),
      past: kept(hours.slice(0, past), profiles),
      former: kept(
        Array.from({ length: former }, (_, h) => 470_000 + h),
        profiles,
      ),
      during: kept(hours.slice(past), profiles),
      beyond: [{ end: 480_000 * HOUR, statistics: [{ statistic: 'psi', sign: 1, run: [0.7, 0.45] }] }],
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
        const { before } = encodeHistories(of, all, partsOf(all), NO_PARTS)
        const records = before.map(({ key, value, headers }) => {
          const beside = besideOf(key as string)!
          expect(beside.state).toBe('m/v')
          return { kind: beside.kind, value: value!, version: Number(headers!['schema-version']) }
        })
        expect(readable(decodeHistories(records).histories)).toEqual(readable(all))
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
    expect(before.map(({ key }) => key)).toEqual(['m/v#s5/0', 'm/v#h0'])
    expect(after).toEqual([])
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
    const all = partsOf(series(700, -1))
    const changed = partsOf(series(700, 650))
    const fewer = partsOf(series(400, -1))
    const later = 480_002 * HOUR
    const sooner = 480_001 * HOUR
    expect(names(encodeHistories(of, series(700, -1), all, NO_PARTS).before)).toEqual([
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
    expect(names(encodeHistories(of, series(400, -1), fewer, changed).before)).toEqual(['h0'])
    expect(names(encodeHistories(of, [], NO_PARTS, fewer).after)).toEqual([
      `w${sooner}/0`,
      `w${sooner}/1`,
      `w${later}/0`,
      `w${later}/1`,
    ])
  })

  it('write a window anew for those that still refer to it, once it has twice as many or more', () => {
    const [one] = fc.sample(profile, { numRuns: 1, seed: 1 })
    const ofSome = (count: number): { key: string; history: History }[] =>
      Array.from({ length: count }, (_, s) => ({
        key: `v1||feature ${s}`,
        history: {
          ...{ baseline: 1, former: [], during: [], calibrated: false, beyond: [], seen: 1 },
          past: kept([480_000], [one!]),
        },
      }))
    const written: number[] = []
    let before = NO_PARTS
    for (const count of [1100, 800, 551, 550, 300, 276, 275, 3, 1]) {
      const some = ofSome(count)
      const parts = partsOf(some)
      const { before: records, after } = encodeHistories(of, some, parts, before)
      const windows = records.filter(({ key }) => besideOf(key as string)!.kind.startsWith('w'))
      if (windows.length > 0) written.push(count)
      const chunk = { 550: 2, 275: 1 }[count]
      const removed = chunk === undefined ? [] : [`m/v#w${480_001 * HOUR}/${chunk}`]
      expect(after.map(({ key }) => key)).toEqual(removed)
      before = parts
    }
    expect(written).toEqual([1100, 550, 275, 3, 1])
  })

  it('write only windows that are new, and tombstones for those that nothing refers to', () => {
    fc.assert(
      fc.property(histories, all => {
        const parts = partsOf(all)
        const first = encodeHistories(of, all, parts, NO_PARTS).before
        const keys = first.map(({ key }) => key as string).filter(key => !besideOf(key)!.kind.startsWith('h'))
        const again = encodeHistories(of, all, parts, parts)
        expect(again.before.every(({ key }) => besideOf(key as string)!.kind.startsWith('h'))).toBe(true)
        expect(again.after).toEqual([])
        const gone = encodeHistories(of, [], NO_PARTS, parts).after
        expect(new Set(gone)).toEqual(new Set(keys.map(key => ({ key, value: null }))))
      }),
      { numRuns: 30 },
    )
  })
})
