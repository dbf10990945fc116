import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokensOf } from '../../../src/core/detect/names.js'
import { likeness, renamesOf } from '../../../src/core/detect/renamed.js'
import { editDistance } from '../../../src/core/edit-distance.js'

const gone = (...names: string[]) => names.map(name => ({ name, lost: 1 }))
const come = (...names: string[]) => names.map(name => ({ name, share: 1 }))
const pairs = (vanished: string[], appeared: string[]) =>
  renamesOf(gone(...vanished), come(...appeared)).map(({ from, to, confidence }) => [from, to, confidence])

test.each([
  ['trip_miles', ['trip', 'miles']],
  ['tripMiles', ['trip', 'miles']],
  ['TripMiles', ['trip', 'miles']],
  ['TRIP-MILES', ['trip', 'miles']],
  ['trip.miles 2', ['trip', 'miles', '2']],
  ['HTTPStatus404', ['http', 'status', '404']],
  ['größeInMeter', ['größe', 'in', 'meter']],
  ['乗客数', ['乗客数']],
  ['__', []],
])('the words of %s', (name, words) => {
  expect(tokensOf(name)).toEqual(words)
})

test('edit distance: known answers, symmetry, and the triangle', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('miels', 'miles')).toBe(1)
  const text = fc.string({ maxLength: 8 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a))
      expect(editDistance(a, a)).toBe(0)
      expect(editDistance(a, '')).toBe([...a].length)
      const [shorter, longer] = [a, b].map(one => [...one].length).sort((x, y) => x - y)
      expect(editDistance(a, b)).toBeGreaterThanOrEqual(longer - shorter)
      expect(editDistance(a, b)).toBeLessThanOrEqual(longer)
    }),
  )
})

test('likeness is symmetric, 1 exactly where only case and separators differ, and between 0 and 1', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abcdXY_-2'), minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(likeness(a, b)).toBe(likeness(b, a))
      expect(likeness(a, b)).toBeGreaterThanOrEqual(0)
      const letters = (text: string) => text.replace(/[_-]/g, '').toLowerCase()
      if (letters(a) !== '') expect(likeness(a, b) === 1).toBe(letters(a) === letters(b))
    }),
  )
})

describe('renamed features', () => {
  test.each([
    ['trip_miles', 'tripMiles', 'high'],
    ['trip_miles', 'TRIP.MILES', 'high'],
    ['trip_miles', 'trip_mile', 'medium'],
    ['trip_miles', 'trip_miels', 'medium'],
    ['trip_miles', 'trip_miles_total', 'low'],
    ['trip_distance', 'trip_dist', 'medium'],
    ['user_age', 'age_user', 'medium'],
    ['fare', 'fare_usd', 'low'],
  ])('%s → %s: %s', (from, to, confidence) => {
    expect(pairs([from], [to])).toEqual([[from, to, confidence]])
  })

  test.each([
    ['trip_miles', 'payment_type'],
    ['f_1', 'f_2'],
    ['amount_7d', 'amount_30d'],
    ['a', 'b'],
    ['fare', 'tolls'],
  ])('%s is not %s', (from, to) => {
    expect(pairs([from], [to])).toEqual([])
  })

  test('each name once, the likest first; where two are as like, none is sure', () => {
    expect(pairs(['trip_miles', 'tripMile'], ['TripMiles', 'fare'])).toEqual([['trip_miles', 'TripMiles', 'low']])
    expect(pairs(['trip_miles', 'pickup_zone'], ['pickupZone', 'tripMiles'])).toEqual([
      ['pickup_zone', 'pickupZone', 'high'],
      ['trip_miles', 'tripMiles', 'high'],
    ])
  })

  test('the one must have come where the other went', () => {
    const shares = (lost: number, share: number) =>
      renamesOf([{ name: 'trip_miles', lost }], [{ name: 'tripMiles', share }]).length
    expect(shares(1, 0.98)).toBe(1)
    expect(shares(0.3, 0.32)).toBe(1) // a canary
    expect(shares(1, 0.2)).toBe(0)
    expect(shares(0, 1)).toBe(0)
    expect(shares(0.02, 1)).toBe(0)
  })

  test('says so in words', () => {
    expect(renamesOf(gone('trip_miles'), come('tripMiles'))[0].sentence).toBe(
      'tripMiles looks like what was trip_miles: only case and separators differ',
    )
  })

  test('hundreds of long names take no time worth telling, and no name is taken twice', () => {
    const names = (prefix: string) => Array.from({ length: 200 }, (_, i) => `${prefix}${'long'.repeat(30)}_${i}`)
    const renames = renamesOf(gone(...names('a_')), come(...names('b_')))
    expect(new Set(renames.map(({ to }) => to)).size).toBe(renames.length)
    for (const { from, to } of renames) expect(from.split('_').at(-1)).toBe(to.split('_').at(-1))
  })
})
